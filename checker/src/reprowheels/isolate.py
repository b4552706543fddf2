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

from .results import NO, NOT_CHECKED, YES

Names = frozenset[str]
BASELINE: Names = frozenset()
FAILED = ""  # in place of the SHA-256 of a build that gave no wheel: all failures count as the same
FEW = 4  # suspects that are built one by one; more of them are halved like everything else


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Hold the outcome of one build: the SHA-256 of the wheel, or why there is none."""

    sha256: str = FAILED
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Hold one build that was made: first, second, again…, isolate…, confirm… or guard…."""

    label: str
    variations: Names
    outcome: Outcome


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


Runner = Callable[[Sequence[Names]], Sequence[Outcome]]
Suspects = Callable[[Step, Step], Sequence[str]]
Guards = int | Callable[[], int]


class _ContradictionError(Exception):
    """Say that one set of variations gave two different outcomes."""


class _BoundError(Exception):
    """Say that no further build may be made."""


class _Laboratory:
    """Make builds, remember them, and never make the same one twice unless asked to."""

    def __init__(self, run: Runner, max_builds: int) -> None:
        self.run = run
        self.max_builds = max_builds
        self.steps: list[Step] = []
        self.known: dict[Names, str] = {}

    def make(self, wanted: Sequence[tuple[str, Names]]) -> None:
        """Make these builds in one go, each with its label.

        Raises _BoundError after those that the bound allows, _ContradictionError when a set gives another outcome than before.
        """
        search, guard = (any(label == kind for label, _ in wanted) for kind in ("isolate", "guard"))
        left = self.max_builds - self.spent() - (max(1, self.max_builds // 16) if search else 0)  # some are kept for the proof
        allowed = wanted if guard else wanted[: max(0, left)]
        outcomes = self.run([names for _, names in allowed]) if allowed else ()
        for (label, names), outcome in zip(allowed, outcomes, strict=True):
            number = sum(step.label.partition("-")[0] == label for step in self.steps) + 1
            plain = label in ("first", "second") or (label, number) == ("again", 1)
            self.steps.append(Step(label=label if plain else f"{label}-{number}", variations=names, outcome=outcome))
        for _, names in allowed:
            if len({step.outcome.sha256 for step in self.steps if step.variations == names}) > 1:
                raise _ContradictionError
        self.known = {step.variations: step.outcome.sha256 for step in self.steps}
        if len(allowed) < len(wanted):
            raise _BoundError

    def build(self, label: str, sets: Iterable[Names], again: Iterable[Names] = ()) -> None:
        """Make the builds that are not known yet, and some once more."""
        wanted = [("again" if names in self.known else label, names) for names in again]
        self.make(wanted + [(label, names) for names in dict.fromkeys(sets) if names not in self.known])

    def spent(self, names: Names | None = None) -> int:
        """Count the builds, or those of one set; guards apart, whose number depends on the speed of the machine."""
        counted = [step.variations for step in self.steps if not step.label.startswith("guard")]
        return len(counted) if names is None else counted.count(names)

    def odd(self, names: Names) -> bool:
        """Say whether a set that was built does not give the wheel of the baseline."""
        return self.known[names] != self.known[BASELINE]

    def failed(self, names: Names) -> bool:
        """Say whether a set that was built gave no wheel."""
        return self.known[names] == FAILED


@dataclass(frozen=True, kw_only=True)
class _Group:
    """Hold variations that matter together, or perhaps do not; `without` is the outcome when they are left out, if known."""

    names: tuple[str, ...]
    matters: bool
    without: str | None = None


def _parts(names: tuple[str, ...], builds: int) -> list[tuple[str, ...]]:
    """Return what to leave out of a group: a half in one build, or two parts in two. Smaller parts where more can be hit."""
    if builds == 1:
        return [names[: len(names) // (2 if len(names) < 16 else 3)]]
    size = len(names) // 5 if len(names) >= 12 else (len(names) + 1) // 3
    return [names[:size], names[-size:]]


class _Shrinking:
    """Leave out of an odd set what does not matter for its outcome; this is group testing.

    What can be left out without a change is left out for good. A part matters when leaving it out changes the outcome;
    when a group matters and one part of it does not, the rest does.
    """

    def __init__(self, lab: _Laboratory, odd: Names, groups: Sequence[_Group], *, careful: bool = False) -> None:
        self.lab = lab
        self.odd = odd
        self.whole = odd  # what is left of it
        self.groups = list(groups)
        self.order = tuple(name for group in groups for name in group.names)
        self.careful = careful  # one part at a time, and every set that is held on to was built

    def outcome(self, names: Names) -> str:
        """Return the outcome of a set; where the question is what fails, all sets that do not fail are the same."""
        known = self.lab.known
        return known[BASELINE] if self.lab.failed(self.odd) and known[names] != FAILED else known[names]

    def several(self) -> bool:
        """Say whether leaving something out once left another difference: then there are culprits that work alone."""
        plain = (self.outcome(self.odd), self.outcome(BASELINE))
        return not self.careful and any(self.outcome(names) not in plain for names in self.lab.known if names < self.odd)

    def core(self, again: list[Names]) -> Names:
        """Return a small set with the same outcome, or one whose members are all odd alone; `again` joins the first build."""
        lab = self.lab
        while True:
            large = [group for group in self.groups if group.matters and len(group.names) > 1]
            sure = frozenset(group.names[0] for group in self.groups if group.matters and len(group.names) == 1)
            unsure = tuple(name for group in self.groups if not group.matters for name in group.names)
            if not large and not unsure:
                break
            alone = [frozenset({name}) for name in sorted(sure)] if self.several() else []
            if alone and not large:
                # The others together serve twice: they show that there is more, or are the proof that there is not.
                others = self.odd - sure
                lab.build("isolate", [others, *alone])
                if not lab.odd(others) and all(map(lab.odd, alone)):
                    return sure
                if lab.odd(others):
                    self.groups = [group for group in self.groups if group.matters] + [_Group(names=unsure, matters=True)]
                    continue
            if not self.settle_pair(large):
                missing = [names for names in alone if names not in lab.known]
                # Near the bound, a build counts for more than the time that a second one beside it would save.
                frugal = bool(missing) or 2 * lab.spent() > lab.max_builds
                builds = 1 if self.careful or again or (len(large) == 1 and frugal) else 2
                self.leave_out(large, unsure, builds, missing[: len(large) == 1], again)
                again = []
        alone = [frozenset({name}) for name in sorted(self.whole)] if self.several() else []
        lab.build("isolate", alone)
        if alone and all(map(lab.odd, alone)):
            return self.whole
        lab.build("isolate", [self.whole])
        if self.outcome(self.whole) == self.outcome(self.odd):
            return self.whole
        # Two parts do not matter each alone, but do together: start from what was built, and go on with more care.
        solid = min((s for s in lab.known if s <= self.odd and self.outcome(s) == self.outcome(self.odd)), key=len)
        lab.build("isolate", (), [self.whole, solid])  # or chance had a hand in it
        left = _Group(names=tuple(name for name in self.order if name in solid), matters=True)
        return _Shrinking(lab, solid, [left], careful=True).core([])

    def settle_pair(self, large: Sequence[_Group]) -> bool:
        """Build each of two variations alone where culprits work alone, which finds and proves in one go."""
        pair = next((group for group in large if len(group.names) == 2), None)
        alone = [frozenset({name}) for name in pair.names] if pair and self.several() else []
        if pair is None or all(names in self.lab.known for names in alone):
            return False
        self.lab.build("isolate", alone)
        if found := [names for names in alone if self.lab.odd(names)]:
            self.whole -= set(pair.names) - frozenset().union(*found)
            self.groups.remove(pair)
            self.groups += [_Group(names=tuple(names), matters=True) for names in found]
        return True

    def leave_out(self, large: list[_Group], unsure: tuple[str, ...], builds: int, more: list[Names], again: list[Names]) -> None:
        """Leave out a part of each of two groups, or two parts of one, and learn from the outcomes."""
        trials = [(group, _parts(group.names, 1)) for group in large[:builds]]
        if unsure and len(trials) < builds:
            trials.append((_Group(names=unsure, matters=False), [unsure]))
        if len(trials) < builds and large:
            trials = [(large[0], _parts(large[0].names, 2))]
        before = self.whole
        self.lab.build("isolate", [*(before - set(part) for _, parts in trials for part in parts), *more], again)
        for group, parts in trials:
            self.learn(group, {part: self.outcome(before - set(part)) for part in parts})

    def learn(self, group: _Group, outcomes: dict[tuple[str, ...], str]) -> None:
        """Put smaller groups in the place of a group, from the outcomes when parts of it are left out."""
        goal, base = self.outcome(self.odd), self.outcome(BASELINE)
        hits = {part: outcome for part, outcome in outcomes.items() if outcome != goal}
        rest = tuple(name for name in group.names if not any(name in part for part in outcomes))
        self.whole -= {name for part in outcomes if part not in hits for name in part}
        all_of_it = next((part for part in hits if hits[part] == group.without != base and not self.careful), None)
        if all_of_it:  # leaving out this part does all that leaving out the group does
            self.whole -= set(group.names) - set(all_of_it)
            hits, rest = {all_of_it: hits[all_of_it]}, ()
        self.groups = [other for other in self.groups if not set(other.names) <= set(group.names)]
        self.groups += [_Group(names=part, matters=True, without=outcome) for part, outcome in hits.items()]
        if rest:
            more = not hits or (len(hits) == 1 and group.without not in (None, *hits.values()))
            self.groups.append(_Group(names=rest, matters=group.matters and more, without=None if hits else group.without))


def _culprit_sets(lab: _Laboratory, core: Names) -> list[Names]:
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

    def __init__(self, lab: _Laboratory, variations: Sequence[str], suspects: Suspects) -> None:
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
                except _BoundError:
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
        groups = [_Group(names=first + rest, matters=True, without=base)]
        if first and rest:
            others = odd - set(first)
            lab.build("isolate", [others], [BASELINE] * (lab.spent(BASELINE) < 2))
            if lab.known[others] == lab.known[odd]:
                odd, groups = others, [_Group(names=rest, matters=True, without=base)]
            else:
                groups = [_Group(names=first, matters=True, without=lab.known[others]), _Group(names=rest, matters=False)]
                if len(first) <= FEW:
                    self.foretold = frozenset(first)
                    # A third baseline costs no time beside an odd number of builds, and luck does not last.
                    alone = [frozenset({name}) for name in first]
                    lab.build("isolate", alone, [BASELINE] * (len(alone) % 2))
                    if any(map(lab.odd, alone)):
                        return
        self.open = _Shrinking(lab, odd, groups).core([BASELINE] * (lab.spent(BASELINE) < 2))
        self.culprit_sets += _culprit_sets(lab, self.open)

    def recheck(self) -> None:
        """Build both sides once more, unless that was done on the way; the baseline first, as variations can hide chance."""
        blamed = [names for names in (self.culprits(failing=False), self.culprits(failing=True), self.open) if names][:2]
        again = [names for names in blamed if not (len(names) == 1 and names <= self.foretold)]
        if blamed and self.lab.spent(BASELINE) < 3:
            again.insert(0 if self.lab.spent(BASELINE) < 2 else len(again), BASELINE)
        with contextlib.suppress(_BoundError):
            self.lab.build("confirm", (), again)


def judge(
    run: Runner, variations: Sequence[str], *, suspects: Suspects, max_builds: int, guards: Guards = 0, repeat: int = 2
) -> Verdict:
    """Build a project until it is known whether its wheel is repeatable, and under which variations it is not the same.

    `run` builds several sets of variations, side by side where it can, and returns their outcomes in the same order;
    it raises CheckFailed when the baseline, the empty set, cannot be built. `variations` come in the order in which
    they are halved. `suspects` names, most likely first, the variations that the bytes of a differing build speak of; it
    is asked once for each build that has to be explained. `max_builds` bounds the builds; three are made in any case
    where they are needed. `guards`, asked for after the first builds, is the number of builds that may come on top,
    each time, against luck and what cancels out: none where builds are dear. The baseline is built `repeat` times where
    nothing varies, and in any case where that is more than twice.
    """
    extra = repeat - (1 if variations else 2) if repeat > 2 else 0
    lab = _Laboratory(run, max(max_builds, 3) + extra)
    case = _Case(lab, variations, suspects)
    one_of: Names = frozenset()
    try:
        second = ("second", case.everything) if variations else ("again", BASELINE)
        lab.make([("first", BASELINE), second, *[("again", BASELINE)] * extra])
        if not variations:
            return Verdict(repeatable=YES, robust=NOT_CHECKED, steps=tuple(lab.steps))
        try:
            case.solve(guards() if callable(guards) else guards)
        except _BoundError:
            case.unexplained()
            one_of = case.open
        case.recheck()
    except _ContradictionError:
        return Verdict(repeatable=NO, robust=NOT_CHECKED, steps=tuple(lab.steps))
    depends_on, fails_under = case.culprits(failing=False), case.culprits(failing=True)
    robust = NO if depends_on or fails_under or one_of else YES
    one_of -= depends_on | fails_under
    return Verdict(
        repeatable=YES, robust=robust, depends_on=depends_on, one_of=one_of, fails_under=fails_under, steps=tuple(lab.steps)
    )
