"""Finding the variations that matter, with packages that are functions."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprowheels.errors import CheckFailed
from reprowheels.isolate import FEW, Verdict, judge
from reprowheels.laboratory import Outcome, Step
from reprowheels.results import NO, NOT_CHECKED, YES
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


@pytest.mark.parametrize("variations", [NAMES, ()])
def test_a_wheel_that_never_is_the_same_is_not_repeatable_after_three_builds(variations: Sequence[str]) -> None:
    counter = itertools.count()
    verdict = judge(Package(lambda varied: next(counter)), variations, suspects=lambda first, second: (), max_builds=20)
    assert (verdict.repeatable, verdict.robust, verdict.depends_on) == (NO, NOT_CHECKED, NOTHING)
    assert len(verdict.steps) <= 4


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


KINDS = {"any of": any_of, "all of": all_of}


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
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=3),
    st.sampled_from(sorted(KINDS)),
    st.lists(st.sampled_from(NAMES), max_size=6, unique=True),
    st.integers(3, 40),
)
def test_the_bound_is_kept_and_nothing_is_guessed(names: set[str], kind: str, suspects: list[str], max_builds: int) -> None:
    wheel = KINDS[kind](frozenset(names))
    verdict = check(wheel, suspects=suspects, max_builds=max_builds)
    assert len(verdict.steps) <= max(max_builds, 4)
    assert (verdict.repeatable, verdict.robust) == (YES, NO)
    assert verdict.depends_on <= names
    assert wheel(ALL - verdict.depends_on - verdict.one_of) == wheel(NOTHING)
    assert not verdict.depends_on & verdict.one_of
    assert verdict.one_of or verdict.depends_on == names


@pytest.mark.parametrize("suspects", [(), (A,), (A, "umask"), NAMES])
def test_the_last_build_that_a_bound_allows_is_the_baseline_once_more(suspects: Sequence[str]) -> None:
    """A suspect that is wrong costs a build, which comes on top."""
    verdict = check(any_of(frozenset({A, B})), suspects=suspects, max_builds=3)
    lost = [ALL - set(suspects)] if 0 < len(suspects) <= FEW else []
    assert [step.variations for step in verdict.steps] == [NOTHING, ALL, *lost, NOTHING]
    counter = itertools.count()
    verdict = check(lambda varied: 0 if "cpu-count" in varied else next(counter) + 1, suspects=suspects, max_builds=3)
    assert verdict.repeatable == NO


@pytest.mark.parametrize(
    ("max_builds", "depends_on", "one_of"), [(3, "", "AB"), (4, "A", "B"), (5, "AB", ""), (6, "AB", ""), (7, "AB", "")]
)
def test_few_builds_tell_as_much_as_they_can_where_the_suspects_are_right(max_builds: int, depends_on: str, one_of: str) -> None:
    """All but the suspects gives the baseline, which says as much as the baseline once more would."""
    verdict = check(any_of(frozenset({A, B})), suspects=[A, B], max_builds=max_builds)
    letters = {"A": A, "B": B}
    assert [step.variations for step in verdict.steps][2] == (ALL - {A, B} if max_builds < 7 else NOTHING)
    assert len(verdict.steps) == (min(max_builds, 5) if max_builds < 7 else 7)
    assert verdict.repeatable == YES
    assert verdict.depends_on == {letters[letter] for letter in depends_on}
    assert verdict.one_of == {letters[letter] for letter in one_of}


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
