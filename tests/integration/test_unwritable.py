"""Places that cannot be written: results, a disk that is full, a cache."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from reprowheels.sandbox import Sandbox

from .conftest import lacks
from .running import QUICK, Runner


def test_a_damaged_result_is_not_overwritten(run: Runner, directory: Path, output: Path) -> None:
    """A file that cannot be read may hold what somebody wants to mend."""
    output.mkdir()
    (output / "plain.toml").write_text("status = reproducible\n")
    done = run(directory / "plain", *QUICK, output=output)
    assert done.status == 2
    assert "plain.toml: is not valid TOML" in done.err
    assert (output / "plain.toml").read_text() == "status = reproducible\n"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_results_that_cannot_be_written(place: str, run: Runner, directory: Path, tmp_path: Path) -> None:
    """The message names the place, and what is there stays."""
    (tmp_path / "file").write_text("mine")
    output = tmp_path / place
    done = run(directory / "plain", *QUICK, output=output)
    assert done.status == 3
    assert f"{output / 'plain.toml'}: the result cannot be written: " in done.err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk(run: Runner, directory: Path, tmp_path: Path, boxed: Sandbox) -> None:
    """The message says so, the earlier result stays whole, and no part of the new one is left."""
    mount = tmp_path / "mount"
    mount.mkdir()
    script = """
mount -t tmpfs -o size=16k none "$1" && cd "$1" || exit 77
mkdir results && echo 'earlier = "whole"' > results/other.toml
head -c 16384 /dev/zero > filler 2> /dev/null
shift
"$@"
echo "status $?"
ls -A results && cat results/other.toml
"""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(mount)]
    command += [sys.executable, "-m", "reprowheels", "check", str(directory / "plain"), *QUICK, "--no-sandbox"]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [*command, "--output", f"{mount}/results"],
            env=run.environment(Path(scratch)),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 77:
        lacks(f"no file system of our own: {done.stderr}")
    assert f"{mount}/results/plain.toml: the result cannot be written: No space left on device" in done.stderr
    assert done.stdout.splitlines()[-3:] == ["status 3", "other.toml", 'earlier = "whole"']


def test_a_cache_that_cannot_be_made(run: Runner, directory: Path, output: Path) -> None:
    done = Runner(cache=Path("/proc/none"), environ=run.environ)(directory / "plain", output=output)
    assert done.status == 2
    assert "/proc/none/reprowheels: the directory cannot be made" in done.err
    assert "XDG_CACHE_HOME" in done.err
