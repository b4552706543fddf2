"""A wheel in which chance has a hand is not repeatable, and nothing is blamed for it."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from reprowheels.isolate import judge
from reprowheels.results import NO, NOT_CHECKED, YES
from reprowheels.variations import NAMES

from .functions import NOTHING, A, Package, check


@pytest.mark.parametrize("variations", [NAMES, ()])
def test_a_wheel_that_never_is_the_same_is_not_repeatable_after_three_builds(variations: Sequence[str]) -> None:
    counter = itertools.count()
    verdict = judge(Package(lambda varied: next(counter)), variations, suspects=lambda first, second: (), max_builds=20)
    assert (verdict.repeatable, verdict.robust, verdict.depends_on) == (NO, NOT_CHECKED, NOTHING)
    assert len(verdict.steps) <= 4


def coin(seed: int, *, heads: float = 0.5, suspects: Sequence[str] = (), guards: int = 0) -> str:
    chance = random.Random(seed)
    verdict = check(lambda varied: chance.random() < heads, suspects=suspects, guards=guards)
    if verdict.repeatable == NO:
        return "not repeatable"
    return "passed" if verdict.robust == YES else "blamed"


@pytest.mark.parametrize("suspects", [(), ("hash-seed",), ("hash-seed", "file-order")])
@pytest.mark.parametrize(
    ("guards", "passed", "blamed"), [(0, 0.55, 0.09), (2, 0.16, 0.05), (4, 0.05, 0.025), (6, 0.025, 0.01), (8, 0.01, 0.005)]
)
def test_a_coin_is_neither_robust_nor_the_fault_of_a_variation(
    suspects: Sequence[str], guards: int, passed: float, blamed: float
) -> None:
    tries = 1000
    counted = Counter(coin(seed, suspects=suspects, guards=guards) for seed in range(tries))
    assert counted["passed"] <= passed * tries
    assert counted["blamed"] <= blamed * tries


def test_a_build_that_contradicts_an_earlier_one_ends_the_check_at_once() -> None:
    outcomes = {NOTHING: iter("aab")}
    package = Package(lambda varied: next(outcomes[varied]) if varied in outcomes else A in varied or "a")
    verdict = judge(package, NAMES, suspects=lambda first, second: [A], max_builds=20)
    assert (verdict.repeatable, verdict.robust, verdict.depends_on) == (NO, NOT_CHECKED, NOTHING)
    assert verdict.steps[-2].variations == NOTHING


def test_a_variation_under_which_the_wheel_is_random_is_not_repeatable() -> None:
    counter = itertools.count()
    verdict = check(lambda varied: next(counter) if A in varied else "the same")
    assert verdict.repeatable == NO
