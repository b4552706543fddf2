"""The records of runs, docs/runs/<date>.toml: when everything that was due was checked, where, and what came of it.

A record is written by another program and may grow: what this module does not know is shown as it is, and a site without
any record is a whole site.
"""

from __future__ import annotations

import datetime
import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Hold one change that moved several projects: what it is, in one line, and their names."""

    what: str
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """Hold one check of a run: the project, how many seconds it took and what came of it."""

    name: str
    seconds: float = 0.0
    outcome: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """Hold one result that a run changed, and why."""

    name: str
    why: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Hold one run: its day, its environment, plain facts about it, its checks, and what they changed."""

    name: str
    date: datetime.date
    environment: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    events: tuple[Event, ...] = ()
    checked: tuple[Check, ...] = ()
    changed: tuple[Change, ...] = ()

    @property
    def outcomes(self) -> tuple[tuple[str, int], ...]:
        """Return how many checks ended in which way, the most frequent first."""
        return tuple(Counter(check.outcome for check in self.checked if check.outcome).most_common())

    @property
    def unanswered(self) -> int:
        """Return how many checks came to no answer."""
        return sum(check.outcome in ("failed", "crashed") for check in self.checked)

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Return how many results changed for which reason, the most frequent first."""
        return tuple(Counter(change.why for change in self.changed if change.why).most_common())

    @property
    def slowest(self) -> tuple[Check, ...]:
        """Return the checks that took longest."""
        return tuple(sorted(self.checked, key=lambda check: (-check.seconds, check.name)))[:5]


def duration(seconds: float) -> str:
    """Return a number of seconds as people say it: 42 s, 12 min, 3 h 05 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"


def _text(value: Any) -> str:
    """Return a value of a record as one line of text: how many, where it is a list."""
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(inner)}" for key, inner in value.items())
    return str(value)


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _event(value: Any) -> Event:
    if isinstance(value, Mapping):
        return Event(what=str(value.get("what", "")), projects=_strings(value.get("projects")))
    return Event(what=_text(value))


def _tables(value: Any) -> list[Mapping[str, Any]]:
    """Return the tables of an array; a record may hold names only."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, Mapping) else {"name": item} for item in items]


def _run(path: Path) -> Run:
    table = tomllib.loads(path.read_text("utf-8"))
    date = table.pop("date", None) or datetime.date.fromisoformat(path.stem[:10])
    if isinstance(date, datetime.datetime):
        date = date.date()
    if not isinstance(date, datetime.date):
        raise ValueError(f"date: expected a day, got {date!r}")
    environment = table.pop("environment", {})
    checked = [
        Check(
            name=str(one.get("name", "")),
            seconds=float(one.get("seconds", 0)),
            outcome=str(one.get("outcome", "")),
            why=_strings(one.get("why")),
        )
        for one in _tables(table.pop("checked", []))
    ]
    changed = [
        Change(**{key: str(one.get(key, "")) for key in ("name", "why", "before", "after")})
        for one in _tables(table.pop("changed", []))
    ]
    facts = {"Checks": str(len(checked))}
    for key, label in (("elapsed", "From start to end"), ("seconds", "All checks together")):
        if key in table:
            facts[label] = duration(float(table.pop(key)))
    events = table.pop("events", [])
    table.pop("schema", None)
    return Run(
        name=path.stem,
        date=date,
        environment=tuple((str(key), _text(value)) for key, value in environment.items()),
        facts=(*facts.items(), *((key, _text(value)) for key, value in table.items())),
        events=tuple(_event(event) for event in events),
        checked=tuple(checked),
        changed=tuple(changed),
    )


def read(directory: Path) -> tuple[tuple[Run, ...], tuple[tuple[Path, str], ...], bytes]:
    """Return the runs from new to old, the files that cannot be used with the reason, and a digest of all files."""
    found: list[Run] = []
    problems: list[tuple[Path, str]] = []
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.toml"), reverse=True):
        try:
            digest.update(path.read_bytes())
            found.append(_run(path))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            problems.append((path, f"{path.name}: {error}"))
    found.sort(key=lambda run: (run.date, run.name), reverse=True)
    return tuple(found), tuple(problems), digest.digest()


def last_checks(told: tuple[Run, ...]) -> dict[str, datetime.date]:
    """Return the last day on which each project was checked, whatever came of it; runs are given from new to old."""
    return {check.name: run.date for run in reversed(told) for check in run.checked if check.name}


def moved(run: Run, before: Run | None) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between the environments of two runs: what, the earlier and the later value."""
    if before is None:
        return ()
    old, new = dict(before.environment), dict(run.environment)
    return tuple((key, old.get(key, ""), new.get(key, "")) for key in sorted(old | new) if old.get(key) != new.get(key))
