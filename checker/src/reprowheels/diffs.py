"""Differing contents as text: a unified diff for each part, of its lines, of its strings or of its bytes."""

from __future__ import annotations

import difflib
import itertools
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import excerpts, fields
from .binaries import BUILD_ID
from .compare import Comparison, is_record
from .wheel import Wheel

MAX_LINES = 20_000  # lines that are aligned; of more only those that are on one side alone are shown
MAX_BYTES = 16 << 20  # bytes that are searched for strings
LISTING = "(the archive)"  # the part that stands for the listing of all members
_WIDTH = 500  # characters of a line
_CONTEXT = 3
_ROW = 16
_ROWS = 8  # shown of bytes that cannot be aligned
_STRING = re.compile(rb"[\t\x20-\x7e]{4,}")
_BREAK = re.compile(rf"[^,;>}}]{{0,{_WIDTH}}}[,;>}}]?")
_LISTED = {"order", "order-in-file", "presence", *(field.label for field in fields.FIELDS)}

Hide = Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Hold the diff of one part of a member, or of the listing: its lines, and how many of them were left out."""

    member: str
    part: str
    lines: tuple[str, ...]
    omitted: int = 0


def _lines(data: bytes) -> list[str]:
    """Return a text in lines; those that are too long are broken where their elements end, so that they can be aligned."""
    lines = []
    for line in data.decode("utf-8", "replace").split("\n"):
        pieces = [line] if len(line) <= _WIDTH else _BREAK.findall(line)[:-1]
        lines += [f"{'… ' if index else ''}{excerpts.clean(piece, _WIDTH + 2)}" for index, piece in enumerate(pieces)]
    return lines


def _window(first: bytes, second: bytes) -> tuple[bytes, bytes, int]:
    """Return the lines around all that differs in two texts, and how many lines come before them."""
    start = excerpts.first_difference(first, second)
    end = excerpts.common_end(first, second, start)
    for _ in range(_CONTEXT + 1):
        start = max(0, first.rfind(b"\n", 0, start))
    start += 1 if first[start : start + 1] == b"\n" and start else 0
    stop = len(first) - end
    for _ in range(_CONTEXT + 1):
        after = first.find(b"\n", stop)
        stop = after + 1 if after >= 0 else len(first)
    return first[start:stop], second[start : len(second) - (len(first) - stop)], first.count(b"\n", 0, start)


def _aligned(one: list[str], two: list[str], before: int = 0) -> Iterator[str]:
    """Yield the lines of a unified diff, without the two that name the files; `before` is how many lines come first."""
    start = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    start = max(0, start - _CONTEXT)
    rest = zip(reversed(one[start:]), reversed(two[start:]), strict=False)
    end = next((n for n, (a, b) in enumerate(rest) if a != b), min(len(one), len(two)) - start)
    end = max(0, end - _CONTEXT)
    middle = one[start : len(one) - end], two[start : len(two) - end]
    if max(map(len, middle)) > MAX_LINES:
        counts = Counter(middle[0]), Counter(middle[1])
        for sign, lines, other in (("-", middle[0], counts[1]), ("+", middle[1], counts[0])):
            yield from (f"{sign}{line}" for line in lines if not other[line])
        return
    for line in itertools.islice(difflib.unified_diff(*middle, lineterm="", n=_CONTEXT), 2, None):
        if line.startswith("@@"):
            line = re.sub(r"([-+])(\d+)", lambda match: f"{match[1]}{int(match[2]) + start + before}", line)
        yield line


def _hexadecimal(data: bytes, at: int) -> str:
    return f"{at:08x}  {data[at : at + _ROW].hex(' ')}"


def _bytes(first: bytes, second: bytes) -> Iterator[str]:
    """Yield rows of hexadecimal digits: those that differ where the sizes are equal, else the first ones."""
    at = excerpts.first_difference(first, second) // _ROW * _ROW
    if len(first) != len(second):
        yield f"@@ {len(first)} bytes, {len(second)} bytes, equal up to {at:#x} @@"
        for sign, data in (("-", first), ("+", second)):
            yield from (f"{sign}{_hexadecimal(data, row)}" for row in range(at, min(len(data), at + _ROWS * _ROW), _ROW))
        return
    for row in range(at, len(first), _ROW):
        if first[row : row + _ROW] != second[row : row + _ROW]:
            yield f"-{_hexadecimal(first, row)}"
            yield f"+{_hexadecimal(second, row)}"


def _content(first: bytes, second: bytes, *, numbers: bool = False) -> Iterator[str]:
    """Yield the diff of two contents in the form that shows most of it; in `numbers`, strings are chance."""
    if excerpts.is_text(first) and excerpts.is_text(second):
        one, two, before = _window(first, second)
        found = _aligned(_lines(one), _lines(two), before)
        empty = excerpts.pair(first, second)  # lines that look the same, such as those with other ends
    else:
        searched = not numbers and max(len(first), len(second)) <= MAX_BYTES
        sides = [[text.decode() for text in _STRING.findall(data)] if searched else [] for data in (first, second)]
        shown = [[excerpts.clean(text, _WIDTH) for text in side] for side in sides]
        found = _aligned(shown[0], shown[1])
        empty = None
    line = next(found, None)
    if line is not None:
        yield line
        yield from found
    elif empty:
        yield from (f"-{empty[0]}", f"+{empty[1]}")
    else:
        yield from _bytes(first, second)


def _listing(wheel: Wheel) -> list[str]:
    """Return a line for each member of an archive, in order, with what is stored beside its content."""
    show = {field.label: field.show for field in fields.FIELDS}
    lines = []
    for member in wheel.members:
        mode = stat.filemode(member.mode) if member.mode else "no mode   "
        shown = [show[label](member) for label in ("date", "compression", "creator", "flags")]
        extra = [
            f"{label} {show[label](member)}"
            for label in ("extra", "local-extra", "comment")
            if getattr(member, label.replace("-", "_"))
        ]
        lines.append(excerpts.clean("  ".join([mode, *shown, *extra, member.name]), _WIDTH))
    return lines


def lazily(comparison: Comparison, hide: Hide = bytes) -> Iterator[tuple[str, str, Iterator[str]]]:
    """Yield member, part and the lines of its diff for all that differs: the listing first, RECORD last.

    `hide` takes out of contents what is not to be shown.
    """
    if any(difference.field in _LISTED for difference in comparison.differences):
        yield LISTING, "", _aligned(_listing(comparison.first), _listing(comparison.second))
    alone = {id(pair) for pair in comparison.pairs if (pair.first is None) != (pair.second is None)}
    differing = {id(pair) for pair in comparison.differing}
    pairs = [pair for pair in comparison.pairs if id(pair) in alone | differing]
    for pair in sorted(pairs, key=lambda pair: (is_record(comparison, pair), pair.name)):
        if id(pair) in alone:
            yield pair.name, "", _content(*(hide(side) for side in comparison.contents.alone(pair)))
            continue
        for leaf in comparison.contents.leaves(pair) or ():
            numbers = leaf.code or leaf.name == BUILD_ID
            yield pair.name, leaf.path, _content(hide(leaf.first), hide(leaf.second), numbers=numbers)


def unified(comparison: Comparison, limit: int = 200) -> Iterator[Diff]:
    """Yield a diff for each part that differs; at most `limit` lines each."""
    for member, part, found in lazily(comparison):
        lines = tuple(found)
        yield Diff(member=member, part=part, lines=lines[:limit], omitted=max(0, len(lines) - limit))
