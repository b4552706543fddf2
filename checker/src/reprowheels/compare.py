"""Two wheels -> their differences: exact, symmetric, and linear in what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from . import excerpts, fields
from .archive import MAX_UNPACKED, Archive
from .contents import Contents, Pair
from .errors import WheelError
from .leaf import Leaf
from .members import Member, printable
from .results import MOVED, Difference
from .wheel import Wheel

CONTAINER, DEBUG, METADATA, CONTENT = MOVED

MAX_PARTS = 20  # parts of one member that are listed
MAX_STAMPS = 100  # ways to differ that are kept


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Hold two wheels, the pairs of members that differ in any way, and every difference.

    `differing` holds the pairs whose contents differ, RECORD among them; `contents` reads them.
    """

    first: Wheel
    second: Wheel
    differences: tuple[Difference, ...]
    pairs: tuple[Pair, ...]
    differing: tuple[Pair, ...]
    contents: Contents = field(repr=False, compare=False)

    @property
    def identical(self) -> bool:
        """Say whether both wheels are the same file under the same name."""
        return not self.differences

    @cached_property
    def moved(self) -> str:
        """Return the most serious kind of difference, one of MOVED, or nothing for identical wheels."""
        kinds = set(_kinds(self))
        return max(kinds, key=MOVED.index, default="")


def _keyed(wheel: Wheel) -> dict[bytes, Member]:
    """Return the members by name and, where a name comes more than once, its how-manieth.

    The version in the name of the .dist-info and .data directories is left out of the key, so that wheels of
    different versions compare file by file.
    """
    directory = wheel.dist_info.encode()
    stem = directory.removesuffix(b".dist-info")
    own = (directory + b"/", stem + b".data/")
    keyed: dict[bytes, Member] = {}
    turns: dict[bytes, int] = {}
    for member in wheel.members:
        name = member.raw_name
        key = name = b"\0" + name[len(stem) :] if stem and name.startswith(own) else name
        while key in keyed:
            turns[name] = turns.get(name, 0) + 1
            key = b"%b\0\0%d" % (name, turns[name])
        keyed[key] = member
    return keyed


def _equal_contents(first: Archive, one: Member, second: Archive, two: Member) -> bool | None:
    """Say whether two contents are equal, without inflating what need not be; None where that is not known."""
    if (one.crc, one.size) != (two.crc, two.size):
        return False
    if max(first.unpacked, second.unpacked) > MAX_UNPACKED:
        return None  # inflating could take for ever; the compressed bytes differ
    try:
        return first.digest(one) == second.digest(two)
    except WheelError:
        return None


def _opened(contents: Contents, pair: Pair, one: Member, two: Member) -> Iterator[Difference]:
    """Yield the differences between two contents part by part, or only that there is one where they are too large."""
    leaves = contents.leaves(pair)
    if leaves is None:
        sizes = [f"{member.size} bytes, CRC {member.crc:08x}" for member in (one, two)]
        yield Difference(member=pair.name, field="content", first=sizes[0], second=sizes[1])
        return
    for leaf in leaves[:MAX_PARTS]:
        left, right = excerpts.pair(leaf.first, leaf.second)
        label = f"content: {excerpts.clean(leaf.path, 80)}" if leaf.path else "content"
        yield Difference(member=pair.name, field=label, first=left, second=right)


def _content(first: Archive, second: Archive, contents: Contents, pair: Pair, one: Member, two: Member) -> Iterator[Difference]:
    """Yield the differences between two contents, or between their compressed bytes where these differ alone."""
    alike = one.method == two.method
    if alike and first.same(one, second, two):
        first.twin(one, second, two)
        return
    equal = _equal_contents(first, one, second, two)
    if equal is False:
        yield from _opened(contents, pair, one, two)
    elif equal is None or alike:
        raw_one, raw_two = first.raw(one), second.raw(two)
        label = "content-not-read" if equal is None else "compressed-bytes"
        sizes = [f"{len(raw)} bytes" for raw in (raw_one, raw_two)]
        if len(raw_one) == len(raw_two):
            at = excerpts.first_difference(bytes(raw_one), bytes(raw_two))
            sizes = [f"{size}, byte {at} is {raw[at]:02x}" for size, raw in zip(sizes, (raw_one, raw_two), strict=True)]
        yield Difference(member=pair.name, field=label, first=sizes[0], second=sizes[1])


class _Stamps:
    """Tell in which fields two members differ; most members of a wheel do in the same way, which is worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], tuple[tuple[str, str, str], ...]] = {}

    def differing(self, one: Member, two: Member) -> tuple[tuple[str, str, str], ...]:
        key = one.stamp, two.stamp
        if key not in self._known:
            if len(self._known) > MAX_STAMPS:
                self._known.clear()
            values = zip(fields.FIELDS, one.fields, two.fields, strict=True)
            self._known[key] = tuple((each.label, each.text(a), each.text(b)) for each, a, b in values if a != b)
        return self._known[key]


def _pair(first: Archive, second: Archive, contents: Contents, pair: Pair, stamps: _Stamps) -> Iterator[Difference]:
    """Yield every difference between two members of one name."""
    one, two = pair.first, pair.second
    if one is None or two is None:
        there = ("there", "not there") if one else ("not there", "there")
        yield Difference(member=pair.name, field="presence", first=there[0], second=there[1])
        return
    if one.raw_name != two.raw_name:
        yield Difference(member=pair.name, field="name", first=excerpts.clean(one.name), second=excerpts.clean(two.name))
    elif one.flags != two.flags and one.text != two.text:
        yield Difference(member=pair.name, field="name", first=excerpts.clean(one.text), second=excerpts.clean(two.text))
    for label, left, right in stamps.differing(one, two):
        yield Difference(member=pair.name, field=label, first=left, second=right)
    yield from _content(first, second, contents, pair, one, two)


def _alike(first: Archive, second: Archive, one: Member, two: Member) -> bool:
    """Say whether nothing differs between two members, as in most pairs of most wheels."""
    same = one.stamp == two.stamp and one.raw_name == two.raw_name and first.same(one, second, two)
    if same:
        first.twin(one, second, two)
    return same


def _order(one: list[bytes], two: list[bytes], members: dict[bytes, Member]) -> tuple[str, str]:
    """Return what is at the first position where two orders differ."""
    at = next(index for index, (left, right) in enumerate(zip(one, two, strict=True)) if left != right)
    return f"member {at + 1}: {members[one[at]].name}", f"member {at + 1}: {members[two[at]].name}"


def _whole(first: Wheel, second: Wheel, one: dict[bytes, Member], two: dict[bytes, Member]) -> Iterator[Difference]:
    """Yield the differences between the archives themselves."""
    if first.filename != second.filename:
        yield Difference(
            member="", field="file-name", first=excerpts.clean(first.filename), second=excerpts.clean(second.filename)
        )
    orders = [[key for key in one if key in two], [key for key in two if key in one]]
    label = "order"
    if orders[0] == orders[1]:
        # The central directory may list members in another order than that in which they lie in the file.
        orders[0].sort(key=lambda key: one[key].offset)
        orders[1].sort(key=lambda key: two[key].offset)
        label = "order-in-file"
    if orders[0] != orders[1]:
        left, right = _order(orders[0], orders[1], one)
        yield Difference(member="", field=label, first=excerpts.clean(left), second=excerpts.clean(right))
    a, b = first.archive, second.archive
    for label, before, after in (
        ("comment", a.comment, b.comment),
        ("bytes-before", a.prefix, b.prefix),
        ("bytes-after", a.suffix, b.suffix),
    ):
        if before != after:
            left, right = excerpts.pair(before, after)
            yield Difference(member="", field=label, first=left, second=right)
    problems = set(a.problems), set(b.problems)
    for problem in a.problems:
        if problem not in problems[1]:
            yield Difference(member="", field="structure", first=excerpts.clean(problem), second="in order")
    for problem in b.problems:
        if problem not in problems[0]:
            yield Difference(member="", field="structure", first="in order", second=excerpts.clean(problem))


def compare(first: Wheel, second: Wheel) -> Comparison:
    """Return the comparison of two wheels; the differences of the archive come first, then member by member."""
    contents = Contents(first.archive, second.archive)
    if first.sha256 == second.sha256 and first.filename == second.filename:
        return Comparison(first=first, second=second, differences=(), pairs=(), differing=(), contents=contents)
    one, two = _keyed(first), _keyed(second)
    differences = list(_whole(first, second, one, two))
    pairs, differing = [], []
    stamps = _Stamps()
    for key in sorted({*one, *two}):
        left, right = one.get(key), two.get(key)
        if left and right and _alike(first.archive, second.archive, left, right):
            continue
        name = min(printable(raw) for raw in {member.raw_name for member in (left, right) if member})
        pair = Pair(name=name, first=left, second=right)
        found = list(_pair(first.archive, second.archive, contents, pair, stamps))
        if found:
            pairs.append(pair)
            differences += found
            differing += [pair] if any("content" in d.field for d in found) else []
    if not differences:  # something that no field above shows; equal it is not
        left_bytes, right_bytes = excerpts.pair(first.archive.data, second.archive.data)
        differences.append(Difference(member="", field="bytes", first=left_bytes, second=right_bytes))
    return Comparison(
        first=first,
        second=second,
        differences=tuple(differences),
        pairs=tuple(pairs),
        differing=tuple(differing),
        contents=contents,
    )


def short(differences: tuple[Difference, ...], limit: int = 200) -> tuple[tuple[Difference, ...], int]:
    """Return at most `limit` differences and the number of those left out.

    What differs in a single way in many members (dates, modes) must not hide a content: each field keeps its first
    ones, contents and what is only in one wheel come first in line.
    """
    if len(differences) <= limit:
        return differences, 0
    serious = ("content", "content-not-read", "presence", "structure")
    turn: dict[str, int] = {}
    ranked = []
    for index, difference in enumerate(differences):
        label = difference.field.partition(":")[0]
        turn[label] = turn.get(label, -1) + 1
        ranked.append((turn[label] // 20, label not in serious, index))
    kept = sorted(index for *_, index in sorted(ranked)[:limit])
    return tuple(differences[index] for index in kept), len(differences) - limit


def is_record(comparison: Comparison, pair: Pair) -> bool:
    """Say whether a pair is RECORD, which follows what happens to the other members."""
    return any(
        member is not None and wheel.dist_info and member.raw_name == f"{wheel.dist_info}/RECORD".encode()
        for member, wheel in ((pair.first, comparison.first), (pair.second, comparison.second))
    )


def implied(comparison: Comparison, pair: Pair) -> bool:
    """Say whether a pair is a directory that one wheel lists, and that the files of the other one need as well."""
    only, other = (pair.first, comparison.second) if pair.first else (pair.second, comparison.first)
    return only is not None and only.directory and only.raw_name in other.archive.folders


def _kind_of_content(comparison: Comparison, pair: Pair) -> str:
    if ".dist-info/" in pair.name:
        return METADATA
    return DEBUG if comparison.contents.debug(pair) else CONTENT


def _kinds(comparison: Comparison) -> Iterator[str]:
    """Yield the kind of each difference; RECORD counts only where nothing else differs or where it lies."""
    serious = {"bytes-before": CONTENT, "bytes-after": CONTENT, "structure": CONTENT, "bytes": CONTENT, "file-name": METADATA}
    for difference in comparison.differences:
        if not difference.member:
            yield serious.get(difference.field, CONTAINER)
    for pair in comparison.pairs:
        one, two = pair.first, pair.second
        in_dist_info = ".dist-info/" in pair.name
        if one is None or two is None:
            yield CONTAINER if implied(comparison, pair) else METADATA if in_dist_info else CONTENT
        else:
            yield CONTAINER if one.mode == two.mode or fields.harmless_mode(one, two) else CONTENT
    others = [pair for pair in comparison.differing if not is_record(comparison, pair)]
    for pair in others:
        yield _kind_of_content(comparison, pair)
    if comparison.differing and not others:
        lies = comparison.first.record_problems or comparison.second.record_problems
        yield CONTENT if lies else METADATA


def leaves(comparison: Comparison) -> Iterator[Leaf]:
    """Yield every part of every content that differs, RECORD left out."""
    for pair in comparison.differing:
        if not is_record(comparison, pair):
            yield from comparison.contents.leaves(pair) or ()


def brief(comparison: Comparison) -> Iterator[Leaf]:
    """Yield the same parts, without what plain contents begin and end with in common."""
    for pair in comparison.differing:
        if not is_record(comparison, pair):
            yield from comparison.contents.brief(pair) or ()
