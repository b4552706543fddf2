"""What a published wheel betrays: the guess from its bytes, better guesses, and the clock that gives its dates."""

from __future__ import annotations

import calendar
import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import candidates, inference, pace, wheel
from reprowheels.compare import compare
from reprowheels.inference import Guess
from reprowheels.sdist import SourceFile
from reprowheels.wheel import Wheel

from . import wheels

DAY = (2026, 3, 4, 5, 6, 8)
LATER = (2026, 3, 4, 5, 6, 10)
INFO = "sample_project-1.0.dist-info"
UTC = datetime.timezone.utc
PYTHONS = ("3.13", "3.12", "3.9", "3.6")


def seconds(date: tuple[int, ...]) -> int:
    return calendar.timegm(date)


def made(directory: Path, generator: str = "setuptools (80.9.0)", fields: Any = None, **more: str) -> Wheel:
    files = {
        **wheels.PACKAGE,
        f"{INFO}/METADATA": wheels.METADATA,
        f"{INFO}/WHEEL": wheels.WHEEL.replace("sample 1.0", generator),
        **more,
    }
    return wheel.read(wheels.wheel(directory, files, fields=fields))


def dated(info: tuple[int, ...], package: tuple[int, ...] = DAY, **fields: Any) -> dict[str, dict[str, Any]]:
    names = [f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD")]
    return {name: {"date": info, **fields} for name in names} | {name: {"date": package, **fields} for name in wheels.PACKAGE}


def sources(mtime: float, mode: int = 0o644) -> dict[str, SourceFile]:
    return {name: SourceFile(mtime=mtime, mode=mode) for name in wheels.PACKAGE}


@pytest.mark.parametrize(
    ("line", "pins"),
    [
        ("setuptools (80.9.0)", ("setuptools==80.9.0",)),
        ("bdist_wheel (0.37.1)", ("wheel==0.37.1",)),
        ("flit 3.9.0", ("flit-core==3.9.0",)),
        ("hatchling 1.27.0", ("hatchling==1.27.0",)),
        ("poetry-core 2.1.3", ("poetry-core==2.1.3",)),
        ("pdm-backend (2.4.5)", ("pdm-backend==2.4.5",)),
        ("uv 0.9.7", ("uv-build==0.9.7",)),
        ("somebody 1.0", ()),
        ("", ()),
    ],
)
def test_the_generator_is_pinned(tmp_path: Path, line: str, pins: tuple[str, ...]) -> None:
    assert inference.guess(made(tmp_path, line), {}).pins == pins


def test_one_date_everywhere_is_the_epoch(tmp_path: Path) -> None:
    guess = inference.guess(made(tmp_path, fields=dated(DAY)), sources(0))
    assert (guess.epoch, guess.moment) == (seconds(DAY), None)


def test_dates_of_the_sdist_and_of_the_build_give_a_clock(tmp_path: Path) -> None:
    """All that was made shows one date, so the clock hardly moves: a slow machine gives the same."""
    guess = inference.guess(made(tmp_path, fields=dated(LATER)), sources(seconds(DAY) + 1))
    assert (guess.epoch, guess.timezone, guess.source_dates) == (None, "UTC", "exact")
    assert guess.moment is not None
    assert seconds(LATER) < guess.moment < seconds(LATER) + 2
    assert 0 < guess.tick < 1e-3


def test_local_time_is_that_of_a_time_zone(tmp_path: Path) -> None:
    guess = inference.guess(made(tmp_path, fields=dated(LATER)), sources(seconds(DAY) + 5 * 3600))
    assert guess.timezone == "America/New_York"
    assert guess.moment == pytest.approx(seconds(LATER) + 5 * 3600, abs=2)


@pytest.mark.parametrize(("mtime", "kind"), [(1.2, "exact"), (1.7, "rounded")])
def test_fractions_tell_how_dates_were_unpacked(tmp_path: Path, mtime: float, kind: str) -> None:
    """The plain header of a tar archive has the next whole second where the fraction is a half or more."""
    shown = (2026, 3, 4, 5, 6, 8 if kind == "exact" else 10)
    found = made(tmp_path, fields=dated((2026, 3, 4, 5, 7, 0), shown))
    assert inference.guess(found, sources(seconds(DAY) + mtime)).source_dates == kind


def test_one_later_date_on_all_sources_is_when_they_were_unpacked(tmp_path: Path) -> None:
    found = made(tmp_path, fields=dated((2026, 3, 4, 5, 6, 12), LATER))
    files = {name: SourceFile(mtime=seconds(DAY) - 86400 * n, mode=0o644) for n, name in enumerate(wheels.PACKAGE)}
    assert seconds(LATER) <= float(inference.guess(found, files).source_dates) < seconds(LATER) + 2


def test_the_umask_is_that_of_metadata_not_of_what_was_there_before(tmp_path: Path) -> None:
    """Files of the sdist keep their modes, so the majority says nothing."""
    top, points = f"{INFO}/top_level.txt", f"{INFO}/entry_points.txt"
    fields = dated(LATER) | {top: {"mode": 0o100664, "date": LATER}, points: {"mode": 0o100664, "date": LATER}}
    found = made(tmp_path, fields=fields, **{top: "sample\n", points: "[x]\n"})
    assert inference.guess(found, sources(seconds(DAY))).umask == 0o022


def test_a_wheel_of_windows_is_rebuilt_as_on_windows(tmp_path: Path) -> None:
    names = [*wheels.PACKAGE, *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD"))]
    guess = inference.guess(made(tmp_path, fields={name: {"create_system": 0} for name in names}), {})
    assert guess.windows
    assert ("REPROWHEELS_PLATFORM", "windows") in guess.settings().extra_environment
    assert guess.settings().helpers
    assert not inference.guess(made(tmp_path / "other"), {}).windows


def test_all_permission_bits_on_all_files_are_those_of_a_mount(tmp_path: Path) -> None:
    """No umask gives them to METADATA; RECORD has a mode of its own."""
    names = [*wheels.PACKAGE, *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL"))]
    guess = inference.guess(made(tmp_path, fields={name: {"mode": 0o100777} for name in names}), {})
    assert guess.mounted
    assert ("REPROWHEELS_PLATFORM", "mount") in guess.settings().extra_environment
    assert guess.settings().helpers
    assert not inference.guess(made(tmp_path / "other", fields={names[0]: {"mode": 0o100777}}), {}).mounted


def test_a_name_with_the_version_of_python_says_which_one_to_take(tmp_path: Path) -> None:
    found = made(tmp_path, **{"sample_project-1.0-py3.12-nspkg.pth": "import sys\n"})
    assert inference.guess(found, {}).python == "3.12"


def test_the_guess_is_told_in_words() -> None:
    guess = Guess(pins=("a==1",), moment=1.5, tick=1e-3, zlib=inference.ZLIB_NG, setup_py=True, windows=True, hash_seed=3)
    told = dict(guess.described())
    assert told["moment"] == "1970-01-01T00:00:01.5Z"
    assert {"tick", "zlib", "command", "platform", "hash-seed"} <= set(told)
    assert set(dict(Guess().described())) == {"source-date-epoch", "timezone", "umask"}


def better(one: Wheel, two: Wheel, guess: Guess, **more: Any) -> list[Guess]:
    when = datetime.datetime(2022, 1, 1, tzinfo=UTC)
    return list(candidates.better(guess, compare(one, two), PYTHONS, more.pop("when", when), legacy=more.pop("legacy", False)))


def test_while_contents_differ_nothing_is_tried_on_the_archive(tmp_path: Path) -> None:
    one, two = (made(tmp_path / n, fields=dated(LATER, mode=m)) for n, m in (("1", 0o100644), ("2", 0o100664)))
    guess = Guess(moment=0.0)
    assert {(found.umask, found.source_modes) for found in better(one, two, guess)} > {(0o002, "umask")}
    changed = made(tmp_path / "3", fields=dated(LATER, mode=0o100664), **{"sample/util.py": "other"})
    assert {found.umask for found in better(one, changed, guess)} == {guess.umask}


def test_a_mode_that_no_umask_gives_is_not_searched(tmp_path: Path) -> None:
    one, two = (made(tmp_path / n, fields=dated(LATER, mode=m)) for n, m in (("1", 0o100755), ("2", 0o100644)))
    assert not better(one, two, Guess())
    assert candidates.differing(compare(one, two)) >= {"sample/util.py"}


def test_other_compressed_bytes_suggest_another_zlib(tmp_path: Path) -> None:
    text = {"sample/long.py": "".join(f"value_{n} = {n * n}\n" for n in range(500))}
    one = wheel.read(wheels.wheel(tmp_path / "1", text, level=9))
    two = wheel.read(wheels.wheel(tmp_path / "2", text, level=1))
    assert [found.zlib for found in better(one, two, Guess())] == [inference.ZLIB_NG_CLASSIC, inference.ZLIB_NG]


def test_what_cannot_be_built_is_built_as_of_old() -> None:
    early = datetime.datetime(2018, 7, 11, tzinfo=UTC)
    found = list(candidates.better(Guess(pins=("wheel==0.31.0",)), None, PYTHONS, early, legacy=True))
    assert (found[0].setup_py, found[0].python) == (True, "3.6")
    assert found[-1].pins == ()


def test_a_licence_that_metadata_does_not_name_suggests_an_older_setuptools(tmp_path: Path) -> None:
    extra = {f"{INFO}/LICENSE": "free"}
    one = made(tmp_path / "1", "bdist_wheel (0.37.1)", **extra)
    two = made(
        tmp_path / "2", "bdist_wheel (0.37.1)", **extra, **{f"{INFO}/METADATA": wheels.METADATA + "License-File: LICENSE\n"}
    )
    guess = Guess(pins=("wheel==0.37.1",), extra=("wheel", "setuptools<70.1"))
    found = better(one, two, guess)[0]
    assert (found.extra, found.python) == (("wheel", "setuptools==56.2.0"), "3.9")
    assert all("65." not in " ".join(each.extra) for each in better(one, two, guess))


def test_only_the_order_of_metadata_suggests_another_seed(tmp_path: Path) -> None:
    texts = [wheels.METADATA.replace("\n\n", f"\nRequires-Dist: {a}\nRequires-Dist: {b}\n\n") for a, b in ("xy", "yx")]
    one, two = (made(tmp_path / str(n), **{f"{INFO}/METADATA": text}) for n, text in enumerate(texts))
    assert better(one, two, Guess())[0].hash_seed == 1


@given(
    ticks=st.lists(st.integers(0, 20_000), min_size=1, max_size=8, unique=True),
    tick=st.floats(1e-5, 1e-2),
    begin=st.floats(1_500_000_000, 1_800_000_000),
)
def test_a_clock_that_exists_is_found(ticks: list[int], tick: float, begin: float) -> None:
    """Dates that a clock really gave are given again by the clock that is found."""
    made_at = {str(number): number for number in ticks}
    shown = {name: int(begin + tick * number) // 2 * 2 for name, number in made_at.items()}
    ((moment, seconds_per_tick),) = pace.clocks(made_at, shown)
    again = {name: int(moment + seconds_per_tick * number) // 2 * 2 for name, number in made_at.items()}
    assert again == shown


def test_a_clock_goes_through_two_steps() -> None:
    ((moment, tick),) = pace.clocks({"early": 748, "late": 783, "last": 837}, {"early": 100, "late": 102, "last": 102})
    assert moment + tick * 748 < 102 <= moment + tick * 783


def test_nothing_made_needs_no_clock() -> None:
    assert not list(pace.clocks({}, {"a": 1}))
    assert pace.ticks({"source": 1_700_000_000, "made": pace.MEASURED_FROM + 12}) == {"made": 6}
