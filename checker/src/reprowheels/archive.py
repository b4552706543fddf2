"""A ZIP archive as a value: its members in order with every field. The only module that opens a ZIP.

Nothing is ever unpacked to disk. Contents are inflated on request, in pieces and within limits; what the archive
claims about itself (sizes, checksums, the two headers of a member) is checked and never trusted. The format is
described in https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .errors import WheelError

MAX_MEMBERS = 1_000_000
MAX_UNPACKED = 4 << 30  # bytes of all contents together
MAX_OPENED = 64 << 20  # bytes of one content that is looked into; a larger one is only digested

_LOCAL = struct.Struct("<4s5H3L2H")
_PIECE = 1 << 18
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800
_TYPE, _SYMLINK = 0o170000, 0o120000


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Hold one member: the fields of the central directory, and what its local header adds.

    `name` is printable, `raw_name` the bytes of the archive. `date` is year … second (two seconds apart at best),
    `mode` the Unix mode with the file type, or 0; `attributes` are those of DOS. `offset` and `data_offset` are
    where the local header and the compressed bytes begin; `descriptor` is the number of bytes that follow these.
    """

    raw_name: bytes
    name: str
    date: tuple[int, int, int, int, int, int]
    mode: int
    attributes: int
    creator: int
    creator_version: int
    needed_version: int
    method: int
    flags: int
    extra: bytes
    local_extra: bytes
    comment: bytes
    internal: int
    crc: int
    size: int
    compressed_size: int
    offset: int
    data_offset: int
    descriptor: int

    @property
    def directory(self) -> bool:
        """Say whether installers take the member for a directory: they look at its name, whatever its mode says."""
        return self.raw_name.endswith(b"/")

    @property
    def text(self) -> str:
        """Return the name as an installer reads it, which depends on a flag unless it is ASCII (APPNOTE, appendix D)."""
        return self.raw_name.decode("utf-8" if self.flags & _UTF8 else "cp437", "backslashreplace")

    @property
    def symlink(self) -> bool:
        """Say whether the member is a symbolic link."""
        return self.mode & _TYPE == _SYMLINK


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Hold a ZIP archive: its bytes, its members in the order of the central directory, and what is odd about it.

    `problems` are sentences: bytes that belong to nothing, headers that contradict each other, duplicate names,
    names that lead out of the archive.
    """

    data: bytes = field(repr=False)
    members: tuple[Member, ...]
    comment: bytes
    prefix: bytes
    suffix: bytes
    problems: tuple[str, ...]

    @cached_property
    def unpacked(self) -> int:
        """Return the size of all contents in bytes, as the archive claims it."""
        return sum(member.size for member in self.members)

    @cached_property
    def folders(self) -> frozenset[bytes]:
        """Return every directory that has something in it, with a slash at its end."""
        paths = {member.raw_name[: member.raw_name.rstrip(b"/").rfind(b"/") + 1] for member in self.members}
        parts = [path.split(b"/")[:-1] for path in paths]
        return frozenset(b"/".join(part[:depth]) + b"/" for part in parts for depth in range(1, len(part) + 1))

    def raw(self, member: Member) -> memoryview:
        """Return the compressed bytes of a member."""
        return memoryview(self.data)[member.data_offset : member.data_offset + member.compressed_size]

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a member piece by piece, never more than the size that the archive claims.

        Raises WheelError when the content is encrypted, damaged, or not of the claimed size and checksum.
        """
        if member.flags & _ENCRYPTED:
            raise WheelError(f"{member.name}: is encrypted")
        done = crc = 0
        try:
            for piece in _inflated(self.raw(member), member.method):
                done += len(piece)
                if done > member.size:
                    raise WheelError(f"{member.name}: is larger than the {member.size} bytes that the archive claims")
                crc = zlib.crc32(piece, crc)
                yield piece
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise WheelError(f"{member.name}: cannot be decompressed: {error}") from error
        if done != member.size:
            raise WheelError(f"{member.name}: has {done} bytes, the archive claims {member.size}")
        if crc != member.crc:
            raise WheelError(f"{member.name}: its checksum is not the one in the archive")

    def content(self, member: Member, limit: int = MAX_OPENED) -> bytes:
        """Return the content of a member; raises WheelError when damaged or larger than `limit` bytes."""
        if member.size > limit:
            raise WheelError(f"{member.name}: has {member.size} bytes, more than the {limit} that are read at once")
        return b"".join(self.pieces(member))

    def digest(self, member: Member, algorithm: str = "sha256") -> bytes:
        """Return the digest of a content; raises WheelError when it is damaged."""
        digest = hashlib.new(algorithm)
        for piece in self.pieces(member):
            digest.update(piece)
        return digest.digest()


def printable(raw: bytes) -> str:
    """Return the name of a member as printable text, whatever its bytes are."""
    text = raw.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _lzma(raw: memoryview) -> tuple[lzma.LZMADecompressor, int]:
    """Return a decompressor and the number of header bytes (APPNOTE 5.8.8)."""
    length = int.from_bytes(raw[2:4], "little")
    packed, dictionary = raw[4], int.from_bytes(raw[5:9], "little")
    options = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": packed % 9}
    options |= {"lp": packed // 9 % 5, "pb": packed // 45}
    if dictionary > 1 << 28:
        raise ValueError("its dictionary is too large")
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), 4 + length


def _inflated(raw: memoryview, method: int) -> Iterator[bytes]:
    """Yield what the compressed bytes decompress to, in pieces of bounded size."""
    if method == zipfile.ZIP_STORED:
        for start in range(0, len(raw), _PIECE):
            yield bytes(raw[start : start + _PIECE])
        return
    if method == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        rest: bytes | memoryview = raw
        while not inflate.eof and (piece := inflate.decompress(rest, _PIECE)):
            rest = inflate.unconsumed_tail
            yield piece
        if not inflate.eof or inflate.unused_data:
            raise ValueError("the compressed bytes do not end where they should")
        return
    if method == zipfile.ZIP_BZIP2:
        step: bz2.BZ2Decompressor | lzma.LZMADecompressor = bz2.BZ2Decompressor()
    elif method == zipfile.ZIP_LZMA:
        step, header = _lzma(raw)
        raw = raw[header:]
    else:
        raise ValueError(f"compression method {method} is unknown")
    position = 0
    while not step.eof:
        feed = bytes(raw[position : position + _PIECE]) if step.needs_input else b""
        position += len(feed)
        piece = step.decompress(feed, _PIECE)
        if not piece and step.needs_input and position >= len(raw):
            return  # an LZMA stream without an end mark ends here; the size is checked by the caller
        yield piece


def _descriptor(data: bytes, end: int, info: zipfile.ZipInfo, problem: Callable[[], None]) -> int:
    """Return the length of the data descriptor at `end`, 0 where there is none; notes one that says something else."""
    if not info.flag_bits & _DESCRIPTOR:
        return 0
    signed = 4 if data[end : end + 4] == b"PK\x07\x08" else 0
    narrow = struct.pack("<3L", info.CRC, info.compress_size & 0xFFFFFFFF, info.file_size & 0xFFFFFFFF)
    wide = struct.pack("<LQQ", info.CRC, info.compress_size, info.file_size)
    start = end + signed
    if data[start : start + 12] == narrow:
        return signed + 12
    if data[start : start + 20] == wide:
        return signed + 20
    problem()
    return signed + 12


def _local_problems(info: zipfile.ZipInfo, local: tuple[int, ...], name: bool, when: tuple[int, int]) -> Iterator[str]:
    """Yield the fields in which a local header contradicts the central directory."""
    _, flags, method, time, date, crc, compressed, size = local
    if not name:
        yield "name"
    if (date, time) != when:
        yield "date"
    if flags != info.flag_bits:
        yield "flags"
    if method != info.compress_type:
        yield "compression method"
    # A streamed member has zeros here and its values in the data descriptor; ZIP64 has them in the extra field.
    late = bool(flags & _DESCRIPTOR)
    if crc != info.CRC and not (late and crc == 0):
        yield "checksum"
    for claimed, real in ((compressed, info.compress_size), (size, info.file_size)):
        if claimed not in (real, 0xFFFFFFFF) and not (late and claimed == 0):
            yield "size"


def _dos(date: tuple[int, ...]) -> tuple[int, int]:
    year, month, day, hour, minute, second = date
    return (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2


def _member(data: bytes, info: zipfile.ZipInfo, problem: Callable[[str], None]) -> Member:
    """Return one member; notes where its local header contradicts the central directory."""
    raw_name = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
    name = printable(raw_name)
    header = data[info.header_offset : info.header_offset + _LOCAL.size]
    if info.header_offset < 0 or len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise WheelError(f"{name}: its local header is not where the central directory says")
    _, *local, name_length, extra_length = _LOCAL.unpack(header)
    names = info.header_offset + _LOCAL.size
    start = names + name_length + extra_length
    end = start + info.compress_size
    if end > len(data):
        raise WheelError(f"{name}: ends behind the end of the file")
    named = data[names : names + name_length] == raw_name
    if raw_name.endswith(b"/") and info.file_size:
        problem(f"{name}: is a directory by its name and has a content")
    for what in _local_problems(info, tuple(local), named, _dos(info.date_time)):
        problem(f"{name}: {what} in the local header is not the one in the central directory")
    return Member(
        raw_name=raw_name,
        name=name,
        date=info.date_time,
        mode=info.external_attr >> 16,
        attributes=info.external_attr & 0xFFFF,
        creator=info.create_system,
        creator_version=info.create_version,
        needed_version=info.extract_version,
        method=info.compress_type,
        flags=info.flag_bits,
        extra=info.extra,
        local_extra=data[names + name_length : start],
        comment=info.comment,
        internal=info.internal_attr,
        crc=info.CRC,
        size=info.file_size,
        compressed_size=info.compress_size,
        offset=info.header_offset,
        data_offset=start,
        descriptor=_descriptor(
            data, end, info, lambda: problem(f"{name}: its data descriptor is not what the central directory says")
        ),
    )


def _end(data: bytes) -> int:
    """Return where the end-of-central-directory record begins."""
    if data[-22:-18] == b"PK\x05\x06" and data[-2:] == b"\0\0":
        return len(data) - 22
    return data.rfind(b"PK\x05\x06", max(0, len(data) - 22 - 0xFFFF))


def read(data: bytes) -> Archive:
    """Return the archive that these bytes hold.

    Raises WheelError when they are no ZIP archive, or one that cannot be read safely: members that overlap, that
    lie outside the file, or too many of them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos, comment, directory = opened.infolist(), opened.comment, opened.start_dir
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, EOFError, OSError) as error:
        raise WheelError(f"is not a ZIP archive that can be read: {error}") from error
    if len(infos) > MAX_MEMBERS:
        raise WheelError(f"has {len(infos)} members, more than {MAX_MEMBERS}")
    problems: list[str] = []
    members = tuple(_member(data, info, problems.append) for info in infos)
    spans = sorted((m.offset, m.data_offset + m.compressed_size, m.descriptor, m.name) for m in members)
    ended = owned = spans[0][0] if spans else directory
    before = ""
    for start, end, descriptor, name in (*spans, (directory, directory, 0, "the central directory")):
        if start < ended:
            raise WheelError(f"{before} and {name} overlap")
        if start != owned:
            problems.append(f"{abs(start - owned)} bytes before {name} belong to no member")
        ended, owned, before = end, end + descriptor, name
    suffix = data[_end(data) + 22 + len(comment) :]
    prefix = data[: spans[0][0] if spans else directory]
    if prefix:
        problems.append(f"{len(prefix)} bytes before the archive")
    if suffix:
        problems.append(f"{len(suffix)} bytes after the archive")
    counted = Counter(member.raw_name for member in members)
    problems += [f"{printable(raw)}: is there {times} times" for raw, times in counted.items() if times > 1]
    for member in members:
        path = member.raw_name.replace(b"\\", b"/")
        if path.startswith(b"/") or b":" in path[1:2] or b".." in path.split(b"/") or b"\0" in path:
            problems.append(f"{member.name}: leads out of the archive")
    return Archive(data=data, members=members, comment=comment, prefix=prefix, suffix=suffix, problems=tuple(problems))
