"""A ZIP archive as a value: its members in order with every field. The only module that opens a ZIP.

Nothing is ever unpacked to disk. Contents are inflated on request, in pieces and within limits; what the archive
claims about itself (sizes, checksums, the two headers of a member) is checked and never trusted.
"""

from __future__ import annotations

import bz2
import hashlib
import lzma
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .errors import WheelError
from .members import LOCAL, Member, directory, entries, printable

MAX_UNPACKED = 4 << 30  # bytes of all contents together
MAX_OPENED = 64 << 20  # bytes of one content that is looked into; a larger one is only digested

_LENGTHS = struct.Struct("<2H")
_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14
_PIECE = 1 << 18
_STEP = 1 << 16
_WORTH = 1 << 12  # compressed bytes of a content whose digest is kept for its twin
_ENCRYPTED, _DESCRIPTOR = 0x1, 0x8


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
    _twins: dict[int, tuple[Archive, Member]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _shared: set[int] = field(default_factory=set, init=False, repr=False, compare=False)
    _digests: dict[tuple[int, str], bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

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

    def twin(self, member: Member, other: Archive, theirs: Member) -> None:
        """Note that another archive has a member of the same bytes and claims: its digest is that of this one."""
        worth = member.compressed_size >= _WORTH and member.stored == theirs.stored
        if worth and other is not self and member.entry not in self._twins:
            self._shared.add(member.entry)
            other._twins[theirs.entry] = (self, member)

    def same(self, member: Member, other: Archive, theirs: Member) -> bool:
        """Say whether the compressed bytes of two members are equal."""
        left = member.compressed_size
        if left != theirs.compressed_size:
            return False
        one, two = member.data_offset, theirs.data_offset
        if left <= _STEP:
            return self.data[one : one + left] == other.data[two : two + left]
        # Slices are compared ten times faster than views, and small ones take no memory to speak of.
        steps = ((at, min(_STEP, left - at)) for at in range(0, left, _STEP))
        return all(self.data[one + at : one + at + n] == other.data[two + at : two + at + n] for at, n in steps)

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a member piece by piece, never more than the size that the archive claims.

        Raises WheelError when the content is encrypted, damaged, or not of the claimed size and checksum.
        """
        flags, method, claimed, compressed, size = member.stored
        if flags & _ENCRYPTED:
            raise WheelError(f"{member.name}: is encrypted")
        done = crc = 0
        start = member.data_offset
        try:
            for piece in _inflated(memoryview(self.data)[start : start + compressed], method):
                done += len(piece)
                if done > size:
                    raise WheelError(f"{member.name}: is larger than the {size} bytes that the archive claims")
                crc = zlib.crc32(piece, crc)
                yield piece
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise WheelError(f"{member.name}: cannot be decompressed: {error}") from error
        if done != size:
            raise WheelError(f"{member.name}: has {done} bytes, the archive claims {size}")
        if crc != claimed:
            raise WheelError(f"{member.name}: its checksum is not the one in the archive")

    def content(self, member: Member, limit: int = MAX_OPENED) -> bytes:
        """Return the content of a member; raises WheelError when damaged or larger than `limit` bytes."""
        if member.size > limit:
            raise WheelError(f"{member.name}: has {member.size} bytes, more than the {limit} that are read at once")
        return b"".join(self.pieces(member))

    def digest(self, member: Member, algorithm: str = "sha256") -> bytes:
        """Return the digest of a content; raises WheelError when it is damaged."""
        if member.entry in self._twins:
            holder, held = self._twins[member.entry]
            return holder.digest(held, algorithm)
        key = member.entry, algorithm
        if key in self._digests:
            return self._digests[key]
        digest = hashlib.sha256() if algorithm == "sha256" else hashlib.new(algorithm)
        for piece in self.pieces(member):
            digest.update(piece)
        found = digest.digest()
        if member.entry in self._shared:
            self._digests[key] = found
        return found


def _lzma(raw: memoryview) -> tuple[lzma.LZMADecompressor, int]:
    """Return a decompressor and the number of header bytes (APPNOTE 5.8.8)."""
    length = int.from_bytes(raw[2:4], "little")
    packed, dictionary = raw[4], int.from_bytes(raw[5:9], "little")
    options = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": packed % 9}
    options |= {"lp": packed // 9 % 5, "pb": packed // 45}
    if dictionary > 1 << 28:
        raise ValueError("its dictionary is too large")
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), 4 + length


def _deflated(raw: memoryview) -> Iterator[bytes]:
    """Yield what a deflate stream decompresses to; what is not consumed is copied, so that it is fed in pieces, too."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    position = 0
    while not inflate.eof:
        feed = inflate.unconsumed_tail or raw[position : position + _PIECE]
        position += 0 if inflate.unconsumed_tail else len(feed)
        piece = inflate.decompress(feed, _PIECE)
        if piece:
            yield piece
        elif not feed:
            break
    if not inflate.eof or inflate.unused_data or position < len(raw):
        raise ValueError("the compressed bytes do not end where they should")


def _inflated(raw: memoryview, method: int) -> Iterator[bytes]:
    """Yield what the compressed bytes decompress to, in pieces of bounded size."""
    if method == _STORED:
        for start in range(0, len(raw), _PIECE):
            yield bytes(raw[start : start + _PIECE])
        return
    if method == _DEFLATED:
        yield from _deflated(raw)
        return
    if method == _BZIP2:
        step: bz2.BZ2Decompressor | lzma.LZMADecompressor = bz2.BZ2Decompressor()
    elif method == _LZMA:
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


def _descriptor(data: bytes, member: Member, problem: Callable[[str], None]) -> int:
    """Return the length of the data descriptor of a member, 0 where there is none; notes one that says something else."""
    flags, _, crc, compressed, size = member.stored
    if not flags & _DESCRIPTOR:
        return 0
    end = member.data_offset + compressed
    signed = 4 if data[end : end + 4] == b"PK\x07\x08" else 0
    narrow = struct.pack("<3L", crc, compressed & 0xFFFFFFFF, size & 0xFFFFFFFF)
    wide = struct.pack("<LQQ", crc, compressed, size)
    start = end + signed
    if data[start : start + 12] == narrow:
        return signed + 12
    if data[start : start + 20] == wide:
        return signed + 20
    problem(f"{member.name}: its data descriptor is not what the central directory says")
    return signed + 12


def _local_problems(member: Member, name: bytes, local: bytes) -> Iterator[str]:
    """Yield the fields in which a local header contradicts the central directory."""
    _, _, flags, method, time, date, crc, compressed, size, length, _ = LOCAL.unpack(local)
    names = member.offset + LOCAL.size
    if member.data[names : names + length] != name:
        yield "name"
    if (date, time) != _dos(member.date):
        yield "date"
    if flags != member.flags:
        yield "flags"
    if method != member.method:
        yield "compression method"
    # A streamed member has zeros here and its values in the data descriptor; ZIP64 has them in the extra field.
    late = bool(flags & _DESCRIPTOR)
    if crc != member.crc and not (late and crc == 0):
        yield "checksum"
    for claimed, real in ((compressed, member.compressed_size), (size, member.size)):
        if claimed not in (real, 0xFFFFFFFF) and not (late and claimed == 0):
            yield "size"


def _dos(date: tuple[int, ...]) -> tuple[int, int]:
    year, month, day, hour, minute, second = date
    return (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2


def _member(data: bytes, entry: int, offset: int, name: bytes, problem: Callable[[str], None]) -> Member:
    """Return one member; notes where its local header contradicts the central directory."""
    local = data[offset : offset + LOCAL.size] if offset >= 0 else b""
    if len(local) < LOCAL.size or not local.startswith(b"PK\x03\x04"):
        raise WheelError(f"{printable(name)}: its local header is not where the central directory says")
    named, extra = _LENGTHS.unpack_from(local, 26)
    member = Member(data=data, entry=entry, offset=offset, header=LOCAL.size + named + extra)
    names = offset + LOCAL.size
    if member.data_offset + member.compressed_size > len(data):
        raise WheelError(f"{printable(name)}: ends behind the end of the file")
    if name.endswith(b"/") and member.size:
        problem(f"{printable(name)}: is a directory by its name and has a content")
    # From the needed version to the length of the name both headers have the same fields in the same order.
    if local[4:28] != data[entry + 6 : entry + 30] or data[names : names + named] != name:
        for what in _local_problems(member, name, local):
            problem(f"{printable(name)}: {what} in the local header is not the one in the central directory")
    return member


def _gaps(data: bytes, members: Sequence[Member], start: int, problem: Callable[[str], None]) -> Iterator[str]:
    """Yield which bytes before the central directory belong to no member; raises WheelError where two members overlap."""
    placed = sorted(members, key=lambda member: member.offset)
    ended = owned = placed[0].offset if placed else start
    before: Member | None = None
    for member in placed:
        if before and member.offset < ended:
            raise WheelError(f"{before.name} and {member.name} overlap")
        if member.offset != owned:
            yield f"{abs(member.offset - owned)} bytes before {member.name} belong to no member"
        ended = member.data_offset + member.compressed_size
        owned, before = ended + _descriptor(data, member, problem), member
    if before and start < ended:
        raise WheelError(f"{before.name} and the central directory overlap")
    if start != owned:
        yield f"{abs(start - owned)} bytes before the central directory belong to no member"


def _odd_names(names: Sequence[bytes]) -> Iterator[str]:
    """Yield which names come more than once, and which lead out of the archive."""
    if len(set(names)) != len(names):
        yield from (f"{printable(raw)}: is there {times} times" for raw, times in Counter(names).items() if times > 1)
    for raw in names:
        path = raw.replace(b"\\", b"/")
        if path.startswith(b"/") or b":" in path[1:2] or b"\0" in path or (b".." in path and b".." in path.split(b"/")):
            yield f"{printable(raw)}: leads out of the archive"


def read(data: bytes) -> Archive:
    """Return the archive that these bytes hold.

    Raises WheelError when they are no ZIP archive, or one that cannot be read safely: members that overlap, that
    lie outside the file, or too many of them.
    """
    found = directory(data)
    problems: list[str] = []
    names: list[bytes] = []
    members: list[Member] = []
    for entry, offset, name in entries(data, found):
        members.append(_member(data, entry, offset, name, problems.append))
        names.append(name)
    problems += list(_gaps(data, members, found.start, problems.append))
    prefix = data[: min((member.offset for member in members), default=found.start)]
    if prefix:
        problems.append(f"{len(prefix)} bytes before the archive")
    if found.suffix:
        problems.append(f"{len(found.suffix)} bytes after the archive")
    problems += _odd_names(names)
    return Archive(
        data=data, members=tuple(members), comment=found.comment, prefix=prefix, suffix=found.suffix, problems=tuple(problems)
    )
