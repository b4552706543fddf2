"""A published wheel whose SBOM tells what built it is rebuilt with just that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reprowheels import eras, machine
from reprowheels.results import PublishedWheel

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .test_requirements import companion

Publish = Callable[..., PublishedWheel]
EPOCH = 1793988917  # odd: the dates of an archive could not tell it


def other_python() -> str:
    """Return a Python other than that of the tests, where the machine has one that the test backend runs on."""
    own = machine.own_python().version
    found = [found.version for found in machine.all_pythons() if eras.minor(found.version) != eras.minor(own)]
    return next((version for version in found if int(version.split(".")[1]) >= 11), own)


@pytest.fixture
def publish(index: LocalIndex, tmp_path: Path) -> Publish:
    """Return what builds a wheel with an older requirement, publishes it, and says what a check finds.

    The wheel was built with one Python and may claim another one.
    """

    def published(python: str, claimed: str = "") -> PublishedWheel:
        old, new = companion(tmp_path / "old"), companion(tmp_path / "new", "2.0")
        index.add("companion", Entry(path=old, uploaded=OLD), Entry(path=new, uploaded=OLD))
        tree = trees.requiring(trees.lay_out("tells-tools", tmp_path, token=claimed), "companion")
        (tmp_path / "pins.txt").write_text("companion==1.0\n")
        made = ("--python", python, "--build-constraint", tmp_path / "pins.txt", "--source-date-epoch", EPOCH)
        built = index.run(tree, "--variations", "none", *made, "--keep", tmp_path / "kept", output=tmp_path / "made")
        assert built.status == 0, built.err
        (wheel, *_) = sorted((tmp_path / "kept").glob("*/*/*.whl"))
        (tree / "token.txt").unlink(missing_ok=True)
        source = trees.sdist(tree, tmp_path / "sdist")
        index.add("tells-tools", Entry(path=source, uploaded=OLD), Entry(path=wheel, uploaded=NEW))
        done = index.run("tells-tools", "--variations", "none", output=tmp_path / "out")
        assert done.status == 0, done.err
        assert done.only.published_wheel
        return done.only.published_wheel

    return published


def test_the_tools_the_python_and_the_epoch_of_an_sbom_are_taken(publish: Publish) -> None:
    python = other_python()
    found = publish(python)
    assert found.verdict == "identical", found.reasons
    said = dict(found.environment)
    assert "companion==1.0" in said["pins"]
    assert (said["source-date-epoch"], said["python"]) == (str(EPOCH), python)
    assert len(found.tried) == 1


def test_a_python_that_the_machine_lacks_is_named(publish: Publish) -> None:
    """The SBOM is not believed where it cannot be followed: the wheel stays different, and the reader learns why."""
    python = machine.own_python().version
    absent = ".".join([*python.split(".")[:2], "9" * len(python.split(".")[2])])
    found = publish(python, claimed=absent)
    assert found.verdict == "different"
    assert f"its SBOM says that cpython {absent} built the published wheel; here it was cpython {python}" in found.reasons
