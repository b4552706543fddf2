"""Ways to a project: the table, its filters and its order, the search, the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Open

pytestmark = pytest.mark.browser


def test_the_table_leads_to_a_project(open_page: Open) -> None:
    page = open_page("index")
    expect(page.locator("#wr-projects tbody tr")).to_have_count(12)
    page.locator("#wr-projects").get_by_role("link", name="markupsafe").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("markupsafe 3.0.4")
    expect(page.get_by_text("it depends on build-path and umask")).to_be_visible()
    page.get_by_role("link", name="All projects").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reproducible Wheels")


def test_the_table_can_be_filtered_and_the_filter_is_in_the_address(open_page: Open) -> None:
    page = open_page("index")
    rows = page.locator("#wr-projects tbody tr:visible")
    page.get_by_label("Project", exact=True).fill("Zope.Inter")
    expect(rows).to_have_count(1)
    expect(page.locator(".wr-told output")).to_have_text("1 of 12 projects")
    page.get_by_label("Project", exact=True).fill("")
    page.get_by_role("combobox", name="Status").select_option("environment-dependent")
    expect(rows).to_have_count(2)
    assert page.url.endswith("?status=environment-dependent")
    page.reload()
    expect(rows).to_have_count(2)


def test_filters_work_together_and_can_be_linked(open_page: Open) -> None:
    page = open_page("index", query="?cause=umask&kind=compiled&published=different")
    rows = page.locator("#wr-projects tbody tr:visible")
    expect(rows).to_have_count(1)
    expect(rows.first.locator("th")).to_have_text("markupsafe")
    page.get_by_label("Kind of wheel").select_option("pure")
    expect(rows).to_have_count(0)
    assert "kind=pure" in page.url


def test_the_table_can_be_sorted(open_page: Open) -> None:
    page = open_page("index")
    first = page.locator("#wr-projects tbody tr").first.locator("th")
    expect(first).to_have_text("attrs")
    page.get_by_role("button", name="Project").click()
    expect(first).to_have_text("zope-interface")
    page.get_by_role("button", name="Status").click()
    expect(page.get_by_role("columnheader", name="Status")).to_have_attribute("aria-sort", "ascending")
    assert "reproducible" in page.locator("#wr-projects tbody tr").first.locator("td").first.inner_text()
    page.get_by_role("button", name="Status").click()
    expect(page.locator("#wr-projects tbody tr").first.locator("td").first).to_have_text("not checked")


def test_everything_is_there_without_javascript(open_page: Open) -> None:
    page = open_page("index", java_script_enabled=False)
    expect(page.locator("#wr-projects tbody tr:visible")).to_have_count(12)
    expect(page.locator(".wr-filter")).to_be_hidden()
    expect(page.locator(".wr-find")).to_be_hidden()
    page.get_by_role("link", name="2 environment-dependent").click()
    expect(page.locator("#wr-projects tbody tr:visible")).to_have_count(2)
    page = open_page("project/markupsafe", java_script_enabled=False)
    expect(page.get_by_text("it depends on build-path and umask")).to_be_visible()
    expect(page.get_by_role("heading", name="The environment")).to_be_visible()
    expect(page.locator(".wr-copy:visible")).to_have_count(0)


def test_filters_by_answer_sort_and_order_are_in_the_address(open_page: Open) -> None:
    page = open_page("index", query="?robust=not-checked&sort=version&order=down")
    rows = page.locator("#wr-projects tbody tr:visible")
    expect(rows).to_have_count(3)
    expect(rows.first.locator("th")).to_have_text("lxml")
    expect(page.get_by_role("columnheader", name="Version")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("combobox", name="Repeatable").select_option("no")
    expect(rows).to_have_count(1)
    assert "repeatable=no" in page.url
    assert "robust=not-checked" in page.url
    assert "sort=version" in page.url
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(12)
    assert "robust" not in page.url


def test_a_project_is_found_by_its_name_from_any_page(open_page: Open) -> None:
    page = open_page("index")
    field = page.get_by_label("Is your package reproducible")
    field.fill("Markup")
    expect(page.locator(".wr-found a")).to_have_count(1)
    expect(page.locator(".wr-found a")).to_contain_text("markupsafe 3.0.4 environment-dependent")
    field.fill("no-such-thing")
    expect(page.locator(".wr-find output")).to_contain_text("Not tracked")
    for name in ("check", "request"):
        expect(page.locator(f".wr-find output a[href$='{name}.html']")).to_be_visible()
    field.fill("zope_interface")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("zope-interface")
    page.get_by_label("Find a package").fill("six")
    page.get_by_label("Find a package").press("Enter")
    expect(page.locator(".wr-found a")).to_contain_text("six 1.17.0 reproducible")
    page.locator(".wr-found a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("six 1.17.0")


def test_a_reader_needs_no_mouse(open_page: Open) -> None:
    page = open_page("index")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
        pytest.fail(f"the Tab key does not come to {selector}")

    tab_to("#wr-find")
    page.keyboard.type("markups")
    expect(page.locator(".wr-found a")).to_have_count(1)
    tab_to(".wr-found a")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "what has the focus must be seen"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("markupsafe 3.0.4")
    page.go_back()
    tab_to(".wr-filter [name=status]")
    page.keyboard.press("u")
    expect(page.locator("#wr-projects tbody tr")).to_have_count(1)
    tab_to("#wr-projects .wr-sort")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Project")).to_have_attribute("aria-sort", "descending")


def test_the_pages_about_the_method_can_be_searched(open_page: Open) -> None:
    page = open_page("search", query="?q=umask")
    expect(page.locator("#search-results li").first).to_be_visible()
    page = open_page("index")
    page.get_by_role("link", name="Search these pages").click()
    page.wait_for_load_state()
    page.get_by_role("searchbox", name="Search terms").fill("bubblewrap")
    page.get_by_role("searchbox", name="Search terms").press("Enter")
    expect(page.locator("#search-results li").first).to_be_visible()
