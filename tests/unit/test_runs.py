"""Records of runs: to TOML and back, merged, and what changes have in common."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import runs
from reprowheels.errors import FileError
from reprowheels.history import change, merge, moved
from reprowheels.results import Applied, Environment, Event, Failure, Requirement, Result
from reprowheels.runs import Change, Checked, Run

DAY = datetime.date(2026, 11, 24)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=10)
pairs = st.dictionaries(TEXT, TEXT, max_size=3).map(lambda found: tuple(sorted(found.items())))
moments = st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=datetime.timezone.utc)
)
NAME = st.text("abc-", min_size=1, max_size=4)
checks = st.builds(
    Checked,
    name=NAME,
    at=moments,
    seconds=st.floats(0, 9000),
    outcome=st.sampled_from(runs.OUTCOMES),
    version=TEXT,
    status=TEXT,
    why=st.lists(TEXT, max_size=2).map(tuple),
    passed_over=st.lists(TEXT, max_size=2).map(tuple),
    environment=pairs,
)
changes = st.builds(
    Change,
    name=NAME,
    version=TEXT,
    why=st.sampled_from(runs.REASONS),
    before=TEXT,
    after=TEXT,
    moved=st.lists(TEXT, max_size=3).map(tuple),
)
records = st.builds(
    Run,
    date=st.just(DAY),
    elapsed=st.floats(0, 9000),
    environment=pairs,
    checked=st.lists(checks, max_size=4, unique_by=lambda check: check.name).map(tuple),
    changed=st.lists(changes, max_size=4).map(tuple),
)


def one(name: str, hour: int = 2, **changes: Any) -> Checked:
    at = datetime.datetime(2026, 11, 24, hour, tzinfo=datetime.timezone.utc)
    return replace(Checked(name=name, at=at, seconds=1.0, outcome="same"), **changes)


@given(records)
def test_a_record_survives_its_file(tmp_path_factory: pytest.TempPathFactory, run: Run) -> None:
    path = tmp_path_factory.getbasetemp() / "2026-11-24.toml"
    path.write_text(runs.to_toml(run), encoding="utf-8")
    assert runs.load(path) == run
    assert runs.to_toml(runs.load(path)) == runs.to_toml(run)


@given(records, records)
def test_two_records_of_a_day_are_one(first: Run, second: Run) -> None:
    both = runs.merged(first, second)
    assert {one.name for one in both.checked} == {one.name for one in (*first.checked, *second.checked)}
    assert set(both.changed) >= set(second.changed)
    for check in both.checked:
        own = [(run, item) for run in (first, second) for item in run.checked if item.name == check.name]
        assert check.at == max(item.at for _, item in own)


def test_what_was_checked_elsewhere_says_so(tmp_path: Path) -> None:
    runs.add(tmp_path, Run(date=DAY, elapsed=1.0, environment=(("os", "A"), ("uv", "1")), checked=(one("a"), one("b"))))
    later = Run(date=DAY, elapsed=2.0, environment=(("os", "B"), ("uv", "1")), checked=(one("b", 3), one("c", 3)))
    both = runs.add(tmp_path, later)
    assert both == runs.load(tmp_path / "2026-11-24.toml")
    assert both.elapsed == 3.0
    found = {check.name: runs.environment_of(both, check) for check in both.checked}
    assert found == {"a": {"os": "A", "uv": "1"}, "b": {"os": "B", "uv": "1"}, "c": {"os": "B", "uv": "1"}}
    assert dict(next(check for check in both.checked if check.name == "a").environment) == {"os": "A"}


def test_the_newest_check_of_a_project_counts(tmp_path: Path) -> None:
    for day in (22, 24, 23):
        runs.add(tmp_path, Run(date=datetime.date(2026, 11, day), checked=(one("a", seconds=float(day)),)))
    records = runs.history(tmp_path)
    assert [run.date.day for run in records] == [24, 23, 22]
    assert runs.latest(records)["a"][1].seconds == 24.0


def test_changes_that_share_a_cause_are_one_event() -> None:
    def moving(name: str, *what: str) -> Change:
        return Change(name=name, version="1", why="toolchain" if what else "flaky", moved=what)

    run = Run(
        date=DAY,
        changed=(
            moving("a", "setuptools 84 → 85", "wheel 1 → 2"),
            moving("b", "setuptools 84 → 85"),
            moving("c", "setuptools 84 → 85"),
            moving("d", "wheel 1 → 2"),
            moving("e", "hatchling 1 → 2"),
            moving("f"),
        ),
    )
    assert [(event.what, event.projects) for event in run.events] == [("setuptools 84 → 85", ("a", "b", "c"))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 1\n", "2026-11-24.toml: date: is missing"),
        ("schema = 2\ndate = 2026-11-24\n", "this program reads schema 1"),
        ("schema = 1\ndate = 2026-11-23\n", "2026-11-24.toml: date: expected 2026-11-24"),
        ("schema = 1\ndate = 2026-11-24\nelapsed = -1\n", "2026-11-24.toml: elapsed: expected a number of 0 or more"),
        ('schema = 1\ndate = 2026-11-24\nchecker = "x"\n', "2026-11-24.toml: checker: unknown key"),
        ('schema = 1\ndate = 2026-11-24\n[[checked]]\nname = "a"\n', "2026-11-24.toml: checked[0].at: is missing"),
        (
            'schema = 1\ndate = 2026-11-24\n[[changed]]\nname = "a"\nwhy = "toolchains"\n',
            "(did you mean 'toolchain'?)",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "2026-11-24.toml"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        runs.load(path)
    assert message in str(caught.value)


PIN = Requirement(name="setuptools", version="84.0", filename="setuptools-84.0-py3-none-any.whl", sha256="aa")
MADE = Environment(
    python="CPython 3.11.7",
    platform="linux-x86_64",
    os="Debian 12",
    compiler="gcc 12.2.0",
    source_date_epoch=1,
    build_dir="/b",
    backend="backend",
    sandbox="bubblewrap",
    requires=(PIN,),
)
NEWER = replace(MADE, requires=(replace(PIN, version="85.0", sha256="bb"),))


def result(**changes: Any) -> Result:
    found = Result(
        name="six", version="1.0", status="reproducible", repeatable="yes", robust="yes", since=DAY, sha256="aa", environment=MADE
    )
    found = replace(found, **changes)
    if found.failure:
        return found
    return replace(
        found, history=(Event(date=DAY, version=found.version, status=found.status, sha256=found.sha256, why="first check"),)
    )


def failed(reason: str = "no-wheel") -> Result:
    failure = Failure(phase="build", reason=reason, message="It did not work.", since=DAY)
    return Result(name="six", version="1.0", status="build-failed", since=DAY, failure=failure)


def told(old: Result | None, new: Result, checker: str = "") -> Change | None:
    return change(old, new, merge(new, old), checker)


WORSE: dict[str, Any] = {"status": "unreproducible", "repeatable": "no", "sha256": "bb"}


@pytest.mark.parametrize(
    ("old", "new", "checker", "why"),
    [
        (None, result(), "", "first check"),
        (failed(), result(), "", "first check"),
        (result(), result(version="1.1", sha256="bb", environment=NEWER), "", "new release"),
        (result(), result(sha256="bb", environment=NEWER), "", "toolchain"),
        (result(one_of=("time", "umask")), result(depends_on=("umask",)), "", "isolated"),
        (result(one_of=("time", "umask")), result(one_of=("umask",), depends_on=("time",)), "checker 1 → 2", "isolated"),
        (result(one_of=("time", "umask")), result(depends_on=("home",)), "", "flaky"),
        (result(one_of=("time", "umask")), result(depends_on=("umask",), sha256="bb"), "", "flaky"),
        (result(), result(**WORSE), "checker 1 → 2", "checker"),
        (result(), result(**WORSE), "", "flaky"),
        (result(published="identical"), result(published="different"), "", "flaky"),
        (result(), failed(), "", "no answer"),
        (None, failed(), "", "no answer"),
        (merge(failed(), result()), failed("timeout"), "", "no answer"),
        (merge(failed(), result()), result(), "", "it builds again"),
    ],
)
def test_why_a_result_has_changed(old: Result | None, new: Result, checker: str, why: str) -> None:
    found = told(old, new, checker)
    assert found
    assert found.why == why
    assert bool(found.moved) == (why in ("toolchain", "checker"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (result(), result()),
        (result(), result(environment=NEWER)),
        (result(published="not-checked"), result(published="identical")),
        (merge(failed(), result()), failed()),
        (failed(), failed()),
    ],
)
def test_what_is_as_before_is_no_change(old: Result, new: Result) -> None:
    assert told(old, new) is None


DEPENDS: dict[str, Any] = {"status": "environment-dependent", "robust": "no"}


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ({**DEPENDS, "one_of": ("home", "user")}, {**DEPENDS, "depends_on": ("umask",)}, "not isolated", "depends on umask"),
        (
            {**DEPENDS, "depends_on": ("home", "umask")},
            {**DEPENDS, "depends_on": ("home",), "fails_under": ("locale",)},
            "depends on home, umask",
            "depends on home; fails under locale",
        ),
        ({"sha256": "a" * 64}, {"sha256": "b" * 64}, "wheel aaaaaaaaaaaa", "wheel bbbbbbbbbbbb"),
    ],
)
def test_a_change_within_one_status_tells_what_moved(old: dict[str, Any], new: dict[str, Any], before: str, after: str) -> None:
    found = told(result(**old), result(**new))
    assert found is not None
    assert (found.before, found.after) == (before, after)
    assert (found := told(result(**old), result(**{**new, "version": "2.0"}))) is not None
    assert found.before == found.after == result(**new).status  # of another release the status is what is asked


def test_both_answers_of_a_change_are_told() -> None:
    found = told(result(), result(**WORSE, environment=NEWER), "checker 1 → 2")
    assert found == Change(
        name="six",
        version="1.0",
        why="toolchain",
        before="reproducible",
        after="unreproducible",
        moved=("setuptools 84.0 → 85.0", "checker 1 → 2"),
    )


@pytest.mark.parametrize(
    ("new", "checker", "rest"),
    [
        (result(sha256="bb", environment=NEWER), "", ": setuptools 84.0 → 85.0"),
        (result(sha256="bb", environment=NEWER), "checker 1 → 2", ": setuptools 84.0 → 85.0, checker 1 → 2"),
        (result(sha256="bb"), "checker 1 → 2", ": checker 1 → 2"),
        (result(sha256="bb"), "", " in the same environment"),
        (result(sha256="bb"), None, ""),
    ],
)
def test_a_line_of_history_names_what_has_moved(new: Result, checker: str | None, rest: str) -> None:
    kept = merge(new, result(), checker)
    assert kept.history[-1].why == f"another wheel from the same release{rest}"


def test_what_has_moved_is_told_in_words() -> None:
    other = Requirement(name="wheel", version="1.0", filename="w.whl", sha256="cc")
    before = (("gone", "1"), ("libssl-dev", "3.0.18-1"), ("zlib1g-dev", "1"))
    old = result(environment=replace(MADE, packages=before), variations=Applied(applied=("umask", "locale")))
    new = replace(MADE, python="CPython 3.12.0", requires=(replace(PIN, sha256="dd"), other))
    new = replace(new, packages=(("libssl-dev", "3.0.19-1"), ("new", "1"), ("zlib1g-dev", "1")))
    found = moved(old, result(environment=new, variations=Applied(applied=("umask",))))
    assert found == (
        "python CPython 3.11.7 → CPython 3.12.0",
        "libssl-dev 3.0.18-1 → 3.0.19-1",
        "setuptools 84.0 another file",
        "wheel 1.0, which was not there",
        "locale is no longer varied",
    )
    assert moved(result(environment=new), result()) == (
        "python CPython 3.12.0 → CPython 3.11.7",
        "setuptools 84.0 another file",
        "without wheel",
    )
    assert moved(result(environment=None), result()) == ()
