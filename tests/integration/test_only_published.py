"""Ask what the published wheel of a recorded release is, without the builds of a whole check."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reprowheels import resultfiles, results
from reprowheels.results import Result

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .running import Runner

ALONE = "--only-published"


@pytest.fixture
def recorded(index: LocalIndex, run: Runner, tmp_path: Path) -> Result:
    """Serve a release with its wheel, and record its check, in which nobody looked at that wheel."""
    tree = trees.lay_out("plain", tmp_path)
    sdist = trees.sdist(tree, tmp_path / "sdist")
    run(sdist, "--variations", "none", "--keep", tmp_path / "kept", output=tmp_path / "local")
    (wheel, *_) = sorted((tmp_path / "kept").glob("*/*/*.whl"))
    index.add("plain", Entry(path=sdist, uploaded=OLD), Entry(path=wheel, uploaded=NEW))
    found = index.run("plain", "--variations", "none", "--no-published", output=tmp_path / "out").only
    assert found.published == results.NOT_CHECKED
    return found


def test_the_rest_of_the_result_stays(index: LocalIndex, recorded: Result, tmp_path: Path) -> None:
    done = index.run("plain", ALONE, output=tmp_path / "out")
    assert done.status == 0, done.err
    found = done.only
    assert found.published == "identical"
    assert dataclasses.replace(found, published=recorded.published, published_wheel=None) == recorded
    assert "rebuilding the published wheel" in done.err
    assert "building: baseline" not in done.err
    assert "published identical" in done.out


def test_the_recorded_release_is_looked_at(index: LocalIndex, recorded: Result, tmp_path: Path) -> None:
    """Also where there is a newer one."""
    newer = trees.sdist(trees.set_version(trees.lay_out("plain", tmp_path / "newer"), "2.0"), tmp_path / "sdist", "2.0")
    (old,) = (tmp_path / "sdist").glob("*1.0*")
    (wheel, *_) = sorted((tmp_path / "kept").glob("*/*/*.whl"))
    index.add("plain", Entry(path=newer, uploaded=NEW), Entry(path=old, uploaded=OLD), Entry(path=wheel, uploaded=NEW))
    found = index.run("plain", ALONE, output=tmp_path / "out").only
    assert (found.version, found.published) == ("1.0", "identical")


def test_another_file_in_the_place_of_the_sdist(index: LocalIndex, recorded: Result, tmp_path: Path) -> None:
    assert recorded.sdist is not None
    other = dataclasses.replace(recorded.sdist, sha256="0" * 64)
    path = resultfiles.save(dataclasses.replace(recorded, sdist=other), tmp_path / "out")
    before = path.read_bytes()
    done = index.run("plain", ALONE, output=tmp_path / "out")
    assert done.status == 3
    assert f"recorded is {other.sha256}" in done.err
    assert path.read_bytes() == before


def test_nothing_that_could_be_looked_at(index: LocalIndex, tmp_path: Path) -> None:
    """Without a result, or with one of a source tree, it says what is missing and writes nothing."""
    tree = trees.lay_out("plain", tmp_path)
    done = index.run("plain", ALONE, output=tmp_path / "out")
    assert done.status == 2
    assert "there is no recorded result; check the project first" in done.err
    assert not (tmp_path / "out").exists()
    index.run(tree, "--variations", "none", output=tmp_path / "out")
    done = index.run("plain", ALONE, output=tmp_path / "out")
    assert done.status == 2
    assert "plain: the recorded result is of no release on the index (status repeatable)" in done.err


def test_only_and_none_at_once(run: Runner, tmp_path: Path) -> None:
    done = run("plain", ALONE, "--no-published", output=tmp_path / "out")
    assert done.status == 2
    assert "not allowed with" in done.err
