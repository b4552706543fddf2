from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from ..report import building, samples, sources

Open = Callable[..., Page]
# axe would fetch style sheets by itself, which a browser forbids for pages from files.
EVERYTHING = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
expect.set_options(timeout=30_000)  # what is expected comes at once, but a machine that builds wheels meanwhile is slow


def _program() -> str | None:
    """Return the Chromium to use: the one that is asked for, that of the system, or None for Playwright's own."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium; without one these tests fail, they are never skipped."""
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=_program(), args=["--no-sandbox"])
        except Error as error:
            pytest.fail(
                "The tests of the site need Chromium and found none that starts. Install the package `chromium`, run "
                f"`playwright install chromium`, or set CHROMIUM to its path.\n{error.message}",
                pytrace=False,
            )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a site with a project of every kind."""
    directory: Path = tmp_path_factory.mktemp("browser")
    sources.write(directory, samples.many(), "not-yet", "zope-interface")
    sources.write_runs(directory)
    building.build(directory, directory / "html")
    return (directory / "html").as_uri()


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Return a function that opens a page; messages on the console, broken policies and foreign requests fail the test.

    `expected` names messages that a test brings about on purpose.
    """
    contexts, messages, foreign, allowed = [], [], [], []

    def failed(request: Request) -> None:
        if request.failure not in ("net::ERR_ABORTED", "csp"):  # the page was left, or the console has told it
            messages.append(f"{request.failure}: {request.url}")

    def told(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in allowed):
            messages.append(message.text)

    def opened(
        name: str, width: int = 1440, query: str = "", root: str = site, expected: tuple[str, ...] = (), **options: Any
    ) -> Page:
        allowed.extend(expected)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("requestfailed", failed)
        if not expected:
            local = ("file:", "data:", "http://127.0.0.1:")
            page.on("request", lambda request: None if request.url.startswith(local) else foreign.append(request.url))
        page.goto(f"{root}/{name}.html{query}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert messages == []
    assert foreign == []
