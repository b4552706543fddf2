"""The site of the results in this checkout, whatever they are: its first page, and a page of each status and of each extreme."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from reprowheels import projects, resultfiles

from ..report import building
from .conftest import EVERYTHING, Open

pytestmark = pytest.mark.browser

SHOWING = ("index", "causes", "backends", "matches", "findings", "exclusions", "runs")


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("committed")
    building.build_committed(directory / "html")
    return directory / "html"


def pages(site: Path) -> list[str]:
    """Return a page of each status and answer, the longest ones, and what is not about a project."""
    found = [resultfiles.load(path) for path in sorted((building.ROOT / "docs/results").glob("*.toml"))]
    picked: dict[object, str] = {}
    for result in found:
        for trait in (result.status, result.published, result.moved, result.pure, result.stale, bool(result.failure)):
            picked.setdefault(trait, result.name)
    for project in projects.load(building.ROOT / "projects.toml"):
        picked.setdefault("excluded" if project.exclude else "listed", project.name)
    if found:
        picked["requires"] = max(found, key=lambda one: len(one.environment.requires) if one.environment else 0).name
        picked["differences"] = max(found, key=lambda one: len(one.differences)).name
        picked["wheel"] = max(found, key=lambda one: len(one.wheel)).name
        picked["log"] = max(found, key=lambda one: len(one.failure.log) if one.failure else 0).name
    diffs = sorted((site / "data").glob("*.diff"), key=lambda path: path.stat().st_size)
    picked["diff"] = diffs[-1].stem if diffs else next(iter(picked.values()))
    others = [path.relative_to(site).with_suffix("").as_posix() for path in site.glob("*.html")]
    return sorted({f"project/{name}" for name in picked.values()} | set(others))


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (768, "dark"), (1440, "light")])
def test_no_page_is_wider_than_its_screen(committed: Path, open_page: Open, width: int, scheme: str) -> None:
    root = committed.as_uri()
    page = open_page("index", root=root, width=width, color_scheme=scheme)
    for name in pages(committed):
        page.goto(f"{root}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize("width", [375, 641, 768, 820, 1024, 1240, 1280, 1440])
def test_the_table_of_projects_is_not_cut_off(committed: Path, open_page: Open, width: int) -> None:
    page = open_page("index", root=committed.as_uri(), width=width)
    box = page.locator(".wr-projects")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_no_page_that_shows_results_has_a_fault_that_axe_finds(committed: Path, open_page: Open) -> None:
    root, axe, found = committed.as_uri(), Axe(), []
    page = open_page("index", root=root, width=375, color_scheme="dark")
    # Pages that are the same with any results are tested with made-up ones.
    names = [name for name in pages(committed) if name.startswith("project/") or name in SHOWING]
    for name in names:
        page.goto(f"{root}/{name}.html")
        for violation in axe.run(page, options=EVERYTHING).response["violations"]:
            found += [f"{name}: {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]
    assert not found, "\n".join(found)


def test_every_project_is_found_by_its_name(committed: Path, open_page: Open) -> None:
    page = open_page("index", root=committed.as_uri())
    names = [project.name for project in projects.load(building.ROOT / "projects.toml")]
    for name in names[:: max(1, len(names) // 10)]:
        page.get_by_label("Is your package reproducible").fill(name)
        expect(page.locator(".wr-found a").first).to_contain_text(name)
        assert (page.locator(".wr-found a").first.get_attribute("href") or "").endswith(f"project/{name}.html")
