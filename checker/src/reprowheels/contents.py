"""The contents of two wheels, member beside member: read when they are asked for, and kept within a budget."""

from __future__ import annotations

from dataclasses import dataclass

from . import parts
from .archive import Archive, Member
from .errors import WheelError

BUDGET = 256 << 20  # bytes of parts that are kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Hold the members of one name in both wheels; one of them may be missing."""

    name: str
    first: Member | None
    second: Member | None


class Contents:
    """Read the contents of pairs and the parts of them that differ.

    What was read is the same however often it is asked for; it is kept so that comparing, judging and explaining
    inflate each content once.
    """

    def __init__(self, first: Archive, second: Archive) -> None:
        """Take the archives of both wheels."""
        self._first, self._second = first, second
        self._kept: dict[str, tuple[parts.Leaf, ...] | None] = {}
        self._budget = BUDGET

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

    def leaves(self, pair: Pair) -> tuple[parts.Leaf, ...] | None:
        """Return the innermost parts that differ, or None where `both` is None."""
        key = f"{pair.first and pair.first.offset} {pair.second and pair.second.offset}"
        if key in self._kept:
            return self._kept[key]
        read = self.both(pair)
        found = None if read is None else tuple(parts.leaves(pair.name, *read))
        size = sum(len(leaf.first) + len(leaf.second) for leaf in found or ())
        if size <= self._budget:
            self._budget -= size
            self._kept[key] = found
        return found
