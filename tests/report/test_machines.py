from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import html5lib
import jsonschema
import pytest

from wheelreport import badges, chunks, data, lists, store, words

from . import samples, sources
from .building import DOCS, build, page

ATOM = "{http://www.w3.org/2005/Atom}"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read(path: Path) -> object:
    return json.loads(path.read_text(encoding="utf-8"))


def test_what_programs_are_told_fits_its_schema(any_site: Path) -> None:
    api = any_site / "api/v1"
    schemas = {name: read(api / f"schema/{name}.json") for name in ("index", "project")}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read(api / "index.json"), schemas["index"], format_checker=jsonschema.FormatChecker())
    found = [path for path in api.glob("*.json") if path.name != "index.json"]
    assert len(found) == len(list((any_site / "project").glob("*.html")))
    for path in found:
        jsonschema.validate(read(path), schemas["project"], format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1, "name": "x", "tracked": True, "status": "green", "groups": []}, schemas["project"])


def test_a_result_is_told_with_the_keys_of_its_file(site: Path) -> None:
    told = read(site / "api/v1/markupsafe.json")
    assert isinstance(told, dict)
    assert told["result"]["environment"]["source-date-epoch"] == 1596163658
    assert told["result"]["published-wheel"]["environment"] == {"python": "3.13", "umask": "0022"}


def test_feeds_have_what_a_reader_needs(site: Path) -> None:
    seen = set()
    for path in (site / "feeds").rglob("*.xml"):
        feed = ElementTree.parse(path).getroot()
        for element in (feed, *feed.iter(f"{ATOM}entry")):
            assert all((element.findtext(f"{ATOM}{name}") or "").strip() for name in ("id", "title", "updated")), path
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
        assert len(ids) == len(set(ids))
        seen.add(feed.findtext(f"{ATOM}id"))
    assert len(seen) == len([*(site / "feeds").rglob("*.xml")])
    regressions = ElementTree.parse(site / "feeds/regressions.xml").getroot()
    titles = [entry.findtext(f"{ATOM}title") for entry in regressions.iter(f"{ATOM}entry")]
    assert titles[0] == "markupsafe 3.0.4: environment-dependent, was reproducible"
    assert len(titles) == 4
    assert all(title and ", was " in title for title in titles)
    of_cause = (site / "feeds/cause/umask.xml").read_text(encoding="utf-8")
    assert "project/markupsafe.html" in of_cause
    assert "<script>" not in (site / "feeds/all.xml").read_text(encoding="utf-8")


def test_badges_carry_release_and_day_and_turn_grey(site: Path) -> None:
    six = (site / "badge/six.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(six)
    assert "reproducible · 1.17.0 · since 2026-11-20" in six
    assert badges.COLOURS["reproducible"] in six
    for name in ("attrs", "gone", "not-yet", "tensorthing"):
        told = read(site / f"badge/{name}.json")
        assert isinstance(told, dict)
        assert told["schemaVersion"] == 1
        assert told["color"] == badges.GREY, name
        assert badges.GREY in (site / f"badge/{name}.svg").read_text(encoding="utf-8")


def test_an_answer_that_no_run_has_looked_at_for_long_is_stale(tmp_path: Path) -> None:
    sources.write(
        tmp_path, [samples.reproducible(), samples.reproducible("forgotten"), samples.reproducible("new")], excluded=False
    )
    late = 'date = 2026-12-20\n[[checked]]\nname = "six"\noutcome = "same"\n[[checked]]\nname = "new"\noutcome = "same"\n'
    sources.write_runs(tmp_path, **{"2026-12-20": late})
    build(tmp_path, tmp_path / "html")
    html = tmp_path / "html"
    forgotten, six = read(html / "badge/forgotten.json"), read(html / "badge/six.json")
    assert isinstance(forgotten, dict)
    assert isinstance(six, dict)
    assert (forgotten["color"], six["color"]) == (badges.GREY, badges.COLOURS["reproducible"])
    assert forgotten["message"].endswith("since 2026-11-20 · stale")
    assert page(html, "index").row("forgotten")[1] == "reproducible stale"
    assert "This answer is stale. No run has checked it" in page(html, "project/forgotten").text
    assert "In this state since2026-11-20, last checked 2026-12-20" in page(html, "project/six").text
    told = read(html / "api/v1/index.json")
    assert isinstance(told, dict)
    assert told["last-run"] == "2026-12-20"
    assert [(one["name"], one["stale"], one.get("checked")) for one in told["projects"]] == [
        ("forgotten", True, None),
        ("new", False, "2026-12-20"),
        ("six", False, "2026-12-20"),
    ]


def test_a_badge_with_markup_stays_text() -> None:
    entry = data.Entry(name="hostile", result=samples.result("hostile", samples.MARKUP, "reproducible"))
    drawn = ElementTree.fromstring(badges.svg(entry))
    assert not [element for element in drawn.iter() if element.tag.endswith("script")]


def test_the_export_speaks_the_words_of_its_reader(site: Path) -> None:
    told = read(site / "export/ismypackagereproducibleyet.json")
    assert isinstance(told, list)
    by_name = {one["package"]: one for one in told}
    assert by_name["six"]["status"] == "reproducible"
    assert by_name["markupsafe"]["status"] == "unreproducible"
    assert by_name["markupsafe"]["architecture"] == "x86_64"
    assert by_name["lxml"]["status"] == "FTBFS"
    assert by_name["tensorthing"]["status"] == "notforus"
    assert "not-yet" not in by_name
    assert by_name["six"]["build_date"] == 1_795_132_800  # 2026-11-20


def test_with_an_address_there_are_a_sitemap_and_complete_links(tmp_path: Path) -> None:
    sources.write(tmp_path, [samples.dependent()], excluded=False)
    sources.write_runs(tmp_path)
    options = ("-D", "html_baseurl=https://example.invalid/report/", "-D", "wheelreport_source=https://example.invalid/source")
    done = build(tmp_path, tmp_path / "html", *options)
    assert done.returncode == 0, done.stderr
    html = tmp_path / "html"
    found = [location.text for location in ElementTree.parse(html / "sitemap.xml").getroot().iter(f"{SPACE}loc")]
    assert "https://example.invalid/report/project/markupsafe.html" in found
    for location in found:
        assert location
        assert (html / location.removeprefix("https://example.invalid/report/")).is_file()
    assert "https://example.invalid/report/badge/markupsafe.svg" in page(html, "project/markupsafe").text
    assert "https://example.invalid/source" in page(html, "project/markupsafe").links
    assert "git clone https://example.invalid/source" in page(html, "check").text
    assert 'href="https://example.invalid/report/project/markupsafe.html#history"' in (html / "feeds/all.xml").read_text()
    told = page(html, "runs")
    assert told.row("python") == ["python", "3.11", "3.12"]
    assert "From start to end2 h 30 min" in told.text
    assert "a new result file: 1 · the result file is the same: 1 · no answer: 1" in told.text
    assert "1, of which same release, other toolchain: 1" in told.text
    assert "Took longestmarkupsafe 20 min, other 2 s" in told.text
    assert "One change of the toolchain moved 1 project: setuptools 84.0 → 85.0" in told.text
    assert told.row("markupsafe") == ["markupsafe", "same release, other toolchain", "reproducible", "environment-dependent"]
    assert "3 nights were missed" in told.text
    home = page(html, "index").text
    assert "Last run: 2026-11-24, 3 checks, 1 without an answer" in home
    assert "3 nights were missed before the last run: 2026-11-23, 2026-11-22, 2026-11-21" in home
    for path in html.rglob("*.html"):
        head = path.read_text(encoding="utf-8").partition("</head>")[0]
        picture = re.search(r'property="og:image" content="https://example.invalid/report/([^"]*)"', head)
        assert picture, path
        assert (html / picture[1]).read_bytes()[16:24] == bytes((0, 0, 1200 >> 8, 1200 & 255, 0, 0, 630 >> 8, 630 & 255)), path
        address = re.search(r'property="og:url" content="https://example.invalid/report/([^"]*)"', head)
        assert address, path
        assert html / address[1] == path
    assert '<base href="https://example.invalid/report/">' in (html / "404.html").read_text(encoding="utf-8")


def test_lists_hold_their_projects(site: Path) -> None:
    lists = (
        "status/environment-dependent",
        "robust/no",
        "repeatable/yes",
        "kind/compiled",
        "group/sample",
        "published/different",
    )
    for name in (*(f"list/{name}" for name in lists), "cause/umask"):
        assert page(site, name).row("markupsafe")[1] == "environment-dependent"
    assert page(site, "backends").row("setuptools")[1] == "8"
    assert page(site, "matches").row("different")[1:] == ["0", "1", "1"]
    assert page(site, "matches").row("together")[-1] == "9"
    assert "Repaired by auditwheel after it was built. _speedups.so: other compiler" in page(site, "matches").text
    home = page(site, "index").text
    assert "Regressions" in home
    assert "was reproducible" in home
    assert "python 3.13: different" in page(site, "project/markupsafe").text
    assert words.KINDS["pure"] in home


def test_pages_are_valid_html(any_site: Path) -> None:
    faults = []
    for path in sorted(any_site.rglob("*.html")):
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(path.read_text(encoding="utf-8"))
        faults += [f"{path.relative_to(any_site)}:{place[0]}: {code}" for place, code, _ in parser.errors]
    assert faults == []


def test_every_page_has_a_description_and_a_card(site: Path) -> None:
    for path in site.rglob("*.html"):
        head = path.read_text(encoding="utf-8").partition("</head>")[0]
        for name in ('name="description"', 'property="og:title"', 'property="og:description"', 'name="twitter:card"'):
            assert head.count(name) == 1, f"{path}: {name}"
        assert 'type="application/atom+xml"' in head or "/list/" in str(path) or "/cause/" in str(path) or path.stem in (
            "search", "wheel-projects",
        ), path  # fmt: skip


def test_every_status_has_its_picture() -> None:
    assert {path.stem for path in (DOCS / "_static/cards").glob("*.png")} == {"site", *words.STATUSES}


def test_no_page_has_a_script_or_a_style_in_it(any_site: Path) -> None:
    for path in any_site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text, path
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|<[^<>]*\sstyle=|<[^<>]*\son\w+=", text), path


def test_the_rows_for_the_script_say_what_the_pages_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources.write(tmp_path, samples.many(), "not-yet")
    site = data.read(tmp_path / "results", tmp_path / "projects.toml", tmp_path / "runs", store.load(tmp_path / "none"))[0]
    assert chunks.files(site) == {}
    monkeypatch.setattr(lists, "ROWS", 5)
    monkeypatch.setattr(chunks, "ROWS", 4)
    found = chunks.files(site)
    parts = [json.loads(text.removeprefix("wheelreport.take(").removesuffix(");\n")) for text in found.values()]
    known = parts[0]["words"]
    rows = [row for part in parts for row in part["rows"]]
    assert [row[0] for row in rows] == [entry.name for entry in site.tracked]
    assert len(found) == len(chunks.addresses(site)) == -(-len(rows) // 4)
    for row, entry in zip(rows, site.tracked, strict=True):
        told = {kind: known[kind][number][0] for kind, number in zip(parts[0]["one"], row[3:], strict=False) if number >= 0}
        told |= {kind: [known[kind][n][0] for n in numbers] for kind, numbers in zip(parts[0]["several"], row[9:], strict=False)}
        for kind, keys in lists.keys_of(entry).items():
            assert told.get(kind, []) == (list(keys) if kind in lists.SEVERAL else keys[0] if keys else []), (entry.name, kind)
