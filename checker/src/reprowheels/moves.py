"""Directories and random names that take each other's place in a part, of whose builds nothing is known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import patterns
from .leaf import Leaf
from .traces import Trace

MAX_BYTES = 4 << 20  # bytes of a piece that are searched
_MAX_STRINGS = 200
_STRING = re.compile(rb"[^\0]{8,}")  # no name of a temporary file is shorter


def directories(leaf: Leaf) -> Iterator[Trace]:
    """Yield the directories that take each other's place in a part, for wheels of whose builds nothing is known."""
    if leaf.code:
        return
    for piece in leaf.pieces:
        one, two = (patterns.PATH.findall(side[:MAX_BYTES]) for side in piece)
        for left, right in zip(one, two, strict=False) if len(one) == len(two) else ():
            trace = patterns.moved_directory(left, right)
            if trace:
                yield trace
    if leaf.debug and (places := _places(leaf)):
        yield places
    if leaf.strings and len(leaf.pieces) <= _MAX_STRINGS:
        sides = [{path for piece in leaf.pieces for path in patterns.PATH.findall(piece[side])} for side in (0, 1)]
        for left in sorted(sides[0] - sides[1]):
            found = {trace for right in sides[1] - sides[0] if (trace := patterns.moved_directory(left, right))}
            if len(found) == 1:
                yield found.pop()


def _places(leaf: Leaf) -> Trace | None:
    """Return the directory of the compiler, where debug information holds one whole path that differs."""
    sides = [
        {text for piece in leaf.pieces for text in piece[side].split(b"\0") if patterns.PATH.fullmatch(text)} for side in (0, 1)
    ]
    one, two = sides[0] - sides[1], sides[1] - sides[0]
    if len(one) != 1 or len(two) != 1:
        return None
    first, varied = one.pop(), two.pop()
    return Trace(variation="build-path", first=first, varied=varied) if patterns.built_in(first, varied) else None


def random_names(leaf: Leaf) -> tuple[Trace, ...]:
    """Return the one random name of a temporary directory that has the place of another in a part, if there is one."""
    if max(len(leaf.first), len(leaf.second)) <= MAX_BYTES:
        # A name in strings that both sides have is in both: most parts have no other, and searching takes long.
        strings = set(_STRING.findall(leaf.first)), set(_STRING.findall(leaf.second))
        if not all(any(map(patterns.TEMPORARY.search, own - other)) for own, other in (strings, strings[::-1])):
            return ()
    sides = [set(patterns.TEMPORARY.findall(data)) for data in (leaf.first, leaf.second)]
    one, two = sides[0] - sides[1], sides[1] - sides[0]
    if len(one) != 1 or len(two) != 1:
        return ()
    first, varied = one.pop(), two.pop()
    cause = patterns.temporary_cause(first, varied, leaf.first)
    return (Trace(variation=cause, first=first, varied=varied),) if cause else ()
