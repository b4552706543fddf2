"""What a person reads: the summary of each kind of result, and progress in plain lines."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
from pathlib import Path

import pytest

from reprowheels import results, terminal
from reprowheels.results import Failure, Finding, Result
from reprowheels.variations import BY_NAME

DAY = datetime.date(2026, 11, 22)
RESULT = Result(
    name="sample",
    version="1.0",
    status=results.ENVIRONMENT_DEPENDENT,
    repeatable="yes",
    robust="no",
    depends_on=("build-path", "umask"),
    moved="debug",
    published="different",
    since=DAY,
    sha256="ab" * 32,
    wheel="sample-1.0-py3-none-any.whl",
)


def summary(**changes: object) -> str:
    return terminal.summary(dataclasses.replace(RESULT, **changes), Path("results/sample.toml"), coloured=False)  # type: ignore[arg-type]


def test_the_answers_and_what_they_depend_on() -> None:
    """Each variation is shown with both values, and how serious it is in words."""
    text = summary()
    assert text.splitlines()[0] == "sample 1.0: environment-dependent"
    for word in ("repeatable   yes", "robust no", "published different", "ab" * 32, "results/sample.toml"):
        assert word in text
    for name in RESULT.depends_on:
        assert f"{name} ({BY_NAME[name].baseline} → {BY_NAME[name].varied})" in text
    assert "only debug information moved" in text


def test_a_variation_of_another_version_of_the_checker() -> None:
    """A result that names a variation which is no longer there can still be shown."""
    assert "depends on   gravity\n" in summary(depends_on=("gravity",))


def test_the_bound_that_was_hit() -> None:
    text = summary(depends_on=(), one_of=("home", "user"))
    assert "not isolated one of home, user; --max-builds" in text
    assert "not isolated home; --max-builds" in summary(depends_on=(), one_of=("home",))
    assert f"one of {len(BY_NAME)} variations; --max-builds" in summary(depends_on=(), one_of=tuple(BY_NAME))


def test_a_cause_and_its_proof() -> None:
    finding = Finding(cause="build-path", members=("a.so", "b.so", "c.so", "d.so"), variation="build-path", evidence="/a ≠ /b")
    text = summary(findings=(finding,))
    assert "cause        build-path, proved by varying build-path: a.so, b.so, c.so …" in text
    assert "/a ≠ /b" in text


def test_where_all_that_differs_is() -> None:
    assert summary(moved="debug").endswith("written to   results/sample.toml, all that differs to sample.diff")
    assert summary(moved="").endswith("written to   results/sample.toml")


def test_a_remedy_that_was_tried() -> None:
    finding = Finding(cause="hash-order", remedy="PYTHONHASHSEED=0", remedy_works=True)
    assert "goes with PYTHONHASHSEED=0" in summary(findings=(finding,))
    assert "stays with PYTHONHASHSEED=0" in summary(findings=(dataclasses.replace(finding, remedy_works=False),))
    assert "PYTHONHASHSEED" not in summary(findings=(Finding(cause="hash-order"),))


def test_a_failure_without_an_answer() -> None:
    """Nothing is said of answers that there are none of."""
    failure = Failure(phase="build", reason="timeout", message="no end after 2 seconds", log="first\nlast\n")
    text = summary(status=results.BUILD_FAILED, version="", sha256="", depends_on=(), failure=failure)
    assert text.splitlines()[0] == "sample: build-failed"
    assert "in phase build, timeout: no end after 2 seconds" in text
    assert "    | last" in text
    assert "repeatable" not in text
    assert "sha256" not in text


def test_an_old_answer_beside_a_failure() -> None:
    failure = Failure(phase="index", reason="not-found", message="gone")
    text = summary(stale=True, failure=failure)
    assert "environment-dependent (from an earlier check; this one failed)" in text
    assert "in phase index, not-found: gone" in text


def test_what_was_not_varied_and_why() -> None:
    applied = results.Applied(applied=("umask",), not_applied=(("locale", "localedef is not installed"),))
    assert "not varied   locale: localedef is not installed" in summary(variations=applied)


def test_a_colour_for_each_status() -> None:
    """Green, yellow and red; and none where they are not wanted."""
    for status, colour in ((results.REPRODUCIBLE, 32), (results.ENVIRONMENT_DEPENDENT, 33), (results.UNREPRODUCIBLE, 31)):
        changed = dataclasses.replace(RESULT, status=status)
        assert f"\x1b[1;{colour}m{status}\x1b[0m" in terminal.summary(changed, None, coloured=True)
        assert "\x1b" not in terminal.summary(changed, None, coloured=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.colours(Terminal())
    assert not terminal.colours(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal.colours(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.colours(Terminal())


def test_progress_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Results go to standard output, what happens meanwhile to standard error."""
    with terminal.Progress(2) as progress:
        progress.start("six")
        progress.say("asking the index")
        progress.print("six: fine")
        progress.start("attrs")
        progress.say("building")
    captured = capsys.readouterr()
    assert captured.out == "six: fine\n"
    assert captured.err == "[1/2] six: asking the index …\n[2/2] attrs: building …\n"


def test_no_progress_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.Progress(1, -1) as progress:
        progress.start("six")
        progress.say("asking the index")
    assert capsys.readouterr().err == ""


def test_json_holds_what_the_file_holds() -> None:
    (table,) = json.loads(terminal.as_json([RESULT]))
    assert table["name"] == "sample"
    assert table["depends-on"] == ["build-path", "umask"]
    assert table["since"] == "2026-11-22"
    assert terminal.as_json([]) == "[]"
