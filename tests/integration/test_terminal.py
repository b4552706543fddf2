"""Where the output goes: a terminal, with colours and without, and a pipe that nobody reads."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from .running import QUICK, Runner


def test_a_reader_that_has_gone(run: Runner, directory: Path, tmp_path: Path) -> None:
    """Like any program in a pipe, and no traceback."""
    read, write = os.pipe()
    os.close(read)
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "reprowheels",
                "check",
                str(directory / "raises"),
                *QUICK,
                "--output",
                str(tmp_path / "results"),
            ],
            env=run.environment(Path(scratch)),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    os.close(write)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert (tmp_path / "results" / "raises.toml").is_file()


def on_terminal(run: Runner, target: Path, output: Path, **environ: str) -> str:
    """Check a target in a terminal and return what it shows."""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**run.environment(Path(scratch)), "TERM": "xterm", "COLUMNS": "200", **environ}
        command = [sys.executable, "-m", "reprowheels", "check", str(target), *QUICK, "--output", str(output)]
        process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # the other end was closed
            pass
        os.close(ours)
        process.wait()
    return shown.decode()


def test_a_terminal(run: Runner, directory: Path, output: Path) -> None:
    """The status is coloured, and a live line shows project and phase."""
    shown = on_terminal(run, directory / "raises", output)
    assert "\x1b[1;31mbuild-failed\x1b[0m" in shown
    assert "resolving the build requirements" in shown or "building" in shown
    assert "[1/1]" in shown


def test_a_terminal_without_colours(run: Runner, directory: Path, output: Path) -> None:
    """NO_COLOR is respected, by the summary and by the live line."""
    shown = on_terminal(run, directory / "raises", output, NO_COLOR="1")
    assert "raises 1.0: build-failed" in shown
    assert "\x1b[31m" not in shown
    assert "\x1b[1;31m" not in shown
    assert "\x1b[32m" not in shown
