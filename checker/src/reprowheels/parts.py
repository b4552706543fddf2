"""What is inside a content: nested archives, compressed files, ELF sections, catalogues, bytecode, pickles.

A part is named by the way to it, such as "gzip content > section .comment"; headers are shown as lines of text.
Contents are only looked at: nothing is executed, unmarshalled or written to disk.
"""

from __future__ import annotations

import bz2
import io
import lzma
import pickletools
import re
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from . import archive, binaries
from .errors import WheelError
from .leaf import Leaf
from .members import printable

MAX_DEPTH = 4
MAX_PARTS = 20_000
ENCODED = "compressed bytes"  # the part that differs where all contents are equal
_COMPRESSED = (b"\x1f\x8b", b"PK", b"BZh", b"\xfd7zXZ")
_DAMAGED = (
    *(ValueError, IndexError, KeyError, AttributeError, OverflowError, OSError, EOFError),
    *(WheelError, struct.error, zlib.error, lzma.LZMAError, tarfile.TarError),
)
# A short or a long ASCII string, interned or not, whether or not it is referred to (the high bit).
_MARSHALLED = re.compile(
    rb"(?:(?P<kind>[zZ\xfa\xda])(?P<size>.)|(?P<kind2>[aAutsS\xe1\xc1\xf5\xf4\xf3])(?P<size2>..\0\0))(?P<text>[\x20-\x7e]{4,})",
    re.DOTALL,
)
_MO = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _inflate(data: bytes, step: _Decompressor, trailer: int = 0) -> bytes:
    """Return what one stream decompresses to; raises ValueError when it is not whole, not alone, or too large."""
    content = step.decompress(data, archive.MAX_OPENED)
    if not step.eof or len(step.unused_data) != trailer:
        raise ValueError("not one whole stream, or too large to look into")
    return content


def _gzip(data: bytes) -> dict[str, bytes]:
    """Return the header (RFC 1952) and the content of a gzip file of one member."""
    flags, time, level, system = data[3], *struct.unpack("<LBB", data[4:10])
    end = 10
    lines = [f"time: {time}", f"level: {level}", f"system: {system}", f"flags: {flags:#x}"]
    if flags & 4:
        length = int.from_bytes(data[10:12], "little")
        lines.append(f"extra: {data[12 : 12 + length].hex()}")
        end += 2 + length
    for bit, label in ((8, "name"), (16, "comment")):
        if flags & bit:
            stop = data.index(b"\0", end)
            lines.append(f"{label}: {data[end:stop].decode('latin-1')}")
            end = stop + 1
    end += 2 if flags & 2 else 0
    content = _inflate(data[end:], zlib.decompressobj(-zlib.MAX_WBITS), trailer=8)
    return {"gzip header": "\n".join(lines).encode(), "gzip content": content}


def _zip(data: bytes) -> dict[str, bytes]:
    """Return the headers and contents of a ZIP archive, and the order of its members."""
    opened = archive.read(data)
    if opened.unpacked > archive.MAX_OPENED or len(opened.members) > MAX_PARTS // 2:
        raise ValueError("too large to look into")
    around = [f"comment: {opened.comment!r}", f"before: {opened.prefix!r}", f"after: {opened.suffix!r}", *opened.problems]
    parts = {"archive header": "\n".join(around).encode()}
    parts["order header"] = "\n".join(member.name for member in opened.members).encode()
    for member in opened.members:
        date = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*member.date)
        lines = [f"time: {date}", f"mode: {member.mode:06o}", f"method: {member.method}", f"system: {member.creator}"]
        lines.append(f"other: {member.flags} {member.extra.hex()} {member.comment.hex()} {member.attributes}")
        parts[f"{member.name} header"] = "\n".join(lines).encode()
        parts[member.name] = opened.content(member)
    return parts


def _tar(data: bytes) -> dict[str, bytes]:
    """Return the headers and contents of a tar archive, and the order of its members."""
    parts: dict[str, bytes] = {}
    names: list[str] = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as opened:
        for member in opened:
            name = printable(member.name.encode("utf-8", "surrogateescape"))
            names.append(name)
            lines = [f"time: {member.mtime}", f"mode: {member.mode:06o}", f"type: {member.type!r} {member.linkname!r}"]
            lines += [f"owner: {member.uid} {member.gid} {member.uname} {member.gname}"]
            lines += [f"other: {sorted((k, v) for k, v in member.pax_headers.items() if k != 'mtime')}"]
            parts[f"{name} header"] = "\n".join(lines).encode("utf-8", "backslashreplace")
            if member.size > len(data):
                raise ValueError("a sparse file, too large to look into")
            file = opened.extractfile(member) if member.isreg() else None
            if file is not None:
                parts[name] = file.read()
            if len(names) > MAX_PARTS:
                raise ValueError("too many members to look into")
    return {"order header": "\n".join(names).encode(), **parts}


def _ar(data: bytes) -> dict[str, bytes]:
    """Return the headers and contents of an ar archive, such as a static library."""
    parts: dict[str, bytes] = {}
    names: list[str] = []
    position = 8
    while position + 60 <= len(data) and len(names) < MAX_PARTS:
        name, time, uid, gid, mode, size = (
            data[position + start : position + end].decode("latin-1").strip()
            for start, end in ((0, 16), (16, 28), (28, 34), (34, 40), (40, 48), (48, 58))
        )
        body = data[position + 60 : position + 60 + int(size)]
        label = name if name not in parts else f"{name} at {len(names)}"
        names.append(name)
        parts[f"{label} header"] = f"time: {time}\nowner: {uid} {gid}\nmode: {mode}".encode()
        parts[label] = body
        position += 60 + len(body) + len(body) % 2
    return {"order header": "\n".join(names).encode(), **parts}


def _mo(data: bytes) -> dict[str, bytes]:
    """Return the messages of a gettext catalogue, its own header apart."""
    order = _MO[data[:4]]
    count, originals, translations = struct.unpack(f"{order}3L", data[8:20])
    if count > MAX_PARTS * 5:
        raise ValueError("too many messages to look into")
    texts = []
    for index in range(count):
        pair = []
        for table in (originals, translations):
            length, offset = struct.unpack_from(f"{order}2L", data, table + 8 * index)
            pair.append(data[offset : offset + length])
        texts.append(tuple(pair))
    head = b"\n".join(text for key, text in texts if not key)
    rest = b"\n".join(key + b"\t" + text for key, text in texts if key)
    return {"catalogue entry": head, "messages": rest, "layout": data[4:28]}


def _pyc(data: bytes) -> dict[str, bytes]:
    """Return the header (PEP 552) and the code of a bytecode file, which is never unmarshalled."""
    flags = int.from_bytes(data[4:8], "little")
    if flags & 1:
        source = f"flags: {flags}\nhash: {data[8:16].hex()}"
    else:
        source = f"flags: {flags}\ntime: {int.from_bytes(data[8:12], 'little')}\nsize: {int.from_bytes(data[12:16], 'little')}"
    return {"bytecode header": f"magic: {data[:4].hex()}\n{source}".encode(), "bytecode": _MARSHALLED.sub(_unmeasured, data[16:])}


def _unmeasured(match: re.Match[bytes]) -> bytes:
    """Return a string of marshalled code between zeros, without its length where that is right."""
    kind, text = match["kind"] or match["kind2"], match["text"]
    size = int.from_bytes(match["size"] or match["size2"], "little")
    # What follows the string on the right is matched as well: a length that is not that of the match may be shorter.
    return b"\0%c\0%b\0%b" % (kind[0] & 0x7F, text[:size], text[size:]) if 3 < size <= len(text) else match.group()


def _pickle(data: bytes) -> dict[str, bytes]:
    """Return the operations of a pickle, which is never loaded, one on each line."""
    lines = [f"{code.name} {argument!r}" for code, argument, _ in pickletools.genops(data)]
    return {"pickle": "\n".join(line for line in lines if not line.startswith(("MEMOIZE", "BINPUT"))).encode()}


def _opener(name: str, data: bytes) -> Callable[[bytes], dict[str, bytes]] | None:
    """Return what opens these bytes, by their first ones or, where these say nothing, by the name."""
    if data.startswith(b"\x1f\x8b\x08"):
        return _gzip
    if data.startswith(b"PK\x03\x04"):
        return _zip
    if data.startswith(binaries.MAGIC):
        return binaries.sections
    if data.startswith(b"!<arch>\n"):
        return _ar
    if data[257:262] == b"ustar":
        return _tar
    if data[:4] in _MO:
        return _mo
    if data.startswith(b"BZh"):
        return lambda data: {"bzip2 content": _inflate(data, bz2.BZ2Decompressor())}
    if data.startswith(b"\xfd7zXZ\0"):
        return lambda data: {"xz content": _inflate(data, lzma.LZMADecompressor(memlimit=1 << 28))}
    if name.endswith(".pyc") and data[2:4] == b"\r\n":
        return _pyc
    if name.endswith((".pickle", ".pkl", ".p")) and data[:1] == b"\x80":
        return _pickle
    return None


def opened(name: str, data: bytes) -> dict[str, bytes]:
    """Return the parts of a content by name; nothing where it is none of the formats that are known, or damaged."""
    opener = _opener(name, data)
    if opener is None:
        return {}
    try:
        return opener(data)
    except _DAMAGED:  # a file that only looks like the format is compared as it is
        return {}


def leaves(name: str, first: bytes, second: bytes, path: str = "", depth: int = 0) -> Iterator[Leaf]:
    """Yield the innermost parts in which two contents of one name differ.

    Where the parts are equal and the contents are not (another compression, padding), the content as a whole is
    the part that differs.
    """
    if first == second:
        return
    one = opened(name, first) if depth < MAX_DEPTH else {}
    two = opened(name, second) if one else {}
    differing = [part for part in dict.fromkeys([*one, *two]) if one.get(part) != two.get(part)]
    if not one or not two or not differing:
        if one and two and first.startswith(_COMPRESSED):
            path = f"{path} > {ENCODED}" if path else ENCODED
        yield Leaf(path=path, first=first, second=second)
        return
    for part in differing:
        # A file inside an archive keeps its own name; a compressed file has that of the outer one.
        inner = name.rpartition(".")[0] if part.endswith(" content") else part
        way = f"{path} > {part}" if path else part
        yield from leaves(inner, one.get(part, b""), two.get(part, b""), way, depth + 1)
