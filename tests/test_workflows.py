"""The workflows: what may run with which rights, and that what they run is what is tested here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
# Jobs that execute what strangers wrote: builds.
STRANGERS = {("nightly.yml", "check")}


def workflows() -> list[Path]:
    return sorted(FOLDER.glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path.name, name, job) for path in workflows() for name, job in read(path)["jobs"].items()]


def runs(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", workflows(), ids=lambda path: path.stem)
def test_nothing_is_granted_but_to_jobs(path: Path) -> None:
    assert read(path)["permissions"] == {}


@pytest.mark.parametrize(("file", "name", "job"), jobs(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_job(file: str, name: str, job: dict[str, Any]) -> None:
    """It has a limit and rights of its own; actions are pinned, credentials are not left behind, nothing is cached."""
    assert job["timeout-minutes"] <= 360
    assert "permissions" in job
    for step in job["steps"]:
        uses = step.get("uses", "")
        assert not uses or uses.startswith("./") or PINNED.fullmatch(uses)
        assert "cache" not in uses
        assert not any("cache" in key for key in step.get("with", {}))
        if uses.startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        # An expression in a script is replaced before the shell reads it, whoever wrote its value.
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("file", "name"), sorted(STRANGERS))
def test_the_code_of_strangers_gets_nothing(file: str, name: str) -> None:
    job = read(FOLDER / file)["jobs"][name]
    assert job["permissions"] == {}
    text = yaml.safe_dump(job)
    assert "secrets." not in text
    assert "token" not in text.lower()


def test_builds_run_where_it_is_said_and_nowhere_else() -> None:
    building = {
        (file, name)
        for file, name, job in jobs()
        if file != "ci.yml" and any(re.search(r"nox -s (check|sweep|rebuild|nightly -- shard)", text) for text in runs(job))
    }
    assert building == STRANGERS


def test_a_night_is_what_the_rehearsal_plays() -> None:
    """The same steps of tools/nightly.py in the same order, and the same session for the site."""
    found = read(FOLDER / "nightly.yml")["jobs"]
    assert list(found) == ["plan", "check", "publish", "sign", "site", "deploy"]
    said = " ".join(text for job in found.values() for text in runs(job))
    steps = re.findall(r"nox -s (nightly -- \w+|site)", said)
    assert steps == ["nightly -- plan", "nightly -- shard", "nightly -- merge", "nightly -- commit", "site"]
    rehearsal = (ROOT / "tools" / "rehearsal.py").read_text(encoding="utf-8")
    played = re.findall(r'NIGHTLY, "(\w+)"|"-s", "(site)"', rehearsal)
    assert [one or other for one, other in played] == ["plan", "shard", "merge", "commit", "site"]


def test_nothing_goes_on_after_a_night_that_is_not_in_order() -> None:
    found = read(FOLDER / "nightly.yml")["jobs"]
    for name, before in (("sign", "publish"), ("site", "publish"), ("deploy", "site")):
        assert found[name]["needs"] == before
        assert f"needs.{before}.result == 'success'" in found[name]["if"]


def test_every_session_that_a_workflow_calls_exists() -> None:
    said = " ".join(text for _, _, job in jobs() for text in runs(job))
    called = set(re.findall(r"nox -s ([\w-]+)", said))
    listed = subprocess.run([sys.executable, "-m", "nox", "--list"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert called
    assert called <= set(re.findall(r"^[*-] ([\w-]+)", listed, re.MULTILINE))


def test_a_proposal_is_a_branch_with_the_named_files_only(tmp_path: Path) -> None:
    def git(*arguments: str, folder: Path = tmp_path / "clone") -> str:
        command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout

    (tmp_path / "origin").mkdir()
    git("init", "--quiet", "--initial-branch=main", folder=tmp_path / "origin")
    for name in ("projects.toml", "other.toml"):
        (tmp_path / "origin" / name).write_text("first\n")
    git("add", "--all", folder=tmp_path / "origin")
    git("commit", "--quiet", "--message", "first", folder=tmp_path / "origin")
    git("clone", "--quiet", "origin", "clone", folder=tmp_path)
    command = [sys.executable, str(ROOT / "tools" / "propose.py"), "--no-request", "track-six", "Track six", "projects.toml"]
    done = subprocess.run(command, cwd=tmp_path / "clone", capture_output=True, text=True, check=True)
    assert done.stdout == "nothing has changed\n"
    for name in ("projects.toml", "other.toml"):
        (tmp_path / "clone" / name).write_text("second\n")
    subprocess.run(command, cwd=tmp_path / "clone", capture_output=True, text=True, check=True)
    log = git("log", "--stat", "--format=%s", "-1", "track-six", folder=tmp_path / "origin")
    assert log.startswith("Track six\n")
    assert "projects.toml" in log
    assert "other.toml" not in log
    assert git("log", "--format=%s", "main", folder=tmp_path / "origin") == "first\n"
