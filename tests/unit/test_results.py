"""The result file: there and back, what is kept when a check ends, and how it is written."""

from __future__ import annotations

import dataclasses
import datetime
import types
import typing
from dataclasses import MISSING, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reprowheels import files, results
from reprowheels.history import merge
from reprowheels.resultfiles import load, save, to_toml
from reprowheels.results import Event, Failure, PublishedWheel, Result

DAY = datetime.date(2026, 11, 22)
LATER = datetime.date(2026, 11, 30)

# TOML's line ends are not kept: CR LF in a log comes back as LF.
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
CHOICES: dict[tuple[Any, str], st.SearchStrategy[Any]] = {
    (Result, "name"): st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    (Result, "status"): st.sampled_from(results.STATUSES),
    (Result, "repeatable"): st.sampled_from(results.ANSWERS),
    (Result, "robust"): st.sampled_from(results.ANSWERS),
    (Result, "published"): st.sampled_from(results.PUBLISHED),
    (Result, "moved"): st.sampled_from(("", *results.MOVED)),
    (results.Environment, "sandbox"): st.sampled_from(("bubblewrap", "none")),
    (results.EpochProbe, "needed"): st.sampled_from(("yes", "no")),
    (results.EpochProbe, "honoured"): st.sampled_from(("yes", "no")),
    (results.Environment, "config_settings"): st.dictionaries(
        st.text(TEXT, max_size=12), st.lists(st.text(TEXT, max_size=12), max_size=2).map(tuple), max_size=3
    ).map(lambda pairs: tuple(sorted(pairs.items()))),
    (results.Environment, "packages"): st.dictionaries(st.text(TEXT, max_size=12), st.text(TEXT, max_size=12), max_size=3).map(
        lambda pairs: tuple(sorted(pairs.items()))
    ),
    (PublishedWheel, "verdict"): st.sampled_from(results.PUBLISHED),
    (Failure, "phase"): st.sampled_from(results.PHASES),
    (Event, "status"): st.sampled_from(results.STATUSES),
}


def values(hint: Any, *, required: bool = False) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of a type as the result's dataclasses use them."""
    simple = {
        str: st.text(TEXT, min_size=int(required), max_size=12),
        int: st.integers(0, 2**40),
        bool: st.booleans(),
        datetime.date: st.dates(),
        datetime.datetime: st.datetimes(timezones=st.just(datetime.timezone.utc)),
    }
    if hint in simple:
        return simple[hint]
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = {
            field.name: CHOICES[hint, field.name]
            if (hint, field.name) in CHOICES
            else values(hints[field.name], required=field.default is MISSING)
            for field in dataclasses.fields(hint)
        }
        return st.builds(typing.cast(Any, hint), **fields)
    if typing.get_origin(hint) is types.UnionType:
        return st.none() | values(typing.get_args(hint)[0], required=True)
    inner = typing.get_args(hint)[0]
    if typing.get_origin(inner) is tuple:
        text = st.text(TEXT, max_size=12)
        return st.dictionaries(text, text, max_size=3).map(lambda pairs: tuple(sorted(pairs.items())))
    return st.lists(values(inner), max_size=2).map(tuple)


def sample(**changes: Any) -> Result:
    """Return the real answer of a first check."""
    event = Event(date=DAY, version="1.0", status="repeatable", sha256="aa", why="first check")
    result = Result(name="six", version="1.0", status="repeatable", repeatable="yes", since=DAY, sha256="aa", history=(event,))
    return replace(result, **changes)


def later(**changes: Any) -> Result:
    """Return the real answer of a later check, with its own line of history."""
    new = sample(since=LATER, **changes)
    event = Event(date=LATER, version=new.version, status=new.status, sha256=new.sha256, why="first check")
    return replace(new, history=(event,))


def failed(day: datetime.date, reason: str = "index-unreachable", phase: str = "index") -> Result:
    """Return the result of a check that could not be made."""
    failure = Failure(phase=phase, reason=reason, message="It did not work.", since=day)
    return Result(name="six", status="build-failed", since=day, failure=failure)


@given(values(Result))
@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_result_survives_its_file(tmp_path_factory: pytest.TempPathFactory, result: Result) -> None:
    path = tmp_path_factory.getbasetemp() / "result.toml"
    path.write_bytes(to_toml(result).encode("utf-8"))
    assert load(path) == result
    assert to_toml(load(path)) == to_toml(result)


def test_pairs_are_written_in_one_order(tmp_path: Path) -> None:
    """A fresh result and the same one that was read from a file give the same bytes."""
    published = PublishedWheel(filename="a.whl", sha256="aa", verdict="identical", environment=(("b", "1"), ("a", "2")))
    fresh = sample(urls=(("Z", "u"), ("A", "v")), published_wheel=published)
    save(fresh, tmp_path)
    assert to_toml(load(tmp_path / "six.toml")) == to_toml(fresh)


def test_the_first_result_is_written_as_it_is() -> None:
    assert merge(sample(), None) == sample()
    assert merge(failed(DAY), None) == failed(DAY)


def test_the_same_answer_again_changes_no_byte() -> None:
    assert to_toml(merge(later(), sample())) == to_toml(sample())


def test_a_failure_keeps_the_last_real_answer_and_stands_beside_it() -> None:
    merged = merge(failed(LATER), sample())
    assert merged == sample(stale=True, failure=failed(LATER).failure)


def test_the_same_failure_again_keeps_its_first_day() -> None:
    once = merge(failed(DAY), sample())
    assert merge(failed(LATER), once) == once


def test_the_same_failure_keeps_its_log_where_only_names_of_temporary_files_and_times_are_others() -> None:
    def logged(day: datetime.date, log: str) -> Result:
        result = failed(day)
        assert result.failure
        return replace(result, failure=replace(result.failure, log=log))

    told = "no harfbuzz 14.1.0; see /build/.mesonpy-oe7ybzjs/log and /tmp/tmp3k_9fzqw, after 1.25 s"
    once = merge(logged(DAY, told), sample())
    passing = told.replace("oe7ybzjs", "ns4uod47").replace("tmp3k_9fzqw", "tmpw0_3kd9x").replace("1.25", "0.98")
    assert merge(logged(LATER, passing), once) == once
    for was, now in (("harfbuzz", "freetype"), ("14.1.0", "14.2.0")):
        other = merge(logged(LATER, told.replace(was, now)), once).failure
        assert other
        assert (other.log, other.since) == (told.replace(was, now), DAY)


def test_another_failure_replaces_the_one_before() -> None:
    other = failed(LATER, "no-wheel", "build")
    merged = merge(other, merge(failed(DAY), sample()))
    assert merged.failure == other.failure
    assert (merged.status, merged.sha256, merged.stale) == ("repeatable", "aa", True)


def test_a_real_answer_ends_a_failure() -> None:
    assert merge(later(), merge(failed(DAY), sample())) == sample()


def test_a_project_that_never_built_keeps_the_day_of_its_first_failure() -> None:
    merged = merge(failed(LATER, "no-wheel", "build"), failed(DAY))
    assert (merged.status, merged.since) == ("build-failed", DAY)
    assert merged.failure == failed(LATER, "no-wheel", "build").failure


def test_the_first_real_answer_after_failures_is_a_first_check() -> None:
    merged = merge(later(), failed(DAY))
    assert merged.since == LATER
    assert [event.why for event in merged.history] == ["first check"]
    assert merged.failure is None


def test_a_check_that_did_not_look_at_the_published_wheel_leaves_what_is_known_of_it() -> None:
    """That of the same sdist; another answer, or another release, takes its place."""
    known, other = (PublishedWheel(filename="a.whl", sha256="aa", verdict=verdict) for verdict in ("identical", "different"))
    sdist = results.Sdist(filename="six-1.0.tar.gz", sha256="ff")
    old = sample(sdist=sdist, published="identical", published_wheel=known)
    none_now = sample(sdist=sdist, published="no-wheel")

    def answer(**changes: Any) -> tuple[str, PublishedWheel | None]:
        merged = merge(later(**{"sdist": sdist, **changes}), old)
        return merged.published, merged.published_wheel

    assert answer() == ("identical", known)
    assert answer(sha256="bb") == ("identical", known)
    assert answer(published="different", published_wheel=other) == ("different", other)
    assert answer(published="no-wheel") == ("no-wheel", None)
    assert answer(version="2.0") == ("not-checked", None)
    assert answer(sdist=replace(sdist, sha256="ee")) == ("not-checked", None)
    assert answer(sdist=None) == ("not-checked", None)
    assert merge(later(sdist=sdist), none_now).published == "no-wheel"


@pytest.mark.parametrize(
    ("changes", "why", "since"),
    [
        ({"version": "2.0", "sha256": "bb"}, "new release", DAY),
        ({"sha256": "bb"}, "another wheel from the same release", DAY),
        ({"status": "unreproducible", "repeatable": "no"}, "another answer for the same release", LATER),
        (
            {"status": "environment-dependent", "robust": "no", "depends_on": ("umask",)},
            "another answer for the same release",
            LATER,
        ),
        ({"version": "2.0", "status": "reproducible", "robust": "yes"}, "new release", LATER),
    ],
)
def test_a_change_gains_a_line_of_history(changes: dict[str, Any], why: str, since: datetime.date) -> None:
    merged = merge(later(**changes), sample())
    assert [(event.date, event.why) for event in merged.history] == [(DAY, "first check"), (LATER, why)]
    assert merged.since == since
    assert merged.history[-1].sha256 == merged.sha256


def test_saving_writes_the_whole_file_and_nothing_else(tmp_path: Path) -> None:
    path = save(sample(), tmp_path / "new" / "results")
    assert path == tmp_path / "new" / "results" / "six.toml"
    assert load(path) == sample()
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_would_not_change_is_not_touched(tmp_path: Path) -> None:
    path = save(sample(), tmp_path)
    before = path.stat()
    save(sample(), tmp_path)
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    path = save(sample(), tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, function, full)
    with pytest.raises(OSError, match="No space left"):
        save(later(sha256="bb"), tmp_path)
    assert load(path) == sample()
    assert list(tmp_path.iterdir()) == [path]


def test_ctrl_c_while_writing_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(sample(), tmp_path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(later(sha256="bb"), tmp_path)
    assert load(path) == sample()
    assert list(tmp_path.iterdir()) == [path]


def test_a_wheel_that_moves_by_itself_is_no_news() -> None:
    old = sample(status="unreproducible", repeatable="no", robust="not-checked")
    new = replace(old, sha256="f" * 64, since=LATER)
    assert (merge(new, old).since, merge(new, old).history) == (old.since, old.history)
