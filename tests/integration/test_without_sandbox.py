"""Machines without a sandbox: what is still answered, and what is said of the rest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .running import QUICK, Runner


def test_without_a_sandbox(run: Runner, directory: Path, output: Path) -> None:
    """The result says so, with the reason, and names what could not be varied."""
    done = run(directory / "plain", "--no-sandbox", "--no-published", output=output)
    assert done.status == 0, done.out
    environment = done.only.environment
    assert environment is not None
    assert (environment.sandbox, environment.sandbox_reason) == ("none", "switched off with --no-sandbox")
    refused = dict(done.only.variations.not_applied)
    assert {"user", "hostname", "file-order"} <= set(refused)
    assert all("--no-sandbox" in reason for name, reason in refused.items() if name in ("user", "hostname"))
    assert "no sandbox   switched off with --no-sandbox" in done.out


def test_a_machine_without_bubblewrap(run: Runner, directory: Path, output: Path, tmp_path: Path) -> None:
    """It is tried, not looked for: one that does not work is as good as none, and the reason is in the result."""
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\n[ \"$1\" = --help ] && echo --size && exit\necho 'bwrap: No permissions' >&2\nexit 1\n")
    broken.chmod(0o755)
    runner = Runner(cache=run.cache, environ={**run.environ, "PATH": f"{broken.parent}:{os.environ['PATH']}"})
    done = runner(directory / "plain", "--variations", "umask,hostname,time", output=output)
    assert done.status == 0
    environment = done.only.environment
    assert environment is not None
    assert environment.sandbox == "none"
    assert "bwrap: No permissions" in environment.sandbox_reason
    assert set(done.only.variations.applied) >= {"umask"}
    assert "hostname" in dict(done.only.variations.not_applied)


def test_nothing_that_can_be_varied_is_no_answer(run: Runner, directory: Path, output: Path) -> None:
    """An empty set of variations shows nothing, and is never green."""
    done = run(directory / "plain", "--variations", "hostname,user", "--no-sandbox", output=output)
    assert done.status == 3
    assert done.only.failure is not None
    assert (done.only.failure.phase, done.only.failure.reason) == ("sandbox", "no-variation")


def test_a_failure_without_a_sandbox_is_written_the_same_each_time(run: Runner, directory: Path, tmp_path: Path) -> None:
    """The log in a result names no directory that is this machine's, or another one each time."""
    written = []
    for name in ("one", "two"):
        done = run(directory / "raises", *QUICK, "--no-sandbox", output=tmp_path / name)
        assert done.only.failure is not None
        assert "the glue is missing" in done.only.failure.log
        assert sys.prefix not in done.only.failure.log
        written.append((tmp_path / name / "raises.toml").read_bytes())
    assert written[0] == written[1]
