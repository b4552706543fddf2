"""One innermost part in which two contents differ: its bytes in both wheels, and the lines or strings that differ."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from . import binaries, excerpts

MAX_PIECES = 1_000_000  # lines or strings between the first and the last that differ
_MAX_ALIGNED = 400  # pieces that are aligned where their numbers differ
_CHANGED = re.compile(rb"[^\0]+")
_SHORT = 64  # bytes of a string that may be held in instructions alone
_TELLING = 3  # bytes of a string that are hardly found in code by chance

Piece = tuple[bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """Hold one part that differs: the way to it ("" for a whole content) and its bytes in both wheels.

    A part that is only in one of them has no bytes in the other.
    """

    path: str
    first: bytes
    second: bytes

    @property
    def name(self) -> str:
        """Return the last step of the way."""
        return self.path.rpartition(" > ")[2]

    @property
    def header(self) -> bool:
        """Say whether the part is a header, shown as lines of `field: value`."""
        return self.name.endswith("header")

    @property
    def debug(self) -> bool:
        """Say whether the part is debug information of an ELF file."""
        return binaries.is_debug(self.name)

    @property
    def code(self) -> bool:
        """Say whether the part is machine code or tables of numbers, in which whatever looks like text is chance."""
        return binaries.is_code(self.name)

    @property
    def strings(self) -> bool:
        """Say whether the part is a section of an ELF file, whose strings come in an order that the linker chooses."""
        return self.name.startswith("section ")

    @cached_property
    def _separator(self) -> bytes:
        return b"\0" if b"\0" in self.first or b"\0" in self.second else b"\n"

    @cached_property
    def _window(self) -> Piece:
        """Return both sides without the lines, or the strings, that they begin and end with in common."""
        start = self.first.rfind(self._separator, 0, excerpts.first_difference(self.first, self.second)) + 1
        end = excerpts.common_end(self.first, self.second, start)
        cut = self.first.find(self._separator, len(self.first) - end)
        end = len(self.first) - cut if cut >= 0 else 0
        return self.first[start : len(self.first) - end], self.second[start : len(self.second) - end]

    @property
    def shortened(self) -> Leaf:
        """Return the part without what both sides begin and end with: what differs is the same, and so are its pieces."""
        zero = b"\0" if self._separator == b"\0" else b""  # which tells strings from lines
        return Leaf(path=self.path, first=zero + self._window[0], second=zero + self._window[1])

    @cached_property
    def _changes(self) -> tuple[Piece, ...]:
        """Return the runs of bytes that differ between two windows of one length; nothing where there are too many."""
        one, two = self._window
        if len(one) != len(two):
            return ()
        changed = (int.from_bytes(one, "big") ^ int.from_bytes(two, "big")).to_bytes(len(one), "big")
        spans = [match.span() for match in itertools.islice(_CHANGED.finditer(changed), _MAX_ALIGNED + 1)]
        return tuple((one[start:end], two[start:end]) for start, end in spans) if len(spans) <= _MAX_ALIGNED else ()

    @property
    def exchanged(self) -> tuple[Piece, ...]:
        """Return the short strings that have the place of others of their length: compilers put such ones into instructions."""
        return tuple(piece for piece in self.pieces if len(piece[0]) == len(piece[1]) <= _SHORT)

    def inlines(self, strings: Sequence[Piece]) -> bool:
        """Say whether code differs by parts of these strings alone, of which each has the place of the other."""
        if not (self.code and strings and any(len(one) >= _TELLING for one, _ in self._changes)):
            return False

        def is_part(change: Piece) -> bool:
            part = re.compile(re.escape(change[0]))
            return any(two.startswith(change[1], match.start()) for one, two in strings for match in part.finditer(one))

        return all(map(is_part, self._changes))

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the lines, or the strings of a binary part, that differ: side by side as far as they can be aligned."""
        separator = self._separator
        if max(side.count(separator) for side in self._window) > MAX_PIECES:
            return (self._window,)
        one, two = (side.split(separator) for side in self._window)
        if len(one) == len(two):
            return tuple((left, right) for left, right in zip(one, two, strict=True) if left != right)
        if max(len(one), len(two)) > _MAX_ALIGNED:
            return (self._window,)
        matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
        found = ((one[a:b], two[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")
        # With its separator a piece that is empty on one side and missing on the other differs too.
        return tuple(tuple(b"".join(piece + separator for piece in side) for side in sides) for sides in found)  # type: ignore[misc]
