"""Which builds are made, in which order, and how few of them are allowed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprowheels.isolate import judge
from reprowheels.results import NO, NOT_CHECKED, YES
from reprowheels.variations import NAMES

from .functions import ALL, KINDS, NOTHING, A, B, C, D, Names, Package, any_of, check


def test_a_robust_wheel_costs_two_builds_side_by_side() -> None:
    package = Package(lambda varied: "the same")
    verdict = judge(package, NAMES, suspects=lambda first, second: NAMES, max_builds=20)
    assert package.batches == [[NOTHING, ALL]]
    assert (verdict.repeatable, verdict.robust, verdict.depends_on) == (YES, YES, NOTHING)
    assert [step.label for step in verdict.steps] == ["first", "second"]


def test_where_nothing_varies_only_the_baseline_is_built() -> None:
    package = Package(lambda varied: "the same")
    verdict = judge(package, (), suspects=lambda first, second: (), max_builds=20)
    assert package.batches == [[NOTHING, NOTHING]]
    assert (verdict.repeatable, verdict.robust) == (YES, NOT_CHECKED)
    assert [step.label for step in verdict.steps] == ["first", "again"]


def test_the_baseline_is_built_as_often_as_asked_for() -> None:
    for variations, second in ((NAMES, "second"), ((), "again")):
        verdict = judge(Package(lambda varied: "the same"), variations, suspects=lambda first, other: (), max_builds=4, repeat=5)
        assert sum(not step.variations for step in verdict.steps) == 5
        assert [step.label for step in verdict.steps][:3] == ["first", second, "again" if variations else "again-2"]


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=3),
    st.sampled_from(sorted(KINDS)),
    st.lists(st.sampled_from(NAMES), max_size=6, unique=True),
    st.integers(3, 40),
)
def test_the_bound_is_kept_and_nothing_is_guessed(names: set[str], kind: str, suspects: list[str], max_builds: int) -> None:
    verdict = check(KINDS[kind](frozenset(names)), suspects=suspects, max_builds=max_builds)
    assert len(verdict.steps) <= max_builds
    assert (verdict.repeatable, verdict.robust) == (YES, NO)
    assert verdict.depends_on <= names <= verdict.depends_on | verdict.one_of
    assert not verdict.depends_on & verdict.one_of
    assert verdict.one_of or verdict.depends_on == names


@pytest.mark.parametrize("suspects", [(), (A,), (A, "umask"), NAMES])
def test_the_last_build_that_a_bound_allows_is_the_baseline_once_more(suspects: Sequence[str]) -> None:
    verdict = check(any_of(frozenset({A, B})), suspects=suspects, max_builds=3)
    assert [step.variations for step in verdict.steps] == [NOTHING, ALL, NOTHING]
    counter = itertools.count()
    verdict = check(lambda varied: 0 if "cpu-count" in varied else next(counter) + 1, suspects=suspects, max_builds=3)
    assert verdict.repeatable == NO


@pytest.mark.parametrize(("max_builds", "depends_on"), [(4, {A}), (5, {A, B}), (6, {A, B}), (7, {A, B})])
def test_few_builds_tell_as_much_as_they_can_where_the_suspects_are_right(max_builds: int, depends_on: set[str]) -> None:
    """All but the suspects gives the baseline, which says as much as the baseline once more would."""
    verdict = check(any_of(frozenset({A, B})), suspects=[A, B], max_builds=max_builds)
    assert [step.variations for step in verdict.steps][2] == (ALL - {A, B} if max_builds < 7 else NOTHING)
    assert len(verdict.steps) == (min(max_builds, 5) if max_builds < 7 else 7)
    assert (verdict.repeatable, verdict.depends_on) == (YES, depends_on)
    assert verdict.one_of == (NOTHING if depends_on == {A, B} else ALL - depends_on)


def test_a_bound_that_depends_on_what_was_built_ends_with_an_answer() -> None:
    package = Package(any_of(frozenset({A, B})))
    verdict = judge(
        package, NAMES, suspects=lambda first, second: [A, B], max_builds=lambda: 3 if len(package.batches) > 1 else 4
    )
    assert [step.variations for step in verdict.steps] == [NOTHING, ALL, ALL - {A, B}]
    assert (verdict.repeatable, verdict.robust, verdict.one_of) == (YES, NO, ALL)


def test_where_builds_are_dear_the_first_suspect_is_built_beside_all_the_others() -> None:
    package = Package(any_of(frozenset({A, B})))
    judge(package, NAMES, suspects=lambda first, second: [A, B], max_builds=6)
    assert package.batches == [[NOTHING, ALL], [ALL - {A, B}, frozenset({A})], [frozenset({B})]]


@pytest.mark.parametrize("max_builds", range(4, 12))
def test_few_builds_never_hide_that_chance_has_a_hand_in_it(max_builds: int) -> None:
    counter = itertools.count()
    verdict = check(lambda varied: 0 if "cpu-count" in varied else next(counter) + 1, suspects=[A, B], max_builds=max_builds)
    assert verdict.repeatable == NO


def test_the_same_outcomes_give_the_same_builds_in_the_same_order() -> None:
    packages = [Package(lambda varied: (A in varied, {B, C} <= varied)) for _ in range(2)]
    verdicts = [judge(package, NAMES, suspects=lambda first, second: [D], max_builds=40) for package in packages]
    assert packages[0].batches == packages[1].batches
    assert verdicts[0] == verdicts[1]


def test_only_what_is_labelled_so_is_built_again_and_labels_are_unique() -> None:
    verdict = check(lambda varied: (A in varied, {B, C} <= varied))
    seen: set[Names] = set()
    for step in verdict.steps:
        assert (step.variations in seen) == step.label.startswith("again")
        seen.add(step.variations)
    assert len({step.label for step in verdict.steps}) == len(verdict.steps)


def test_the_number_of_guards_changes_nothing_else() -> None:
    for culprits in ({A}, {A, B, C}):
        without, many = (check(any_of(frozenset(culprits)), guards=guards) for guards in (0, 8))
        assert without.depends_on == many.depends_on == culprits
        assert without.steps == tuple(step for step in many.steps if not step.label.startswith("guard"))
