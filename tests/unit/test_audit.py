"""Requirements looked up in published data: which files are read, what is said, and how it ends."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from reprowheels import audit, cli, resultfiles
from reprowheels.errors import CheckFailed, FileError, UsageError
from reprowheels.results import Failure, Finding, Result

DAY = datetime.date(2026, 11, 24)
API = {
    "schema": 1,
    "projects": [
        {"name": "good", "status": "reproducible", "version": "1.0", "published": "identical"},
        {"name": "left-out", "status": "excluded", "reason": "no-sdist"},
        {"name": "new", "status": "not-checked"},
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a directory of results, one of each kind."""
    folder = tmp_path / "results"
    good = Result(
        name="good", version="1.0", status="reproducible", repeatable="yes", robust="yes", since=DAY, published="identical"
    )
    failure = Failure(phase="build", reason="no-wheel", message="It did not work.", since=DAY)
    findings = (Finding(cause="zip-permissions"), Finding(cause="build-path"), Finding(cause="build-path"))
    for found in (
        good,
        replace(good, name="plain", status="repeatable", robust="not-checked"),
        replace(good, name="moody", status="environment-dependent", robust="no", depends_on=("umask",), findings=findings),
        replace(good, name="random", status="unreproducible", repeatable="no"),
        replace(good, name="old", stale=True, failure=failure),
        Result(name="broken", status="build-failed", since=DAY, failure=failure),
    ):
        resultfiles.save(found, folder)
    return folder


def run(
    folder: Path, requirements: str, data: str | Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Audit a requirements file and return the exit status and the rows by requirement."""
    path = folder / "requirements.txt"
    path.write_text(requirements)
    status = cli.main(["audit", "-r", str(path), "--data", str(data), "--json"])
    return status, {row["requirement"]: row for row in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    ("requirement", "said", "status", "code"),
    [
        ("good", "good", "reproducible", 0),
        ("Good[extra]==1.0 --hash=sha256:" + "a" * 64, "good==1.0", "reproducible", 0),
        ("good>=0.5,<2 ; python_version > '3'", "good<2,>=0.5", "reproducible", 0),
        ("plain", "plain", "repeatable", 0),
        ("good ; python_version < '3'", "good", "not-here", 0),
        ("old", "old", "reproducible", 0),
        ("moody", "moody", "environment-dependent", 1),
        ("random", "random", "unreproducible", 1),
        ("broken", "broken", "build-failed", 3),
        ("good==1.1", "good==1.1", "other-version", 3),
        ("random>1", "random>1", "other-version", 3),
        ("unheard-of", "unheard-of", "not-tracked", 3),
        ("-e .", "-e .", "not-on-index", 3),
        ("./good", "./good", "not-on-index", 3),
        ("good @ https://example.invalid/good.tar.gz", "good @ https://example.invalid/good.tar.gz", "not-on-index", 3),
    ],
)
def test_one_requirement(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], requirement: str, said: str, status: str, code: int
) -> None:
    ended, rows = run(tmp_path, requirement, data, capsys)
    assert ended == code
    assert {key: row["status"] for key, row in rows.items()} == {said: status}


def test_the_worst_answer_decides(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "good\nmoody\n", data, capsys)[0] == 1
    assert run(tmp_path, "good\nmoody\nunheard-of\n", data, capsys)[0] == 3
    assert run(tmp_path, "# nothing\n", data, capsys) == (0, {})


def test_what_else_there_is_to_know(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, rows = run(tmp_path, "moody\nold\ngood==2\n", data, capsys)
    assert rows["moody"]["detail"] == "depends on umask; causes: build-path, zip-permissions"
    assert rows["old"]["detail"] == "the last check failed: no-wheel"
    assert rows["good==2"]["detail"] == "known is 1.0: reproducible"
    assert rows["good==2"]["published"] == ""
    assert rows["moody"]["published"] == "identical"


def test_files_that_name_others_and_constraints(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "more.txt").write_text("random\n")
    (tmp_path / "bounds.txt").write_text("good<1\nnever-wanted==1\n")
    _, rows = run(tmp_path, "-r more.txt\n-c bounds.txt\n--index-url https://example.invalid\ngood \\\n  >=0.1\n", data, capsys)
    assert {key: row["status"] for key, row in rows.items()} == {"random": "unreproducible", "good<1,>=0.1": "other-version"}


def test_a_lock_file(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    packages = [("good", "1.0", ""), ("moody", "2.0", ""), ("random", "1.0", "marker = \"python_version < '3'\"")]
    text = 'lock-version = "1.0"\ncreated-by = "test"\n'
    for name, version, marker in packages:
        url = f"https://example.invalid/{name}-{version}.tar.gz"
        text += f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{marker}\n'
        text += f'sdist = {{ url = "{url}", hashes = {{ sha256 = "aa" }} }}\n'
    path.write_text(text + '[[packages]]\nname = "own"\ndirectory = { path = "." }\n')
    known = audit.published(str(data))
    rows = [audit.answer(item, known) for item in audit.requirements(path)]
    assert [(row.requirement, row.status) for row in rows] == [
        ("good==1.0", "reproducible"),
        ("moody==2.0", "other-version"),
        ("random==1.0", "not-here"),
        ("own", "not-on-index"),
    ]
    path.write_text('lock-version = "1.0"\n')
    with pytest.raises(FileError, match="created-by"):
        audit.requirements(path)


@pytest.mark.parametrize("place", ["site", "file", "address", "address of the list"])
def test_the_published_list(place: str, tmp_path: Path, httpserver: HTTPServer) -> None:
    """Of a site that was built here, or of one that is asked for; what is not checked has no answer."""
    folder = tmp_path / "html" / "api" / "v1"
    folder.mkdir(parents=True)
    (folder / "index.json").write_text(json.dumps(API))
    httpserver.expect_request("/report/api/v1/index.json").respond_with_json(API)
    data = {
        "site": str(tmp_path / "html"),
        "file": str(folder / "index.json"),
        "address": httpserver.url_for("/report/"),
        "address of the list": httpserver.url_for("/report/api/v1/index.json"),
    }[place]
    known = audit.published(data)
    wanted = [audit.Wanted(text=name, name=name) for name in ("good", "left-out", "new")]
    rows = [audit.answer(item, known) for item in wanted]
    assert [(row.status, row.version, row.detail) for row in rows] == [
        ("reproducible", "1.0", ""),
        ("excluded", "", "no-sdist"),
        ("not-checked", "", ""),
    ]
    assert audit.exit_status(rows) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>", "is not the published list"),
        ("[]", "is not the published list"),
        ('{"schema": 2, "projects": []}', "this program reads schema 1"),
        ('{"schema": 1, "projects": [{"name": "a"}]}', "is not the published list"),
        ('{"schema": 1, "projects": []}', "holds no result"),
    ],
)
def test_a_list_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "index.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        audit.published(str(path))


def test_data_that_is_not_there(tmp_path: Path, httpserver: HTTPServer) -> None:
    with pytest.raises(UsageError, match="there is no such file or directory"):
        audit.published(str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="holds no result"):
        audit.published(str(tmp_path))
    httpserver.expect_request("/api/v1/index.json").respond_with_data("no", 404)
    with pytest.raises(CheckFailed, match="cannot be read"):
        audit.published(httpserver.url_for(""))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good\nbad bad==\n", "requirements.txt:2: bad bad==: is no requirement"),
        ("-r nowhere.txt\n", "nowhere.txt"),
    ],
)
def test_a_requirements_file_that_is_none(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    assert cli.main(["audit", "-r", str(path), "--data", str(data)]) == 2
    assert message in capsys.readouterr().err
    assert cli.main(["audit", "-r", str(tmp_path / "none.txt"), "--data", str(data)]) == 2


def test_the_table_shows_first_what_needs_a_look(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("good\nmoody\nunheard-of\n")
    assert cli.main(["audit", "-r", str(path), "--data", str(data)]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["unheard-of", "moody", "good"]
    assert lines[-1] == "3 requirements: 1 not-tracked, 1 environment-dependent, 1 reproducible"
