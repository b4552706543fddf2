from __future__ import annotations

import ast
import dataclasses
import gzip
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from reprowheels import catalogue, errors, projects, results, variations
from wheelreport import changes, data, figures, reasons, runs, store, words

from . import samples
from .building import ROOT, Page, build, contents, page


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


def test_a_page_shows_what_a_wheel_depends_on(site: Path) -> None:
    found = page(site, "project/markupsafe")
    assert "it depends on build-path and umask." in found.text
    assert "Only debug information of compiled files moved" in found.text
    build_path = variations.BY_NAME["build-path"]
    assert [build_path.baseline, build_path.varied] == found.row("build-path")[1:]
    assert found.row("umask")[1:] == ["0022", "0002"]
    assert "isolate-1: some variations" in found.text
    assert catalogue.BY_ID["build-path"].sentence.replace("`", "") in found.text
    assert "../cause/build-path.html" in found.links
    assert "../project/markupsafe.html" in page(site, "cause/build-path").links
    assert "the difference goes with -ffile-prefix-map=<source tree>=." in found.text
    assert "3 more differences are not listed." in found.text
    assert "RECORD has no line for markupsafe/py.typed" in found.text
    assert samples.sha256("published") in found.text
    assert found.row("setuptools") == [
        "setuptools",
        "84.2.1",
        f"setuptools-84.2.1-py3-none-any.whl{samples.sha256('setuptools')}",
    ]
    assert found.row("locale") == ["locale", "no other locale on this machine"]
    assert found.row("2026-11-02")[2] == "reproducible"


def test_the_difference_is_shown_from_its_beginning_and_whole_as_a_file(site: Path) -> None:
    found = page(site, "project/markupsafe")
    assert (site / "data/markupsafe.diff").read_text(encoding="utf-8") == samples.DIFF
    assert "../data/markupsafe.diff" in found.links
    assert "first/markupsafe/_speedups.so > .debug_str" in found.text
    assert f"+{samples.MARKUP}" in found.text
    assert "line 52" in found.text
    assert "line 54" not in found.text
    assert "47 more lines" in found.text
    assert not (site / "data/six.diff").exists()


def test_the_verdict_says_what_would_have_to_change(site: Path) -> None:
    text = page(site, "project/markupsafe").text
    change = text.index("What would have to change")
    assert (
        text.index("environment-dependent") < change < text.index("Repeatable" if "Repeatable" in text else "repeatable", change)
    )
    assert catalogue.BY_ID["build-path"].advice.replace("`", "") in text[change : change + 600]
    assert "With setuptools: " + dict(catalogue.BY_ID["build-path"].fixes)["setuptools"].replace("`", "") in text
    assert "What would have to change" not in page(site, "project/six").text
    assert "Nothing has to change." in page(site, "project/six").text


def test_the_history_is_a_strip_of_words(site: Path) -> None:
    text = page(site, "project/many-requirements").text
    strip = text[text.rindex("History") - 2000 :] if "History" in text else ""
    order = [strip.find(f"{word} {number}.0") for number, word in enumerate(results.STATUSES[:4])]
    assert order == sorted(order)
    assert -1 not in order


def test_a_page_has_every_build_requirement(site: Path) -> None:
    found = page(site, "project/many-requirements")
    for number in range(30):
        required = samples.requirement(number)
        assert found.row(required.name)[1:] == [required.version, f"{required.filename}{required.sha256}"]


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
    samples.write(tmp_path, moved, excluded=False)
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


def test_a_project_that_leaves_the_list_keeps_its_page_and_badge(tmp_path: Path) -> None:
    html = tmp_path / "html"
    samples.write(tmp_path, [samples.reproducible(), samples.reproducible("leaving")], excluded=False)
    build(tmp_path, html)
    samples.write(tmp_path, [samples.reproducible()], excluded=False)
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
    samples.write(tmp_path, [samples.reproducible(), typo, samples.failed("leaving")], excluded=False)
    (tmp_path / "projects.toml").write_text('[[project]]\nname = "six"\ngroups = ["sample"]\n', encoding="utf-8")
    site = data.read(tmp_path / "results", tmp_path / "projects.toml", tmp_path / "runs", store.load(tmp_path / "none"))[0]
    assert [entry.name for entry in site.entries] == ["leaving", "six"]


def test_a_bound_on_builds_and_failing_variations_are_told(site: Path) -> None:
    found = page(site, "project/google-cloud-aiplatform-with-a-long-name")
    assert "it depends on one of hash-seed, file-order." in found.text
    assert "Under these variations there is no wheel at all" in found.text


def test_why_there_is_no_answer_follows_from_the_status(site: Path) -> None:
    assert "Not asked: two builds in the same environment differ already." in page(site, "project/frozenlist").text
    unasked = words.question("published", results.UNREPRODUCIBLE, results.NOT_CHECKED)
    assert unasked == "The published wheel was not compared.", "it is compared also where two builds differ"
    assert "The environment was not varied in this check." in page(site, "project/wrapt").text


def test_counts_of_members_make_sense() -> None:
    wheel = samples.dependent().published_wheel
    assert wheel
    assert figures.differing(wheel) == "4 of 14 members"
    # Members that only the rebuilt wheel has are none of the published one.
    assert figures.differing(dataclasses.replace(wheel, omitted=20)) == "22 members; the published wheel has 14"


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


def test_a_stale_answer_stands_beside_its_failure(site: Path) -> None:
    found = page(site, "project/attrs").text
    assert "This answer is stale. It is the last real one, for 26.1.0." in found
    assert "A later check of 26.2.0 came to no answer (since 2026-11-23): The index did not answer." in found
    assert "index: Ask the package index" in found
    assert "connection refused" in found


def test_a_failure_has_phase_reason_and_log(site: Path) -> None:
    found = page(site, "project/lxml")
    assert "This check came to no wheel, and so to no answer: The build took longer than 1800 s." in found.text
    assert found.text.count("There is no wheel to ask about.") == 3
    assert "timeout: The build took longer than the limit." in found.text
    assert "compiling … still" in found.text
    assert "../results.html#reason-timeout" in found.links


def test_an_excluded_project_says_why(site: Path) -> None:
    for name in ("project/tensorthing", "exclusions"):
        found = page(site, name)
        assert "needs-hardware" in found.text
        assert "The build tries its kernels on a graphics card." in found.text
        assert "2027-05-01" in found.text
        assert "https://example.invalid/issue/1" in found.links
        assert "2026-11-15" in found.text
        assert "A machine with a supported graphics card." in found.text
    assert "Kept for completeness." in page(site, "project/tensorthing").text


def test_pages_without_an_answer_say_so(site: Path) -> None:
    assert "No check of this project is recorded yet." in page(site, "project/not-yet").text
    gone = page(site, "project/gone").text
    assert "This project is no longer tracked." in gone
    assert "reproducible" in gone


def test_what_strangers_wrote_stays_text(site: Path) -> None:
    plain, found = page(site, "project/six"), page(site, "project/hostile")
    assert samples.MARKUP in found.text
    assert found.scripts == plain.scripts
    assert found.handlers == []
    assert not [link for link in found.links if link.lower().startswith("javascript:")]
    assert "set -e" not in found.text, "a value that does not fit must not get into a script"


def test_commands_repeat_a_check(site: Path) -> None:
    text = page(site, "project/markupsafe").text
    assert 'make check PKG="markupsafe==3.0.4"' in text
    assert "reprowheels check markupsafe==3.0.4 --source-date-epoch 1596163658 --python 3.11" in text
    assert f"markupsafe==3.0.4 --hash=sha256:{samples.sha256('markupsafe sdist')}" in text
    assert "apt-get install libffi-dev pkg-config" in text
    assert "no package" not in text


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
    assert results.load(site / "data/markupsafe.toml") == samples.dependent()
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


def test_words_are_complete() -> None:
    assert set(words.LAYERS) == set(catalogue.LAYERS)
    assert tuple(words.STATUSES) == (*results.STATUSES, "not-checked")
    assert set(words.REPEATABLE) == set(words.ROBUST) == set(results.ANSWERS)
    assert set(words.PUBLISHED) == set(results.PUBLISHED)
    assert set(words.MOVED) == set(results.MOVED)
    assert set(words.EXCLUSIONS) == set(projects.EXCLUSION_REASONS)
    assert set(reasons.PHASES) == set(results.PHASES)
    assert {phase for phase, _ in reasons.REASONS.values()} <= set(results.PHASES)


def test_every_reason_that_the_checker_gives_is_explained() -> None:
    used = set()
    for path in (ROOT / "checker/src/reprowheels").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("CheckFailed", "Stop"):
                used |= {argument.value for argument in node.args[1:2] if isinstance(argument, ast.Constant)}
    assert used
    assert used <= set(reasons.REASONS)


def test_the_pages_about_the_method_are_complete(site: Path) -> None:
    found = page(site, "variations")
    for variation in variations.VARIATIONS:
        assert found.row(f"{variation.name}")[1:3] == [" ".join(variation.baseline.split()), " ".join(variation.varied.split())]
        assert f"variation-{variation.name}" in found.ids
    assert {f"reason-{code}" for code in reasons.REASONS} <= page(site, "results").ids
    assert {f"cause-{cause}" for cause in catalogue.BY_ID} <= page(site, "causes").ids
    assert {f"status-{status}" for status in words.STATUSES} <= page(site, "reading").ids
    for cause in catalogue.CAUSES:
        text = page(site, f"cause/{cause.id}").text
        assert cause.advice.replace("`", "") in text
        assert all(said in text for said in (cause.explanation, *(fix for _, fix in cause.fixes)))
    text = page(site, "projects").text
    assert all(reason in text for reason in projects.EXCLUSION_REASONS)
    assert all(str(status) in page(site, "commands").text for status in (errors.OK, errors.USAGE, errors.NOT_CHECKED))


def test_every_option_of_the_checker_is_explained(site: Path) -> None:
    command = [sys.executable, "-m", "reprowheels", "check", "--help"]
    usage = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}).stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", usage, re.MULTILINE)) - {"--help"}
    assert "--output" in options
    text = page(site, "commands").text
    assert [option for option in sorted(options) if option not in text] == []


@pytest.mark.parametrize("known", [results.Result, results.Failure, results.Environment, results.EpochProbe])
def test_every_key_of_the_schema_is_explained(site: Path, known: type) -> None:
    text = page(site, "results").text
    for field in dataclasses.fields(known):
        assert field.name.replace("_", "-") in text


def test_a_site_without_results_can_be_built(tmp_path: Path) -> None:
    samples.write(tmp_path, [], "six", excluded=False)
    build(tmp_path, tmp_path / "html")
    index = page(tmp_path / "html", "index")
    assert "1 project is tracked: 1 not checked." in index.text.replace("\xa0", " ")
    assert index.row("six")[1] == "not checked"
    assert "No project is excluded at present." in page(tmp_path / "html", "exclusions").text


def test_the_same_results_give_the_same_files(site: Path, tmp_path: Path) -> None:
    samples.write(tmp_path, samples.many(), "not-yet", "zope-interface")
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
        result = results.load(path)
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


def test_what_was_measured_is_shown_in_tables(committed: Path) -> None:
    found = page(committed, "speed")
    for file, tables, name in (
        ("bench", "project", "name"),
        ("bench-compare", "pair", "pair"),
        ("bench-site", "size", "projects"),
    ):
        measured = tomllib.loads((ROOT / f"docs/{file}.toml").read_text(encoding="utf-8"))
        for row in measured[tables]:
            assert found.row(str(row[name])), (file, row)
        assert measured["command"] in found.text


def test_the_first_page_is_light(committed: Path) -> None:
    content = (committed / "index.html").read_bytes()
    assert len(gzip.compress(content)) < 100_000
    extra = [committed / "_static" / name for name in ("wheelreport.css", "wheelreport.js", "colours.css", "scheme.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in extra) < 30_000
