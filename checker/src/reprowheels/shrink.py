"""Leave out of an odd set of variations what does not matter for its outcome: group testing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .laboratory import BASELINE, FAILED, Laboratory, Names


@dataclass(frozen=True, kw_only=True)
class Group:
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


class Shrinking:
    """Leave out of an odd set what does not matter for its outcome; this is group testing.

    What can be left out without a change is left out for good. A part matters when leaving it out changes the outcome;
    when a group matters and one part of it does not, the rest does.
    """

    def __init__(self, lab: Laboratory, odd: Names, groups: Sequence[Group], *, careful: bool = False) -> None:
        """Take an odd set that was built, as groups, the likeliest to matter first."""
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
                    self.groups = [group for group in self.groups if group.matters] + [Group(names=unsure, matters=True)]
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
        left = Group(names=tuple(name for name in self.order if name in solid), matters=True)
        return Shrinking(lab, solid, [left], careful=True).core([])

    def settle_pair(self, large: Sequence[Group]) -> bool:
        """Build each of two variations alone where culprits work alone, which finds and proves in one go."""
        pair = next((group for group in large if len(group.names) == 2), None)
        alone = [frozenset({name}) for name in pair.names] if pair and self.several() else []
        if pair is None or all(names in self.lab.known for names in alone):
            return False
        self.lab.build("isolate", alone)
        if found := [names for names in alone if self.lab.odd(names)]:
            self.whole -= set(pair.names) - frozenset().union(*found)
            self.groups.remove(pair)
            self.groups += [Group(names=tuple(names), matters=True) for names in found]
        return True

    def leave_out(self, large: list[Group], unsure: tuple[str, ...], builds: int, more: list[Names], again: list[Names]) -> None:
        """Leave out a part of each of two groups, or two parts of one, and learn from the outcomes."""
        trials = [(group, _parts(group.names, 1)) for group in large[:builds]]
        if unsure and len(trials) < builds:
            trials.append((Group(names=unsure, matters=False), [unsure]))
        if len(trials) < builds and large:
            trials = [(large[0], _parts(large[0].names, 2))]
        before = self.whole
        self.lab.build("isolate", [*(before - set(part) for _, parts in trials for part in parts), *more], again)
        for group, parts in trials:
            self.learn(group, {part: self.outcome(before - set(part)) for part in parts})

    def learn(self, group: Group, outcomes: dict[tuple[str, ...], str]) -> None:
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
        self.groups += [Group(names=part, matters=True, without=outcome) for part, outcome in hits.items()]
        if rest:
            more = not hits or (len(hits) == 1 and group.without not in (None, *hits.values()))
            self.groups.append(Group(names=rest, matters=group.matters and more, without=None if hits else group.without))
