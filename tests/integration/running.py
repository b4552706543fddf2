"""Run the command line as a user does, and look at what it leaves behind."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reprowheels import resultfiles, results
from reprowheels.results import Result

# Where the clock is varied, nothing has to wait for the next second.
QUICK = ("--variations", "umask,build-path,time", "--no-published")


@dataclass(frozen=True, kw_only=True)
class Done:
    """Hold how a command ended: exit status, standard output, standard error, and the directory of the results."""

    status: int
    out: str
    err: str
    output: Path

    def result(self, name: str) -> Result:
        """Return a result that was written."""
        return resultfiles.load(self.output / f"{name}.toml")

    @property
    def only(self) -> Result:
        """Return the one result that was written, beside which lies nothing but what differs, where anything does."""
        (path,) = self.output.glob("*.toml")
        result = resultfiles.load(path)
        beside = [path.with_suffix(".diff")] if result.moved else []
        assert sorted(self.output.iterdir()) == sorted([path, *beside])
        return result


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Run commands with a cache of their own, and no configuration of pip."""

    cache: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def environment(self, scratch: Path) -> dict[str, str]:
        """Return the environment of a command that keeps its temporary files in one place."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_")) and key != "NO_COLOR"}
        own = {"XDG_CACHE_HOME": str(self.cache), "PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(scratch)}
        return kept | own | dict(self.environ)

    def start(self, arguments: tuple[str, ...], scratch: Path, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "reprowheels", *arguments],
            env=self.environment(scratch),
            cwd=cwd,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *arguments: str | Path, output: Path, cwd: Path | None = None) -> Done:
        """Check targets and return how it ended; no temporary file may be left."""
        command = ("check", *map(str, arguments), "--output", str(output))
        with tempfile.TemporaryDirectory() as scratch:
            with self.start(command, Path(scratch), cwd) as process:
                out, err = process.communicate()
            assert not os.listdir(scratch), "temporary files are left"
        assert "Traceback" not in err.replace("    | Traceback", ""), err
        return Done(status=process.returncode, out=out, err=err, output=output)


def assert_failure(done: Done, name: str, phase: str, reason: str, text: str) -> None:
    """Assert that a check came to no answer, and says so in its file and to a person."""
    result = done.result(name)
    assert (result.status, result.name, result.sha256) == (results.BUILD_FAILED, name, "")
    assert result.failure is not None
    assert (result.failure.phase, result.failure.reason) == (phase, reason), result.failure
    assert text in result.failure.message
    assert f"in phase {phase}, {reason}: {result.failure.message}" in done.out


def processes_with(token: str) -> list[int]:
    """Return the processes of this machine whose command line holds a word."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                text = Path("/proc", entry, "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue  # it ended while we looked
            if token in text:
                found.append(int(entry))
    return found


def assert_none_left(token: str) -> None:
    """Assert that every process whose command line holds a word is ending: being killed takes a moment."""
    for number in processes_with(token):
        try:
            descriptor = os.pidfd_open(number)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([descriptor], [], [], 60)
        os.close(descriptor)
        assert ended, "a process is left"


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for a condition for as long as a process runs."""
    while not condition():
        assert process.poll() is None, "it ended too early"
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
