from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ..report import building, samples, sources
from .conftest import EVERYTHING, Open

pytestmark = pytest.mark.browser

COUNT, SHOWN = 1203, 500


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a site with more projects than a page shows; most of them have no result, which is quick to make."""
    directory: Path = tmp_path_factory.mktemp("large")
    found = [samples.reproducible(f"made-{number:04}", f"1.{number}") for number in range(0, 1200, 100)]
    found += [samples.dependent("zz-last", "2.0"), samples.stale("yy-stale"), samples.failed("xx-failed")]
    rest = [f"made-{number:04}" for number in range(1200) if number % 100]
    sources.write(directory, found, *rest, excluded=False)
    assert len(list((directory / "results").glob("*.toml"))) + len(rest) == COUNT
    building.build(directory, directory / "html")
    return (directory / "html").as_uri()


def test_without_a_script_every_row_is_on_some_page(large: str, open_page: Open) -> None:
    page = open_page("index", root=large, java_script_enabled=False)
    seen = set()
    for number in range(1, 4):
        names = page.locator("#wr-projects tbody th").all_inner_texts()
        assert len(names) <= SHOWN
        seen |= set(names)
        if number < 3:
            with page.expect_navigation():  # until the whole page is there: a slow machine shows a part of it before
                page.get_by_role("link", name=f"Page {number + 1}").click()
    assert len(seen) == COUNT
    expect(page.locator(".wr-filter:visible")).to_have_count(0)


def test_filters_and_sorting_cover_rows_of_other_pages(large: str, open_page: Open) -> None:
    page = open_page("index", root=large)
    rows = page.locator("#wr-projects tbody tr")
    expect(rows).to_have_count(SHOWN)
    assert page.locator("script[src*=rows]").count() == 0, "nothing is loaded before somebody asks"
    page.get_by_label("Project", exact=True).fill("zz-")
    expect(rows).to_have_count(1)
    expect(page.locator(".wr-told output")).to_have_text(f"1 of {COUNT} projects")
    expect(rows.first).to_contain_text(re.compile("zz-last.*environment-dependent.*2.0.*yes.*no.*different"))
    rows.get_by_role("link", name="zz-last").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("zz-last 2.0")
    page.go_back()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(SHOWN)
    page.get_by_role("button", name="Project").click()
    expect(rows.first.locator("th")).to_have_text("zz-last")
    expect(page.locator(".wr-turner")).to_contain_text("Page 1 of 3")
    expect(page.get_by_role("navigation", name="Pages of this list")).to_be_hidden()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".wr-turner")).to_contain_text("Page 2 of 3")
    assert re.search(r"sort=name&order=down&page=2$", page.url)
    first = rows.first.locator("th").inner_text()
    page.reload()
    expect(rows.first.locator("th")).to_have_text(first)
    assert int(first.removeprefix("made-")) < 1200 - 300


def test_a_row_from_the_index_is_the_row_of_a_page(large: str, open_page: Open) -> None:
    """Draw a row that the first page has from the data too, and compare the two."""
    page = open_page("index", root=large)
    for name in ("made-0000", "made-0001", "made-0400"):
        given = page.locator("#wr-projects tbody tr", has_text=name).inner_html()
        drawn = open_page("index", root=large, query=f"?q={name}")
        row = drawn.locator("#wr-projects tbody tr")
        expect(row).to_have_count(1)
        assert _normal(row.inner_html()) == _normal(given)
    for name in ("yy-stale", "xx-failed", "made-1100"):
        kind = page.goto(f"{large}/list/group/sample/3.html")
        assert kind
        given = page.locator("#wr-projects tbody tr", has_text=name).inner_html()
        drawn = open_page("index", root=large, query=f"?q={name}")
        row = drawn.locator("#wr-projects tbody tr")
        expect(row).to_have_count(1)
        assert _normal(row.inner_html()) == _normal(given), name


def _normal(html: str) -> str:
    return re.sub(r'href="(\./|(\.\./)*)', 'href="', html).replace('<td class="">', "<td>").replace("</td>\n", "</td>")


def test_a_project_of_another_page_is_found_at_the_top(large: str, open_page: Open) -> None:
    page = open_page("index", root=large)
    page.get_by_label("Is your package reproducible").fill("yy")
    expect(page.locator(".wr-found a")).to_have_count(1)
    expect(page.locator(".wr-found a")).to_contain_text("yy-stale 26.1.0 reproducible")


def test_a_long_list_leads_to_the_filter(large: str, open_page: Open) -> None:
    page = open_page("list/status/not-checked", root=large)
    expect(page.locator(".wr-sort")).to_have_count(0)
    page.get_by_role("link", name="Filter and sort this list").click()
    expect(page.locator(".wr-told output")).to_have_text(f"{COUNT - 15} of {COUNT} projects")
    expect(page.get_by_role("combobox", name="Status")).to_have_value("not-checked")


def test_a_long_page_has_no_fault_either(large: str, open_page: Open) -> None:
    page = open_page("index", root=large, width=375, query="?status=reproducible")
    expect(page.locator("#wr-projects tbody tr")).to_have_count(13)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert Axe().run(page, options=EVERYTHING).response["violations"] == []
