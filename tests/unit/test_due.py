"""What is due and why, in which order, and in which shards."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import due
from reprowheels.due import Due, Facts, Reason, expected, ordered, reasons, retry_day, shards, turn
from reprowheels.projects import Project
from reprowheels.results import Build, Environment, Failure, Result, Sdist
from reprowheels.runs import Checked

DAY = datetime.date(2026, 11, 24)
NOW = {
    "os": "Debian 12",
    "platform": "linux-x86_64",
    "python": "CPython 3.11.7",
    "compiler": "gcc 12.2.0",
    "sandbox": "bubblewrap",
    "uv": "0.13.9",
    "checker": "1.0",
    "image": "ubuntu24-1",
}
MADE = Environment(
    python="CPython 3.11.7",
    platform="linux-x86_64",
    os="Debian 12",
    compiler="gcc 12.2.0",
    source_date_epoch=1,
    build_dir="/tmp/reprowheels/build",
    backend="backend",
    sandbox="bubblewrap",
)
SDIST = Sdist(filename="sample-1.0.tar.gz", sha256="aa")
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
days = st.dates(datetime.date(2026, 1, 1), datetime.date(2030, 1, 1))


def result(**changes: Any) -> Result:
    made = Result(name="sample", version="1.0", status="reproducible", repeatable="yes", since=DAY, sdist=SDIST, environment=MADE)
    return replace(made, **changes)


def failing(reason: str = "no-wheel", since: datetime.date = DAY, version: str = "1.0") -> Result:
    failure = Failure(phase="build", reason=reason, message="It did not work.", since=since, version=version)
    return Result(name="sample", version=version, status="build-failed", since=since, failure=failure)


def checked(day: datetime.date = DAY, **changes: Any) -> Checked:
    at = datetime.datetime.combine(day, datetime.time(2), datetime.timezone.utc)
    return replace(Checked(name="sample", at=at, seconds=5.0, outcome="same"), **changes)


def facts(**changes: Any) -> Facts:
    known = Facts(
        project=Project(name="sample"),
        result=result(),
        last=checked(),
        ran_in=NOW,
        version="1.0",
        sha256="aa",
        python="CPython 3.11.7",
    )
    return replace(known, **changes)


def build(label: str) -> Build:
    return Build(label=label, variations=(), sha256="aa")


def codes(known: Facts, today: datetime.date = DAY, now: Mapping[str, str] = NOW) -> list[str]:
    return [reason.code for reason in reasons(known, today, now)]


def test_nothing_new_is_not_due() -> None:
    assert codes(facts()) == []


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"result": None, "last": None}, "never checked", ""),
        ({"version": "1.1"}, "new release", "1.1"),
        ({"version": "0.9"}, "new release", "0.9"),
        ({"sha256": "bb"}, "new release", "another sdist of 1.0"),
        ({"version": "", "sha256": "", "refused": "no-sdist"}, "new release", "no-sdist"),
        ({"newer": ("setuptools 85.0.0", "wheel 1.0")}, "new build requirement", "setuptools 85.0.0, wheel 1.0"),
        ({"python": "CPython 3.12.1"}, "new toolchain", "python CPython 3.11.7 → CPython 3.12.1"),
        ({"ran_in": {**NOW, "uv": "0.13.8"}}, "new toolchain", "uv 0.13.8 → 0.13.9"),
        ({"ran_in": {**NOW, "checker": "0.9"}}, "new checker", "0.9 → 1.0"),
        (
            {"result": result(environment=replace(MADE, compiler="", sandbox="none"))},
            "new toolchain",
            "compiler none → gcc 12.2.0, sandbox none → bubblewrap",
        ),
        ({"last": checked(outcome="crashed", day=DAY - datetime.timedelta(1))}, "retry", "the check itself broke off"),
    ],
)
def test_what_makes_a_project_due(changes: dict[str, Any], code: str, detail: str) -> None:
    assert reasons(facts(**changes), DAY, NOW) == (Reason(code=code, detail=detail),)


ANSWERED = result(one_of=("time", "umask"), builds=tuple(map(build, ("first", "second", "isolate-1", "isolate-2"))))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["not isolated yet"]),
        ({"version": "1.1"}, ["new release"]),
        ({"last": checked(why=("not isolated yet: one of 2 variations",))}, []),  # the bound was hit
        ({"project": Project(name="sample", max_builds=4)}, []),
        ({"result": replace(ANSWERED, one_of=())}, []),
        ({"result": replace(ANSWERED, builds=(*ANSWERED.builds, build("isolate-3")))}, []),
    ],
)
def test_what_was_answered_first_is_isolated_by_the_next_run(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(facts(**{"result": ANSWERED, **changes})) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"ran_in": {**NOW, "image": "ubuntu24-2"}},  # a new image of the runner is no new toolchain yet
        {"version": "", "sha256": ""},  # the index did not answer
        {"last": None, "ran_in": None},  # checked today, outside any run
        {"result": failing("no-sdist", version=""), "version": "", "refused": "no-sdist"},
        {
            "result": failing("index-unreachable", since=DAY - datetime.timedelta(400)),
            "last": checked(DAY + datetime.timedelta(1)),
        },
    ],
)
def test_what_does_not(changes: dict[str, Any]) -> None:
    assert codes(facts(**changes)) == []


@pytest.mark.parametrize(
    ("before", "now", "detail"),
    [
        ("gcc 12.2.0", "gcc 12.2.0, rustc 1.95.0", ""),  # most checks need no Rust
        ("gcc 12.2.0, rustc 1.95.0", "gcc 12.2.0, rustc 1.95.0", ""),
        ("gcc 12.2.0, rustc 1.95.0", "gcc 12.2.0", ""),  # a machine that plans may lack what the run installs
        ("gcc 12.2.0, rustc 1.95.0", "gcc 12.2.0, rustc 1.96.0", "gcc 12.2.0, rustc 1.95.0 → gcc 12.2.0, rustc 1.96.0"),
        ("gcc 12.2.0, rustc 1.95.0", "gcc 14.1.0, rustc 1.95.0", "gcc 12.2.0, rustc 1.95.0 → gcc 14.1.0, rustc 1.95.0"),
        ("gcc 12.2.0", "gcc 14.1.0, rustc 1.95.0", "gcc 12.2.0 → gcc 14.1.0"),
    ],
)
def test_a_project_is_due_for_the_compilers_that_built_it(before: str, now: str, detail: str) -> None:
    known = facts(result=result(environment=replace(MADE, compiler=before)), ran_in={**NOW, "compiler": now})
    assert [reason.detail for reason in reasons(known, DAY, {**NOW, "compiler": now})] == (
        [f"compiler {detail}"] if detail else []
    )


def test_several_reasons_are_all_told() -> None:
    assert codes(facts(version="1.1", newer=("wheel 1.0",)), now={**NOW, "python": "x", "checker": "2.0"}) == [
        "new release",
        "new build requirement",
        "new checker",
    ]


def test_a_failure_is_compared_with_the_environment_that_it_was_in() -> None:
    """The Python of the checker: which one a project would have got is not known where its check has failed."""
    known = facts(result=failing(), python="CPython 3.14.0")
    assert codes(known) == []
    assert codes(known, now={**NOW, "python": "CPython 3.13.0"}) == ["new toolchain"]


@pytest.mark.parametrize(
    ("failed_for", "wait"),
    [(0, 1), (1, 1), (2, 2), (4, 4), (8, 8), (13, 13), (14, 14), (15, 14), (400, 14)],
)
def test_a_failure_is_tried_again_after_as_long_as_it_has_lasted(failed_for: int, wait: int) -> None:
    since = DAY - datetime.timedelta(failed_for)
    known = facts(result=failing(since=since), last=checked())
    assert retry_day(since, DAY) == DAY + datetime.timedelta(wait)
    assert codes(known, DAY + datetime.timedelta(wait - 1)) == []
    assert codes(known, DAY + datetime.timedelta(wait)) == ["retry"]


@pytest.mark.parametrize("reason", due.TRANSIENT)
def test_what_was_nobodys_answer_is_tried_again_at_once(reason: str) -> None:
    assert codes(facts(result=failing(reason))) == ["retry"]


def test_a_new_release_is_worth_a_try_however_long_the_last_one_failed() -> None:
    known = facts(result=failing(since=DAY - datetime.timedelta(100)), version="2.0")
    assert codes(known) == ["new release"]


@given(names, days)
def test_the_turn_comes_within_fourteen_days(name: str, today: datetime.date) -> None:
    assert datetime.timedelta(0) <= today - turn(name, today) < datetime.timedelta(due.ROTATION)
    assert turn(name, turn(name, today)) == turn(name, today)


@given(names, days)
def test_everything_is_revisited_once_in_fourteen_days(name: str, start: datetime.date) -> None:
    """Night after night with nothing new; a check moves the project to its next turn, also where nights were missed."""
    last, seen = start, []
    for number in range(1, 2 * due.ROTATION + 1):
        today = start + datetime.timedelta(number)
        known = facts(project=Project(name=name), last=checked(last))
        if codes(known, today) == ["rotation"]:
            last = today
            seen.append(number)
    assert len(seen) == 2
    assert seen[1] - seen[0] == due.ROTATION


def test_the_rotation_spreads_over_the_nights() -> None:
    counts: dict[datetime.date, int] = {}
    for number in range(1400):
        day = turn(f"project-{number}", DAY)
        counts[day] = counts.get(day, 0) + 1
    assert len(counts) == due.ROTATION
    assert max(counts.values()) < 150


def test_a_missed_turn_is_made_up_for() -> None:
    last = turn("sample", DAY)
    later = last + datetime.timedelta(due.ROTATION + 5)
    assert codes(facts(last=checked(last)), last + datetime.timedelta(due.ROTATION - 1)) == []
    assert codes(facts(last=checked(last)), later) == ["rotation"]


@pytest.mark.parametrize(
    ("project", "known", "earlier", "seconds"),
    [
        (Project(name="a"), None, [], 30.0),
        (Project(name="a"), result(pure=False), [], 240.0),
        (Project(name="a", timeout=3600), None, [], 1800.0),
        (Project(name="a", timeout=3600), None, [checked(seconds=7.0)], 7.0),
        (Project(name="a"), None, [checked(seconds=1.0, outcome="failed"), checked(seconds=90.0)], 90.0),
        (Project(name="a"), None, [checked(seconds=1.0, outcome="failed")], 1.0),
    ],
)
def test_how_long_a_check_will_take(project: Project, known: Result | None, earlier: list[Checked], seconds: float) -> None:
    assert expected(project, known, earlier) == seconds


def some(times: list[float]) -> list[Due]:
    return [
        Due(facts=Facts(project=Project(name=f"p-{number}")), why=(), seconds=seconds) for number, seconds in enumerate(times)
    ]


seconds_lists = st.lists(st.floats(0, 7200), max_size=30)


@given(seconds_lists)
def test_the_longest_comes_first(times: list[float]) -> None:
    assert [one.seconds for one in ordered(some(times))] == sorted(times, reverse=True)


@given(seconds_lists, st.integers(1, 8))
def test_shards_hold_everything_once_and_are_balanced(times: list[float], number: int) -> None:
    found = some(times)
    parts = shards(found, number)
    assert sorted(one.name for part in parts for one in part) == sorted(one.name for one in found)
    assert len(parts) == min(number, len(found))
    assert all(parts)
    if parts:
        # The bound of scheduling the longest first: no shard is longer than an even share and one check more.
        loads = [sum(max(one.seconds, 0.1) for one in part) for part in parts]
        longest = max(max(one.seconds, 0.1) for one in found)
        assert max(loads) <= sum(loads) / number + longest + 1e-6
