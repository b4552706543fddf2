"""What a person sees of a sweep: a line per check as it ends, and a summary; what is due, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from . import due, runs
from .runs import Run
from .sweep import Ended, Plan

_SHOWN = 8


def duration(seconds: float) -> str:
    """Return a number of seconds as people say it."""
    whole = round(seconds)
    if whole < 100:
        return f"{seconds:.0f} s"
    return f"{whole // 60}:{whole % 60:02} min" if whole < 6000 else f"{whole // 3600}:{whole % 3600 // 60:02} h"


def line(ended: Ended, number: int, total: int) -> str:
    """Return one finished check as a line of text."""
    head = f"[{number}/{total}] {ended.done.name}"
    one = ended.checked
    if one is None:
        return f"{head}: another process is checking it; left to that"
    if one.outcome == runs.CRASHED:
        last = ended.done.said.splitlines()[-1:] or [f"exit status {ended.done.status}"]
        return f"{head}: the check broke off: {last[0]}"
    what = {runs.SAME: "as before", runs.CHANGED: "written", runs.FAILED: "no answer"}[one.outcome]
    if ended.result and ended.result.failure:
        what = f"no answer ({ended.result.failure.reason}: {ended.result.failure.message})"
    elif ended.change:
        what = changed(ended.change)
    later = ", not isolated yet" if ended.result and ended.result.one_of else ""
    return f"{head} {one.version}".rstrip() + f": {one.status}{later}, {what}, {duration(one.seconds)}"


def changed(change: runs.Change) -> str:
    """Return what changed in a few words."""
    because = f" ({', '.join(change.moved)})" if change.moved else ""
    return f"{change.why}{because}" if not change.before else f"{change.why}{because}: {change.before} → {change.after}"


def summary(run: Run, plan: Plan, where: str) -> str:
    """Return what a sweep came to, as lines of text."""
    counts = {outcome: sum(one.outcome == outcome for one in run.checked) for outcome in runs.OUTCOMES}
    told = {runs.SAME: "as before", runs.CHANGED: "written", runs.FAILED: "without an answer", runs.CRASHED: "broke off"}
    numbers = ", ".join(f"{counts[outcome]} {words}" for outcome, words in told.items() if counts[outcome])
    lines = [f"{len(run.checked)} of {len(plan.due)} checked in {duration(run.elapsed)}: {numbers or 'nothing was due'}"]
    for event in run.events:
        names = ", ".join(event.projects[:_SHOWN]) + (" …" if len(event.projects) > _SHOWN else "")
        lines.append(f"  {event.what} moved {len(event.projects)} projects: {names}")
    lines += [f"  not looked up  {problem}" for problem in plan.problems[:_SHOWN]]
    if len(plan.problems) > _SHOWN:
        lines.append(f"                 and {len(plan.problems) - _SHOWN} more")
    return "\n".join([*lines, *([f"  recorded in    {where}"] if run.checked else [])])


def as_json(plan: Plan, shards: int) -> str:
    """Return what is due, why, and for how long it will take, in the order in which it is checked, and in shards."""
    parts: Sequence[Sequence[due.Due]] = due.shards(plan.due, shards)
    told = {
        "environment": plan.environment,
        "due": [
            {
                "name": one.name,
                "version": one.facts.version,
                "why": [{"code": reason.code, "detail": reason.detail} for reason in one.why],
                "seconds": one.seconds,
                "answer-first": one.answer_first,
            }
            for one in plan.due
        ],
        "shards": [
            {"number": number, "seconds": round(sum(one.seconds for one in part), 1), "names": [one.name for one in part]}
            for number, part in enumerate(parts, 1)
        ],
        "problems": list(plan.problems),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
