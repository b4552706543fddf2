"""The normalizers: each removes one cause from the two sides of a part, where the two sides show it in step.

A part is cut into pieces (lines, or the strings of a binary file) of which only those that differ are looked at. A
normalizer replaces what its cause explains by the name of the cause on both sides; what still differs in the end is
not explained. A cause is real where leaving it out, with all the others applied, leaves more pieces that differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import zip_longest

from . import excerpts, languages, moves, patterns
from .leaf import Leaf, Piece
from .parts import ENCODED
from .patterns import Context
from .traces import CLIMB, climbing, holds, tells

MAX_BYTES = 4 << 20  # bytes that differ in one part and are looked at
_MAX_MARKED = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Hold the causes found in one part, each with its evidence, and an excerpt of what they leave, if anything.

    `resized` says that a string or a line has another length, so that what follows it moves, though padding may keep the part's.
    """

    causes: dict[str, str]
    rest: tuple[str, str] | None
    resized: bool


class _Run:
    """Apply the normalizers, all of them or only those of some causes, to one part, and note what they find."""

    def __init__(self, leaf: Leaf, member: str, context: Context, only: Collection[str] | None = None) -> None:
        self.leaf, self.member, self.context, self.only = leaf, member, context, only
        self.found: dict[str, str] = {}
        self.proved: set[str] = set()
        self.pieces: Sequence[Piece] = leaf.pieces
        if sum(len(one) + len(two) for one, two in self.pieces) > MAX_BYTES:
            return
        looks = () if leaf.code else (*_LOOKS, _order)
        for rule in (_encoded, _fields, _known, _strings, *looks, _marked):
            self.pieces = [(one, two) for one, two in rule(self) if one != two]
            if not self.pieces:
                break
        if leaf.strings and self.found:  # a linker pads what follows strings of another length
            self.pieces = [piece for piece in self.pieces if any(side.strip(b"\0") for side in piece)]

    @cached_property
    def reordered(self) -> bool:
        """Say whether both sides have the same lines."""
        return sorted(self.leaf.first.split(b"\n")) == sorted(self.leaf.second.split(b"\n"))

    def claim(self, cause: str, one: bytes | str, two: bytes | str, *, proof: bool = False) -> bool:
        """Note a cause with its evidence and say whether it may be removed; `proof` says that its very words are there."""
        if not cause or (self.only is not None and cause not in self.only) or not (proof or self.context.allows(cause)):
            return False
        self.found.setdefault(cause, evidence(one, two))
        self.proved |= {cause} if proof else set()
        return True

    def in_step(
        self,
        piece: Piece,
        pattern: re.Pattern[bytes],
        judge: Callable[[re.Match[bytes], re.Match[bytes]], str],
        *,
        proof: bool = False,
    ) -> Piece:
        """Replace what a pattern finds as often on either side, pair by pair, by the cause that a judge sees in it."""
        one, two = list(pattern.finditer(piece[0])), list(pattern.finditer(piece[1]))
        if not one or len(one) != len(two):
            return piece
        sides: tuple[list[bytes], list[bytes]] = ([], [])
        at = [0, 0]
        for left, right in zip(one, two, strict=True):
            cause = judge(left, right) if left.group() != right.group() else ""
            same = bool(cause) and self.claim(cause, left.group(), right.group(), proof=proof)
            for side, match in enumerate((left, right)):
                mark = b"<%s>" % cause.encode() if same else match.group()
                sides[side].append(piece[side][at[side] : match.start()] + mark)
                at[side] = match.end()
        return b"".join(sides[0]) + piece[0][at[0] :], b"".join(sides[1]) + piece[1][at[1] :]


def evidence(one: bytes | str, two: bytes | str) -> str:
    """Return two values as one short text."""
    shown = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in (one, two))
    return " ≠ ".join(excerpts.clean(value.strip(), 80) or "nothing" for value in shown)


def _encoded(run: _Run) -> Iterable[Piece]:
    """Remove what is only compressed differently."""
    if run.leaf.name == ENCODED and run.claim(
        "archive-compression", *excerpts.pair(run.leaf.first, run.leaf.second, place=False)
    ):
        return []
    return run.pieces


def _fields(run: _Run) -> Iterable[Piece]:
    """Remove fields of the header of an archive inside the wheel."""
    for one, two in run.pieces:
        cause = patterns.header_cause(run.leaf.path, one, two) if run.leaf.header else ""
        if not (cause and run.claim(cause, one, two)):
            yield one, two


def _word(word: bytes) -> bytes:
    """Return a pattern for a word that is not the middle of a longer one."""
    start, end = word[:1].isalnum(), word[-1:].isalnum()
    return (rb"(?<![A-Za-z0-9])" if start else b"") + re.escape(word) + (rb"(?![A-Za-z0-9])" if end else b"")


def _known(run: _Run) -> Iterable[Piece]:
    """Remove the words that the two environments have for the same fact: paths, users, hosts, versions."""
    known = [(trace.variation, trace.first, trace.varied) for trace in run.context.traces]
    if run.context.versions[0] != run.context.versions[1]:
        one, two = (version.encode() for version in run.context.versions)
        known.insert(0, ("version", one, two))
    result = run.pieces
    for name, first, varied in known:
        if not first or not varied:
            continue
        pattern = re.compile(_word(first) + b"|" + _word(varied))
        cause = patterns.cause_of(name)

        def judge(left: re.Match[bytes], right: re.Match[bytes], values: Piece = (first, varied), cause: str = cause) -> str:
            return cause if (left.group(), right.group()) == values else ""

        result = [run.in_step(piece, pattern, judge, proof=True) for piece in result]
    return result


def _strings(run: _Run) -> Iterable[Piece]:
    """Remove the known words from tables of strings, which a linker writes in an order that depends on them."""
    if not run.leaf.strings:
        return run.pieces
    # A word on one side only is no trace: the name of a user may be a word of the program.
    both = [b"\0".join(side) for side in zip(*run.leaf.pieces, strict=True)]
    known = (*run.context.traces, *moves.random_names(run.leaf))
    traces = [trace for trace in known if all(map(holds, both, (trace.first, trace.varied)))]
    sides: tuple[list[bytes], list[bytes]] = ([], [])
    for side, texts in enumerate(sides):
        for piece in run.pieces:
            text = piece[side]
            for trace in traces:
                word = (trace.first, trace.varied)[side]
                if word in text:
                    text = re.sub(_word(word), b"<%s>" % trace.variation.encode(), text)
            texts.append(text)
    left = [Counter(sides[0]) - Counter(sides[1]), Counter(sides[1]) - Counter(sides[0])]
    if not any(left) and not any(b"<" + trace.variation.encode() in text for trace in traces for text in sides[0]):
        # Nothing is known that would have moved them: the linker was given its files in another order.
        return [] if run.claim("link-order", *excerpts.pair(run.leaf.first, run.leaf.second, place=False)) else run.pieces
    moving = [b"<%s>" % trace.variation.encode() for trace in traces if len(trace.first) != len(trace.varied)]
    words = [patterns.words(side.elements()) for side in left]
    if patterns.same_words(*words) and any(mark in text for text in left[0] for mark in moving):
        # Strings of a language that does not end them, and numbers that say where they lie: these follow.
        left = [Counter(), Counter()]
    for trace in traces:
        mark = b"<%s>" % trace.variation.encode()
        gone = any(mark in text and not rest[text] for texts, rest in zip(sides, left, strict=True) for text in texts)
        if gone and not run.claim(
            patterns.cause_of(trace.variation), trace.first, trace.varied, proof=trace in run.context.traces
        ):
            return run.pieces
    return list(zip_longest(left[0].elements(), left[1].elements(), fillvalue=b""))


def _marked(run: _Run) -> Iterable[Piece]:
    """Remove pieces that hold a word which only one of the environments has, whatever else differs in them."""
    for one, two in run.pieces:
        for trace in run.context.traces:
            name = patterns.cause_of(trace.variation)
            there = tells(trace, partial(holds, one), partial(holds, two))
            # A trace that was only guessed says as much either way round.
            there = there and (run.context.known or (holds(one, trace.first) and not holds(two, trace.first)))
            if there and max(len(one), len(two)) < _MAX_MARKED and run.claim(name, one, two, proof=True):
                break
        else:
            yield one, two


def _look(
    pattern: re.Pattern[bytes], judge: Callable[[re.Match[bytes], re.Match[bytes], _Run], str], *hints: bytes
) -> Callable[[_Run], Iterable[Piece]]:
    """Make a normalizer of a pattern and of a judge that says which cause a pair of matches shows, if any.

    Only pieces with one of the hints are searched: to look for fixed bytes is much faster than for a pattern.
    """

    def rule(run: _Run) -> Iterable[Piece]:
        for piece in run.pieces:
            if not any(hint in piece[0] for hint in hints):
                yield piece
                continue
            yield run.in_step(piece, pattern, lambda left, right: judge(left, right, run))

    return rule


def _whole(judge: Callable[[bytes, bytes, _Run], str]) -> Callable[[_Run], Iterable[Piece]]:
    """Make a normalizer of a judge that looks at whole pieces."""

    def rule(run: _Run) -> Iterable[Piece]:
        for one, two in run.pieces:
            cause = judge(one, two, run)
            if not (cause and run.claim(cause, *excerpts.pair(one, two, place=False))):
                yield one, two

    return rule


def _names(run: _Run) -> Iterable[Piece]:
    """Translate names of months and days; which ones they mean is left to the dates."""
    for one, two in run.pieces:
        translated = languages.translated(one), languages.translated(two)
        changed = translated != (one, two) and (translated[0] == one) != (translated[1] == two)
        yield translated if changed and run.claim("locale", one, two) else (one, two)


def _climb(one: re.Match[bytes], two: re.Match[bytes], run: _Run) -> str:
    """Judge two relative paths by where the builds were, which is known of our own only."""
    first, second = run.context.first, run.context.second
    return patterns.cause_of(climbing(one.group(), two.group(), first, second)) if first and second else ""


_LOOKS: tuple[Callable[[_Run], Iterable[Piece]], ...] = (
    _whole(lambda one, two, run: "line-ends" if one.rstrip(b"\r") == two.rstrip(b"\r") else ""),
    _whole(lambda one, two, run: patterns.tool_line(run.member, one, two, lambda: run.reordered)),
    _names,
    _whole(lambda one, two, run: "encoding" if languages.other_encoding(one, two) else ""),
    _look(CLIMB, _climb, b"../"),
    _look(patterns.UUID, lambda one, two, run: patterns.uuid_cause(one.group(), two.group()), b"-"),
    _look(
        patterns.TEMPORARY,
        lambda one, two, run: patterns.temporary_cause(one.group(), two.group(), patterns.line_around(one)),
        *(b"/", b"tmp", b"-", b"cc"),
    ),
    *(_look(pattern, lambda one, two, run, cause=cause: cause, b"") for cause, pattern in patterns.SHOWN),  # type: ignore[misc]
    _look(patterns.RELEASE, lambda one, two, run: patterns.kernel_cause(one.group(), two.group(), run.context.second), b"."),
    _look(patterns.COMMIT, lambda one, two, run: patterns.commit_cause(one, two), b""),
    _look(patterns.MOMENT, lambda one, two, run: patterns.moment_cause(one, two, run.context), b""),
    _look(patterns.TOOL, lambda one, two, run: patterns.tool_cause(one.group(), two.group()), b" by ", b" with ", b" using "),
)


def _order(run: _Run) -> Iterable[Piece]:
    """Remove another order of the same elements: within pieces, or over all of them, where nothing else is left."""
    separate: list[tuple[Piece, str]] = []
    for one, two in run.pieces:
        tokens = patterns.elements(one), patterns.elements(two)
        same = len(tokens[0]) > 1 and sorted(tokens[0]) == sorted(tokens[1])
        separate.append(((one, two), patterns.order_cause(*tokens, one, run.leaf.path, run.context) if same else ""))
    if all(cause for _, cause in separate):
        return [piece for piece, cause in separate if not run.claim(cause, *excerpts.pair(*piece, place=False))]
    lines = [piece[0].strip(b" ,") for piece, _ in separate], [piece[1].strip(b" ,") for piece, _ in separate]
    joined = b"\n".join(lines[0]), b"\n".join(lines[1])
    for tokens in (lines, (patterns.elements(joined[0]), patterns.elements(joined[1]))):
        if len(tokens[0]) > 1 and sorted(tokens[0]) == sorted(tokens[1]):
            cause = patterns.order_cause(*tokens, joined[0], run.leaf.path, run.context)
            if cause and run.claim(cause, *excerpts.pair(*joined, place=False)):
                return []
    return run.pieces


def _left(leaf: Leaf, member: str, context: Context, causes: Collection[str]) -> int:
    """Return how many pieces differ where only some causes are removed; without any, all that differ."""
    return len(_Run(leaf, member, context, causes).pieces if causes or leaf.strings else leaf.pieces)


def explain(member: str, leaf: Leaf, context: Context) -> Explanation:
    """Return the causes of what differs in one part of a member, those alone without which more would differ."""
    whole = _Run(leaf, member, context)
    causes = dict(whole.found)
    for cause in whole.found:
        # A word that only one environment has proves its cause, even where more differs beside it.
        others = whole.found.keys() - {cause}
        if cause not in whole.proved and _left(leaf, member, context, others) <= len(whole.pieces):
            del causes[cause]
    rest = excerpts.pair(*whole.pieces[0], place=False) if whole.pieces else None
    # Padding may keep the length of a piece that holds several strings, but not how much of it is padding.
    resized = any((len(one), one.count(0)) != (len(two), two.count(0)) for one, two in leaf.pieces)
    return Explanation(causes=causes, rest=rest, resized=resized)
