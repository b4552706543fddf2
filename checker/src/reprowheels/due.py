"""What is due, and why: pure decisions about one project, the order of all, and shards of equal length."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import runs
from .projects import DEFAULT_MAX_BUILDS, FIRST_ANSWER, Project
from .results import BUILD_FAILED, Result
from .runs import Checked

ROTATION = 14  # days after which everything was looked at again
_LONGEST_WAIT = 14  # days between two tries of what failed
# Failures that are nobody's answer: the next run tries again.
TRANSIENT = ("index-unreachable", "index-garbage", "disk-full", "interrupted")
# The parts of the environment that a wheel may depend on; `image` is only told, it changes every week.
COMPARED = ("os", "platform", "python", "compiler", "sandbox", "uv")
# Guesses in seconds, for what was never measured.
_PURE, _COMPILED, _SLOW = 30.0, 240.0, 1800.0

NEVER, RELEASE, ISOLATION, REQUIREMENT, TOOLCHAIN, CHECKER, RETRY, ROTA, ASKED = (
    "never checked",
    "new release",
    "not isolated yet",
    "new build requirement",
    "new toolchain",
    "new checker",
    "retry",
    "rotation",
    "asked for",
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Hold one reason why a project is due: a stable code, and what a reader wants to know of it."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        """Return the reason in one line."""
        return f"{self.code}: {self.detail}" if self.detail else self.code


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Hold what is known of a project before it is checked.

    `last` is its newest check with `ran_in`, the environment of that check. `version` and `sha256` are of the sdist that a
    check would take now, "" where that could not be found out; `refused` is the reason why there is none that it could take.
    `newer` are the build requirements that the resolution would pick now and did not pick then.
    """

    project: Project
    result: Result | None = None
    last: Checked | None = None
    ran_in: Mapping[str, str] | None = None
    version: str = ""
    sha256: str = ""
    refused: str = ""
    newer: tuple[str, ...] = ()
    python: str = ""


def turn(name: str, today: datetime.date) -> datetime.date:
    """Return the last day, today or earlier, on which the rotation came to a project; the names spread over all days."""
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % ROTATION
    return today - datetime.timedelta(days=(today.toordinal() - place) % ROTATION)


def seen(facts: Facts) -> datetime.date | None:
    """Return the day of the last check as far as it is known: a result that no run recorded is as old as its newest line."""
    if facts.last:
        return facts.last.at.date()
    if facts.result is None:
        return None
    result = facts.result
    days = [result.since, *(event.date for event in result.history)]
    if result.failure and result.failure.since:
        days.append(result.failure.since)
    return max(days)


def retry_day(since: datetime.date, last: datetime.date) -> datetime.date:
    """Return when a check that has failed since a day is tried again: after as long as it has failed, two weeks at most."""
    return last + datetime.timedelta(days=min(max((last - since).days, 1), _LONGEST_WAIT))


def _recorded(facts: Facts) -> dict[str, str]:
    """Return the environment of the last answer, as far as the result or the record tells it."""
    found = dict(facts.ran_in or {})
    made = facts.result.environment if facts.result and not facts.result.failure else None
    if made:
        own = {
            "os": made.os,
            "platform": made.platform,
            "python": made.python,
            "compiler": made.compiler,
            "sandbox": made.sandbox,
        }
        found |= own
    return found


def _of_tools(before: str, now: str) -> str:
    """Return what a machine has now of the compilers that took part before, such as "gcc 12.2.0, rustc 1.95.0".

    Most checks need no Rust. A machine that lacks a compiler says nothing of it: it may come with the packages of the project.
    """
    had, have = (dict(tool.split(" ", 1) for tool in told.split(", ") if tool) for told in (before, now))
    return ", ".join(f"{name} {have.get(name, version)}" for name, version in had.items()) or now


def _toolchain(facts: Facts, now: Mapping[str, str]) -> list[Reason]:
    """Return what of the environment is new since the last check."""
    before = _recorded(facts)
    if facts.python and facts.result and not facts.result.failure:
        now = {**now, "python": facts.python}
    if "compiler" in before and "compiler" in now:
        now = {**now, "compiler": _of_tools(before["compiler"], now["compiler"])}
    known = [key for key in COMPARED if key in before and key in now]
    moved = [f"{key} {before[key] or 'none'} → {now[key] or 'none'}" for key in known if before[key] != now[key]]
    found = [Reason(code=TOOLCHAIN, detail=", ".join(moved))] if moved else []
    if before.get("checker", now.get("checker")) != now.get("checker"):
        found.append(Reason(code=CHECKER, detail=f"{before['checker']} → {now.get('checker')}"))
    return found


def _answered_first(facts: Facts) -> bool:
    """Say whether the last check has left the isolation to another one, which has not tried yet."""
    result, bound = facts.result, facts.project.max_builds or DEFAULT_MAX_BUILDS
    if result is None or result.failure or not result.one_of or not len(result.builds) <= FIRST_ANSWER < bound:
        return False
    return not (facts.last and any(why.startswith(ISOLATION) for why in facts.last.why))


def reasons(facts: Facts, today: datetime.date, now: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return every reason why a project is due today, in the environment `now`; none when it is not."""
    last = seen(facts)
    if facts.result is None or last is None:
        return (Reason(code=NEVER),)
    result, failure = facts.result, facts.result.failure
    tried = (failure.version or result.version) if failure else result.version
    found: list[Reason] = []
    if facts.version and facts.version != tried:
        found.append(Reason(code=RELEASE, detail=facts.version))
    elif facts.refused and not (failure and failure.reason == facts.refused):
        found.append(Reason(code=RELEASE, detail=facts.refused))
    elif facts.sha256 and result.sdist and not failure and facts.sha256 != result.sdist.sha256:
        found.append(Reason(code=RELEASE, detail=f"another sdist of {facts.version}"))
    if not found and _answered_first(facts):
        found.append(Reason(code=ISOLATION, detail=f"one of {len(result.one_of)} variations"))
    if facts.newer:
        found.append(Reason(code=REQUIREMENT, detail=", ".join(facts.newer)))
    found += _toolchain(facts, now)
    crashed = facts.last is not None and facts.last.outcome == runs.CRASHED
    if failure or crashed:
        since = (failure.since if failure else None) or last
        when = last if failure and failure.reason in TRANSIENT else retry_day(since, last)
        if today >= when:
            found.append(Reason(code=RETRY, detail=failure.reason if failure else "the check itself broke off"))
    elif last < turn(facts.project.name, today):
        found.append(Reason(code=ROTA, detail=f"last checked {last}"))
    return tuple(found)


def expected(project: Project, result: Result | None, earlier: Sequence[Checked]) -> float:
    """Return how many seconds a check will take: as long as the last one that came to an answer, else a guess."""
    for one in earlier:
        if one.outcome in (runs.SAME, runs.CHANGED):
            return one.seconds
    if earlier:
        return earlier[0].seconds
    if project.timeout:
        return _SLOW
    pure = result.pure if result and result.status != BUILD_FAILED else None
    return _COMPILED if pure is False else _PURE


@dataclass(frozen=True, kw_only=True)
class Due:
    """Hold one project that is due, with the reasons and the expected duration in seconds.

    `answer_first` leaves the isolation to a later sweep where builds are slow, so that they do not keep the others waiting.
    """

    facts: Facts
    why: tuple[Reason, ...]
    seconds: float
    answer_first: bool = False

    @property
    def name(self) -> str:
        """Return the name of the project."""
        return self.facts.project.name


def ordered(found: Sequence[Due]) -> tuple[Due, ...]:
    """Return what is due, the longest first, so that none is left over at the end on one processor."""
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.name)))


def shards(found: Sequence[Due], number: int) -> tuple[tuple[Due, ...], ...]:
    """Return what is due in at most so many parts of about equal duration, none of them empty."""
    parts: list[list[Due]] = [[] for _ in range(number)]
    loads = [0.0] * number
    for one in ordered(found):
        place = loads.index(min(loads))
        parts[place].append(one)
        loads[place] += max(one.seconds, 0.1)
    return tuple(tuple(part) for part in parts if part)
