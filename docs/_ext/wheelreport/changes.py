"""What changed and when, from the histories of all projects: for the first page, the feeds and the trend."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from reprowheels import results

from . import words
from .data import Entry, Site

MANY = 5  # so many changes with one reason are told as one line
FIRST, REGRESSION, FIX, RELEASE, OTHER, FLEET = "first", "regression", "fix", "release", "other", "fleet"
_RANK = {status: rank for rank, status in enumerate(results.STATUSES)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """Hold one line of a history, beside what was there before; `kind` tells a regression from a fix."""

    entry: Entry
    event: results.Event
    before: results.Event | None
    kind: str

    @property
    def title(self) -> str:
        """Return the change in one line."""
        name = f"{self.entry.name} {self.event.version}".rstrip()
        if self.kind in (REGRESSION, FIX) and self.before:
            return f"{name}: {self.event.status}, was {self.before.status}"
        return f"{name}: {self.event.status} ({self.event.why})"


def _kind(event: results.Event, before: results.Event | None) -> str:
    if before is None:
        return FIRST
    old, new = _RANK[before.status], _RANK[event.status]
    if new != old:
        return REGRESSION if new > old else FIX
    return RELEASE if event.version != before.version else OTHER


def of_entry(entry: Entry) -> tuple[Change, ...]:
    """Return the changes of one project from new to old."""
    history = entry.result.history if entry.result else ()
    pairs = zip(history, (None, *history), strict=False)
    return tuple(Change(entry=entry, event=event, before=before, kind=_kind(event, before)) for event, before in pairs)[::-1]


def of_site(site: Site) -> tuple[Change, ...]:
    """Return the changes of all projects from new to old, those of one day by name."""
    if "changes" not in site.memo:
        found = [change for entry in site.entries for change in of_entry(entry)]
        found.sort(key=lambda change: change.event.date, reverse=True)
        site.memo["changes"] = tuple(found)
    told: tuple[Change, ...] = site.memo["changes"]
    return told


@dataclass(frozen=True, kw_only=True)
class Group:
    """Hold changes of one kind that have one reason; `fleet` where so many share it that they are one event."""

    kind: str
    why: str
    changes: tuple[Change, ...]

    @property
    def fleet(self) -> bool:
        """Return whether the changes are told as one line."""
        return self.kind == FLEET or len(self.changes) >= MANY

    @property
    def worse(self) -> int:
        """Return how many of the changes are regressions."""
        return sum(change.kind == REGRESSION for change in self.changes)


@dataclass(frozen=True, kw_only=True)
class Day:
    """Hold what changed on the newest day, grouped by kind and reason, with what is worse first."""

    date: datetime.date
    groups: tuple[Group, ...]


def newest(site: Site) -> Day | None:
    """Return the changes of the newest day on which anything changed, or None without any history.

    What the record of the run of that day calls one event is one group.
    """
    found = [change for change in of_site(site) if change.entry.tracked]
    if not found:
        return None
    date = found[0].event.date
    events = {
        name: event.what for run in site.runs if run.date == date for event in run.events if event.what for name in event.projects
    }
    collected: dict[tuple[str, str], list[Change]] = {}
    for change in found:
        if change.event.date == date:
            what = events.get(change.entry.name)
            collected.setdefault((FLEET, what) if what else (change.kind, change.event.why), []).append(change)
    order = list(words.CHANGES)
    groups = [Group(kind=kind, why=why, changes=tuple(of)) for (kind, why), of in collected.items()]
    groups.sort(key=lambda group: (order.index(group.kind), -len(group.changes), group.why))
    return Day(date=date, groups=tuple(groups))


@dataclass(frozen=True, kw_only=True)
class Point:
    """Hold how many projects had each status at the end of a day."""

    date: datetime.date
    counts: Mapping[str, int]


def _states(entry: Entry) -> list[tuple[datetime.date, str]]:
    """Return on which days a project came to which status; a result without history has the status since its day."""
    if not entry.result:
        return []
    events = [(event.date, event.status) for event in entry.result.history]
    if not events or events[-1][1] != entry.result.status:
        events.append((entry.result.since, entry.result.status))
    if entry.exclusion:
        events.append((entry.exclusion.since, results.EXCLUDED))
    return sorted(events, key=lambda state: state[0])


def trend(site: Site, last: int = 90) -> tuple[Point, ...]:
    """Return the numbers of the days on which something changed, from old to new, `last` at most."""
    steps: dict[datetime.date, list[tuple[str, str]]] = {}
    for entry in site.tracked:
        for date, status in _states(entry):
            steps.setdefault(date, []).append((entry.name, status))
    current = {entry.name: results.EXCLUDED if entry.exclusion else words.NOT_CHECKED for entry in site.tracked}
    counts = dict.fromkeys(words.STATUSES, 0)
    for status in current.values():
        counts[status] += 1
    points: list[Point] = []
    for date in sorted(steps):
        for name, status in steps[date]:
            counts[current[name]] -= 1
            current[name] = status
            counts[status] += 1
        points.append(Point(date=date, counts=dict(counts)))
    return tuple(points[-last:])
