"""Packages that are functions of the variations that they are built under."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reprowheels.isolate import Verdict, judge
from reprowheels.laboratory import Outcome
from reprowheels.results import NO, YES
from reprowheels.variations import NAMES

Names = frozenset[str]
Wheel = Callable[[Names], object]  # what a wheel holds when it is built under some variations; None: it does not build
NOTHING: Names = frozenset()
ALL = frozenset(NAMES)
A, B, C, D = "build-path", "locale", "time", "git-parent"


class Package:
    """Build from a function, and write down what was asked for."""

    def __init__(self, wheel: Wheel) -> None:
        self.wheel = wheel
        self.batches: list[list[Names]] = []

    def __call__(self, batch: Sequence[Names]) -> list[Outcome]:
        self.batches.append(list(batch))
        wheels = [self.wheel(varied) for varied in batch]
        return [Outcome(failure="it does not build") if wheel is None else Outcome(sha256=repr(wheel)) for wheel in wheels]


def check(wheel: Wheel, *, suspects: Sequence[str] = (), max_builds: int = 40, guards: int = 0, repeat: int = 2) -> Verdict:
    return judge(
        Package(wheel),
        NAMES,
        suspects=lambda first, second: suspects,
        max_builds=max_builds,
        guards=guards,
        repeat=repeat,
    )


def any_of(culprits: Names) -> Wheel:
    return lambda varied: sorted(varied & culprits)


def all_of(culprits: Names) -> Wheel:
    return lambda varied: culprits <= varied


def assert_found(verdict: Verdict, depends_on: set[str] | Names, fails_under: set[str] | Names = NOTHING) -> None:
    found = (verdict.repeatable, verdict.robust, verdict.depends_on, verdict.fails_under, verdict.one_of)
    assert found == (YES, NO, depends_on, fails_under, NOTHING)


KINDS = {"any of": any_of, "all of": all_of}
