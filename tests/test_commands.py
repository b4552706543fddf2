"""The commands: which sessions Nox lists for which arguments, and what the Makefile calls."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels import projects

ROOT = Path(__file__).parent.parent


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # The tests may have been started by make, which would tell a make inside them to say so.
    environ = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def sessions(*arguments: str) -> list[str]:
    """Return the names of the sessions of `check` that Nox lists."""
    listed = run(sys.executable, "-m", "nox", "--list", "--json", *arguments)
    assert listed.returncode == 0, listed.stderr
    return [session["session"] for session in json.loads(listed.stdout) if session["name"] == "check"]


def test_nox_lists_every_tracked_project() -> None:
    tracked = [project.name for project in projects.load(ROOT / "projects.toml") if not project.exclude]
    assert sessions() == [f"check({name})" for name in tracked]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["six", "requests"], ["six", "requests"]),
        (["some-project-that-nobody-tracks"], ["some-project-that-nobody-tracks"]),
        (["six==1.16.0", "dist/sample-1.0.tar.gz", "../somewhere/sample"], ["six==1.16.0", "sample-1.0.tar.gz", "sample"]),
        (["six", "six"], ["six"]),
        (["--variations", "none", "six", "--jobs=2", "--output", "elsewhere", "attrs", "-q"], ["six", "attrs"]),
        (["--uploaded-before", "2026-01-01", "--keep", "wheels", "six", "--json", "--no-published"], ["six"]),
    ],
)
def test_nox_makes_one_session_per_target(arguments: list[str], expected: list[str]) -> None:
    assert sessions("--session", "check", "--", *arguments) == [f"check({name})" for name in expected]


def test_options_alone_leave_every_tracked_project() -> None:
    assert sessions("--", "--variations", "none") == sessions()


def test_nox_knows_which_options_have_a_value() -> None:
    script = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    words = next(
        node.value for node in ast.parse(script).body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VALUED"
    )
    helped = run(sys.executable, "-m", "reprowheels", "check", "--help").stdout
    # Python 3.13 names the value once, after both spellings.
    spellings = re.findall(r"^  (?:(-\w)[^,-]*, )?(--[a-z-]+) [A-Z][\w.|,-]*", helped, re.MULTILINE)
    with_value = {name for pair in spellings for name in pair if name} | {"--variations"}
    assert len(with_value) > 1
    assert with_value == {*ast.literal_eval(ast.unparse(words.args[0].func.value)).split()}


def test_a_broken_projects_file_is_named_before_anything_runs(tmp_path: Path) -> None:
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    (tmp_path / "checker").symlink_to(ROOT / "checker")
    (tmp_path / "projects.toml").write_text('[[project]]\nname = "six"\ngroup = []\n', encoding="utf-8")
    listed = run(sys.executable, "-m", "nox", "--list", folder=tmp_path)
    assert listed.returncode == 2
    assert "projects.toml: project[0].groups: is missing; expected an array" in listed.stderr
    assert "projects.toml: project[0].group: unknown key (did you mean 'groups'?)" in listed.stderr
    assert "Traceback" not in listed.stderr


def test_make_alone_lists_the_commands() -> None:
    shown = run("make")
    assert shown.returncode == 0
    for name in ("check", "test", "site", "bench", "lint", "clean"):
        assert f"make {name}" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["check", "PKG=six requests"], ".venv/bin/nox -s check -- six requests"),
        (["check"], ".venv/bin/nox -s check"),
        (["check", "PKG=six", "ARGS=--variations none"], ".venv/bin/nox -s check -- six --variations none"),
        (["test"], ".venv/bin/nox -s lint tests"),
        (["site"], ".venv/bin/nox -s site"),
    ],
)
def test_make_sets_up_and_calls_nox(arguments: list[str], expected: str) -> None:
    lines = [line.rstrip() for line in run("make", "--dry-run", *arguments).stdout.splitlines()]
    assert lines[-2:] == [f"python3 tools/bootstrap.py {arguments[0]}", expected]


def test_whatever_make_sets_up_can_be_set_up() -> None:
    told = run(
        "make", "--dry-run", *re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    purposes = set(re.findall(r"tools/bootstrap\.py (\S+)", told.stdout))
    assert {"check", "bench-compare", "lock"} <= purposes
    for purpose in sorted(purposes):
        helped = run(sys.executable, "tools/bootstrap.py", purpose, "--help")
        assert (helped.returncode, helped.stderr) == (0, ""), purpose


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text(
        '#!/bin/sh\nexec python3 -c "import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])" "$2"\n', encoding="utf-8"
    )
    old.chmod(0o755)
    made = run("make", "check", f"PYTHON={old}")
    assert made.returncode != 0
    assert "is Python 3.9; 3.11 or newer is needed" in made.stderr
