"""A whole night on one machine, and the nights that are not published."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reprowheels import resultfiles, runs
from reprowheels.results import Event, Failure, Result
from reprowheels.runs import Checked, Run

from .indexes import LocalIndex
from .sweeps import FEW, Sweeps

ROOT = Path(__file__).parent.parent.parent
DAY = datetime.date(2026, 11, 24)
AT = datetime.datetime(2026, 11, 24, 2, tzinfo=datetime.timezone.utc)
ENVIRONMENT = {"os": "Debian 12", "python": "CPython 3.11.7"}


@pytest.mark.slow
def test_a_night_is_rehearsed_on_one_machine(index: LocalIndex, tmp_path: Path) -> None:
    """Plan, two shards, merge, one commit; one project fails, which the night survives. The site is made from what it left."""
    sweeps = Sweeps(folder=tmp_path, index=index)
    for name in ("one", "two", "three"):
        sweeps.release(name)
    sweeps.release("raises", package="raises")
    sweeps.track("one", "two", "three", "raises")
    night = tmp_path / "night"
    command = [sys.executable, str(ROOT / "tools" / "rehearsal.py"), "--projects", "projects.toml", "--directory", str(night)]
    (tmp_path / "scratch").mkdir()
    environ = sweeps.runner.environment(tmp_path / "scratch")
    done = subprocess.run(
        [*command, "--no-site", "--options", *FEW], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Results of" in done.stdout
    plan = json.loads((night / "plan.json").read_text())
    assert [len(shard["names"]) for shard in plan["shards"]] == [2, 2]
    site = night / "site"
    found = {path.stem: resultfiles.load(path) for path in (site / "docs/results").glob("*.toml")}
    assert {name: result.status for name, result in found.items()} == {
        "one": "reproducible",
        "two": "reproducible",
        "three": "reproducible",
        "raises": "build-failed",
    }
    (run,) = runs.history(site / "docs/runs")
    assert sorted(one.name for one in run.checked) == sorted(found)
    log = subprocess.run(["git", "log", "--format=%s"], cwd=site, capture_output=True, text=True, check=True).stdout
    assert log.splitlines() == [f"Results of {run.date}: 4 checked, 4 changed", "As it is"]
    options = ["-q", "-b", "html", "docs", "html"]
    built = subprocess.run([sys.executable, "-m", "sphinx", *options], cwd=site, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert str(run.date) in (site / "html" / "runs.html").read_text()
    assert (site / "html" / "project" / "raises.html").exists()
    again = subprocess.run(
        [sys.executable, "tools/nightly.py", "plan"], cwd=site, env=environ, capture_output=True, text=True, check=False
    )
    assert "0 due, in 0 shards" in again.stderr


def answer(name: str, **changes: object) -> Result:
    """Return a real answer with its line of history."""
    event = Event(date=DAY, version="1.0", status="reproducible", sha256="aa", why="first check")
    made = Result(
        name=name, version="1.0", status="reproducible", repeatable="yes", robust="yes", since=DAY, sha256="aa", history=(event,)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def failed(name: str) -> Result:
    failure = Failure(phase="build", reason="no-wheel", message="It did not work.", since=DAY)
    return answer(name, stale=True, failure=failure)


@dataclass(frozen=True, kw_only=True)
class Night:
    """Hold a checkout with results of twelve projects, and what two shards deliver for it."""

    folder: Path

    @property
    def names(self) -> list[str]:
        """Return the projects that are due."""
        return [f"project-{number}" for number in range(12)]

    def prepare(self) -> None:
        """Lay out the checkout, the plan, and shards that are in order."""
        for name in self.names:
            resultfiles.save(answer(name), self.folder / "docs/results")
        (self.folder / "projects.toml").write_text("project = []\n")
        parts = [self.names[:6], self.names[6:]]
        shards = [{"number": number, "names": part, "packages": []} for number, part in enumerate(parts, 1)]
        told = {"due": [{"name": name} for name in self.names], "shards": shards, "environment": ENVIRONMENT, "problems": []}
        (self.folder / "plan.json").write_text(json.dumps(told))
        for number, part in enumerate(parts, 1):
            for name in part:
                self.deliver(number, answer(name))

    def deliver(self, number: int, result: Result) -> None:
        """Let a shard deliver a result, and record it."""
        place = self.folder / "shards" / f"shard-{number}"
        resultfiles.save(result, place / "results")
        one = Checked(name=result.name, at=AT, seconds=1.0, outcome="same", version=result.version, status=result.status)
        runs.add(place / "runs", Run(date=DAY, environment=tuple(ENVIRONMENT.items()), checked=(one,)))

    def merge(self) -> subprocess.CompletedProcess[str]:
        """Merge the shards."""
        command = [sys.executable, str(ROOT / "tools/nightly.py"), "merge", "plan.json", "shards"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def held(self) -> dict[str, bytes]:
        """Return what the checkout holds."""
        return {str(path): path.read_bytes() for path in (self.folder / "docs").rglob("*") if path.is_file()}


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(folder=tmp_path)
    made.prepare()
    return made


def test_shards_that_are_in_order_are_taken_over(night: Night) -> None:
    changed = answer("project-3", status="unreproducible", repeatable="no", sha256="bb")
    event = Event(date=DAY, version="1.0", status="unreproducible", sha256="bb", why="another answer for the same release")
    night.deliver(1, replace(changed, history=(*changed.history, event)))
    (night.folder / "docs/results/project-4.diff").write_text("what differed before\n")
    (night.folder / "shards/shard-1/results/project-5.diff").write_text("what differs\n")
    before = night.held()
    done = night.merge()
    assert done.returncode == 0, done.stderr
    after = night.held()
    moved = {Path(path).name for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert moved == {"project-3.toml", "project-4.diff", "project-5.diff", "2026-11-24.toml", f"{today}.toml"}
    recorded = [one.name for run in runs.history(night.folder / "docs/runs") for one in run.checked]
    assert sorted(recorded) == sorted(night.names)


def test_a_shard_that_broke_down_leaves_its_projects_due(night: Night) -> None:
    shutil.rmtree(night.folder / "shards/shard-2")
    done = night.merge()
    assert done.returncode == 0, done.stderr
    assert len(list((night.folder / "docs/results").glob("*.toml"))) == 12


def no_shards(night: Night) -> None:
    shutil.rmtree(night.folder / "shards")


def most_missing(night: Night) -> None:
    shutil.rmtree(night.folder / "shards/shard-2")
    shutil.rmtree(night.folder / "shards/shard-1")
    night.deliver(1, answer("project-0"))


def many_failures(night: Night) -> None:
    for number in range(4):
        night.deliver(1, failed(f"project-{number}"))


def another_shards_project(night: Night) -> None:
    night.deliver(1, answer("project-7"))


def a_stranger(night: Night) -> None:
    resultfiles.save(answer("project-99"), night.folder / "shards/shard-1/results")


def rewritten_history(night: Night) -> None:
    event = Event(date=DAY, version="1.0", status="reproducible", sha256="ff", why="first check")
    night.deliver(1, answer("project-1", sha256="ff", history=(event,)))


def lost_answer(night: Night) -> None:
    failure = Failure(phase="build", reason="no-wheel", message="It did not work.", since=DAY)
    event = answer("project-1").history
    night.deliver(1, answer("project-1", status="build-failed", failure=failure, history=event))


def other_name(night: Night) -> None:
    path = night.folder / "shards/shard-1/results/project-1.toml"
    path.write_text(path.read_text().replace('"project-1"', '"project-2"'))


def not_a_result(night: Night) -> None:
    (night.folder / "shards/shard-1/results/project-1.toml").write_text("schema = 1\n")


def not_recorded(night: Night) -> None:
    (night.folder / "shards/shard-1/runs/2026-11-24.toml").unlink()


def recorded_only(night: Night) -> None:
    (night.folder / "shards/shard-1/results/project-1.toml").unlink()


def recorded_otherwise(night: Night) -> None:
    path = night.folder / "shards/shard-1/results/project-1.toml"
    path.write_text(path.read_text().replace('status = "reproducible"\nrep', 'status = "repeatable"\nrep'))


def a_link(night: Night) -> None:
    path = night.folder / "shards/shard-1/results/project-1.toml"
    path.unlink()
    path.symlink_to(night.folder / "docs/results/project-1.toml")


def another_file(night: Night) -> None:
    (night.folder / "shards/shard-1/results/conf.py").write_text("print()\n")


def another_folder(night: Night) -> None:
    (night.folder / "shards/shard-1/workflows").mkdir()


def a_huge_file(night: Night) -> None:
    (night.folder / "shards/shard-1/results/project-1.diff").write_bytes(b"x" * (9 << 20))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (no_shards, "nothing was checked, though 12 were due"),
        (most_missing, "11 of 12 that were due were not checked, such as project-1"),
        (many_failures, "4 of 12 have no answer any more, such as project-0"),
        (another_shards_project, "shard-1: project-7.toml is of a project that this shard was not to check"),
        (a_stranger, "shard-1: project-99.toml is of a project that this shard was not to check"),
        (rewritten_history, "project-1.toml: its history is not the known one with lines added"),
        (lost_answer, "project-1.toml: a failure has replaced the last answer"),
        (other_name, "project-1.toml: is the result of project-2"),
        (not_a_result, "shard-1: project-1.toml: since: is missing"),
        (not_recorded, "project-0: has a result that no run recorded"),
        (recorded_only, "project-1: is recorded as checked, and has no result"),
        (recorded_otherwise, "project-1: is recorded as reproducible, its result says repeatable"),
        (a_link, "shard-1: project-1.toml is no plain file"),
        (another_file, "shard-1: conf.py has a name that no result or record has"),
        (another_folder, "shard-1: workflows does not belong here"),
        (a_huge_file, "shard-1: project-1.diff is larger than 8 MiB"),
    ],
)
def test_a_night_that_is_not_in_order_is_not_published(night: Night, spoil: Callable[[Night], None], message: str) -> None:
    spoil(night)
    before = night.held()
    done = night.merge()
    assert done.returncode == 1
    assert done.stderr.startswith("This night is not published:\n")
    assert message in done.stderr
    assert night.held() == before


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "projects.toml").write_text("project = [] # other\n"), "should not have changed"),
        (lambda folder: (folder / "docs/results/project-1.toml").unlink(), "These results are gone"),
    ],
)
def test_only_results_are_committed(night: Night, spoil: Callable[[Path], object], message: str) -> None:
    git(night.folder, "init", "--quiet")
    git(night.folder, "add", "docs", "projects.toml")
    git(night.folder, "commit", "--quiet", "--message", "first")
    assert night.merge().returncode == 0
    spoil(night.folder)
    command = [sys.executable, str(ROOT / "tools/nightly.py"), "commit"]
    done = subprocess.run(command, cwd=night.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert git(night.folder, "log", "--format=%s") == "first\n"
