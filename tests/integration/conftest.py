from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from reprowheels import machine, pipconfig, sandbox
from reprowheels.build import Builder, Request
from reprowheels.sandbox import Limits, Sandbox
from reprowheels.sdist import pack, read
from reprowheels.variations import Settings

from . import trees
from .indexes import LocalIndex
from .running import Runner
from .sweeps import Sweeps


def lacks(reason: str) -> None:
    """Skip a test that this machine cannot run; in CI, where it must be able to, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that is empty at first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def run(cache: Path) -> Runner:
    """Run commands that ask no index: nothing listens there."""
    return Runner(cache=cache, environ={"PIP_INDEX_URL": "http://127.0.0.1:9/simple"})


@pytest.fixture(scope="session")
def box(cache: Path) -> Sandbox:
    """Return the sandbox of this machine, which may be none."""
    return sandbox.detect(cache / "reprowheels")


@pytest.fixture(scope="session")
def boxed(box: Sandbox) -> Sandbox:
    """Return a sandbox that isolates."""
    if box.kind != sandbox.BUBBLEWRAP:
        lacks(box.reason)
    return box


@pytest.fixture(scope="session")
def plain(cache: Path) -> Sandbox:
    """Return a sandbox that is none."""
    return sandbox.detect(cache / "reprowheels", wanted=False)


@pytest.fixture
def index(cache: Path) -> Iterator[LocalIndex]:
    """Serve an index on this machine."""
    with HTTPServer(threaded=True) as server:
        yield LocalIndex(server, cache)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Return where results are written."""
    return tmp_path / "results"


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    """Return the sdist of a project that builds."""
    return trees.sdist(trees.lay_out("plain", tmp_path), tmp_path / "dist")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a project that is reproducible, one that tells its path, and one that does not build."""
    directory = tmp_path_factory.mktemp("projects")
    for package in ("plain", "tells-path", "raises"):
        trees.lay_out(package, directory)
    return directory


@pytest.fixture
def sweeps(tmp_path: Path, index: LocalIndex) -> Sweeps:
    """Return what sweeps over projects of this index."""
    return Sweeps(folder=tmp_path, index=index)


class Workshop:
    """Build the projects of tests/packages, below the command line."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self.directory = directory
        self.cache = cache

    def builder(self, package: str, box: Sandbox, *, token: str = "", **limits: float) -> Builder:
        """Return the builder of a project; `limits` as in sandbox.Limits."""
        source = read(pack(trees.lay_out(package, self.directory, token=token), self.directory))
        request = Request(
            python=machine.own_python(),
            sandbox=box,
            config=pipconfig.PipConfig(),
            cache=self.cache / "reprowheels",
            limits=Limits(**limits),  # type: ignore[arg-type]
            base=Settings(),
        )
        return Builder(source, request, self.directory / "builds")


@pytest.fixture
def workshop(tmp_path: Path, cache: Path) -> Workshop:
    return Workshop(tmp_path, cache)
