from __future__ import annotations

import sys
from pathlib import Path

import pytest

from . import building, samples, sources

sys.path.insert(0, str(building.DOCS / "_ext"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site with a project of every kind."""
    directory = tmp_path_factory.mktemp("report")
    sources.write(directory, samples.many(), "not-yet", "zope-interface")
    building.build(directory, directory / "html")
    return directory / "html"


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the results in this checkout, whatever they are."""
    directory = tmp_path_factory.mktemp("committed")
    building.build_committed(directory / "html")
    return directory / "html"


@pytest.fixture(params=["samples", "committed"])
def any_site(request: pytest.FixtureRequest) -> Path:
    """Return one site after the other, for what has to hold on any results."""
    found: Path = request.getfixturevalue("site" if request.param == "samples" else "committed")
    return found
