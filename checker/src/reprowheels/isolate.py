"""Find out which variations matter, by building. Pure: the builds come from a function.

The wheel of the baseline is the measure. A set of variations under which the wheel differs, or cannot be built, is
*odd*; a *culprit set* is an odd set that has no odd subset: one variation, or several that work only together. The
answer is right when each odd set that was ever built contains a culprit set, and everything but the culprits gives the
wheel of the baseline. `judge` builds until that is so, in an order that depends on nothing but the outcomes.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .laboratory import BASELINE, FAILED, BoundError, ContradictionError, Laboratory, Names, Runner, Step
from .projects import FIRST_ANSWER
from .results import NO, NOT_CHECKED, YES
from .shrink import Group, Shrinking

_TIGHTEST = 4  # builds: with fewer, the third one is the baseline once more
_ROOMY = 5  # builds, beside one per suspect, for all but the suspects, the baseline once more, and the proof
FEW = 5  # suspects that are built one by one; more of them are halved like everything else


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Hold the answers, and every build in the order in which it was made.

    `one_of` is empty unless the bound on builds was hit: then at least one culprit more lies among these.
    """

    repeatable: str
    robust: str
    depends_on: Names = frozenset()
    one_of: Names = frozenset()
    fails_under: Names = frozenset()
    steps: tuple[Step, ...]


Suspects = Callable[[Step, Step], Sequence[str]]
Number = int | Callable[[], int]


def _culprit_sets(lab: Laboratory, core: Names) -> list[Names]:
    """Return the smallest sets within an odd set that are odd in the same way: they fail, or they give another wheel."""
    bad = lab.failed if lab.known.get(core) == FAILED else lab.odd
    harmless = [names for names in lab.known if not bad(names)]
    if core in lab.known and all(any(core - {name} <= names - {name} == names for names in harmless) for name in core):
        return [core]
    found: list[Names] = []
    for size in range(1, len(core) + 1):
        names_left = sorted(core.difference(*(culprits for culprits in found if len(culprits) == 1)))
        sets = [frozenset(names) for names in itertools.combinations(names_left, size)]
        sets = [names for names in sets if not any(culprits <= names for culprits in found)]
        if size > 1:  # two that cancel each other out are harmless together: what is alone is always built
            sets = [names for names in sets if not any(names <= other for other in harmless)]
        lab.build("isolate", sets)
        found += [names for names in sets if bad(names)]
    return found


def _ways_out(culprit_sets: Iterable[Names]) -> list[Names]:
    """Return the smallest sets that have a member in each culprit set."""
    ways: list[Names] = [frozenset()]
    for culprits in culprit_sets:
        longer = dict.fromkeys(way if way & culprits else way | {name} for way in ways for name in sorted(culprits))
        ways = [way for way in longer if not any(other < way for other in longer)]
    return ways


def _guards(rest: Sequence[str]) -> Iterator[Names]:
    """Yield two complementary halves, then halves of which one parts any two names, then the complements of these."""

    def half(bit: int, side: int) -> Names:
        return frozenset(name for place, name in enumerate(rest) if place >> bit & 1 == side)

    bits = range(1, max(1, (len(rest) - 1).bit_length()))
    yield from (half(0, 0), half(0, 1))
    yield from (half(bit, side) for side in (0, 1) for bit in bits)


class _Case:
    """Hold what is proved so far, and go on until everything that was built is explained."""

    def __init__(self, lab: Laboratory, variations: Sequence[str], suspects: Suspects) -> None:
        self.lab = lab
        self.variations = variations
        self.everything = frozenset(variations)
        self.suspects = suspects
        self.culprit_sets: list[Names] = []
        self.open: Names = frozenset()  # where a culprit may be that is not proved yet
        self.foretold: Names = frozenset()  # suspects that were built alone when they were to be odd

    def culprits(self, *, failing: bool) -> Names:
        """Return every variation of the culprit sets of one kind."""
        return frozenset().union(*(names for names in self.culprit_sets if self.lab.failed(names) == failing))

    def unexplained(self) -> list[Names]:
        """Return the odd sets that were built and contain no culprit set, smallest first."""
        odd = [names for names in self.lab.known if self.lab.odd(names)]
        self.culprit_sets += [names for names in odd if len(names) == 1 and names not in self.culprit_sets]
        kinds = {failing: [c for c in self.culprit_sets if self.lab.failed(c) == failing] for failing in (False, True)}
        return sorted((s for s in odd if not any(c <= s for c in kinds[self.lab.failed(s)])), key=len)

    def solve(self, guards: int) -> None:
        """Find culprit sets until everything but the culprits gives the wheel of the baseline."""
        lab = self.lab
        while True:
            if odd := self.unexplained():
                if not self.culprit_sets:
                    lab.make([("guard", names) for names in [odd[0], BASELINE] * (guards // 2)])
                try:
                    self.isolate(odd[0])
                except BoundError:
                    if self.unexplained():
                        raise
                continue
            self.open = self.everything.difference(*self.culprit_sets)
            lab.build("confirm", [self.open])
            if lab.odd(self.open):  # one more culprit, or chance
                lab.build("isolate", (), [self.open, BASELINE])
                continue
            self.open = frozenset()  # what follows is for culprit sets that share a member
            sets = (self.culprit_sets, list(filter(lab.failed, self.culprit_sets)))  # what differs may hide what fails
            lab.build("isolate", [self.everything - way for some in sets for way in _ways_out(some)])
            if not self.unexplained():
                rest = [name for name in self.variations if not any(name in names for names in self.culprit_sets)]
                lab.build("guard", itertools.islice(_guards(rest), guards))
            if not self.unexplained():
                return

    def isolate(self, odd: Names) -> None:
        """Add the culprit sets of one odd set."""
        lab = self.lab
        self.open = odd
        step = next(step for step in lab.steps if step.variations == odd)
        named = dict.fromkeys(self.suspects(lab.steps[0], step)) if step.outcome.sha256 else {}
        first = tuple(name for name in named if name in odd)
        rest = tuple(name for name in self.variations if name in odd and name not in first)
        base = lab.known[BASELINE]
        groups = [Group(names=first + rest, matters=True, without=base)]
        if first and rest:
            others = odd - set(first)
            lab.tight = len(first) <= FEW and _TIGHTEST <= lab.max_builds < _ROOMY + len(first)
            # What all but the suspects are takes long, on one processor: where builds are dear, one of them is built beside it.
            beside = [frozenset({first[0]})] if lab.tight and lab.max_builds > _TIGHTEST else []
            lab.build("isolate", [others, *beside], [BASELINE] * (lab.spent(BASELINE) < 2 and not lab.tight))
            if lab.tight and lab.odd(others):  # else the baseline has come out once more, in another environment
                lab.build("isolate", (), [BASELINE])
            if lab.known[others] == lab.known[odd]:
                odd, groups = others, [Group(names=rest, matters=True, without=base)]
            else:
                groups = [Group(names=first, matters=True, without=lab.known[others]), Group(names=rest, matters=False)]
                if len(first) <= FEW:
                    self.foretold = frozenset(first)
                    # A third baseline costs no time beside an odd number of builds, and luck does not last.
                    alone = [frozenset({name}) for name in first]
                    lab.build("isolate", alone, [BASELINE] * (len(alone) % 2 and not lab.tight))
                    if any(map(lab.odd, alone)):
                        return
        self.open = Shrinking(lab, odd, groups).core([BASELINE] * (lab.spent(BASELINE) < 2))
        self.culprit_sets += _culprit_sets(lab, self.open)

    def recheck(self) -> None:
        """Build both sides once more, unless that was done on the way; the baseline first, as variations can hide chance."""
        if self.lab.tight and self.lab.spent(BASELINE) == 1:
            return  # the baseline came out once more without the suspects, and each of these was foretold
        blamed = [names for names in (self.culprits(failing=False), self.culprits(failing=True), self.open) if names][:2]
        again = [names for names in blamed if not (len(names) == 1 and names <= self.foretold)]
        if blamed and self.lab.spent(BASELINE) < 3:
            again.insert(0 if self.lab.spent(BASELINE) < 2 else len(again), BASELINE)
        with contextlib.suppress(BoundError):
            self.lab.build("confirm", (), again)


def _number(told: Number) -> int:
    return told() if callable(told) else told


def enough(outcomes: Sequence[str]) -> int:
    """Return how many of these builds an answer takes: until the baseline, the first, has come out once more, FIRST_ANSWER at most.

    The second build is the one in which everything varies. What all this depends on is isolated by further builds.
    """
    return min([FIRST_ANSWER, *(number for number, outcome in enumerate(outcomes[2:], 3) if outcome == outcomes[0])])


def judge(
    run: Runner, variations: Sequence[str], *, suspects: Suspects, max_builds: Number, guards: Number = 0, repeat: int = 2
) -> Verdict:
    """Build a project until it is known whether its wheel is repeatable, and under which variations it is not the same.

    `run` builds several sets of variations, side by side where it can, and returns their outcomes in the same order;
    it raises CheckFailed when the baseline, the empty set, cannot be built. `variations` come in the order in which
    they are halved. `suspects` names, most likely first, the variations that the bytes of a differing build speak of; it
    is asked once for each build that has to be explained. `max_builds` bounds the builds; three are made in any case
    where they are needed. `guards` is the number of builds that may come on top, each time, against luck and what
    cancels out: none where builds are dear. The one may depend on what was built so far, the other on the first builds.
    The baseline is built `repeat` times where nothing varies, and in any case where that is more than twice.
    """
    extra = repeat - (1 if variations else 2) if repeat > 2 else 0
    lab = Laboratory(run, lambda: max(_number(max_builds), 3) + extra)
    case = _Case(lab, variations, suspects)
    one_of: Names = frozenset()
    try:
        second = ("second", case.everything) if variations else ("again", BASELINE)
        lab.make([("first", BASELINE), second, *[("again", BASELINE)] * extra])
        if not variations:
            return Verdict(repeatable=YES, robust=NOT_CHECKED, steps=tuple(lab.steps))
        try:
            case.solve(_number(guards))
        except BoundError:
            case.unexplained()
            one_of = case.open
        case.recheck()
    except ContradictionError:
        return Verdict(repeatable=NO, robust=NOT_CHECKED, steps=tuple(lab.steps))
    depends_on, fails_under = case.culprits(failing=False), case.culprits(failing=True)
    robust = NO if depends_on or fails_under or one_of else YES
    one_of -= depends_on | fails_under
    return Verdict(
        repeatable=YES, robust=robust, depends_on=depends_on, one_of=one_of, fails_under=fails_under, steps=tuple(lab.steps)
    )
