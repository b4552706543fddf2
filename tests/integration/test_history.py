"""Hashes of 2021, derived again: the wheels that the tracker before this one published on 4 February 2021."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels import environment, machine, pipconfig, resultfiles, sdist
from reprowheels.build import Builder, Request
from reprowheels.errors import UsageError
from reprowheels.sandbox import Limits, Sandbox
from reprowheels.variations import Settings

from .conftest import lacks

TOOL = Path(__file__).parent.parent.parent / "tools" / "hashes.py"
BEFORE, EPOCH = "2021-02-04T00:46:00Z", "1596163658"
# Some need the Python of the time: a name in the wheel holds its version.
PUBLISHED = [
    ("attrs==20.3.0", "3.11", "af1bd09c9e529207bad6388f7758b10929af35b7006671be5993bf68d5364fed"),
    ("pytest==6.2.2", "3.11", "0c4461e29e700b46a62918912f9d2898eecc0506da10a6348232ae6fbc91a3bf"),
    ("google-api-core==1.25.1", "3.9", "4a209b1cfe3a5a04be4921ffc220d686d70e364afef0866382dda2fa673b12ee"),
]
HASHES = f"""\
uploaded-before = {BEFORE}
source-date-epoch = {EPOCH}

[[wheel]]
name = "google-cloud-storage"
version = "1.35.1"
sha256 = "511d92f0f31083b28bb3032d6a0672cb0c653990d4c83ad042e8043247bdcf6b"

[[wheel]]
name = "redis"
version = "3.5.3"
sha256 = "{"0" * 64}"
"""


def needs(python: str) -> None:
    try:
        machine.find_python(python, environment.uv_program())
    except UsageError as error:
        lacks(str(error))


@pytest.mark.network
@pytest.mark.parametrize(("target", "python", "sha256"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_wheel_of_2021_comes_out_with_the_hash_of_2021(
    boxed: Sandbox, tmp_path: Path, target: str, python: str, sha256: str
) -> None:
    needs(python)
    command = [sys.executable, "-m", "reprowheels", "check", target, "--variations", "none", "--no-published"]
    command += ["--uploaded-before", BEFORE, "--source-date-epoch", EPOCH, "--python", python, "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    (path,) = tmp_path.glob("*.toml")
    found = resultfiles.load(path)
    assert found.failure is None, done.stderr
    assert found.sha256 == sha256


@pytest.mark.network
def test_a_file_of_hashes_is_derived_with_the_python_of_its_time(boxed: Sandbox, tmp_path: Path) -> None:
    """Nobody names a Python; and a hash that does not come out is told."""
    needs("3.9")
    file = tmp_path / "hashes.toml"
    file.write_text(HASHES)
    done = subprocess.run([sys.executable, TOOL, file], capture_output=True, text=True, cwd=tmp_path, check=False)
    same, different, total = done.stdout.splitlines()
    assert same.startswith("same       google-cloud-storage==1.35.1, CPython 3.9.")
    assert different.startswith("different  redis==3.5.3, CPython 3.9.")
    assert different.endswith(": 7252437a282527d998a1678cee216bc6d9932316d6d49eb0c4d76c37cb88914f")
    assert (total, done.returncode) == ("1 of 2 hashes came out", 1)


@pytest.mark.network
def test_setup_py_gets_what_its_setup_requires_names(boxed: Sandbox, tmp_path: Path) -> None:
    """Setuptools would fetch it by itself, with a network that a build does not have."""
    tree = tmp_path / "sample-1.0"
    tree.mkdir()
    (tree / "setup.py").write_text(
        "import setuptools\nsetuptools.setup(name='sample', version='1.0', py_modules=['sample'], setup_requires=['six'])\n"
    )
    (tree / "sample.py").write_text("")
    source = sdist.read(sdist.pack(tree, tmp_path))
    source = dataclasses.replace(source, backend="reprowheels_setup_py", requires=("setuptools<70.1", "wheel<0.46"))
    request = Request(
        python=machine.own_python(),
        sandbox=boxed,
        config=pipconfig.read(),
        cache=boxed.cache,
        limits=Limits(),
        base=Settings(helpers=True),
    )
    builder = Builder(source, request, tmp_path / "builds")
    build = builder.build(())
    assert build.wheel is not None, build.log
    assert build.wheel.name == "sample-1.0-py3-none-any.whl"
    assert {requirement.name for requirement in builder.pins.requires} == {"setuptools", "six", "wheel"}


def test_a_mistake_in_a_file_of_hashes_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hashes.toml"
    file.write_text(HASHES.replace("uploaded-before", "uploaded_before"))
    done = subprocess.run([sys.executable, TOOL, file], capture_output=True, text=True, check=False)
    assert done.returncode == UsageError.exit_status
    assert "hashes.toml: uploaded-before: is missing" in done.stderr
