"""The contents of two wheels, member beside member: read when they are asked for, and kept within a budget."""

from __future__ import annotations

from dataclasses import dataclass

from . import parts
from .archive import Archive
from .errors import WheelError
from .leaf import Leaf
from .members import Member

BUDGET = 256 << 20  # bytes of parts that are kept at most,
LEAST = 4 << 20  # … and at least


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Hold the members of one name in both wheels; one of them may be missing."""

    name: str
    first: Member | None
    second: Member | None


class Contents:
    """Read the contents of pairs and the parts of them that differ.

    What was read is the same however often it is asked for. At most twice the bytes of the larger wheel are kept, so that
    comparing, judging and explaining open most contents once and memory stays within a few times that size.
    """

    def __init__(self, first: Archive, second: Archive) -> None:
        """Take the archives of both wheels."""
        self._first, self._second = first, second
        self._kept: dict[tuple[int, int], tuple[Leaf, ...] | None] = {}
        self._brief: dict[tuple[int, int], tuple[Leaf, ...]] = {}
        self._debug: dict[tuple[int, int], bool] = {}
        self._budget = min(BUDGET, max(LEAST, 2 * len(first.data), 2 * len(second.data)))

    def both(self, pair: Pair) -> tuple[bytes, bytes] | None:
        """Return both contents, or None where one is missing, damaged or too large to look into."""
        if pair.first is None or pair.second is None:
            return None
        try:
            return self._first.content(pair.first), self._second.content(pair.second)
        except WheelError:
            return None

    def alone(self, pair: Pair) -> tuple[bytes, bytes]:
        """Return the contents of a pair of which one is missing; nothing for one that is missing or cannot be read."""
        sides = ((self._first, pair.first), (self._second, pair.second))
        try:
            return tuple(opened.content(member) if member else b"" for opened, member in sides)  # type: ignore[return-value]
        except WheelError:
            return b"", b""

    def leaves(self, pair: Pair) -> tuple[Leaf, ...] | None:
        """Return the innermost parts that differ, or None where `both` is None."""
        key = _key(pair)
        if key in self._kept:
            return self._kept[key]
        read = self.both(pair)
        found = None if read is None else tuple(parts.leaves(pair.name, *read))
        self._debug[key] = bool(found) and all(leaf.debug for leaf in found or ())
        # What was opened is kept; a plain content is quickly read again, and what explains it is often short.
        plain = found is not None and all(not leaf.path for leaf in found)
        if not plain and self._room(_size(found)):
            self._kept[key] = found
        elif found and plain and key not in self._brief and _size(found) <= LEAST:
            brief = tuple(leaf.shortened for leaf in found)
            if self._room(_size(brief)):
                self._brief[key] = brief
        return found

    def _room(self, size: int) -> bool:
        """Say whether there is room for so many bytes, which are then taken."""
        if size > self._budget:
            return False
        self._budget -= size
        return True

    def brief(self, pair: Pair) -> tuple[Leaf, ...] | None:
        """Return the same parts; plain contents may lack what they begin and end with in common, which explains nothing."""
        return self._brief.get(_key(pair)) or self.leaves(pair)

    def debug(self, pair: Pair) -> bool:
        """Say whether all that differs in a pair is debug information."""
        key = _key(pair)
        if key not in self._debug:
            self.leaves(pair)
        return self._debug[key]


def _size(leaves: tuple[Leaf, ...] | None) -> int:
    return sum(len(leaf.first) + len(leaf.second) for leaf in leaves or ())


def _key(pair: Pair) -> tuple[int, int]:
    return pair.first.entry if pair.first else -1, pair.second.entry if pair.second else -1
