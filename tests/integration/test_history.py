"""Hashes of 2021, derived again: the wheels that the tracker before this one published on 4 February 2021."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels import environment, machine, results
from reprowheels.errors import UsageError
from reprowheels.sandbox import Sandbox

from .conftest import lacks

BEFORE, EPOCH = "2021-02-04T00:46:00Z", "1596163658"
# Some need the Python of the time: their METADATA or setup.py says so.
PUBLISHED = [
    ("attrs==20.3.0", "3.11", "af1bd09c9e529207bad6388f7758b10929af35b7006671be5993bf68d5364fed"),
    ("pytest==6.2.2", "3.11", "0c4461e29e700b46a62918912f9d2898eecc0506da10a6348232ae6fbc91a3bf"),
    ("google-api-core==1.25.1", "3.9", "4a209b1cfe3a5a04be4921ffc220d686d70e364afef0866382dda2fa673b12ee"),
]


@pytest.mark.network
@pytest.mark.parametrize(("target", "python", "sha256"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_wheel_of_2021_comes_out_with_the_hash_of_2021(
    boxed: Sandbox, tmp_path: Path, target: str, python: str, sha256: str
) -> None:
    try:
        machine.find_python(python, environment.uv_program())
    except UsageError as error:
        lacks(str(error))
    command = [sys.executable, "-m", "reprowheels", "check", target, "--variations", "none", "--no-published"]
    command += ["--uploaded-before", BEFORE, "--source-date-epoch", EPOCH, "--python", python, "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    (path,) = tmp_path.glob("*.toml")
    found = results.load(path)
    assert found.failure is None, done.stderr
    assert found.sha256 == sha256
