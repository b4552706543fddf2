"""The record of one day's runs, docs/runs/<date>.toml: where it ran, what was checked, what changed and why. To TOML and back."""

from __future__ import annotations

import dataclasses
import datetime
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from . import files, tables
from .errors import FileError

SCHEMA = 1
SAME, CHANGED, FAILED, CRASHED = "same", "changed", "failed", "crashed"
OUTCOMES = (SAME, CHANGED, FAILED, CRASHED)
# Why a result changed, in the order in which a reader wants to hear of them.
FIRST, RELEASE, ISOLATED, TOOLCHAIN, CHECKER, FLAKY, NO_ANSWER, AGAIN = (
    "first check",
    "new release",
    "isolated",
    "toolchain",
    "checker",
    "flaky",
    "no answer",
    "it builds again",
)
REASONS = (FIRST, RELEASE, ISOLATED, TOOLCHAIN, CHECKER, FLAKY, NO_ANSWER, AGAIN)
_MANY = 2  # projects that one change of the toolchain moves for it to be an event of the fleet

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Hold one check of a run: when it ended, how long it took in seconds, what is known since, and why it was due.

    `processor_seconds` are those that its builds took of all processors, None where they were not counted.

    `outcome` is "same" or "changed" for the result's file, "failed" for a check without an answer, and "crashed" for
    one that wrote none. `passed_over` names newer releases of build requirements that the resolution did not pick;
    `environment` what differs from the environment of the whole record.
    """

    name: str
    at: datetime.datetime
    seconds: float
    outcome: str
    processor_seconds: float | None = None
    version: str = ""
    status: str = ""
    why: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    environment: Pairs = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """Hold one result that changed, and why: one of `REASONS`; `moved` names what is new in its environment."""

    name: str
    version: str
    why: str
    before: str = ""
    after: str = ""
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Event:
    """Hold one change of the toolchain that moved the results of several projects."""

    what: str
    projects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Hold the record of a day: its environment, its checks in the order in which they ended, and its changes.

    `elapsed` is for how many seconds a sweep was at work.
    """

    date: datetime.date
    elapsed: float = 0.0
    environment: Pairs = ()
    checked: tuple[Checked, ...] = ()
    changed: tuple[Change, ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long all checks took together, whatever ran side by side."""
        return round(sum(one.seconds for one in self.checked), 1)

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the changes that share a change of the toolchain, each under the one that explains most."""
        left = {change.name: set(change.moved) for change in self.changed if change.moved}
        found: list[Event] = []
        while left:
            counts: dict[str, int] = {}
            for moved in left.values():
                for what in moved:
                    counts[what] = counts.get(what, 0) + 1
            what = min(counts, key=lambda item: (-counts[item], item))
            if counts[what] < _MANY:
                break
            names = sorted(name for name, moved in left.items() if what in moved)
            found.append(Event(what=what, projects=tuple(names)))
            left = {name: moved for name, moved in left.items() if what not in moved}
        return tuple(found)


def merged(old: Run | None, new: Run) -> Run:
    """Return one record of two of the same day; of a project that was checked twice the later check stays."""
    if old is None:
        return new
    now = dict(new.environment)
    checked: dict[str, Checked] = {}
    earlier = [_told(one, dict(old.environment) | dict(one.environment), now) for one in old.checked]
    for one in sorted((*earlier, *new.checked), key=lambda one: (one.at, one.name)):
        checked.pop(one.name, None)
        checked[one.name] = one
    changed = dict.fromkeys((*old.changed, *new.changed))
    return Run(
        date=new.date,
        elapsed=round(old.elapsed + new.elapsed, 1),
        environment=new.environment,
        checked=tuple(checked.values()),
        changed=tuple(changed),
    )


def _told(one: Checked, own: Mapping[str, str], shared: Mapping[str, str]) -> Checked:
    """Return a check that tells of its environment what differs from that of the record."""
    return dataclasses.replace(one, environment=tuple(sorted((k, v) for k, v in own.items() if shared.get(k) != v)))


def told(one: Checked, own: Mapping[str, str], run: Run) -> Checked:
    """Return a check for the record of a run, with what differs from the run's environment."""
    return _told(one, own, dict(run.environment))


def environment_of(run: Run, one: Checked) -> dict[str, str]:
    """Return the whole environment of one check."""
    return dict(run.environment) | dict(one.environment)


def to_toml(run: Run) -> str:
    """Return a record as the text of its TOML file."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "date": run.date,
        "elapsed": run.elapsed,
        "seconds": run.seconds,
        "environment": dict(run.environment),
        "events": [{"what": event.what, "projects": list(event.projects)} for event in run.events],
        "changed": [_row(change) for change in run.changed],
        "checked": [_row(one) for one in run.checked],
    }
    return tomli_w.dumps(tables.filled(table))


def _row(value: Checked | Change) -> dict[str, Any]:
    found = {field.name.replace("_", "-"): getattr(value, field.name) for field in dataclasses.fields(value)}
    if "environment" in found:
        found["environment"] = dict(found["environment"])
    return tables.filled(found)


def _checked(table: tables.Table) -> Checked | None:
    at = table.moment("at", required=True)
    found = Checked(
        name=table.string("name", required=True),
        at=at or datetime.datetime.min.replace(tzinfo=datetime.timezone.utc),
        seconds=table.number("seconds", required=True),
        outcome=table.string("outcome", required=True, choices=OUTCOMES),
        processor_seconds=table.number("processor-seconds") or None,
        version=table.string("version"),
        status=table.string("status"),
        why=table.strings("why"),
        passed_over=table.strings("passed-over"),
        environment=table.string_map("environment"),
    )
    table.finish()
    return found if at else None


def _change(table: tables.Table) -> Change:
    found = Change(
        name=table.string("name", required=True),
        version=table.string("version"),
        why=table.string("why", required=True, choices=REASONS),
        before=table.string("before"),
        after=table.string("after"),
        moved=table.strings("moved"),
    )
    table.finish()
    return found


def load(path: Path) -> Run:
    """Return the record that a TOML file holds; raises FileError with every place where it does not fit."""
    root, problems = tables.read(path, SCHEMA)
    date = root.date("date", required=True)
    if date and path.stem != date.isoformat():
        root.problem("date", f"expected {path.stem}, the day that the file is named after, got {date}")
    run = Run(
        date=date or datetime.date.min,
        elapsed=root.number("elapsed"),
        environment=root.string_map("environment"),
        checked=tuple(one for one in map(_checked, root.tables("checked")) if one),
        changed=tuple(map(_change, root.tables("changed"))),
    )
    root.number("seconds")  # these two follow from the rest
    root.tables("events")
    root.finish()
    if problems:
        raise FileError(problems)
    return run


def history(directory: Path) -> tuple[Run, ...]:
    """Return every record of a directory, the newest first; raises FileError."""
    return tuple(load(path) for path in sorted(directory.glob("????-??-??.toml"), reverse=True))


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold off other processes that write a record."""
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def add(directory: Path, new: Run) -> Run:
    """Write a record, together with what is recorded of that day already, and return what was written."""
    with _alone(directory):
        path = directory / f"{new.date}.toml"
        run = merged(load(path) if path.exists() else None, new)
        files.write(path, to_toml(run))
    return run


def latest(records: Sequence[Run]) -> dict[str, tuple[Run, Checked]]:
    """Return the newest check of each project with the record that it is in; the newest record comes first."""
    found: dict[str, tuple[Run, Checked]] = {}
    for run in records:
        for one in run.checked:
            found.setdefault(one.name, (run, one))
    return found
