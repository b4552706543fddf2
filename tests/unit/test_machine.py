"""What this machine offers: found by trying, with a reason for what is missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reprowheels import environment, machine, variations
from reprowheels.errors import UsageError

NEEDS = {need for variation in variations.VARIATIONS for need in variation.needs}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Look at a machine whose search path leads to one directory, which is empty."""
    cached = (machine.bubblewrap, machine.locale_directory, machine.clock_library, machine.compiler)
    for function in cached:
        function.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    yield tmp_path
    for function in cached:
        function.cache_clear()


def test_packages_of_the_system_have_their_versions(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that it does not have are left out; where it has no dpkg, all of them."""
    assert machine.packages(["dpkg"]) == ()
    monkeypatch.setenv("PATH", os.defpath)
    if not shutil.which("dpkg-query"):
        pytest.skip("this system has no dpkg")
    ((name, version),) = machine.packages(["no-such-package", "dpkg", "dpkg"])
    assert name == "dpkg"
    assert re.fullmatch(r"\d+\.[\w.+~-]+", version)


def test_our_own_interpreter() -> None:
    """Results name it, and it is the one outside of the virtual environment."""
    found = machine.own_python()
    assert found.label == f"{platform.python_implementation()} {platform.python_version()}"
    assert os.path.isfile(found.executable)
    assert not os.path.islink(found.executable)


def test_the_same_interpreter_is_found_by_its_version() -> None:
    own = machine.own_python()
    found = machine.find_python(own.version, environment.uv_program())
    assert found.version == own.version


def test_an_interpreter_that_is_not_there() -> None:
    """Nothing is downloaded; the message says what to do."""
    with pytest.raises(UsageError, match=r"no Python 2\.5 on this machine; install it"):
        machine.find_python("2.5", environment.uv_program())


def test_a_program_that_is_no_interpreter(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert machine.python_facts(str(program)) is None
    assert machine.python_facts(str(tmp_path / "missing")) is None


def test_the_newest_interpreter_comes_first() -> None:
    versions = [[int(part) for part in found.version.split(".")[:2]] for found in machine.all_pythons()]
    assert versions == sorted(versions, reverse=True)


def test_scripts_that_stand_for_interpreters_are_not_asked(bare: Path) -> None:
    """A wrapper, of which a version manager has one for each release, takes longer to answer than the interpreter itself."""
    (bare / "python3.99").write_text(f"#!/bin/sh\ntouch {bare}/asked\nexit 1\n")
    (bare / "python3.99").chmod(0o755)
    os.symlink(machine.own_python().executable, bare / "python3.98")
    assert machine.own_python() in machine.all_pythons()
    assert not (bare / "asked").exists()


def test_a_machine_that_has_nothing(bare: Path) -> None:
    """Each thing that a variation may need has a reason, and most name the package to install."""
    program, reason = machine.bubblewrap()
    assert program == ""
    assert "apt-get install bubblewrap" in reason
    assert machine.compiler() == ""
    found = machine.lacking(bare / "cache", sandboxed=False, why=reason)
    assert {variations.NAMESPACES, variations.OWN_TREE, variations.LOCALES, variations.BASH, variations.GIT} <= set(found)
    assert set(found) <= NEEDS
    assert all(found.values())


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("exit 0", "cannot limit the size of a tmpfs"),
        (
            "[ \"$1\" = --help ] && echo --size && exit 0; echo 'setting up uid map: Permission denied' >&2; exit 1",
            "Permission denied",
        ),
        ('[ "$1" = --help ] && echo --size && exit 0; exit 1', "no message"),
    ],
)
def test_a_bubblewrap_that_does_not_work(script: str, text: str, bare: Path) -> None:
    """Installed is not the same as working; its own words are the reason."""
    program = bare / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    found, reason = machine.bubblewrap()
    assert found == ""
    assert text in reason


def test_only_what_is_lacking_is_refused(tmp_path: Path) -> None:
    """A machine with everything refuses nothing."""
    found = machine.lacking(tmp_path, sandboxed=True, why="")
    assert not {variations.NAMESPACES, variations.OWN_TREE} & set(found)


def test_a_time_zone_that_does_not_exist() -> None:
    assert machine.zone_file("Nowhere/At_All") == ""
