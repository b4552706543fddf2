"""Arguments: what is accepted, and what a mistake is called."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from reprowheels import __version__, arguments, cli, errors, variations

MISTAKES: dict[str, tuple[list[str], str]] = {
    "no command": ([], "COMMAND"),
    "unknown command": (["chekc"], "chekc"),
    "no target": (["check"], "TARGET"),
    "unknown option": (["check", "six", "--fast"], "--fast"),
    "unknown variation": (["check", "six", "--variations", "umask,timezon"], "'timezon' (did you mean 'timezone'?)"),
    "empty set": (["check", "six", "--variations", ","], "an empty set of variations shows nothing"),
    "nothing": (["check", "six", "--variations", ""], "an empty set of variations shows nothing"),
    "no date": (["check", "six", "--uploaded-before", "yesterday"], "'yesterday' is not an ISO date"),
    "no jobs": (["check", "six", "--jobs", "0"], "'0' is not a whole number above 0"),
    "half a build": (["check", "six", "--max-builds", "1.5"], "'1.5' is not a whole number above 0"),
    "no time": (["check", "six", "--timeout", "-1"], "not a number of seconds above 0"),
    "endless": (["check", "six", "--timeout", "inf"], "not a number of seconds above 0"),
    "not a number": (["check", "six", "--timeout", "nan"], "not a number of seconds above 0"),
    "no epoch": (["check", "six", "--source-date-epoch", "now"], "'now' is neither a number of seconds since 1970 nor none"),
    "quiet and verbose": (["check", "six", "-q", "-v"], "not allowed with"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_on_the_command_line(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with exit status 2, and the message quotes it."""
    given, text = MISTAKES[kind]
    with pytest.raises(SystemExit) as caught:
        cli.main(given)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert text in " ".join(captured.err.split())


@pytest.mark.parametrize("command", [[], ["check"], ["compare"], ["rebuild"]])
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([*command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: reprowheels")
    if command in ([], ["check"]):
        assert "exit status:" in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"reprowheels {__version__}\n"


def test_the_options_of_the_contract() -> None:
    """Scripts call the checker with all of these."""
    given = (
        "check six attrs==26.1.0 --output out --variations umask --uploaded-before 2026-11-22 --source-date-epoch 5 --python 3.12 "
        "--jobs 3 --timeout 60 --max-builds 7 --keep kept --no-published --no-sandbox --json -q"
    )
    chosen = arguments.parser().parse_args(given.split())
    assert chosen.targets == ["six", "attrs==26.1.0"]
    assert (chosen.output, chosen.keep) == (Path("out"), Path("kept"))
    assert (chosen.variations, chosen.python, chosen.source_date_epoch) == (("umask",), "3.12", 5)
    assert (chosen.jobs, chosen.timeout, chosen.max_builds) == (3, 60.0, 7)
    assert (chosen.no_published, chosen.no_sandbox, chosen.json, chosen.level) == (True, True, True, -1)


def test_what_is_not_said() -> None:
    """Everything is varied, and results go where the report looks for them."""
    chosen = arguments.parser().parse_args(["check", "six"])
    assert chosen.variations == variations.NAMES
    assert chosen.output == Path("docs/results")
    assert chosen.uploaded_before is None
    assert chosen.source_date_epoch == variations.SOURCE_DATE_EPOCH


def test_variations_come_in_the_order_of_the_table() -> None:
    """However they are written, the answer is the same."""
    one, two = (
        arguments.parser().parse_args(["check", "six", "--variations", text]) for text in ("umask, home", "home,umask,umask")
    )
    assert one.variations == two.variations == ("umask", "home")
    assert arguments.parser().parse_args(["check", "six", "--variations", "none"]).variations == ()


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-22", 0), ("2026-11-22T10:00:00Z", 10), ("2026-11-22T10:00:00+02:00", 8), ("2026-11-22 10:00", 10)],
)
def test_a_moment_is_in_utc_unless_it_says_otherwise(text: str, hour: int) -> None:
    moment = arguments.parser().parse_args(["check", "six", "--uploaded-before", text]).uploaded_before
    assert moment == datetime.datetime(2026, 11, 22, hour, tzinfo=datetime.timezone.utc)


def test_a_file_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is checked before every file of the command line is there."""
    missing = tmp_path / "missing"
    assert cli.main(["check", "six", "--build-constraint", str(missing), "--output", str(tmp_path / "out")]) == 2
    assert f"--build-constraint: {missing}: there is no such file" in capsys.readouterr().err
    assert cli.main(["check", "six", "--projects", str(missing), "--output", str(tmp_path / "out")]) == 2
    assert "missing: cannot be read" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_option_is_told_with_what_may_be_meant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.parse(["check", "six", "--variation=none"])
    assert ended.value.code == errors.USAGE
    assert "unrecognized arguments: --variation=none (did you mean '--variations'?)" in capsys.readouterr().err
    assert cli.parse(["check", "six"]).targets == ["six"]
