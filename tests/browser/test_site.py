from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import Open

pytestmark = pytest.mark.browser

# One page of each kind; what is served from files must not ask anything of another host.
PAGES = (
    "index",
    "project/markupsafe",
    "project/hostile",
    "project/lxml",
    "project/attrs",
    "project/tensorthing",
    "project/not-yet",
    "project/gone",
    "project/google-cloud-aiplatform-with-a-long-name",
    "project/many-requirements",
    "wheel-projects",
    "reading",
    "method",
    "variations",
    "causes",
    "cause/umask",
    "exclusions",
    "results",
    "projects",
    "commands",
    "search",
    "findings",
    "matches",
    "backends",
    "runs",
    "machines",
    "speed",
    "check",
    "request",
    "404",
    "list/status/environment-dependent",
    "list/robust/not-checked",
)
SOME = ("index", "project/markupsafe", "project/lxml", "reading", "cause/umask", "findings")
# axe would fetch style sheets by itself, which a browser forbids for pages from files.
EVERYTHING = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"preload": False, "runOnly": {"type": "rule", "values": ["color-contrast"]}}


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


def test_nothing_is_printed_that_only_works_on_a_screen(open_page: Open) -> None:
    page = open_page("project/markupsafe")
    expect(page.locator(".wr-copy").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".wr-copy").first).to_be_hidden()
    expect(page.locator(".sidebar-drawer")).to_be_hidden()
    expect(page.locator(".skip-to-content")).to_be_hidden()
    # Browsers print no backgrounds unless a page asks for it, and the shapes of states are backgrounds.
    shape = "getComputedStyle(document.querySelector('.wr-status'), '::before').printColorAdjust"
    assert page.evaluate(shape) == "exact"
    expect(page.get_by_text("it depends on build-path and umask")).to_be_visible()
    # A printed page cannot be scrolled, so nothing may be cut off.
    cut = """[...document.querySelectorAll("pre, .wr-scroll")].filter((box) => box.checkVisibility()
        && getComputedStyle(box).overflowX !== "visible").map((box) => box.className)"""
    assert page.evaluate(cut) == []


def test_a_link_into_a_page_opens_what_it_names(open_page: Open) -> None:
    page = open_page("project/markupsafe", query="#history")
    expect(page.get_by_role("heading", name="History")).to_be_in_viewport()
    page = open_page("variations", query="#variation-umask")
    expect(page.locator("#variation-umask")).to_be_in_viewport()


@pytest.mark.parametrize(("day", "missed"), [(24, 0), (26, 0), (27, 2), (30, 5)])
def test_old_data_is_told_by_the_clock_of_the_reader(open_page: Open, day: int, missed: int) -> None:
    page = open_page("method")
    page.clock.set_fixed_time(f"2026-11-{day}T12:00:00Z")
    for name in ("index", "runs"):
        page.goto(f"{page.url.rpartition('/')[0]}/{name}.html")
        expect(page.locator(".wr-old")).to_be_visible(visible=bool(missed))
        if missed:
            expect(page.locator(".wr-old")).to_contain_text(f"The last run was {missed + 1} days ago, on 2026-11-24.")
            expect(page.locator(".wr-old")).to_contain_text(f"{missed} nights were missed")


def test_a_reader_without_javascript_can_tell_that_data_is_old(open_page: Open) -> None:
    page = open_page("index", java_script_enabled=False)
    expect(page.locator(".wr-old")).to_have_text(
        "There is a run every night. If today is later than 2026-11-26, nights were missed since, and answers may be old."
    )


def test_no_table_is_cut_off_on_a_phone(open_page: Open) -> None:
    page = open_page("index", width=375)
    site = page.url.rpartition("/")[0]
    cut = """[...document.querySelectorAll(".wr-scroll, .wr-scroll td, .wr-scroll th")].filter((box) => box.checkVisibility()
        && box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline").map((box) => box.textContent.slice(0, 80))"""
    for name in (
        "index",
        "runs",
        "exclusions",
        "backends",
        "matches",
        "findings",
        "causes",
        "variations",
        "project/many-requirements",
    ):
        page.goto(f"{site}/{name}.html")
        assert page.evaluate(cut) == [], name
    page.goto(f"{site}/project/many-requirements.html")
    label = "getComputedStyle(document.querySelector('.wr-requires td'), '::before').content"
    assert "attr(data-label)" in page.evaluate(label) or "Version" in page.evaluate(label)


def test_a_hash_can_be_copied(open_page: Open) -> None:
    page = open_page("project/six", permissions=["clipboard-read", "clipboard-write"])
    wanted = page.locator(".wr-hash code").first.inner_text()
    page.get_by_role("button", name="Copy SHA-256").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == wanted


def test_markup_of_strangers_does_nothing(open_page: Open) -> None:
    page = open_page("index")
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.locator("#wr-projects").get_by_role("link", name="hostile").click()
    expect(page.locator(".wr-summary")).to_have_text("<script>alert(1)</script>")


def test_the_policy_of_every_page_forbids_what_a_stranger_could_add(open_page: Open) -> None:
    # That no page breaks it is seen by every other test: a violation is an error on the console.
    page = open_page("index")
    site = page.url.rpartition("/")[0]
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
    page = open_page("project/six", expected=("Content Security Policy",))
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'owned'";
      document.body.append(script);
      const image = document.createElement("img");
      image.src = "https://example.invalid/x.png";
      document.body.append(image);
    }""")
    assert page.title() != "owned"


@pytest.mark.parametrize("width", [375, 768, 1440])
def test_pages_never_scroll_sideways(open_page: Open, width: int) -> None:
    page = open_page("index", width=width)
    site = page.url.rpartition("/")[0]
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize(
    ("scheme", "width", "names", "options"),
    [("light", 375, PAGES, EVERYTHING), ("light", 1440, SOME, EVERYTHING), ("dark", 1440, SOME, COLOURS)],
)
def test_pages_have_no_fault_that_axe_finds(
    open_page: Open, scheme: str, width: int, names: tuple[str, ...], options: dict[str, Any]
) -> None:
    axe, found = Axe(), []
    page = open_page("index", width=width, color_scheme=scheme)
    site = page.url.rpartition("/")[0]
    for name in names:
        page.goto(f"{site}/{name}.html")
        for violation in axe.run(page, options=options).response["violations"]:
            found += [f"{name}: {violation['id']}: {node['html']} {node['failureSummary']}" for node in violation["nodes"]]
    assert not found, "\n".join(found)


def test_the_dark_scheme_is_dark(open_page: Open) -> None:
    def background(scheme: str) -> int:
        color = open_page("index", color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(","))

    assert background("dark") < 150 < 600 < background("light")
