"""The build environment: which wheel is taken, and that the same pins give the same environment."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import time
from pathlib import Path

import pytest

from reprowheels import environment, machine
from reprowheels.environment import Pins
from reprowheels.errors import CheckFailed
from reprowheels.pipconfig import PipConfig

PYTHON = machine.own_python()
VERSION = "".join(PYTHON.version.split(".")[:2])


def best(*filenames: str) -> str:
    ranked = {name: environment.rank(name, PYTHON) for name in filenames}
    return min((name for name in filenames if ranked[name] is not None), key=lambda name: ranked[name] or (0, 0))


def test_the_wheel_that_an_installer_would_take() -> None:
    """The most special one that fits; among equals the highest build number."""
    pure, stable = "a-1-py3-none-any.whl", "a-1-cp37-abi3-manylinux_2_5_x86_64.whl"
    own = f"a-1-cp{VERSION}-cp{VERSION}-manylinux_2_5_x86_64.whl"
    assert best(pure, "a-1-py2.py3-none-any.whl") == pure
    if PYTHON.platform.endswith("x86_64"):
        assert best(pure, stable) == stable
        assert best(pure, stable, own) == own
    assert best("a-1-py3-none-any.whl", "a-1-2-py3-none-any.whl", "a-1-10-py3-none-any.whl") == "a-1-10-py3-none-any.whl"


@pytest.mark.parametrize("name", ["a-1-cp27-cp27mu-manylinux1_x86_64.whl", "a-1-py3-none-win_amd64.whl", "a.whl", "a-1.tar.gz"])
def test_a_wheel_that_does_not_fit(name: str) -> None:
    assert environment.rank(name, PYTHON) is None


@pytest.mark.parametrize(
    "marker", ["python_full_version >= '3.99'", "python_version >= '3.99'", "implementation_version >= '3.99'"]
)
def test_markers_are_those_of_the_interpreter_that_builds(marker: str, tmp_path: Path) -> None:
    """uv writes them with the full version: a requirement of another Python than ours is none that may be left out."""
    lock = tmp_path / "pylock.toml"
    wheel = f'{{ name = "a-1-py3-none-any.whl", url = "http://localhost/a", hashes = {{ sha256 = "{"0" * 64}" }} }}'
    lock.write_text(f'lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1"\nmarker = "{marker}"\nwheels = [{wheel}]\n')
    newer = dataclasses.replace(PYTHON, version="3.99.1")
    assert [pin.name for pin in environment._pins(lock, newer, None, None).requires] == ["a"]
    assert environment._pins(lock, PYTHON, None, None).requires == ()


def test_no_requirements_need_no_index() -> None:
    """In-tree backends are built without asking anybody."""
    unreachable = PipConfig(index_url="http://127.0.0.1:9/simple")
    assert environment.resolve((), PYTHON, unreachable) == Pins(requires=(), lock="")


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    """It runs, it is empty, and no other file is left beside it."""
    first = environment.create(Pins(requires=(), lock=""), PYTHON, PipConfig(), tmp_path)
    made = (first / "pyvenv.cfg").stat().st_ino
    assert environment.create(Pins(requires=(), lock=""), PYTHON, PipConfig(), tmp_path) == first
    assert (first / "pyvenv.cfg").stat().st_ino == made
    assert [path.name for path in (tmp_path / "environments").iterdir()] == [first.name]
    code = "import importlib.metadata, sys; print(sys.prefix, [d.name for d in importlib.metadata.distributions()])"
    said = subprocess.run([first / "bin" / "python", "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == f"{first} []\n"


def test_an_index_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(CheckFailed) as caught:
        environment.resolve(["companion"], PYTHON, PipConfig(index_url="http://127.0.0.1:9/simple", timeout=1))
    assert (caught.value.phase, caught.value.reason) == ("requirements", "index-unreachable")
    assert "companion" in caught.value.message


def test_the_requirement_that_has_no_wheel_is_found_in_the_words_of_the_resolver() -> None:
    log = "× No solution found when resolving dependencies:\n  hint: Wheels are required for `Some_Project` because building\n  from source is disabled"
    assert environment.without_wheel(CheckFailed("requirements", "no-wheel-for-requirement", "", log)) == "some-project"
    assert environment.without_wheel(CheckFailed("requirements", "unresolvable", "", "no such project")) == ""


def test_an_environment_that_may_be_in_use_stays(tmp_path: Path) -> None:
    """However many there are: only those that nobody has used for hours go, the oldest first."""
    now = time.time()
    for number in range(70):
        path = tmp_path / f"{number:02}"
        path.mkdir()
        age = 3600 if number < 65 else 7 * 3600 + number
        os.utime(path, (now - age, now - age))
    environment._prune(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{number:02}" for number in range(65)]
