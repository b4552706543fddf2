"""Real releases from the index that pip is configured with, pinned with the answer that they must get."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reprowheels import resultfiles, results
from reprowheels.sandbox import Sandbox

REAL = tomllib.loads(Path(__file__).parent.parent.joinpath("real.toml").read_text(encoding="utf-8"))


@pytest.mark.network
@pytest.mark.parametrize("release", REAL["release"], ids=lambda release: release["target"])
def test_a_real_release_gets_the_answer_that_is_known(release: dict[str, Any], boxed: Sandbox, tmp_path: Path) -> None:
    before = REAL["uploaded-before"].isoformat()
    command = [sys.executable, "-m", "reprowheels", "check", release["target"], "--uploaded-before", before, "--output", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    (path,) = tmp_path.glob("*.toml")
    found = resultfiles.load(path)
    assert found.failure is None, done.stderr
    assert found.status == release["status"]
    assert list(found.depends_on) == release["depends-on"]
    assert found.moved == release["moved"]
    assert found.published == release["published"]
    assert done.returncode == (0 if release["status"] == results.REPRODUCIBLE else 1)

    again = subprocess.run(
        [sys.executable, "-m", "reprowheels", "rebuild", str(path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert found.sha256 in again.stdout
