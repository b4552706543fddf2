"""What each command does with its arguments: printing and exit status, no logic. Each imports what it alone needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import check, index, projects, resultfiles, results, sdist, supervise, targets, terminal
from .errors import NOT_CHECKED, NOT_REPRODUCIBLE, OK, ReproWheelsError, UsageError
from .projects import Project
from .results import ConfigSettings, Result


def _tracked(path: Path | None) -> dict[str, Project]:
    if path is None and not Path("projects.toml").exists():
        return {}
    return {project.name: project for project in projects.load(path or Path("projects.toml"))}


def _status(result: Result) -> int:
    if result.failure:
        return NOT_CHECKED
    return OK if result.status in (results.REPRODUCIBLE, results.REPEATABLE) else NOT_REPRODUCIBLE


def _keep_log(name: str, log: str) -> Path | None:
    """Keep the log of a check that failed where the user finds it."""
    if not log:
        return None
    path = index.cache_directory() / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(log, encoding="utf-8", errors="replace")
    return path


def _one(
    target: str, options: check.Options, chosen: argparse.Namespace, tracked: dict[str, Project], progress: terminal.Progress
) -> Result:
    name, version = targets.split(target)
    fresh = check.check(target, options, tracked.get(name, Project(name=name)), progress.say)
    failure = fresh.result.failure
    known = chosen.output / f"{fresh.result.name}.toml"
    merged, path = fresh.result, None
    # A release that somebody asked for and that does not exist says nothing about what is known of another one.
    if not (failure and failure.reason == "no-such-version" and version and known.exists()):
        merged, path = check.record(fresh, chosen.output)
    if failure and chosen.level < 0:
        print(f"reprowheels: {target}: {failure.reason}: {failure.message}", file=sys.stderr)
    if chosen.level >= 0 and not chosen.json:
        log_path = _keep_log(fresh.result.name, fresh.log)
        progress.print(terminal.summary(merged, path, coloured=terminal.colours(sys.stdout), log_path=log_path))
        if not path:
            progress.print(f"  unchanged    {known}, which is about another release")
    return merged


def _only_published(
    target: str, options: check.Options, chosen: argparse.Namespace, tracked: dict[str, Project], progress: terminal.Progress
) -> Result:
    """Say anew what the published wheel of a recorded release is."""
    from . import statements

    known = resultfiles.load(statements.locate(target, chosen.output))
    result = check.published_alone(known, options, tracked.get(known.name, Project(name=known.name)), progress.say)
    path = resultfiles.save(result, chosen.output)
    if chosen.level >= 0 and not chosen.json:
        progress.print(terminal.summary(result, path, coloured=terminal.colours(sys.stdout)))
    return result


def _grouped(pairs: Sequence[tuple[str, str]]) -> ConfigSettings:
    """Return settings with all values that each key was given."""
    return tuple((key, tuple(value for name, value in pairs if name == key)) for key in dict.fromkeys(key for key, _ in pairs))


def _check(chosen: argparse.Namespace) -> int:
    """Check every target; one that fails never stops the others."""
    options = check.Options(
        variations=chosen.variations,
        before=chosen.uploaded_before,
        source_date_epoch=chosen.source_date_epoch,
        python=chosen.python,
        jobs=chosen.jobs,
        timeout=chosen.timeout,
        max_builds=chosen.max_builds,
        keep=chosen.keep,
        sandboxed=not chosen.no_sandbox,
        constraints=chosen.build_constraint,
        config_settings=_grouped(chosen.config_setting),
        repeat=chosen.repeat,
        probe_epoch=chosen.probe_epoch,
        verify_advice=chosen.verify_advice,
        published=not chosen.no_published,
        answer_first=chosen.answer_first,
    )
    tracked = _tracked(chosen.projects)
    if options.constraints and not options.constraints.is_file():
        raise UsageError(f"--build-constraint: {options.constraints}: there is no such file")
    worst = OK
    found = []
    one = _only_published if chosen.only_published else _one
    with terminal.Progress(len(chosen.targets), -1 if chosen.json and not sys.stderr.isatty() else chosen.level) as progress:
        for target in dict.fromkeys(chosen.targets):
            progress.start(target)
            try:
                result = one(target, options, chosen, tracked, progress)
            except ReproWheelsError as error:
                print(f"reprowheels: {error}", file=sys.stderr)
                worst = max(worst, error.exit_status)
                continue
            found.append(result)
            worst = max(worst, _status(result))
    if chosen.json:
        print(terminal.as_json(found))
    return worst


def _rebuild(chosen: argparse.Namespace) -> int:
    """Rebuild recorded results, one after the other."""
    from . import rebuild

    worst = OK
    limits = supervise.Limits(wall=chosen.timeout)
    with terminal.Progress(len(chosen.targets), chosen.level) as progress:
        for target in dict.fromkeys(chosen.targets):
            progress.start(target)
            try:
                recorded = rebuild.locate(target, chosen.output)
                found = rebuild.rebuild(recorded, progress.say, limits=limits, sandboxed=not chosen.no_sandbox)
            except ReproWheelsError as error:
                print(f"reprowheels: {target}: {error}", file=sys.stderr)
                worst = max(worst, error.exit_status)
                continue
            if chosen.level >= 0:
                progress.print(terminal.rebuilt(found))
            worst = max(worst, OK if found.equal else NOT_REPRODUCIBLE)
    return worst


def _statements(chosen: argparse.Namespace) -> int:
    """Write the statements of results, one line each."""
    from . import statements

    paths = [statements.locate(target, chosen.results) for target in chosen.targets] or sorted(chosen.results.glob("*.toml"))
    if not paths:
        raise UsageError(f"{chosen.results}: there are no results")
    for path in paths:
        for written in statements.save(resultfiles.load(path), chosen.output):
            print(written)
    return OK


def _sweep(chosen: argparse.Namespace) -> int:
    """Check everything that is due; one that fails, or whose process dies, never stops the others."""
    from . import sweep, swept

    if chosen.again and not chosen.all:
        raise UsageError("--again goes with --all")
    if chosen.targets and chosen.all:
        raise UsageError("name projects or write --all, not both")
    tracked = projects.load(chosen.projects)
    place = sweep.Place(results=chosen.output, runs=chosen.runs, record=chosen.record or chosen.runs, projects=chosen.projects)
    for target in chosen.targets:
        if not sdist.is_name(target):
            raise UsageError(f"{target!r} is not the name of a project; a sweep checks the release that projects.toml asks for")
    names = [targets.split(target)[0] for target in chosen.targets]
    plan = sweep.plan(place, tracked, names=names, everything=chosen.all, again=chosen.again)
    if chosen.plan:
        print(swept.as_json(plan, chosen.shards))
        return OK
    processors = len(os.sched_getaffinity(0))
    jobs = chosen.jobs or processors
    options = ["--jobs", str(max(1, processors // jobs))]
    if chosen.variations is not None:
        options += ["--variations", ",".join(chosen.variations) or "none"]
    options += [f"--{name}" for name in ("no-published", "no-sandbox") if getattr(chosen, name.replace("-", "_"))]
    ended: list[sweep.Ended] = []

    def tell(one: sweep.Ended) -> None:
        ended.append(one)
        if chosen.level >= 0:
            print(swept.line(one, len(ended), len(plan.due)), flush=True)

    run = sweep.run(plan, place, tell, jobs=jobs, scheduler=chosen.scheduler, options=options)
    if chosen.level >= 0:
        print(swept.summary(run, plan, str(place.record / f"{run.date}.toml")))
    return max((_status(one.result) if one.result else NOT_CHECKED for one in ended if one.checked), default=OK)


def _audit(chosen: argparse.Namespace) -> int:
    """Look up every requirement."""
    from . import audit

    known = audit.published(chosen.data)
    wanted = [item for path in chosen.requirement for item in audit.requirements(path)]
    rows = [audit.answer(item, known) for item in dict.fromkeys(wanted)]
    print(audit.as_json(rows) if chosen.json else audit.table(rows))
    return audit.exit_status(rows)


COMMANDS = {
    "audit": _audit,
    "check": _check,
    "rebuild": _rebuild,
    "statements": _statements,
    "sweep": _sweep,
}
