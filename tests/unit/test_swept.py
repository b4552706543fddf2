"""What a person sees of a sweep."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from reprowheels import executors, sweep, swept
from reprowheels.due import Due, Facts
from reprowheels.executors import Done
from reprowheels.outlook import Outlook
from reprowheels.pipconfig import PipConfig
from reprowheels.projects import Project
from reprowheels.results import Failure, Result
from reprowheels.runs import Change, Checked
from reprowheels.sweep import Ended

DAY = datetime.date(2026, 11, 24)
AT = datetime.datetime(2026, 11, 24, 2, tzinfo=datetime.timezone.utc)
GOOD = Result(name="six", version="1.0", status="reproducible", since=DAY)
OPEN = Result(name="six", version="1.0", status="environment-dependent", since=DAY, one_of=("time", "umask"))
FAILURE = Failure(phase="build", reason="timeout", message="It took too long.", since=DAY)
MOVED = Change(
    name="six", version="1.0", why="toolchain", before="reproducible", after="unreproducible", moved=("setuptools 84 → 85",)
)


def checked(outcome: str, status: str = "reproducible") -> Checked:
    return Checked(name="six", at=AT, seconds=61.4, outcome=outcome, version="1.0", status=status)


@pytest.mark.parametrize(
    ("ended", "line"),
    [
        (Ended(done=Done(name="six", at=AT), checked=checked("same"), result=GOOD), "six 1.0: reproducible, as before, 61 s"),
        (Ended(done=Done(name="six", at=AT), checked=checked("changed"), result=GOOD), "six 1.0: reproducible, written, 61 s"),
        (
            Ended(done=Done(name="six", at=AT), checked=checked("changed", "unreproducible"), result=GOOD, change=MOVED),
            "six 1.0: unreproducible, toolchain (setuptools 84 → 85): reproducible → unreproducible, 61 s",
        ),
        (
            Ended(done=Done(name="six", at=AT), checked=checked("changed", "environment-dependent"), result=OPEN),
            "six 1.0: environment-dependent, not isolated yet, written, 61 s",
        ),
        (
            Ended(
                done=Done(name="six", at=AT),
                checked=checked("failed"),
                result=Result(name="six", version="1.0", status="reproducible", since=DAY, stale=True, failure=FAILURE),
            ),
            "six 1.0: reproducible, no answer (timeout: It took too long.), 61 s",
        ),
        (Ended(done=Done(name="six", at=AT, busy=True)), "six: another process is checking it; left to that"),
        (
            Ended(done=Done(name="six", at=AT, status=70, said="Traceback\nValueError: x"), checked=checked("crashed")),
            "six: the check broke off: ValueError: x",
        ),
        (Ended(done=Done(name="six", at=AT, status=-9), checked=checked("crashed")), "six: the check broke off: exit status -9"),
    ],
)
def test_a_line_for_each_check(ended: Ended, line: str) -> None:
    assert swept.line(ended, 3, 12) == f"[3/12] {line}"


def test_only_what_has_no_answer_yet_answers_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: dict[str, tuple[str, ...]] = {}

    def run(job: executors.Job) -> Done:
        jobs[job.name] = job.options
        return Done(name=job.name, at=AT, busy=True)

    monkeypatch.setattr(executors, "run", run)
    told = {"new": True, "known": False}
    due = tuple(
        Due(facts=Facts(project=Project(name=name)), why=(), seconds=1.0, answer_first=first) for name, first in told.items()
    )
    place = sweep.Place(results=tmp_path, runs=tmp_path, record=tmp_path, projects=tmp_path / "projects.toml")
    plan = sweep.Plan(due=due, environment={}, outlook=Outlook(PipConfig()))
    sweep.run(plan, place, lambda ended: None, jobs=1, options=["--no-published"])
    assert jobs == {"new": ("--no-published", "--answer-first"), "known": ("--no-published",)}


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (99.0, "99 s"), (100.0, "1:40 min"), (5999.0, "99:59 min"), (6000.0, "1:40 h")]
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert swept.duration(seconds) == words
