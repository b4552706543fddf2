"""Builds under sets of variations, made within a bound and remembered. Pure: the builds come from a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Names = frozenset[str]
BASELINE: Names = frozenset()
FAILED = ""  # in place of the SHA-256 of a build that gave no wheel: all failures count as the same


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


Runner = Callable[[Sequence[Names]], Sequence[Outcome]]


class ContradictionError(Exception):
    """Say that one set of variations gave two different outcomes."""


class BoundError(Exception):
    """Say that no further build may be made."""


class Laboratory:
    """Make builds, remember them, and never make the same one twice unless asked to."""

    def __init__(self, run: Runner, bound: Callable[[], int]) -> None:
        """Take what makes builds, and what says how many it may make, by those that are made; guards come on top."""
        self.run = run
        self._bound = bound
        self.tight = False  # the bound leaves no builds for a proof, so each has to tell as much as it can
        self.steps: list[Step] = []
        self.known: dict[Names, str] = {}

    @property
    def max_builds(self) -> int:
        """Return how many builds may be made in all."""
        return self._bound()

    def make(self, wanted: Sequence[tuple[str, Names]]) -> None:
        """Make these builds in one go, each with its label.

        Raises BoundError after those that the bound allows, ContradictionError when a set gives another outcome than before.
        """
        search, guard = (any(label == kind for label, _ in wanted) for kind in ("isolate", "guard"))
        kept = max(1, self.max_builds // 16) if search and not self.tight else 0  # for the proof
        left = self.max_builds - self.spent() - kept
        allowed = wanted if guard else wanted[: max(0, left)]
        outcomes = self.run([names for _, names in allowed]) if allowed else ()
        for (label, names), outcome in zip(allowed, outcomes, strict=True):
            number = sum(step.label.partition("-")[0] == label for step in self.steps) + 1
            plain = label in ("first", "second") or (label, number) == ("again", 1)
            self.steps.append(Step(label=label if plain else f"{label}-{number}", variations=names, outcome=outcome))
        for _, names in allowed:
            if len({step.outcome.sha256 for step in self.steps if step.variations == names}) > 1:
                raise ContradictionError
        self.known = {step.variations: step.outcome.sha256 for step in self.steps}
        if len(allowed) < len(wanted):
            raise BoundError

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
