"""Contents that are too large to look into: which words of the variations they hold can be said all the same."""

from __future__ import annotations

from collections.abc import Iterable

from .archive import MAX_OPENED
from .compare import Comparison
from .contents import Pair
from .errors import WheelError
from .traces import Trace, held, tells


def _is_large(pair: Pair) -> bool:
    """Say whether a pair has two contents and is too large to look into."""
    return bool(pair.first and pair.second) and _size(pair) > MAX_OPENED


def why(pair: Pair) -> str:
    """Return why a pair was not looked into."""
    return f"too large to look into ({_size(pair)} bytes, of at most {MAX_OPENED})" if _is_large(pair) else "damaged"


def _size(pair: Pair) -> int:
    return max(member.size for member in (pair.first, pair.second) if member)


def told(comparison: Comparison, pair: Pair, known: Iterable[Trace]) -> list[Trace]:
    """Return the traces that the contents of a large pair show, which are read piece by piece; none where one is damaged."""
    known = list(known) if _is_large(pair) else []
    if not known:
        return []
    words = {word for trace in known for word in (trace.first, trace.varied)}
    sides = (comparison.first, pair.first), (comparison.second, pair.second)
    try:
        first, varied = (held(wheel.archive.pieces(member), words) if member else set() for wheel, member in sides)
    except WheelError:
        return []
    return [trace for trace in known if tells(trace, first.__contains__, varied.__contains__)]
