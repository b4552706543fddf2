"""Every page: in print, on a phone, in the dark, without a script, and under a policy that forbids what is foreign."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import EVERYTHING, Open

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


COLOURS = {"preload": False, "runOnly": {"type": "rule", "values": ["color-contrast"]}}


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
