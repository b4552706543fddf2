"""The pipeline's own decisions: what a target names, what a failure says, and what is written down."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from reprowheels import check, conclusion, resultfiles, results, targets
from reprowheels.errors import CheckFailed, FileError

TARGETS = {
    "six": ("six", None),
    "Sample.Project": ("sample-project", None),
    "six==1.17.0": ("six", "1.17.0"),
    " six == 1.17.0 ": ("six", "1.17.0"),
    "six==": ("six", None),
    "./six": ("./six", None),
    ".": (".", None),
    "six-1.17.0.tar.gz": ("six-1.17.0.tar.gz", None),
    "six-1.17.0.zip": ("six-1.17.0.zip", None),
}


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_target_names(target: str) -> None:
    assert targets.split(target) == TARGETS[target]
    assert targets.is_path(target) == (targets.split(target)[0] == target and target != "six")


def test_a_failure_as_a_result() -> None:
    """Phase, reason and message are kept, and the last lines of the log."""
    log = "".join(f"line {number}\n" for number in range(100))
    result = conclusion.failed("sample", "1.0", CheckFailed("build", "no-wheel", "it wrote none", log))
    assert (result.status, result.repeatable, result.sha256) == (results.BUILD_FAILED, results.NOT_CHECKED, "")
    assert result.failure is not None
    assert (result.failure.phase, result.failure.reason, result.failure.version) == ("build", "no-wheel", "1.0")
    assert result.failure.log.splitlines()[-1] == "line 99"
    assert 10 < len(result.failure.log.splitlines()) < 100
    assert result.failure.since == result.since


def test_a_result_is_written_beside_what_was_known(tmp_path: Path) -> None:
    """A failure leaves the last answer in the file."""
    good = results.Result(
        name="sample",
        version="1.0",
        status=results.REPRODUCIBLE,
        since=conclusion.failed("a", "", CheckFailed("a", "b", "c")).since,
    )
    written, path = check.record(check.Checked(result=good), tmp_path / "new" / "results")
    assert written == good
    assert path == tmp_path / "new" / "results" / "sample.toml"
    merged, _ = check.record(
        check.Checked(result=conclusion.failed("sample", "1.1", CheckFailed("build", "timeout", "too long"))), path.parent
    )
    assert (merged.status, merged.version, merged.stale) == (results.REPRODUCIBLE, "1.0", True)
    assert resultfiles.load(path) == merged


def test_a_result_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckFailed, match="the result cannot be written"):
        check.record(
            check.Checked(result=conclusion.failed("sample", "", CheckFailed("index", "not-found", "no"))), tmp_path / "file"
        )


def test_an_earlier_result_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text("schema = 1\n")
    with pytest.raises(FileError, match=r"sample\.toml"):
        check.record(check.Checked(result=conclusion.failed("sample", "", CheckFailed("index", "not-found", "no"))), tmp_path)
    assert (tmp_path / "sample.toml").read_text() == "schema = 1\n"


def test_a_full_disk_is_a_failure_wherever_it_is_met() -> None:
    found = check._failure(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere"))
    assert found.reason == "disk-full"
    assert "/somewhere" in found.message


def test_another_error_of_the_system_is_a_bug() -> None:
    """It is not dressed up as an answer."""
    with pytest.raises(PermissionError):
        check._failure(PermissionError(errno.EPERM, "no"))


def test_the_difference_lies_beside_the_result(tmp_path: Path) -> None:
    """It stays with the answer that it belongs to, and goes with it."""
    fresh = conclusion.failed("sample", "1.0", CheckFailed("build", "timeout", "too long"))
    differs = results.Result(name="sample", version="1.0", status=results.UNREPRODUCIBLE, since=fresh.since)
    beside = tmp_path / "sample.diff"
    check.record(check.Checked(result=differs, diff="--- first/a\n"), tmp_path)
    assert beside.read_text() == "--- first/a\n"
    check.record(check.Checked(result=fresh), tmp_path)
    assert beside.read_text() == "--- first/a\n"
    good = results.Result(name="sample", version="1.0", status=results.REPRODUCIBLE, since=fresh.since)
    check.record(check.Checked(result=good), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.toml"]
