"""The moment bounds sdists and build requirements, and what was resolved is looked at."""

from __future__ import annotations

from pathlib import Path

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .running import QUICK, Runner, assert_failure
from .test_requirements import companion

BEFORE = ("--uploaded-before", "2026-03-01")


def releases(tmp_path: Path) -> list[Entry]:
    entries = []
    for version, uploaded in (("1.0", OLD), ("2.0", NEW)):
        tree = trees.set_version(trees.lay_out("plain", tmp_path / version), version)
        entries.append(Entry(path=trees.sdist(tree, tmp_path / "dist", version), uploaded=uploaded))
    return entries


def test_picks_the_older_release(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    index.add("plain", *releases(tmp_path))
    assert index.run("plain", *QUICK, *BEFORE, output=output).only.version == "1.0"
    assert index.run("plain", *QUICK, output=output).only.version == "2.0"


def test_a_release_that_is_too_new(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    index.add("plain", *releases(tmp_path))
    done = index.run("plain==2.0", *BEFORE, output=output)
    assert_failure(done, "plain", "index", "no-such-version", "no release 2.0 uploaded before 2026-03-01")


def test_an_index_that_does_not_say_when(index: LocalIndex, sdist: Path, output: Path) -> None:
    index.add_html("plain", Entry(path=sdist))
    done = index.run("plain", *BEFORE, output=output)
    assert_failure(done, "plain", "index", "too-new", "does not say when")


def test_a_requirement_of_unknown_age(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """A directory of wheels slips past the bound of the resolver, and is found out."""
    links = tmp_path / "links"
    companion(links)
    tree = trees.requiring(trees.lay_out("plain", tmp_path), "companion")
    runner = Runner(cache=index.cache, environ={**index.environ, "PIP_FIND_LINKS": str(links)})
    index.answer("companion", "Not found", "text/plain", 404)
    assert runner(tree, *QUICK, output=output).status == 0
    done = runner(tree, *QUICK, *BEFORE, output=tmp_path / "bounded")
    assert_failure(done, "plain", "requirements", "too-new", "companion 1.0")
