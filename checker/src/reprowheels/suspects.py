"""The variations that the bytes of two wheels point at, before a build has proved anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from . import languages, large, traces
from .compare import Comparison, leaves
from .variations import Settings

_YEAR = re.compile(rb"(?<!\d)20\d\d(?:[01]\d[0-3]\d)?(?!\d)")
_CLOCK = re.compile(rb"(?<!\d)\d\d?[:.]\d\d(?:[:.]\d\d)?(?!\d)")
_EPOCH = re.compile(rb"(?<![\d.])1[5-9]\d{8}(?:\d{3})?(?!\d)")
_ITEM = re.compile(rb"[^\s,;:(){}\[\]'\"]+")
_COMMIT = re.compile(rb"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_HEX_ID = re.compile(rb"0x[0-9a-f]{6,16}")
_OFFSET = re.compile(rb"(?<=:\d\d) ?[+-]\d\d:?\d\d(?!\d)")


def _modes(comparison: Comparison) -> Iterator[str]:
    """Yield what permission bits that follow the umask or the source tree point at."""
    fields = {difference.field for difference in comparison.differences}
    if "mode" in fields:
        yield "umask"
        yield "source-mode"


def _proved(first: bytes, varied: bytes, known: list[traces.Trace]) -> Iterator[str]:
    """Yield the variations whose words are in these contents, on the side where they belong."""
    for trace in known:
        if traces.tells(trace, partial(traces.holds, first), partial(traces.holds, varied)):
            yield trace.variation
    if b"2.6." in varied and b"2.6." not in first:
        yield "kernel"
    if traces.FRENCH.search(varied) and not traces.FRENCH.search(first):
        yield "locale"
    if languages.line_in_other_encoding(first, varied):
        yield "encoding"


def _inferred(first: bytes, varied: bytes) -> Iterator[str]:
    """Yield the variations that these contents look like, most telling first."""
    items = _ITEM.findall(first), _ITEM.findall(varied)
    if len(first) == len(varied) and (Counter(items[0]) == Counter(items[1]) or Counter(first) == Counter(varied)):
        backwards = items[0] == sorted(items[0]) or items[1] == items[0][::-1]
        yield from ("file-order", "hash-seed", "locale") if backwards else ("hash-seed", "file-order", "locale")
    changed = [pattern for pattern in (_YEAR, _EPOCH, _CLOCK, _OFFSET) if pattern.findall(first) != pattern.findall(varied)]
    if _OFFSET in changed or b"Kiritimati" in varied:
        yield "timezone"
    if _YEAR in changed or _EPOCH in changed:
        yield "time"
    if _CLOCK in changed:
        yield from ("timezone", "time")
    if _COMMIT.search(varied) and not _COMMIT.search(first):
        yield "git-parent"
    if _HEX_ID.findall(first) != _HEX_ID.findall(varied):
        yield from ("aslr", "hash-seed")


def suspects(comparison: Comparison, first: Settings, varied: Settings, applied: Iterable[str]) -> tuple[str, ...]:
    """Return the variations that the bytes of a baseline wheel and of a varied one point at, most likely first.

    Variations whose words were found come first, then those that the bytes merely look like. What was not applied
    is never named; an empty tuple means that the bytes say nothing.
    """
    names = tuple(applied)
    known = list(traces.traces(first, varied, names))
    proved: Counter[str] = Counter()
    inferred: dict[str, None] = {}
    for leaf in leaves(comparison):
        one, two = leaf.first, leaf.second
        hits = list(dict.fromkeys(_proved(one, two, known)))  # in their order, which decides where two count the same
        proved.update(hits)
        if not hits:
            inferred.update(dict.fromkeys(_inferred(one, two)))
    for pair in comparison.differing:
        proved.update(list(dict.fromkeys(trace.variation for trace in large.told(comparison, pair, known))))
    fields = {difference.field for difference in comparison.differences}
    if fields & {"order", "order-in-file"}:
        inferred["file-order"] = None
    if "presence" in fields:
        inferred.update(dict.fromkeys(("cpu-count", "parallel-jobs", "environment", "locale")))
    if "compressed-bytes" in fields or "compression" in fields:
        inferred.update(dict.fromkeys(("environment", "cpu-count", "parallel-jobs")))
    if "date" in fields:
        inferred.update(dict.fromkeys(("time", "timezone")))
    ranked = [name for name, _ in proved.most_common()]
    found = dict.fromkeys([*ranked, *_modes(comparison), *inferred])
    return tuple(name for name in found if name in names)
