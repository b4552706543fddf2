"""Two wheels and what is known of their builds -> findings: causes with evidence, and what stays unexplained."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from . import fields, large, moves, provenance, records
from .binaries import BUILD_ID
from .catalogue import BY_ID, ORDER, UNEXPLAINED
from .compare import Comparison, brief, compare, implied, is_record
from .contents import Pair
from .leaf import Leaf, Piece
from .normalizers import Explanation, evidence, explain
from .patterns import Context, cause_of
from .results import Finding
from .traces import traces
from .variations import NAMES, Settings
from .wheel import Wheel

MAX_MEMBERS = 100  # names of members in one finding

# The tag of an interpreter and its platform in the name of an extension module or of bytecode.
_TAG = re.compile(r"\.(?:cpython-\d+\w*(?:-[\w.-]+?)?|pypy\d+-pp\d+(?:-[\w.-]+?)?|cp\d+-\w+)(?=\.(?:so|pyd|pyc)$)")
_DATA = ("section .rodata", "section .data")
_BY_FIELD = {
    "order": "zip-order",
    "order-in-file": "zip-order",
    "date": "zip-timestamp",
    "compression": "zip-compression",
    "compressed-bytes": "zip-compression",
    "creator": "zip-creator",
    "needed-version": "zip-creator",
    "attributes": "zip-creator",
    "internal": "zip-creator",
    "flags": "zip-flags",
    "extra": "zip-extra",
    "local-extra": "zip-extra",
    "comment": "zip-extra",
    "structure": "zip-structure",
    "bytes-before": "zip-structure",
    "bytes-after": "zip-structure",
    "bytes": "zip-structure",
}


@dataclass(kw_only=True)
class _Found:
    """Gather what is found: members and first evidence per cause, and what no cause explains."""

    causes: dict[str, dict[str, None]] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    rest: dict[str, str] = field(default_factory=dict)

    def add(self, cause: str, member: str, *values: str) -> None:
        """Note a cause in a member with both values that show it, or with one text that says it."""
        members = self.causes.setdefault(cause, {})
        if member:
            members[member] = None
        if cause not in self.evidence:
            self.evidence[cause] = evidence(*values) if len(values) == 2 else values[0]


def _container(comparison: Comparison, found: _Found) -> None:
    """Find the causes that fields of the archive name by themselves."""
    for difference in comparison.differences:
        cause = _BY_FIELD.get(difference.field)
        if cause:
            found.add(cause, difference.member, difference.first, difference.second)
    for pair in comparison.pairs:
        one, two = pair.first, pair.second
        if one is None or two is None:
            if implied(comparison, pair):
                found.add("zip-directories", pair.name, f"only in the {'first' if one else 'second'} wheel: {pair.name}")
        elif one.mode != two.mode:
            cause = "zip-permissions" if fields.harmless_mode(one, two) else "file-mode"
            found.add(cause, pair.name, fields.mode(one), fields.mode(two))
        if one and two and one.flags != two.flags and one.raw_name == two.raw_name and one.text != two.text:
            found.rest[pair.name] = evidence(one.text, two.text)  # a flag makes it another name


def _follows(leaf: Leaf, explained: list[tuple[Leaf, Explanation]]) -> bool:
    """Say whether a part of an ELF file differs only because another one does: offsets move, and checksums change."""
    outer = leaf.path.removesuffix(leaf.name)
    file = [(other, why) for other, why in explained if other.path.startswith(outer) and other is not leaf]
    if leaf.name == BUILD_ID or leaf.name.startswith("section .gnu_debug"):
        return bool(file)
    if not leaf.name.startswith(("section", "header")):
        return False
    moving = [(other, why) for other, why in file if why.causes and not why.rest]
    # Debug information refers to strings by their offsets, code and data to each other by their addresses.
    return any((leaf.debug and other.strings) or (why.resized and other.name.startswith(_DATA)) for other, why in moving)


def _contents(comparison: Comparison, context: Context, found: _Found) -> None:
    """Find the causes of differing contents, part by part."""
    strings: list[tuple[tuple[Piece, ...], Explanation]] = []  # of any member: what one holds as a string, others hold in code
    for pair in comparison.differing:
        if is_record(comparison, pair):
            continue
        leaves = comparison.contents.brief(pair)
        if leaves is None:
            found.rest[pair.name] = large.why(pair)
            for trace in large.told(comparison, pair, context.traces if context.known else ()):
                found.add(cause_of(trace.variation), pair.name, evidence(trace.first, trace.varied))
            continue
        explained = [(leaf, explain(pair.name, leaf, context)) for leaf in leaves]
        data = ((leaf, why) for leaf, why in explained if leaf.name.startswith(_DATA) and why.causes and not why.rest)
        strings += [(leaf.exchanged, why) for leaf, why in data]
        # A header says less than what it heads: of what is not explained, the first is shown.
        for leaf, why in sorted(explained, key=lambda each: each[0].header):
            if _follows(leaf, explained):
                continue
            if leaf.name == BUILD_ID and context.allows("build-id"):
                found.add("build-id", pair.name, leaf.first[16:].hex(), leaf.second[16:].hex())
                continue
            inlined = next((there for others, there in strings if leaf.inlines(others)), None)
            for cause, text in (inlined or why).causes.items():
                found.add(cause, pair.name, text)
            if why.rest and not inlined:
                found.rest.setdefault(pair.name, evidence(*why.rest))
        tools = provenance.tools_apart(comparison.first, comparison.second, pair.name)
        if tools:
            found.add("tool-version", pair.name, *tools)


def _names(comparison: Comparison, context: Context, found: _Found) -> None:
    """Find out why a file name, or the names of members that are in one wheel only, differ."""
    wheels = comparison.first, comparison.second
    if wheels[0].filename != wheels[1].filename:
        if wheels[0].tags != wheels[1].tags:
            found.add("wheel-tags", "", wheels[0].filename, wheels[1].filename)
        elif wheels[0].version != wheels[1].version:
            found.add("version", "", wheels[0].version, wheels[1].version)
        else:
            found.rest[""] = evidence(wheels[0].filename, wheels[1].filename)
    alone = [pair for pair in comparison.pairs if not (pair.first and pair.second) and not implied(comparison, pair)]
    renamed: set[str] = set()
    if wheels[0].tags != wheels[1].tags:
        untagged = Counter(_TAG.sub("", pair.name) for pair in alone)
        renamed = {pair.name for pair in alone if _TAG.search(pair.name) and untagged[_TAG.sub("", pair.name)] == 2}
        for name in sorted(renamed):
            found.add("wheel-tags", name, "")
    left = [pair for pair in alone if pair.name not in renamed]
    sides = [pair for pair in left if pair.first], [pair for pair in left if pair.second]
    if len(sides[0]) == len(sides[1]):
        for one, two in zip(*sides, strict=True):
            why = explain(one.name, Leaf(path="name", first=one.name.encode(), second=two.name.encode()), context)
            if why.causes and not why.rest and not _inside(comparison, one, two):
                for cause, text in why.causes.items():
                    found.add(cause, one.name, text)
                    found.add(cause, two.name, text)
                renamed |= {one.name, two.name}
    for pair in alone:
        if pair.name not in renamed:
            found.rest.setdefault(pair.name, f"only in the {'first' if pair.first else 'second'} wheel")


def _inside(comparison: Comparison, one: Pair, two: Pair) -> bool:
    """Say whether the contents of two members of different names differ."""
    if one.first is None or two.second is None or one.first.size != two.second.size:
        return True
    return comparison.contents.leaves(Pair(name=one.name, first=one.first, second=two.second)) != ()


def _record(comparison: Comparison, found: _Found) -> None:
    """Look at RECORD: it follows the members, unless it is in another order or does not tell the truth."""
    for pair in comparison.differing:
        if not is_record(comparison, pair):
            continue
        for wheel in (comparison.first, comparison.second):
            if wheel.record_problems:
                found.add("record-false", pair.name, wheel.record_problems[0])
        read = comparison.contents.both(pair)
        if read and (text := records.rewritten(*read)):
            found.add("record-order", pair.name, text)


def _proved(found: _Found, isolated: Collection[str], names: list[str]) -> tuple[dict[str, str], list[Finding]]:
    """Give each cause the variation that a build isolated, and each isolated variation what no cause claims."""
    proved: dict[str, str] = {}
    claimed: set[str] = set()
    for cause in sorted(found.causes, key=ORDER.__getitem__):
        known = [name for name in BY_ID[cause].variations if name in isolated]
        if known:
            proved[cause] = known[0]
            claimed.update(known)
    left = [name for name in NAMES if name in isolated and name not in claimed]
    serious = [name for name in isolated if name not in ("umask", "source-mode")] or list(isolated)
    if not left and len(serious) == 1 and found.rest:
        left = serious  # whatever differs is due to the only variation that moves contents
    findings = []
    for name in left:
        members = tuple(member for member in found.rest if member) or tuple(names)
        text = next(iter(found.rest.values()), "shown by builds; the bytes do not say why")
        findings.append(Finding(cause=cause_of(name), members=members[:MAX_MEMBERS], variation=name, evidence=text))
    if left:
        found.rest.clear()
    return proved, findings


def _context(comparison: Comparison, one: Settings | None, two: Settings | None, isolated: Collection[str]) -> Context:
    versions = comparison.first.version, comparison.second.version
    if one and two:
        known = tuple(traces(one, two, NAMES))
    else:  # longer directories first: they may lie in each other
        guessed = dict.fromkeys(trace for leaf in brief(comparison) for trace in moves.directories(leaf))
        known = tuple(sorted(guessed, key=lambda trace: -len(trace.first)))
    return Context(first=one, second=two, traces=known, isolated=frozenset(isolated), versions=versions)


def explained(
    comparison: Comparison,
    settings_first: Settings | None = None,
    settings_second: Settings | None = None,
    isolated: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Return the causes of the differences in a comparison; see `find`."""
    if comparison.identical:
        return ()
    context = _context(comparison, settings_first, settings_second, isolated)
    found = _Found()
    _contents(comparison, context, found)
    _names(comparison, context, found)
    _container(comparison, found)
    _record(comparison, found)
    names = [pair.name for pair in comparison.differing if not is_record(comparison, pair)]
    proved, shown = _proved(found, isolated, names)
    findings = {finding.cause: finding for finding in shown}
    for cause in found.causes:
        members = tuple(found.causes[cause])
        more = f" (and {len(members) - MAX_MEMBERS} members more)" if len(members) > MAX_MEMBERS else ""
        earlier = findings.get(cause)
        findings[cause] = Finding(
            cause=cause,
            members=tuple(dict.fromkeys((*members, *(earlier.members if earlier else ()))))[:MAX_MEMBERS],
            variation=proved.get(cause, earlier.variation if earlier else ""),
            evidence=found.evidence[cause] + more,
        )
    if found.rest:
        rest = [member for member in found.rest if member]
        text = next(iter(found.rest.values()))
        findings[UNEXPLAINED] = Finding(cause=UNEXPLAINED, members=tuple(rest[:MAX_MEMBERS]), evidence=text)
    return tuple(findings[cause] for cause in sorted(findings, key=ORDER.__getitem__))


def find(
    first: Wheel,
    second: Wheel,
    settings_first: Settings | None = None,
    settings_second: Settings | None = None,
    isolated: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Return the causes of what differs between two wheels, contents before container, the unexplained last.

    `isolated` names the variations that builds proved; a finding carries the one that it goes with. A finding
    without a variation is inferred from the bytes. The settings are None for wheels that somebody else built.
    """
    return explained(compare(first, second), settings_first, settings_second, isolated)
