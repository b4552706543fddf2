"""When a clock has to begin, and how fast it has to advance, for a build to write the dates that a wheel shows. Pure.

A ZIP holds dates in steps of two seconds. A wheel whose files were made in two or more of these steps says how they lay
in time, and a build that was measured says with which of its ticks it makes the same files. Between both lies a line: the
moment at which the clock begins, and the seconds that pass with a tick. Ticks count the work of a build, not the time
that a machine takes for it, so that the line is the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

STEP = 2  # seconds, the precision of a date in a ZIP
# 1985: hardly a source file is dated so, so that what is was made by the build. In the past, because what a build copies
# with its date must not come to lie after the real start.
MEASURED_FROM = 473385600
MEASURED_TICK = STEP  # each tick shows
STILL = 1e-6  # seconds per tick where all files show one date: the clock hardly advances
_SECONDS = tuple(float(f"{1e-6 * 1.25**power:.3g}") for power in range(75))  # up to about 15
_DAY = 86400
_MOST = 50_000_000  # ticks of a build


def ticks(measured: Mapping[str, int]) -> dict[str, int]:
    """Return with which tick a measured build made each member, from the dates that its wheel shows."""
    found = {name: (date - MEASURED_FROM) // MEASURED_TICK for name, date in measured.items()}
    return {name: tick for name, tick in found.items() if 0 <= tick < _MOST}


def _window(pairs: Sequence[tuple[int, int]], seconds: float) -> tuple[float, float]:
    """Return between which moments a clock has to begin; the first is the later one where there is none."""
    return max(date - seconds * tick for tick, date in pairs), min(date + STEP - seconds * tick for tick, date in pairs)


def clocks(made: Mapping[str, int], shown: Mapping[str, int]) -> Iterator[tuple[float, float]]:
    """Yield (moment, seconds per tick) of the clock under which members of these ticks get the dates `shown` (in UTC).

    It is the one that leaves the most ticks to spare. Members whose date is days away from the others were not made by
    the build that is looked for. Where no clock fits all members, it is the one that fits most.
    """
    both = sorted((made[name], shown[name]) for name in made.keys() & shown.keys())
    if not both:
        return
    middle = sorted(date for _, date in both)[len(both) // 2]
    pairs = [(tick, date) for tick, date in both if abs(date - middle) < _DAY]
    found = []
    for seconds in (*_SECONDS, *_between(pairs)):
        low, high = _window(pairs, seconds)
        if low < high:
            found.append(((high - low) / seconds, seconds, round((low + high) / 2, 6)))
    if found:
        enough = 0.9 * max(found)[0]
        # Of clocks that spare about as much, the one nearest to a millisecond per tick, as a real build has it.
        _, seconds, moment = min((row for row in found if row[0] >= enough), key=lambda row: abs(math.log(row[1] / 1e-3)))
        yield moment, seconds
    else:
        yield from _nearest(pairs)


def _between(pairs: Sequence[tuple[int, int]]) -> list[float]:
    """Return seconds per tick between the bounds that each two members set; they are exact where any clock fits."""
    apart = [(there[0] - here[0], there[1] - here[1]) for here in pairs for there in pairs if there[0] > here[0]]
    low = max([0.0, *((dates - STEP) / ticks for ticks, dates in apart)])
    high = min((dates + STEP) / ticks for ticks, dates in apart) if apart else 0.0
    return [low + (high - low) * part for part in (0.25, 0.5, 0.75)] if 0 <= low < high else []


def _nearest(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[float, float]]:
    """Yield the clock that gives most members their date, where none gives it to all."""
    best = (0, 0.0, 0.0)
    for seconds in _SECONDS:
        for edge, date in pairs:
            moment = date + STEP / 2 - seconds * edge
            hits = sum(date <= moment + seconds * tick < date + STEP for tick, date in pairs)
            best = max(best, (hits, moment, seconds))
    if best[0]:
        yield round(best[1], 6), best[2]
