from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from reprowheels import comparison_report
from reprowheels.errors import WheelError

from . import wheels


def run(first: Path, second: Path, **options: Any) -> tuple[int, str, str]:
    out, errors = io.StringIO(), io.StringIO()
    return comparison_report.run(first, second, out=out, errors=errors, **options), out.getvalue(), errors.getvalue()


def test_identical_wheels_end_with_0(tmp_path: Path) -> None:
    status, text, _ = run(wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2"))
    assert status == 0
    assert "\nidentical\n" in text
    assert "Why" not in text


def test_equivalent_wheels_name_the_normalizations(tmp_path: Path) -> None:
    change = {"sample/util.py": {"date": (2021, 1, 2, 3, 4, 6), "mode": 0o100664}}
    status, text, _ = run(wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2", fields=change))
    assert status == 1
    assert "equivalent: equal after zip-timestamp, zip-permissions" in text


def test_different_wheels_say_why_and_what(tmp_path: Path) -> None:
    one = wheels.wheel(tmp_path / "1", {"a.py": "X = 1\nBUILT = '2026-11-24'\n", "b.bin": b"\0\1\2"})
    two = wheels.wheel(tmp_path / "2", {"a.py": "X = 1\nBUILT = '2026-11-25'\n", "b.bin": b"\0\1\3"})
    status, text, _ = run(one, two)
    assert status == 1
    assert "different: Contents differ." in text
    assert "evidence: 2026-11-24 ≠ 2026-11-25" in text
    assert "SOURCE_DATE_EPOCH" in text
    assert "-BUILT = '2026-11-24'\n+BUILT = '2026-11-25'" in text
    assert "unexplained" in text
    assert "\x1b" not in text
    assert "\x1b[31m" in run(one, two, colour=True)[1]


def test_nothing_of_a_wheel_can_steer_the_terminal(tmp_path: Path) -> None:
    one = wheels.wheel(tmp_path / "1", {"a\x1b[31m.py": "X = '\x1b]0;title\x07'"})
    two = wheels.wheel(tmp_path / "2", {"a\x1b[31m.py": "X = '\x1b[2J\u202e'"})
    _, text, _ = run(one, two)
    assert all(char.isprintable() or char == "\n" for char in text)


def test_json_holds_everything_and_is_the_same_each_time(tmp_path: Path) -> None:
    one = wheels.wheel(tmp_path / "1", {"a.py": "D = '2026-11-24'"})
    two = wheels.wheel(tmp_path / "2", {"a.py": "D = '2026-11-25'"})
    status, text, _ = run(one, two, as_json=True)
    assert status == 1
    assert run(one, two, as_json=True)[1] == text
    table = json.loads(text)
    assert table["verdict"] == "different"
    assert table["moved"] == "content"
    assert table["findings"][0]["cause"] == "build-timestamp"
    assert table["findings"][0]["members"] == ["a.py"]
    assert {
        "member": "a.py",
        "field": "content",
        "first": "line 1: D = '2026-11-24'",
        "second": "line 1: D = '2026-11-25'",
    } in table["differences"]
    assert table["first"]["problems"] == []
    assert table["diffs"][0]["member"] == "a.py"
    assert table["diffs"][0]["lines"] == ["@@ -1 +1 @@", "-D = '2026-11-24'", "+D = '2026-11-25'"]


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sample_project-1.0-py3-none-any.whl"
    path.write_text("no wheel")
    with pytest.raises(WheelError, match="not a ZIP archive"):
        run(path, wheels.wheel(tmp_path / "2"))


def fake(directory: Path, script: str) -> None:
    program = directory / "diffoscope"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_diffoscope_is_asked_when_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, html = wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2"), tmp_path / "report.html"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in run(one, two, html=html)[2]
    fake(tmp_path, 'echo "$1 $3 $4 $5" > "$2"; exit 1')
    assert run(one, two, html=html)[2] == ""
    assert html.read_text() == f"--html -- {one} {two}\n"
    fake(tmp_path, "echo broken >&2; exit 2")
    assert run(one, two, html=html)[2] == "diffoscope failed with exit status 2: broken\n"


def test_diffoscope_has_a_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "while :; do :; done")
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = comparison_report.diffoscope(tmp_path, tmp_path, tmp_path / "report.html", seconds=0.2)
    assert "did not end within" in problem
