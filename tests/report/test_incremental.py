from __future__ import annotations

import dataclasses
from pathlib import Path

from reprowheels import resultfiles, results
from wheelreport import data, lists, store

from . import samples, sources
from .building import build, contents, page


def test_a_changed_result_is_shown_and_nothing_else_is_written_again(tmp_path: Path) -> None:
    html = tmp_path / "html"
    sources.write(tmp_path, [samples.reproducible(), samples.dependent()], "new")
    build(tmp_path, html)
    assert page(html, "index").row("six")[1] == "reproducible"
    before = (html / "project/markupsafe.html").stat().st_mtime_ns

    resultfiles.save(dataclasses.replace(samples.failed("six"), since=samples.day(24)), tmp_path / "results")
    build(tmp_path, html)
    index = page(html, "index")
    assert index.row("six")[1] == "build-failed"
    assert "As of 2026-11-24" in index.text
    assert "This check came to no wheel" in page(html, "project/six").text
    assert page(html, "list/status/build-failed").row("six")[1] == "build-failed"
    assert "list/status/build-failed.html" in page(html, "wheel-projects").links
    assert (html / "project/markupsafe.html").stat().st_mtime_ns == before

    resultfiles.save(samples.reproducible("new"), tmp_path / "results")
    build(tmp_path, html)
    assert page(html, "index").row("new")[1] == "reproducible"
    assert "bit for bit" in page(html, "project/new").text

    (tmp_path / "results/new.toml").unlink()
    build(tmp_path, html)
    assert page(html, "index").row("new")[1] == "not checked"
    assert "No check of this project is recorded yet." in page(html, "project/new").text
    assert not (html / "data/new.toml").exists()


def test_a_project_that_is_no_longer_tracked_leaves_the_table(tmp_path: Path) -> None:
    html = tmp_path / "html"
    sources.write(tmp_path, [samples.reproducible(), samples.reproducible("other")], excluded=False)
    build(tmp_path, html)
    assert (html / "data/other.toml").exists()
    (tmp_path / "results/other.toml").unlink()
    assert (html / "project/other.html").exists()
    sources.write(tmp_path, [samples.reproducible()], excluded=False)
    build(tmp_path, html)
    assert not (html / "project/other.html").exists()
    assert not (html / "data/other.toml").exists()
    assert "1 project is tracked" in page(html, "index").text


def test_an_exclusion_is_shown_at_once(tmp_path: Path) -> None:
    html = tmp_path / "html"
    sources.write(tmp_path, [samples.reproducible("tensorthing")], excluded=False)
    build(tmp_path, html)
    (tmp_path / "projects.toml").write_text(sources.EXCLUDED)
    build(tmp_path, html)
    assert page(html, "index").row("tensorthing")[1] == "excluded"
    assert "excluded-tensorthing" in page(html, "exclusions").ids
    assert "needs-hardware: The build needs a graphics card" in page(html, "exclusions").text
    assert "the last result from before the exclusion" in page(html, "project/tensorthing").text


def test_a_build_after_a_change_gives_the_same_files_as_a_whole_build(tmp_path: Path) -> None:
    html = tmp_path / "html"
    sources.write(tmp_path, samples.many(), "not-yet")
    (tmp_path / "results/markupsafe.diff").write_text("# first and second\n--- first/a\n+++ second/a\n-one\n+two\n")
    build(tmp_path, html)
    resultfiles.save(samples.result("wrapt", "2.6.0", results.REPRODUCIBLE), tmp_path / "results")
    (tmp_path / "results/markupsafe.diff").write_text("# first and second\n--- first/a\n+++ second/a\n-one\n+three\n")
    build(tmp_path, html)
    assert "three" in page(html, "project/markupsafe").text
    build(tmp_path, tmp_path / "whole")
    again, whole = contents(html), contents(tmp_path / "whole")
    # Sphinx leaves the inventory of a document's words in another order than a whole build; nothing else may differ.
    assert again.keys() == whole.keys()
    assert [path for path, content in whole.items() if again[path] != content and path.name != "searchindex.js"] == []


def test_what_an_earlier_build_knew_is_used_and_a_broken_store_is_not(tmp_path: Path) -> None:
    sources.write(tmp_path, samples.many(), "not-yet")
    kept = tmp_path / "kept.pickle"

    def read(known: store.Store) -> data.Site:
        return data.read(tmp_path / "results", tmp_path / "projects.toml", tmp_path / "runs", known)[0]

    known = store.load(kept)
    first = read(known)
    assert not [entry for entry in first.entries if entry.outlined]
    store.save(known, kept)
    second = read(store.load(kept))
    assert [entry for entry in second.entries if entry.result and not entry.outlined] == []
    assert second.digest == first.digest
    assert second.totals == first.totals
    assert lists.of(second).keys() == lists.of(first).keys()
    for entry in second.entries:
        if entry.result:
            assert data.complete(entry, tmp_path / "results").result == resultfiles.load(tmp_path / f"results/{entry.name}.toml")
    for content in (b"", b"no pickle", kept.read_bytes()[:200]):
        kept.write_bytes(content)
        assert store.load(kept).outlines == {}
