"""Which Python a check of the past builds with."""

from __future__ import annotations

import datetime

import pytest

from reprowheels import eras, machine, targets
from reprowheels.machine import Python

THEN = datetime.datetime(2021, 2, 4, tzinfo=datetime.timezone.utc)
TODAY = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)


def python(version: str) -> Python:
    return Python(executable=f"/{version}", version=version, implementation="CPython", prefix="/", platform="linux-x86_64")


@pytest.mark.parametrize(
    ("when", "available", "usual"),
    [
        (THEN, ("3.13", "3.11", "3.9", "3.6"), "3.9"),
        (datetime.datetime(2020, 11, 1, tzinfo=datetime.timezone.utc), ("3.9", "3.8"), "3.8"),  # 3.9 was a few weeks old
        (datetime.datetime(2009, 1, 1, tzinfo=datetime.timezone.utc), ("3.9", "3.6"), "3.6"),
        (THEN, ("3.13", "3.12"), "3.12"),
        (THEN, (), ""),
        (None, ("3.9",), ""),
    ],
)
def test_the_python_that_was_usual(when: datetime.datetime | None, available: tuple[str, ...], usual: str) -> None:
    assert eras.python_of(when, available) == usual


@pytest.mark.parametrize(("version", "existed"), [("3.9.18", True), ("3.10.0", False), ("3.11.7", False), ("3.5.2", True)])
def test_what_had_been_released(version: str, existed: bool) -> None:
    assert eras.existed(version, THEN) is existed


@pytest.mark.parametrize(
    ("own", "others", "when", "chosen"),
    [
        ("3.11.7", ("3.13.0", "3.11.7", "3.9.18", "3.8.1"), THEN, "3.9.18"),
        ("3.11.7", ("3.13.0", "3.11.7", "3.9.18"), TODAY, "3.11.7"),
        ("3.9.1", ("3.9.18", "3.9.1"), THEN, "3.9.1"),
        ("3.11.7", ("3.13.0", "3.11.7"), THEN, "3.11.7"),
        ("3.11.7", (), THEN, "3.11.7"),
    ],
)
def test_a_check_of_the_past_takes_a_python_that_was_there(
    monkeypatch: pytest.MonkeyPatch, own: str, others: tuple[str, ...], when: datetime.datetime, chosen: str
) -> None:
    monkeypatch.setattr(machine, "own_python", lambda: python(own))
    monkeypatch.setattr(machine, "all_pythons", lambda: [python(version) for version in others])
    assert targets.python_then(when).version == chosen
