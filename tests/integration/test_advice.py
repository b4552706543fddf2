"""Try remedies by real builds: each one helps where it should, and is not said to help where it does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reprowheels import advice, check, machine
from reprowheels.catalogue import CAUSES
from reprowheels.projects import Project
from reprowheels.results import EpochProbe, Finding
from reprowheels.sandbox import Sandbox

from . import trees
from .conftest import lacks

# What the backend does, the variations that show it, the cause, and whether its remedy helps.
TRIALS = (
    ("map-source", "build-path", "build-path", True),
    ("map-source in text", "build-path", "build-path", False),
    ("map-environment", "env-path", "env-path", True),
    ("map-environment in text", "env-path", "env-path", False),
    ("umask", "umask", "zip-permissions", True),
    ("umask by seed", "hash-seed", "zip-permissions", False),
    ("hash-seed", "hash-seed", "hash-order", True),
    ("hash-seed isolated", "hash-seed", "element-order", False),
    ("epoch", "time", "build-timestamp", True),
    ("epoch ignored", "time", "build-timestamp", False),
    ("utf-8", "encoding", "encoding", True),
    ("utf-8 ignored", "encoding", "encoding", False),
)


@pytest.fixture(autouse=True)
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


def findings(token: str, directory: Path, **options: object) -> dict[str, Finding]:
    tree = trees.lay_out("needs-remedy", directory, token=token)
    chosen = check.Options(verify_advice=True, **options)  # type: ignore[arg-type]
    result = check.check(str(tree), chosen, Project(name=tree.name), lambda text: None).result
    assert result.failure is None, result.failure
    return {finding.cause: finding for finding in result.findings}


@pytest.mark.parametrize(("token", "variation", "cause", "works"), TRIALS)
def test_a_remedy_is_tried(token: str, variation: str, cause: str, works: bool, tmp_path: Path, boxed: Sandbox) -> None:
    missing = boxed.applicable((variation,))[1]
    if missing:
        lacks(missing[variation])
    if token.startswith("map") and not machine.compiler():
        lacks("no C compiler")
    found = findings(token, tmp_path, variations=(variation,), source_date_epoch=None)
    assert (found[cause].remedy, found[cause].remedy_works) == (advice.REMEDIES[token.partition(" ")[0]].words, works)


def test_rustc_maps_the_source_tree_away_as_well(tmp_path: Path) -> None:
    if machine.rust_toolchain() is None:
        lacks("no Rust toolchain")
    tree = trees.lay_out("compiled-rust", tmp_path)
    options = check.Options(variations=("build-path",), verify_advice=True)
    result = check.check(str(tree), options, Project(name=tree.name), lambda text: None).result
    assert result.failure is None, result.failure
    assert [(finding.cause, finding.remedy_works) for finding in result.findings] == [("build-path", True)]


@pytest.mark.parametrize(("token", "needed", "honoured"), [("epoch", "yes", "yes"), ("hash-seed", "no", "no")])
def test_what_source_date_epoch_is_good_for(token: str, needed: str, honoured: str, tmp_path: Path, boxed: Sandbox) -> None:
    """Where it is needed, two builds without it say where, although with it they are equal."""
    if boxed.applicable(("time",))[1]:
        lacks("no clock of its own")
    tree = trees.lay_out("needs-remedy", tmp_path, token=token)
    options = check.Options(variations=("time",), probe_epoch=True)
    result = check.check(str(tree), options, Project(name=tree.name), lambda text: None).result
    expected = EpochProbe(needed=needed, honoured=honoured)
    if needed == "yes":
        expected = dataclasses.replace(expected, causes=("build-timestamp",), members=("needs_remedy/fact",))
    assert (result.status, result.findings, result.epoch_probe) == ("reproducible", (), expected)


def test_without_the_option_nothing_is_said(tmp_path: Path) -> None:
    tree = trees.lay_out("needs-remedy", tmp_path, token="hash-seed")
    result = check.check(str(tree), check.Options(variations=("hash-seed",)), Project(name=tree.name), lambda text: None).result
    assert [(finding.remedy, finding.remedy_works) for finding in result.findings] == [("", None)]


def test_every_remedy_of_the_catalogue_exists_and_is_tried_here() -> None:
    named = {cause.remedy for cause in CAUSES if cause.remedy}
    assert named == set(advice.REMEDIES) == {token.partition(" ")[0] for token, *_ in TRIALS}
