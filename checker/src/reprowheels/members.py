"""The members of a ZIP archive as its central directory lists them: views of its bytes, which decode a field when it is asked for.

An archive may list a hundred thousand members, of which most comparisons need a few fields once. What is listed is
checked when it is read, as Python's own zipfile does; the format is described in
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import WheelError

MAX_MEMBERS = 1_000_000
LOCAL = struct.Struct("<4s5H3L2H")
UTF8 = 0x800
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s2BH4H3L5H2L")
_STORED = struct.Struct("<4H3L")
_FIELDS = struct.Struct("<3BxHH24x3H")
_SHORT, _TWO_SHORTS, _LENGTHS = struct.Struct("<H"), struct.Struct("<2H"), struct.Struct("<3H")
_NEWEST = 63  # tenths of the version of the format that is understood
_ELSEWHERE = 0xFFFFFFFF  # a size or an offset that is in the ZIP64 extra field
_TYPE, _SYMLINK = 0o170000, 0o120000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Member:
    """Hold one member: where its entry in the central directory begins, where its local header, and how long that is.

    All other fields are decoded from the bytes of the archive. A member is equal to itself alone.
    """

    data: bytes = field(repr=False)
    entry: int
    offset: int
    header: int

    @property
    def raw_name(self) -> bytes:
        """Return the name as the bytes that it is in the archive."""
        start = self.entry + _CENTRAL.size
        return self.data[start : start + _SHORT.unpack_from(self.data, self.entry + 28)[0]]

    @property
    def name(self) -> str:
        """Return the name as printable text."""
        return printable(self.raw_name)

    @property
    def stored(self) -> tuple[int, int, int, int, int]:
        """Return flags, method, checksum, compressed size and size at once."""
        flags, method, _, _, crc, compressed, size = _STORED.unpack_from(self.data, self.entry + 8)
        if _ELSEWHERE in (compressed, size):
            compressed, size, _ = _wide(self.extra, compressed, size, 0)
        return flags, method, crc, compressed, size

    @property
    def flags(self) -> int:
        """Return the general purpose bit flag."""
        return self.stored[0]

    @property
    def method(self) -> int:
        """Return the number of the compression method."""
        return self.stored[1]

    @property
    def crc(self) -> int:
        """Return the checksum of the content, as the archive claims it."""
        return self.stored[2]

    @property
    def compressed_size(self) -> int:
        """Return the number of compressed bytes."""
        return self.stored[3]

    @property
    def size(self) -> int:
        """Return the size of the content, as the archive claims it."""
        return self.stored[4]

    @property
    def date(self) -> tuple[int, int, int, int, int, int]:
        """Return year … second, two seconds apart at best; these may be no date that there is."""
        time, day = _TWO_SHORTS.unpack_from(self.data, self.entry + 12)
        return (day >> 9) + 1980, day >> 5 & 0xF, day & 0x1F, time >> 11, time >> 5 & 0x3F, (time & 0x1F) * 2

    @property
    def fields(self) -> tuple[Any, ...]:
        """Return at once date, mode, attributes, creator and its version, needed version, method, flags, extra fields, comment, internal."""
        by, system, needed, flags, method, internal, attributes, mode = _FIELDS.unpack_from(self.data, self.entry + 4)
        extra, comment = (self.extra, self.comment) if self.data[self.entry + 30 : self.entry + 34] != b"\0\0\0\0" else (b"", b"")
        beside = extra, self.local_extra, comment, internal
        return self.date, mode, attributes, (system, by), needed, method, flags, *beside

    @property
    def mode(self) -> int:
        """Return the Unix mode with the file type, or 0."""
        mode: int = _SHORT.unpack_from(self.data, self.entry + 40)[0]
        return mode

    @property
    def attributes(self) -> int:
        """Return the attributes of DOS."""
        attributes: int = _SHORT.unpack_from(self.data, self.entry + 38)[0]
        return attributes

    @property
    def internal(self) -> int:
        """Return the internal attributes."""
        internal: int = _SHORT.unpack_from(self.data, self.entry + 36)[0]
        return internal

    @property
    def creator(self) -> int:
        """Return the number of the system that wrote the member."""
        return self.data[self.entry + 5]

    @property
    def creator_version(self) -> int:
        """Return the version of the format that the creator writes, in tenths."""
        return self.data[self.entry + 4]

    @property
    def needed_version(self) -> int:
        """Return the version of the format that a reader must understand, in tenths."""
        return self.data[self.entry + 6]

    @property
    def extra(self) -> bytes:
        """Return the extra field of the central directory."""
        name, extra, _ = _LENGTHS.unpack_from(self.data, self.entry + 28)
        start = self.entry + _CENTRAL.size + name
        return self.data[start : start + extra]

    @property
    def local_extra(self) -> bytes:
        """Return the extra field of the local header."""
        length = _SHORT.unpack_from(self.data, self.offset + 28)[0]
        return self.data[self.data_offset - length : self.data_offset]

    @property
    def comment(self) -> bytes:
        """Return the comment on the member."""
        name, extra, comment = _LENGTHS.unpack_from(self.data, self.entry + 28)
        start = self.entry + _CENTRAL.size + name + extra
        return self.data[start : start + comment]

    @property
    def data_offset(self) -> int:
        """Return where the compressed bytes begin."""
        return self.offset + self.header

    @property
    def directory(self) -> bool:
        """Say whether installers take the member for a directory: they look at its name, whatever its mode says."""
        return self.raw_name.endswith(b"/")

    @property
    def text(self) -> str:
        """Return the name as an installer reads it, which depends on a flag unless it is ASCII (APPNOTE, appendix D)."""
        return self.raw_name.decode("utf-8" if self.flags & UTF8 else "cp437", "backslashreplace")

    @property
    def symlink(self) -> bool:
        """Say whether the member is a symbolic link."""
        return self.mode & _TYPE == _SYMLINK

    @property
    def stamp(self) -> bytes:
        """Return, as they are in the archive, all fields but the name, the checksum, the sizes and where the member lies."""
        data, entry = self.data, self.entry
        name, extra, comment = _LENGTHS.unpack_from(data, entry + 28)
        local = _SHORT.unpack_from(data, self.offset + 28)[0]
        if not (extra or comment or local):
            return data[entry + 4 : entry + 16] + data[entry + 36 : entry + 42]
        start = entry + _CENTRAL.size + name
        beside = data[start : start + extra + comment] + self.local_extra
        return data[entry + 4 : entry + 16] + data[entry + 30 : entry + 42] + beside


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Hold where the central directory begins and ends, what its offsets are short of, and the end of the archive."""

    start: int
    end: int
    shift: int
    comment: bytes
    suffix: bytes


def printable(raw: bytes) -> str:
    """Return the name of a member as printable text, whatever its bytes are."""
    text = raw.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _wide(extra: bytes, compressed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Return the sizes and the offset, those that are elsewhere from the ZIP64 extra field (APPNOTE 4.5.3)."""
    found = [size, compressed, offset]
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        end = position + 4 + length
        if end > len(extra):
            raise WheelError("is not a ZIP archive that can be read: an extra field is cut off")
        position += 4
        for index, value in enumerate(found) if kind == 1 else ():
            if value == _ELSEWHERE:
                if position + 8 > end:
                    raise WheelError("is not a ZIP archive that can be read: a ZIP64 extra field is cut off")
                found[index] = struct.unpack_from("<Q", extra, position)[0]
                position += 8
        position = end
    return found[1], found[0], found[2]


def directory(data: bytes) -> Directory:
    """Return where the central directory is (APPNOTE 4.3.14 to 4.3.16); raises WheelError where there is none."""
    at = len(data) - _END.size
    if at < 0 or data[at : at + 4] != b"PK\x05\x06" or data[-2:] != b"\0\0":
        at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0x10000))
    if at < 0 or at + _END.size > len(data):
        raise WheelError("is not a ZIP archive that can be read: it has no end record")
    *_, size, start, length = _END.unpack_from(data, at)
    end = at
    locator = at - _LOCATOR64.size
    if locator >= 0 and data[locator : locator + 4] == b"PK\x06\x07":
        _, disk, _, disks = _LOCATOR64.unpack_from(data, locator)
        if disk or disks > 1:
            raise WheelError("is not a ZIP archive that can be read: it is in several pieces")
        end64 = locator - _END64.size
        if end64 >= 0 and data[end64 : end64 + 4] == b"PK\x06\x06":
            *_, size, start = _END64.unpack_from(data, end64)
            end = end64
    if end - size < 0:
        raise WheelError("is not a ZIP archive that can be read: its central directory is not where the end record says")
    after = at + _END.size
    return Directory(
        start=end - size, end=end, shift=end - size - start, comment=data[after : after + length], suffix=data[after + length :]
    )


def entries(data: bytes, found: Directory) -> Iterator[tuple[int, int, bytes]]:
    """Yield for each member where its entry and its local header begin, and its name.

    Raises WheelError for a directory that is damaged, or that lists more than MAX_MEMBERS.
    """
    at, number = found.start, 0
    while at < found.end:
        if at + _CENTRAL.size > found.end or data[at : at + 4] != b"PK\x01\x02":
            raise WheelError("is not a ZIP archive that can be read: its central directory is damaged")
        _, _, _, needed, flags, *_, compressed, size, names, extras, comments, _, _, _, offset = _CENTRAL.unpack_from(data, at)
        start = at + _CENTRAL.size + names
        after = start + extras + comments
        name = data[at + _CENTRAL.size : start]
        number += 1
        if after > found.end or needed & 0xFF > _NEWEST or number > MAX_MEMBERS:
            why = "its central directory is cut off" if after > found.end else f"it needs version {(needed & 0xFF) / 10} of ZIP"
            raise WheelError(
                f"has more than {MAX_MEMBERS} members"
                if number > MAX_MEMBERS
                else f"is not a ZIP archive that can be read: {why}"
            )
        if extras:  # always read, so that one which is cut off is told
            *_, offset = _wide(data[start : start + extras], compressed, size, offset)
        if flags & UTF8 and not name.isascii():
            try:
                name.decode("utf-8")
            except UnicodeDecodeError as error:
                raise WheelError(f"is not a ZIP archive that can be read: {error}") from error
        yield at, offset + found.shift, name
        at = after
