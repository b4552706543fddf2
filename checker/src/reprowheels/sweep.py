"""Many projects: find out what is due, check it, the longest first, and record each check as soon as it ends."""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from . import check, due, executors, history, machine, outlook, pipconfig, resultfiles, runs
from .due import Due, Reason
from .errors import FileError
from .executors import Done, Job
from .outlook import Outlook
from .projects import Project
from .results import Result
from .runs import Checked, Run


@dataclass(frozen=True, kw_only=True)
class Place:
    """Name where things are: results, records of runs, where this run is recorded, and the file with the tracked projects."""

    results: Path
    runs: Path
    record: Path
    projects: Path


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Hold what is due in which environment, what the index did not answer, and what the run needs to go on."""

    due: tuple[Due, ...]
    environment: dict[str, str]
    problems: tuple[str, ...] = ()
    known: dict[str, Result] = field(default_factory=dict)
    outlook: Outlook


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Hold one check that has ended: what came of it, the result that stands now, and what has changed."""

    done: Done
    checked: Checked | None = None
    result: Result | None = None
    change: runs.Change | None = None


def today() -> datetime.date:
    """Return the day in UTC, after which a run is named."""
    return datetime.datetime.now(datetime.timezone.utc).date()


def _known(names: Sequence[str], directory: Path) -> dict[str, Result]:
    """Return the results that there are; raises FileError for those that cannot be read, all at once."""
    found: dict[str, Result] = {}
    problems: list[str] = []
    for name in names:
        path = directory / f"{name}.toml"
        if path.exists():
            try:
                found[name] = resultfiles.load(path)
            except FileError as error:
                problems += error.problems
    if problems:
        raise FileError(problems)
    return found


def plan(
    place: Place, tracked: Sequence[Project], *, names: Sequence[str] = (), everything: bool = False, again: bool = False
) -> Plan:
    """Return what is due among the tracked projects, or among these names, which are due because they were asked for.

    `everything` makes all of them due, but for what a run of today has checked in this environment already; `again` that, too.
    """
    by_name = {project.name: project for project in tracked}
    chosen = [by_name.get(name, Project(name=name)) for name in dict.fromkeys(names)]
    chosen = chosen or [project for project in tracked if not project.exclude]
    known = _known([project.name for project in chosen], place.results)
    records = runs.history(place.runs)
    now = outlook.surroundings()
    asked = Outlook(pipconfig.read())
    facts, problems = asked.facts(chosen, known, records)
    day = today()
    found = []
    compilers = {"compiler": machine.compiler(rust=True)}  # also those that few checks need
    for one in facts:
        why = due.reasons(one, day, now | compilers)
        finished = one.last is not None and one.last.outcome != runs.CRASHED and one.last.at.date() == day and not why
        if not why and (names or (everything and (again or not finished))):
            why = (Reason(code=due.ASKED),)
        if why:
            earlier = [check for run in records for check in run.checked if check.name == one.project.name]
            seconds = due.expected(one.project, one.result, earlier)
            unknown = not names and any(reason.code in (due.NEVER, due.RELEASE) for reason in why)
            found.append(Due(facts=one, why=why, seconds=seconds, answer_first=unknown))
    return Plan(due=due.ordered(found), environment=now, problems=problems, known=known, outlook=asked)


def run(
    plan: Plan, place: Place, tell: Callable[[Ended], None], *, jobs: int, scheduler: str = "", options: Sequence[str] = ()
) -> Run:
    """Check all that is due and return the record of it; `tell` hears of each check as it ends.

    Each result is written and recorded at once: what is interrupted, or killed, loses the checks under way and no other.
    """
    settings = place.projects.read_text(encoding="utf-8") if place.projects.exists() else "project = []\n"
    whole = Run(date=today(), environment=tuple(plan.environment.items()))
    by_name = {one.name: one for one in plan.due}
    mark = time.monotonic()
    with executors.executor(jobs, scheduler) as pool:
        waiting: dict[Future[Done], str] = {
            pool.submit(executors.run, _job(one, settings, options)): one.name for one in plan.due
        }
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                ended = _ended(executors.outcome(waiting.pop(future), future), by_name, plan, place)
                elapsed, mark = time.monotonic() - mark, time.monotonic()
                if ended.checked:
                    new = dataclasses.replace(
                        whole,
                        date=today(),
                        elapsed=elapsed,
                        checked=(runs.told(ended.checked, dict(ended.done.environment), whole),),
                        changed=(ended.change,) if ended.change else (),
                    )
                    runs.add(place.record, new)
                    whole = runs.merged(whole, dataclasses.replace(new, date=whole.date))
                tell(ended)
    return whole


def _job(one: Due, settings: str, options: Sequence[str]) -> Job:
    return Job(name=one.name, projects=settings, options=(*options, *["--answer-first"] * one.answer_first))


def _ended(done: Done, by_name: dict[str, Due], plan: Plan, place: Place) -> Ended:
    """Write what came of a check beside what was known, and say what has changed."""
    one = by_name[done.name]
    if done.busy:
        return Ended(done=done)
    told = Checked(
        name=done.name,
        at=done.at,
        seconds=done.seconds,
        processor_seconds=done.processor_seconds,
        outcome=runs.CRASHED,
        why=tuple(str(reason) for reason in one.why),
    )
    if not done.result:
        last = one.facts.result
        return Ended(done=done, checked=dataclasses.replace(told, status=last.status, version=last.version) if last else told)
    fresh = _fresh(done)
    path = place.results / f"{done.name}.toml"
    before = path.read_bytes() if path.exists() else b""
    old = resultfiles.load(path) if before else None
    checker = _checker(one, done)
    kept, path = check.record(check.Checked(result=fresh, diff=done.diff), place.results, checker)
    change = history.change(old, fresh, kept, checker)
    outcome = runs.FAILED if fresh.failure else runs.SAME if path.read_bytes() == before else runs.CHANGED
    if fresh.environment:
        plan.outlook.ask(pin.name for pin in fresh.environment.requires)
    told = dataclasses.replace(
        told, outcome=outcome, version=fresh.version, status=kept.status, passed_over=plan.outlook.newer(fresh)
    )
    return Ended(done=done, checked=told, result=kept, change=change)


def _fresh(done: Done) -> Result:
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as scratch:
        path = Path(scratch, f"{done.name}.toml")
        path.write_text(done.result, encoding="utf-8")
        return resultfiles.load(path)


def _checker(one: Due, done: Done) -> str:
    """Return how the checker has moved since the last check, or nothing; without a record of that, it may be any."""
    before, now = dict(one.facts.ran_in or {}), dict(done.environment)
    if all(before.get(key) == now.get(key) for key in ("checker", "checker-source")):
        return ""
    return f"checker {_version(before) or 'that no run recorded'} → {_version(now)}"


def _version(environment: Mapping[str, str]) -> str:
    """Return version and digest of the checker, as far as they are known."""
    return " ".join(filter(None, (environment.get("checker"), environment.get("checker-source"))))
