"""Settings for the build backend: from the command line and from projects.toml, recorded, and given again by a rebuild."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest

from reprowheels import machine, resultfiles

from . import trees
from .indexes import Entry, LocalIndex
from .test_rebuild import rebuilt

QUICK = ("--variations", "umask", "--no-published")
PROJECTS = """\
[[project]]
name = "tells-setting"
groups = []
config-settings = { "--confirm" = "", "level" = "2", "many" = ["x", "y"] }
"""


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    return trees.sdist(trees.lay_out("tells-setting", tmp_path), tmp_path)


def test_the_backend_gets_them(index: LocalIndex, sdist: Path, tmp_path: Path) -> None:
    """Those of projects.toml, those of the command line on top; a rebuild gives them again and gets the same wheel."""
    index.add("tells-setting", Entry(path=sdist))
    (tmp_path / "projects.toml").write_text(PROJECTS)
    options = (
        "--projects",
        tmp_path / "projects.toml",
        "-C",
        "level=3",
        "-C",
        "level=4",
        "--config-setting",
        "name=a=b",
        "--keep",
        tmp_path / "kept",
    )
    done = index.run("tells-setting", *QUICK, *options, output=tmp_path / "results")
    assert done.status == 0, done.out + done.err
    environment = done.only.environment
    assert environment is not None
    assert environment.config_settings == (
        ("--confirm", ("",)),
        ("level", ("3", "4")),
        ("many", ("x", "y")),
        ("name", ("a=b",)),
    )
    with zipfile.ZipFile(next((tmp_path / "kept").glob("*/01/*.whl"))) as archive:
        assert (
            archive.read("tells_setting/fact.txt") == b'{"--confirm": "", "level": ["3", "4"], "many": ["x", "y"], "name": "a=b"}'
        )
    again = rebuilt(index, tmp_path / "results" / "tells-setting.toml")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_setting_has_a_key_and_a_value(index: LocalIndex, tmp_path: Path) -> None:
    done = index.run("six", "-C", "level", output=tmp_path / "results")
    assert done.status == 2
    assert "'level' is not of the form KEY=VALUE" in done.err


def test_packages_of_the_system_are_recorded(index: LocalIndex, sdist: Path, tmp_path: Path) -> None:
    """Those that projects.toml names, with their versions: a rebuild tells which of them are others here."""
    index.add("tells-setting", Entry(path=sdist))
    installed = machine.packages(["dpkg"])
    (tmp_path / "projects.toml").write_text(PROJECTS + 'apt = ["dpkg", "no-such-package"]\n')
    done = index.run("tells-setting", *QUICK, "--projects", tmp_path / "projects.toml", output=tmp_path / "results")
    assert done.status == 0, done.out + done.err
    assert done.only.environment is not None
    assert done.only.environment.packages == installed
    recorded = (("dpkg", "0.1"), ("no-such-package", "2.0"))
    other = dataclasses.replace(done.only, environment=dataclasses.replace(done.only.environment, packages=recorded))
    resultfiles.save(other, tmp_path / "other")
    again = rebuilt(index, tmp_path / "other" / "tells-setting.toml")
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"not the same dpkg is {dict(installed).get('dpkg', 'missing')} here and was 0.1" in again.stdout
    assert "not the same no-such-package is missing here and was 2.0" in again.stdout
