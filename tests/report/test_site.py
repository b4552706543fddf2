"""The site as a whole: it follows from its data, every link leads somewhere, and names that go keep their place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from reprowheels import projects, resultfiles
from wheelreport import data, store

from . import samples, sources
from .building import ROOT, Page, build, contents, page


def test_a_project_that_leaves_the_list_keeps_its_page_and_badge(tmp_path: Path) -> None:
    html = tmp_path / "html"
    sources.write(tmp_path, [samples.reproducible(), samples.reproducible("leaving")], excluded=False)
    build(tmp_path, html)
    sources.write(tmp_path, [samples.reproducible()], excluded=False)
    build(tmp_path, html)
    assert "no longer tracked" in page(html, "project/leaving").text
    assert "no longer tracked" in (html / "badge/leaving.svg").read_text(encoding="utf-8")
    for place in ("api/v1/leaving.json", "badge/leaving.json", "feeds/project/leaving.xml", "data/leaving.toml"):
        assert (html / place).exists()
    assert not [row for row in page(html, "index").rows if row[:1] == ["leaving"]]
    # Lists of a fixed vocabulary stay too, so that a link to one does not die on a good day.
    assert "0 of 1 tracked projects" in page(html, "list/status/unreproducible").text
    assert "0 of 1 tracked projects" in page(html, "cause/umask").text


def test_a_name_that_somebody_mistyped_has_no_page(tmp_path: Path) -> None:
    typo = samples.failed("sixx", phase="index", reason="not-found")
    sources.write(tmp_path, [samples.reproducible(), typo, samples.failed("leaving")], excluded=False)
    (tmp_path / "projects.toml").write_text('[[project]]\nname = "six"\ngroups = ["sample"]\n', encoding="utf-8")
    site = data.read(tmp_path / "results", tmp_path / "projects.toml", tmp_path / "runs", store.load(tmp_path / "none"))[0]
    assert [entry.name for entry in site.entries] == ["leaving", "six"]


def test_every_link_and_resource_is_there(any_site: Path) -> None:
    pages = {path: Page(path) for path in any_site.rglob("*.html")}
    for path, found in pages.items():
        for link in [*found.links, *found.resources]:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in pages[target].ids, f"{path.name}: {link}"


def test_pages_load_nothing_from_elsewhere(any_site: Path) -> None:
    for path in any_site.rglob("*.html"):
        assert not [address for address in Page(path).resources if urlsplit(address).netloc], path
    for path in (any_site / "_static").glob("wheelreport.*"):
        assert not re.search(r"(@import|url\(['\"]?)\s*(https?:)?//", path.read_text()), path


def test_the_data_is_published_with_the_pages(site: Path) -> None:
    assert resultfiles.load(site / "data/markupsafe.toml") == samples.dependent()
    assert "../data/markupsafe.toml" in page(site, "project/markupsafe").links
    told = json.loads((site / "data/projects.json").read_text(encoding="utf-8"))
    assert told["tracked"] == len(told["projects"]) == sum(told["totals"].values()) == 12
    by_name = {project["name"]: project for project in told["projects"]}
    assert by_name["markupsafe"]["depends-on"] == ["build-path", "umask"]
    assert by_name["tensorthing"] == {
        "name": "tensorthing",
        "status": "excluded",
        "groups": ["sample"],
        "reason": "needs-hardware",
    }


def test_pages_of_projects_are_not_in_the_search_or_in_a_toctree(site: Path) -> None:
    assert "project/" not in (site / "searchindex.js").read_text()
    assert not [link for link in Page(site / "method.html").links if "project/" in link]


def test_a_site_without_results_can_be_built(tmp_path: Path) -> None:
    sources.write(tmp_path, [], "six", excluded=False)
    build(tmp_path, tmp_path / "html")
    index = page(tmp_path / "html", "index")
    assert "1 project is tracked: 1 not checked." in index.text.replace("\xa0", " ")
    assert index.row("six")[1] == "not checked"
    assert "No project is excluded at present." in page(tmp_path / "html", "exclusions").text


def test_the_same_results_give_the_same_files(site: Path, tmp_path: Path) -> None:
    sources.write(tmp_path, samples.many(), "not-yet", "zope-interface")
    build(tmp_path, tmp_path / "html")
    first, second = contents(site), contents(tmp_path / "html")
    assert first.keys() == second.keys()
    assert [path for path, content in first.items() if content != second[path]] == []


def test_the_site_of_this_checkout_says_what_its_results_say(committed: Path) -> None:
    tracked = {project.name: project for project in projects.load(ROOT / "projects.toml")}
    index = page(committed, "index")
    rows = {row[0].split()[0]: row for row in index.rows if len(row) == 7 and row[0].split()[:1] and row[0].split()[0] in tracked}
    assert rows.keys() == tracked.keys()
    for path in (ROOT / "docs/results").glob("*.toml"):
        result = resultfiles.load(path)
        found = page(committed, f"project/{result.name}")
        assert (committed / "data" / path.name).read_bytes() == path.read_bytes()
        assert f"{result.name} {result.version}".strip() in found.text
        if result.name in tracked and not tracked[result.name].exclude:
            assert index.row(result.name)[1].split()[0] == result.status
            assert index.row(result.name)[2] == result.version
        if result.sha256:
            assert result.sha256 in found.text
        for required in result.environment.requires if result.environment else ():
            assert required.sha256 in found.text
        for finding in result.findings:
            assert finding.cause in found.text
