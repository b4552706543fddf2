"""Which variations a wheel depends on is found, with packages that are functions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprowheels.errors import CheckFailed
from reprowheels.isolate import judge
from reprowheels.laboratory import Outcome, Step
from reprowheels.results import NO, YES
from reprowheels.variations import NAMES

from .functions import ALL, KINDS, NOTHING, A, B, C, D, Names, Package, Wheel, any_of, assert_found, check


def test_a_suspect_that_is_right_needs_no_search() -> None:
    package = Package(any_of(frozenset({A})))
    verdict = judge(package, NAMES, suspects=lambda first, second: [A], max_builds=20)
    assert_found(verdict, {A})
    assert package.batches == [[NOTHING, ALL], [NOTHING, ALL - {A}], [NOTHING, frozenset({A})]]


def test_suspects_are_asked_for_with_the_two_builds_that_differ() -> None:
    asked = []

    def suspects(first: Step, second: Step) -> list[str]:
        asked.append((first.variations, second.variations))
        return [A] if B in second.variations else []

    verdict = judge(Package(any_of(frozenset({A, B}))), NAMES, suspects=suspects, max_builds=20)
    assert_found(verdict, {A, B})
    assert asked == [(NOTHING, ALL), (NOTHING, ALL - {A})]


@pytest.mark.parametrize(
    ("wheel", "culprits"),
    [
        pytest.param(lambda v: (A in v, {B, C} <= v), {A, B, C}, id="one alone, two together"),
        pytest.param(lambda v: A in v or {B, C} <= v, {A, B, C}, id="one alone, two together, to the same effect"),
        pytest.param(lambda v: ({A, B} <= v, {A, C} <= v), {A, B, C}, id="two pairs with one in common"),
        pytest.param(lambda v: {A, B} <= v or {A, C} <= v, {A, B, C}, id="two pairs with one in common, to the same effect"),
        pytest.param(lambda v: ({A, B} <= v, {C, D} <= v), {A, B, C, D}, id="two pairs"),
        pytest.param(lambda v: len({A, B, C} & v) > 1, {A, B, C}, id="any two of three"),
        pytest.param(lambda v: bool({A, B} & v), {A, B}, id="two to the same effect"),
        pytest.param(lambda v: bool({A, B, C} & v), {A, B, C}, id="three to the same effect"),
        pytest.param(lambda v: A if A in v else B in v, {A, B}, id="one hides the other"),
        pytest.param(lambda v: (A in v, {A, B} <= v), {A}, id="one only changes what the other does"),
        pytest.param(lambda v: (C in v, (A in v) != (B in v)), {A, B, C}, id="two cancel each other out beside a third"),
    ],
)
@pytest.mark.parametrize("suspects", [(), (A,), (B, C), (D, "umask"), NAMES])
def test_combinations(wheel: Wheel, culprits: set[str], suspects: Sequence[str]) -> None:
    assert_found(check(wheel, suspects=suspects, guards=10), culprits)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(NAMES[::3], 2)))
def test_two_that_cancel_each_other_out_do_not_pass_the_guards(one: str, other: str) -> None:
    assert_found(check(lambda varied: (one in varied) != (other in varied), guards=6), {one, other})


@pytest.mark.parametrize(
    ("wheel", "depends_on", "fails_under"),
    [
        pytest.param(lambda v: None if A in v else 0, set(), {A}, id="under one"),
        pytest.param(lambda v: None if {A, B} & v else 0, set(), {A, B}, id="under either of two"),
        pytest.param(lambda v: None if {A, B} <= v else 0, set(), {A, B}, id="only under two together"),
        pytest.param(lambda v: None if A in v else B in v, {B}, {A}, id="under one, differs under another"),
        pytest.param(lambda v: None if A in v else {B, C} <= v, {B, C}, {A}, id="under one, differs under two together"),
        pytest.param(lambda v: None if {A, B} <= v else B in v, {B}, {A, B}, id="under two together, differs under one of them"),
        pytest.param(lambda v: None if {A, B} <= v else C in v, {C}, {A, B}, id="under two together, differs under a third"),
    ],
)
def test_builds_that_fail(wheel: Wheel, depends_on: set[str], fails_under: set[str]) -> None:
    assert_found(check(wheel), depends_on, fails_under)


def test_a_baseline_that_does_not_build_ends_the_check() -> None:
    def run(batch: Sequence[Names]) -> list[Outcome]:
        raise CheckFailed("build", "backend", "it does not build")

    with pytest.raises(CheckFailed):
        judge(run, NAMES, suspects=lambda first, second: (), max_builds=20)


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3), st.sampled_from(sorted(KINDS)), st.data())
def test_up_to_three_culprits_are_found_whatever_is_suspected(names: set[str], kind: str, data: st.DataObject) -> None:
    culprits = sorted(names)
    right = data.draw(st.sampled_from([[], culprits[:1], culprits]))
    wrong = data.draw(st.lists(st.sampled_from(sorted(ALL - names)), max_size=2, unique=True))
    misled = bool(wrong) and right != culprits  # each build for a wrong suspect is lost
    verdict = check(KINDS[kind](frozenset(names)), suspects=right + wrong, max_builds=23 if misled else 20)
    assert_found(verdict, names)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_set_of_up_to_three_culprits_is_found_within_twenty_builds_without_a_suspect(kind: str) -> None:
    for size in (1, 2, 3):
        for culprits in itertools.combinations(NAMES, size):
            verdict = check(KINDS[kind](frozenset(culprits)), max_builds=20)
            assert_found(verdict, frozenset(culprits))
            assert len(verdict.steps) <= 20


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3), max_size=3),
    st.lists(st.sets(st.sampled_from(NAMES), min_size=1, max_size=2), max_size=2),
    st.lists(st.sampled_from(NAMES), max_size=6, unique=True),
)
@example([{"build-path"}], [{"build-path", "env-path"}, {"build-path", "source-mode"}], [])
def test_a_complete_answer_is_exactly_the_smallest_sets(
    differs: list[set[str]], fails: list[set[str]], suspects: list[str]
) -> None:
    def wheel(varied: Names) -> object:
        return None if any(names <= varied for names in fails) else [names <= varied for names in differs]

    # What always fails shows no difference, and what differs with less does not count.
    differs = [names for names in differs if not any(other <= names for other in fails)]
    differs = [names for names in differs if not any(other < names for other in differs)]
    fails = [names for names in fails if not any(other < names for other in fails)]
    verdict = check(wheel, suspects=suspects, max_builds=500)
    assert verdict.repeatable == YES
    assert (verdict.robust == NO) == bool(differs or fails)
    assert verdict.one_of == NOTHING
    assert verdict.depends_on == NOTHING.union(*differs)
    assert verdict.fails_under == NOTHING.union(*fails)
