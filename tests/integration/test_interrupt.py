"""Ctrl-C and its like in the middle of a build: nothing is left running, nothing is half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from . import trees
from .running import Runner, assert_none_left, processes_with, wait_until
from .sweeps import FEW, Sweeps

ROOT = Path(__file__).parent.parent.parent
EARLIER = 'name = "what was there before"\n'


@pytest.mark.parametrize("sandbox", [(), ("--no-sandbox",)], ids=["bubblewrap", "none"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check(number: signal.Signals, sandbox: tuple[str, ...], run: Runner, tmp_path: Path) -> None:
    """It ends with 130 and one line; the results that were there are whole, and no temporary file is left."""
    token = f"token-{uuid.uuid4().hex}"
    scratch, output = tmp_path / "scratch", tmp_path / "results"
    scratch.mkdir()
    output.mkdir()
    (output / "never-ends.toml").write_text(EARLIER)
    trees.lay_out("never-ends", tmp_path, token=token)
    trees.lay_out("plain", tmp_path)
    arguments = ("check", "./never-ends", "./plain", "--output", "results", *sandbox)
    with run.start(arguments, scratch, tmp_path) as process:
        wait_until(lambda: processes_with(token), process)
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == 130
    assert "interrupted" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert out == ""
    assert_none_left(token)
    assert os.listdir(scratch) == []
    assert [path.name for path in output.iterdir()] == ["never-ends.toml"]
    assert (output / "never-ends.toml").read_text() == EARLIER


@pytest.mark.parametrize("sandbox", [(), ("--no-sandbox",)], ids=["bubblewrap", "none"])
def test_a_killed_check(sandbox: tuple[str, ...], run: Runner, tmp_path: Path) -> None:
    """Even a checker that has no time to clean up takes its builds with it, and leaves the results whole."""
    token = f"token-{uuid.uuid4().hex}"
    scratch, output = tmp_path / "scratch", tmp_path / "results"
    scratch.mkdir()
    output.mkdir()
    (output / "never-ends.toml").write_text(EARLIER)
    trees.lay_out("never-ends", tmp_path, token=token)
    arguments = ("check", "./never-ends", "--variations", "umask,time", "--output", "results", *sandbox)
    with run.start(arguments, scratch, tmp_path) as process:
        wait_until(lambda: processes_with(token), process)
        process.kill()
        process.communicate()
    assert_none_left(token)
    assert [path.read_text() for path in output.iterdir()] == [EARLIER]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_that_is_ended_leaves_nothing_running(sweeps: Sweeps, number: signal.Signals) -> None:
    """Not even where nobody but the rehearsal itself hears of it."""
    token = f"token-{uuid.uuid4().hex}"
    sweeps.release("endless", package="never-ends", token=token)
    sweeps.track("endless")
    command = [
        sys.executable,
        str(ROOT / "tools" / "rehearsal.py"),
        "--projects",
        "projects.toml",
        "--no-site",
        "--options",
        *FEW,
    ]
    (sweeps.folder / "scratch").mkdir()
    environ = sweeps.runner.environment(sweeps.folder / "scratch")
    with subprocess.Popen(
        command, cwd=sweeps.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        wait_until(lambda: bool(processes_with(token)), process)
        process.send_signal(number)
    assert_none_left(token)
