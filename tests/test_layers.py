"""The staircase: a module imports only from those above it in this list, and the report only values."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reprowheels import identity

ROOT = Path(__file__).parent.parent
CHECKER = ROOT / "checker" / "src" / "reprowheels"
REPORT = ROOT / "docs" / "_ext" / "wheelreport"

# Values first, then what is pure, then the edges, then what joins them. A new module takes its place here.
STAIRCASE = (
    "errors",
    "files",
    "identity",
    "tables",
    "results",
    "resultfiles",
    "statements",
    "projects",
    "runs",
    "due",
    "variations",
    "eras",
    "catalogue",
    "excerpts",
    "members",
    "archive",
    "binaries",
    "wheel",
    "provenance",
    "fields",
    "leaf",
    "parts",
    "contents",
    "compare",
    "traces",
    "large",
    "moments",
    "languages",
    "patterns",
    "moves",
    "suspects",
    "normalizers",
    "records",
    "causes",
    "verdicts",
    "diffs",
    "fulldiff",
    "comparison_report",
    "pipconfig",
    "machine",
    "pages",
    "listing",
    "index",
    "sdist",
    "crates",
    "environment",
    "resolutions",
    "spent",
    "supervise",
    "bubblewrap",
    "plain",
    "processors",
    "sandbox",
    "failures",
    "build",
    "unfinished",
    "laboratory",
    "shrink",
    "isolate",
    "batches",
    "pace",
    "inference",
    "candidates",
    "reasons",
    "compressors",
    "selftest",
    "attempts",
    "published",
    "history",
    "portable",
    "targets",
    "conclusion",
    "advice",
    "check",
    "rebuild",
    "terminal",
    "outlook",
    "executors",
    "sweep",
    "swept",
    "audit",
    "arguments",
    "commands",
    "cli",
    "tied",
    "__main__",
)
VALUES = frozenset(("errors", "results", "resultfiles", "statements", "projects", "variations", "catalogue"))
OURS = ("noxfile.py", *(f"{place}/**/*.py" for place in ("checker/src", "docs/_ext", "tools", "benchmarks", "tests")))
LONGEST = 300


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py" or folder == REPORT)


def imported(path: Path, package: str) -> Iterator[str]:
    """Give the modules of a package that a file imports, at its top or anywhere else, and "" for the package itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top, _, rest = alias.name.partition(".")
                if top == package:
                    yield rest
        elif isinstance(node, ast.ImportFrom):
            relative = node.level and path.is_relative_to(CHECKER)
            top, _, rest = (node.module or "").partition(".")
            if relative and node.module:
                yield node.module
            elif relative or (not node.level and node.module == package):
                yield from (alias.name for alias in node.names)
            elif not node.level and top == package:
                yield rest


def test_every_module_has_its_place() -> None:
    assert {path.stem for path in modules(CHECKER)} <= set(STAIRCASE)


@pytest.mark.parametrize("path", modules(CHECKER), ids=lambda path: path.stem)
def test_imports_go_down_the_stairs(path: Path) -> None:
    above = STAIRCASE[: STAIRCASE.index(path.stem)]
    # The package itself holds nothing but the version.
    assert set(imported(path, "reprowheels")) <= {*above, "__version__"}


@pytest.mark.parametrize("path", [*CHECKER.glob("*/*.py")], ids=lambda path: path.stem)
def test_what_runs_in_the_sandbox_needs_the_standard_library_only(path: Path) -> None:
    # What is executed as a folder has the other modules of that folder.
    own = {other.stem for other in path.parent.glob("*.py")} if path.parent.name == "_inside" else set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | own


@pytest.mark.parametrize("path", modules(REPORT), ids=lambda path: path.stem)
def test_the_report_knows_the_values_of_the_checker_only(path: Path) -> None:
    assert set(imported(path, "reprowheels")) <= VALUES


def test_long_builds_stay_while_what_builds_them_is_the_same() -> None:
    """What judges wheels may change in between: the modules that a build needs are those that it imports, and no others."""
    needed = identity.needed("build")
    assert {"build", "environment", "sandbox", "variations", "sdist"} <= needed
    assert not {"causes", "compare", "isolate", "suspects", "check", "sweep"} & needed
    assert len({identity.source(), identity.source("build"), identity.source("wheel")}) == 3


def test_a_module_can_be_read_in_one_go() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for place in OURS for path in ROOT.glob(place)}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
