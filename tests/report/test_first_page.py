"""The first page and the findings: every count adds up, and changes are told in words."""

from __future__ import annotations

import dataclasses
import gzip
import re
from pathlib import Path

import pytest

from reprowheels import results
from wheelreport import changes, data, runs, store, words

from . import samples, sources
from .building import page


def test_the_table_has_every_tracked_project(site: Path) -> None:
    index = page(site, "index")
    assert index.row("six") == ["six", "reproducible", "1.17.0", "yes", "yes", "identical", "2026-11-20"]
    assert index.row("markupsafe") == ["markupsafe", "environment-dependent", "3.0.4", "yes", "no", "different", "2026-11-20"]
    assert index.row("frozenlist")[1:6] == ["unreproducible", "1.8.0", "no", "not checked", "equivalent"]
    assert index.row("wrapt")[1:6] == ["repeatable", "2.5.2", "yes", "not checked", "no wheel"]
    assert index.row("lxml")[1:3] == ["build-failed", "6.1.0"]
    assert index.row("attrs")[1] == "reproducible stale"
    assert index.row("tensorthing")[1:] == ["excluded", "", "not checked", "not checked", "not checked", "2026-11-01"]
    assert index.row("not-yet")[1] == "not checked"
    assert not [row for row in index.rows if row[:1] == ["gone"]]


def test_the_sentence_on_the_first_page_adds_up(site: Path) -> None:
    text = page(site, "index").text
    found = re.search(r"(\d+) projects are tracked: ([^.]*)\.", text)
    assert found
    assert int(found[1]) == sum(int(number) for number in re.findall(r"\d+", found[2])) == 12
    assert "2 environment-dependent" in found[2].replace("\xa0", " ")
    assert "As of 2026-11-23. No run is recorded" in text
    # Without a script the page cannot know the day of its reader, so it names the day from which on it is old.
    assert "If today is later than 2026-11-25, nights were missed since" in text


def test_the_numbers_of_the_first_page_add_up(site: Path) -> None:
    text = page(site, "index").text.replace("\xa0", " ")
    checked = re.search(r"Of (\d+) checked projects, (\d+) give the same wheel when they are built twice, (\d+) also", text)
    assert checked
    assert checked[1] == "9"
    sums = re.findall(r"((?:\d+ (?:[a-z]+ )+\+ )*\d+ (?:[a-z]+ )+)= (\d+)", text)
    assert len(sums) == 3
    for parts, total in sums:
        assert sum(map(int, re.findall(r"\d+", parts))) == int(total) == 9


def test_what_was_found_is_counted(site: Path) -> None:
    found = page(site, "findings")
    assert found.row("repeatable")[-1] == "7 of 9"
    assert found.row("umask")[1:3] == ["1", "0"]


def test_a_change_of_many_projects_is_told_in_words() -> None:
    assert words.event("setuptools 84.0 → 85.0") == ("One change of the toolchain", "setuptools 84.0 → 85.0")
    assert words.event("checker 0.1.0 aa → 0.1.0 bb") == ("One change of our checker", "0.1.0 aa → 0.1.0 bb")
    assert words.event("checker that no run recorded → 0.1.0 bb") == ("One change of our checker", "now 0.1.0 bb")


def test_one_change_of_the_toolchain_is_one_line(tmp_path: Path) -> None:
    why = "another wheel from the same release: setuptools 84.0 → 85.0"
    found = [samples.result(f"p{number}", "1.0", results.REPRODUCIBLE) for number in range(20)]
    moved = [
        dataclasses.replace(
            one, history=(*one.history, dataclasses.replace(one.history[0], date=samples.day(24), sha256="0" * 64, why=why))
        )
        for one in found
    ]
    sources.write(tmp_path, moved, excluded=False)
    site = data.read(tmp_path / "results", tmp_path / "projects.toml", tmp_path / "runs", store.load(tmp_path / "none"))[0]
    newest = changes.newest(site)
    assert newest
    assert [(group.why, len(group.changes), group.fleet) for group in newest.groups] == [(why, 20, True)]
    event = runs.Event(what="setuptools 84.0 → 85.0", projects=tuple(one.name for one in moved[:15]))
    run = runs.Run(name="2026-11-24", date=samples.day(24), events=(event,))
    newest = changes.newest(dataclasses.replace(site, runs=(run,), memo={}))
    assert newest
    assert [(group.kind, group.why, len(group.changes)) for group in newest.groups] == [
        ("fleet", event.what, 15),
        ("other", why, 5),
    ]


def test_the_trend_is_true_to_time_and_adds_up(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    plot = re.search(r'<figure class="wr-trend">.*?</svg>', text, re.DOTALL)
    assert plot
    columns: dict[float, list[tuple[float, float]]] = {}
    for x, wide, high in re.findall(r'x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)"', plot[0]):
        columns.setdefault(float(x), []).append((float(wide), float(high)))
    assert len(columns) > 2
    assert sum(parts[0][0] for parts in columns.values()) == pytest.approx(600, abs=0.1)
    assert all(sum(high for _, high in parts) == pytest.approx(160, abs=0.1) for parts in columns.values())


def test_the_first_page_is_light(committed: Path) -> None:
    content = (committed / "index.html").read_bytes()
    assert len(gzip.compress(content)) < 100_000
    extra = [committed / "_static" / name for name in ("wheelreport.css", "wheelreport.js", "colours.css", "scheme.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in extra) < 30_000
