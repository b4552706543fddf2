"""Differing contents as text: a unified diff for each part, of its lines, of its strings or of its bytes."""

from __future__ import annotations

import difflib
import itertools
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from . import excerpts, fields
from .binaries import BUILD_ID
from .compare import Comparison, is_record
from .members import Member

MAX_LINES = 20_000  # lines that are aligned; of more only those that are on one side alone are shown
MAX_BYTES = 16 << 20  # bytes that are searched for strings
LISTING = "(the archive)"  # the part that stands for the listing of all members
_KEPT = 100  # beginnings of lines
_WIDTH = 500  # characters of a line
_CONTEXT = 3
_ROW = 16
_ROWS = 8  # shown of bytes that cannot be aligned
_STRING = re.compile(rb"[\t\x20-\x7e]{4,}")
_BREAK = re.compile(rf"[^,;>}}]{{0,{_WIDTH}}}[,;>}}]?")
_LISTED = {"order", "order-in-file", "presence", *(field.label for field in fields.FIELDS)}

Hide = Callable[[bytes], bytes]
_Line = TypeVar("_Line", str, bytes)
Show = Callable[[_Line], str]


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


def _window(first: bytes, second: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the lines around all that differs in two texts begin and end in each."""
    start = excerpts.first_difference(first, second)
    end = excerpts.common_end(first, second, start)
    for _ in range(_CONTEXT + 1):
        start = max(0, first.rfind(b"\n", 0, start))
    start += 1 if first[start : start + 1] == b"\n" and start else 0
    stop = len(first) - end
    for _ in range(_CONTEXT + 1):
        after = first.find(b"\n", stop)
        stop = after + 1 if after >= 0 else len(first)
    return (start, stop), (start, len(second) - (len(first) - stop))


def _aligned(one: Sequence[_Line], two: Sequence[_Line], before: int = 0, show: Show[_Line] = str) -> Iterator[str]:
    """Yield the lines of a unified diff, without the two that name the files; `before` is how many lines come first.

    `show` makes the text of a line, of which only those around what differs are needed.
    """
    start = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    start = max(0, start - _CONTEXT)
    most = min(len(one), len(two)) - start
    end = next((n for n in range(most) if one[-1 - n] != two[-1 - n]), most)
    end = max(0, end - _CONTEXT)
    middle = [[show(line) for line in side[start : len(side) - end]] for side in (one, two)]
    if max(map(len, middle)) > MAX_LINES:
        yield from _alone(*middle)
        return
    for line in itertools.islice(difflib.unified_diff(middle[0], middle[1], lineterm="", n=_CONTEXT), 2, None):
        if line.startswith("@@"):
            line = re.sub(r"([-+])(\d+)", lambda match: f"{match[1]}{int(match[2]) + start + before}", line)
        yield line


def _alone(one: Iterable[str], two: Iterable[str]) -> Iterator[str]:
    """Yield the lines that are on one side alone."""
    sides = list(one), list(two)
    for sign, lines, others in (("-", sides[0], set(sides[1])), ("+", sides[1], set(sides[0]))):
        yield from (f"{sign}{line}" for line in lines if line not in others)


def _split(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Yield the lines between two places with their ends, one after the other."""
    while start < stop:
        end = data.find(b"\n", start, stop) + 1 or stop
        yield data[start:end]
        start = end


def _texts(first: bytes, second: bytes) -> Iterator[str]:
    """Yield the diff of two texts."""
    places = _window(first, second)
    sides = list(zip((first, second), places, strict=True))
    if max(data.count(b"\n", *place) for data, place in sides) <= MAX_LINES:
        one, two = (_lines(data[start:stop]) for data, (start, stop) in sides)
        yield from _aligned(one, two, first.count(b"\n", 0, places[0][0]))
        return
    # Of so many lines one side after the other is looked at, without making text of what both have.
    alone = []
    for (data, place), (other, elsewhere) in (sides, sides[::-1]):
        known = set(_split(other, *elsewhere))
        alone.append(_lines(b"".join(line for line in _split(data, *place) if line not in known)))
        del known
    yield from _alone(*alone)


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
        found = _texts(first, second)
        empty = excerpts.pair(first, second)  # lines that look the same, such as those with other ends
    else:
        searched = not numbers and max(len(first), len(second)) <= MAX_BYTES
        sides = [_STRING.findall(data) if searched else [] for data in (first, second)]
        found = _aligned(sides[0], sides[1], show=lambda text: excerpts.clean(text.decode(), _WIDTH))
        empty = None
    line = next(found, None)
    if line is not None:
        yield line
        yield from found
    elif empty:
        yield from (f"-{empty[0]}", f"+{empty[1]}")
    else:
        yield from _bytes(first, second)


def _shown(member: Member) -> str:
    """Return what is stored beside a content as the beginning of a line."""
    text = {each.label: each.text(value) for each, value in zip(fields.FIELDS, member.fields, strict=True)}
    parts = [stat.filemode(member.mode) if member.mode else "no mode   "]
    parts += [text[label] for label in ("date", "compression", "creator", "flags")]
    for label, value in (("extra", member.extra), ("local-extra", member.local_extra), ("comment", member.comment)):
        parts += [f"{label} {text[label]}"] if value else []
    return "  ".join(parts)


class _Lines:
    """Make the lines of a listing; most members of a wheel share what is stored beside their contents."""

    def __init__(self) -> None:
        self._shown: dict[bytes, str] = {}

    def shown(self, member: Member) -> str:
        stamp = member.stamp
        found = self._shown.get(stamp)
        if found is None:
            if len(self._shown) > _KEPT:
                self._shown.clear()
            found = self._shown[stamp] = _shown(member)
        return found

    def line(self, member: Member) -> str:
        return excerpts.clean(f"{self.shown(member)}  {member.name}", _WIDTH)

    def differ(self, one: Member, two: Member) -> bool:
        return self.shown(one) != self.shown(two) or one.raw_name != two.raw_name


def _listing(comparison: Comparison) -> Iterator[str]:
    """Yield the diff of two listings: a line for each member in the order of the archive, with what is stored beside its content."""
    lines = _Lines()
    one, two = comparison.first.members, comparison.second.members
    least = min(len(one), len(two))
    start = next((n for n in range(least) if lines.differ(one[n], two[n])), least)
    start = max(0, start - _CONTEXT)
    end = next((n for n in range(least - start) if lines.differ(one[-1 - n], two[-1 - n])), least - start)
    end = max(0, end - _CONTEXT)
    if max(len(one), len(two)) - start - end <= MAX_LINES:
        sides = [[lines.line(member) for member in side[start : len(side) - end]] for side in (one, two)]
        yield from _aligned(sides[0], sides[1], start)
        return
    # Too many to be aligned, or to be held as text at once.
    changed = [pair for pair in comparison.pairs if not (pair.first and pair.second) or lines.differ(pair.first, pair.second)]
    for sign, members in (("-", (pair.first for pair in changed)), ("+", (pair.second for pair in changed))):
        for member in sorted(filter(None, members), key=lambda member: member.entry):
            yield f"{sign}{lines.line(member)}"


def lazily(comparison: Comparison, hide: Hide = bytes) -> Iterator[tuple[str, str, Iterator[str]]]:
    """Yield member, part and the lines of its diff for all that differs: the listing first, RECORD last.

    `hide` takes out of contents what is not to be shown.
    """
    if any(difference.field in _LISTED for difference in comparison.differences):
        yield LISTING, "", _listing(comparison)
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
        lines = tuple(itertools.islice(found, limit))
        yield Diff(member=member, part=part, lines=lines, omitted=sum(1 for _ in found))
