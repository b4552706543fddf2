"""The list of tracked projects, edited by programs: refreshed from the list of popular ones, and by request."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from . import trees
from .indexes import Entry, LocalIndex

ROOT = Path(__file__).parent.parent.parent
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
PROJECTS = """\
# The projects, sorted by name.

[[project]]
name = "alpha"
groups = ["original", "top-100"]
apt = ["libffi-dev"] # of the operating system

# Why this one is here.
[[project]]
name = "p-7"
groups = ["original"]

[[project]]
name = "zeta"
groups = [
  "top-100", # for long
]

[project.exclude]
reason = "no-sdist"
text = "Only wheels."
since = 2026-01-01
review-by = 2027-01-01
evidence = "none"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "projects.toml").write_text(PROJECTS)
    (tmp_path / "tools").mkdir()
    return tmp_path


def popular(*, rows: int = 1200, date: datetime.date = TODAY, first: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a list as the public one is: these names first, then many others."""
    names = [*first, *(f"P.{number}" for number in range(rows - len(first)))]
    told = [{"download_count": 10_000 - number, "project": name} for number, name in enumerate(names)]
    return {"last_update": f"{date} 08:21:07", "query": {}, "rows": told}


def refresh(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "refresh.py"), source]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def tables(folder: Path) -> dict[str, dict[str, Any]]:
    return {table["name"]: table for table in tomllib.loads((folder / "projects.toml").read_text())["project"]}


def test_the_list_is_taken_over_and_nothing_else_moves(folder: Path, httpserver: HTTPServer) -> None:
    """New names come in their place, one that left is marked and comes back, comments and settings stay."""
    httpserver.expect_request("/top.json").respond_with_json(popular(first=("alpha",)))
    done = refresh(folder, httpserver.url_for("/top.json"))
    assert done.returncode == 0, done.stderr
    assert "99 came" in done.stdout
    assert "1 left (zeta)" in done.stdout
    text = (folder / "projects.toml").read_text()
    assert text.startswith(PROJECTS[: PROJECTS.index("# Why")])
    found = tables(folder)
    assert list(found) == sorted(found)
    assert found["p-7"]["groups"] == ["original", "top-100"]
    assert found["p-0"] == {"name": "p-0", "groups": ["top-100"]}
    assert found["zeta"]["groups"] == ["formerly-top-100"]
    assert found["zeta"]["exclude"]["reason"] == "no-sdist"
    assert '# Why this one is here.\n[[project]]\nname = "p-7"\n' in text
    assert "libffi-dev" in text
    assert "# of the operating system" in text
    assert "\n\n\n" not in text
    kept = json.loads((folder / "tools" / "top-packages.json").read_text())
    assert (kept["date"], len(kept["names"])) == (TODAY.isoformat(), 100)
    again = refresh(folder, httpserver.url_for("/top.json"))
    assert again.returncode == 0
    assert (folder / "projects.toml").read_text() == text
    httpserver.clear()
    httpserver.expect_request("/top.json").respond_with_json(popular(first=("alpha", "zeta")))
    assert refresh(folder, httpserver.url_for("/top.json")).returncode == 0
    assert tables(folder)["zeta"]["groups"] == ["top-100"]
    assert tables(folder)["p-98"]["groups"] == ["formerly-top-100"]


def shuffled(told: dict[str, Any]) -> dict[str, Any]:
    told["rows"][3], told["rows"][4] = told["rows"][4], told["rows"][3]
    return told


def twice(told: dict[str, Any]) -> dict[str, Any]:
    told["rows"][4]["project"] = "p_3"
    return told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>not here</html>", "is not JSON"),
        (json.dumps([]), "has no rows"),
        (json.dumps({"last_update": "x", "rows": []}), "'x' is no date"),
        (json.dumps(popular(rows=20)), "20 rows"),
        (json.dumps(popular(date=TODAY - datetime.timedelta(100))), "and today is"),
        (json.dumps(popular(date=TODAY + datetime.timedelta(9))), "and today is"),
        (json.dumps(popular(date=TODAY - datetime.timedelta(20))), "the last one was of"),
        (json.dumps(shuffled(popular())), "order of downloads"),
        (json.dumps(twice(popular())), "names a project twice"),
        (json.dumps(popular(first=tuple(f"other-{number}" for number in range(50)))), "shares only 50%"),
        (json.dumps({**popular(), "rows": [{"project": "six"}] * 2000}), "row 1 is no project"),
    ],
)
def test_a_list_that_is_not_in_order_changes_nothing(folder: Path, text: str, message: str) -> None:
    kept = {"date": (TODAY - datetime.timedelta(10)).isoformat(), "names": [f"p-{number}" for number in range(100)]}
    (folder / "tools" / "top-packages.json").write_text(json.dumps(kept))
    (folder / "top.json").write_text(text)
    done = refresh(folder, "top.json")
    assert done.returncode == 1
    assert done.stderr.startswith("the list is not taken over, the last good one stays: ")
    assert message in done.stderr
    assert (folder / "projects.toml").read_text() == PROJECTS
    assert json.loads((folder / "tools" / "top-packages.json").read_text()) == kept


def test_a_list_that_cannot_be_had_changes_nothing(folder: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/top.json").respond_with_data("gone", 503)
    for source in (httpserver.url_for("/top.json"), "http://127.0.0.1:9/top.json", "nowhere.json"):
        done = refresh(folder, source)
        assert done.returncode == 1
        assert "cannot be read" in done.stderr
    assert (folder / "projects.toml").read_text() == PROJECTS


def test_the_list_in_the_repository_is_the_group_that_is_tracked() -> None:
    kept = json.loads((ROOT / "tools" / "top-packages.json").read_text())
    group = {
        table["name"] for table in tomllib.loads((ROOT / "projects.toml").read_text())["project"] if "top-100" in table["groups"]
    }
    assert group == set(kept["names"])


def ask(folder: Path, index: LocalIndex, body: str) -> tuple[subprocess.CompletedProcess[str], str]:
    environ = {**index.run.environment(folder), "ISSUE_BODY": body, "GITHUB_OUTPUT": str(folder / "output")}
    command = [sys.executable, str(ROOT / "tools" / "request.py")]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done, (folder / "output").read_text() if (folder / "output").exists() else ""


def form(name: str) -> str:
    return f"### Name of the project\r\n\r\n{name}\r\n\r\n### Why\r\n\r\n_No response_\r\n"


def test_a_project_that_is_asked_for_is_added(folder: Path, index: LocalIndex) -> None:
    index.add("new-one", Entry(path=trees.sdist(trees.lay_out("plain", folder, name="new-one"), folder)))
    done, output = ask(folder, index, form("New_One"))
    assert done.returncode == 0, done.stderr
    assert output == "name=new-one\n"
    assert tables(folder)["new-one"] == {"name": "new-one", "groups": ["requested"]}
    assert list(tables(folder)) == ["alpha", "new-one", "p-7", "zeta"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (form("alpha"), "`alpha` is tracked already."),
        (form("zeta"), "`zeta` is tracked already and excluded"),
        (form("nowhere"), "`nowhere` cannot be tracked: the index knows no project"),
        (form("wheels"), "`wheels` cannot be tracked: wheels 1.0 has no sdist"),
        (form("$(touch here)"), "not the name of a project"),
        (form("../../etc"), "not the name of a project"),
        (form("a\nname=b"), "`a` cannot be tracked"),
        (form("x" * 200), "not the name of a project"),
        ("no form at all", "not the name of a project"),
        ("", "not the name of a project"),
    ],
)
def test_a_request_that_cannot_be_met_is_answered(folder: Path, index: LocalIndex, body: str, message: str) -> None:
    for name in ("nowhere", "a"):
        index.answer(name, "nothing", "text/plain", 404)
    wheel = folder / "wheels-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    index.add("wheels", Entry(path=wheel))
    done, output = ask(folder, index, body)
    assert done.returncode == 1
    assert message in done.stdout
    assert output == "name=\n"
    assert (folder / "projects.toml").read_text() == PROJECTS
    assert not os.path.exists(folder / "here")
