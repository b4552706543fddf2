"""Measure what a sweep costs: one in which nothing is due, here and now, and a whole one, from the records of runs.

Nothing is due when every tracked project was checked just now: a copy of the results with such a record is swept twice, with an
empty cache and with what the first left there. The time of a whole sweep is that of the newest recorded check of each project.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import surroundings
import tomli_w

from reprowheels import check, isolate, projects, resultfiles, runs
from reprowheels.results import Result
from reprowheels.runs import Checked, Run

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "bench.toml"
PROCESSORS = 2  # of the machine that the budget is for


def _sweep(folder: Path, cache: Path, *options: str) -> tuple[float, str]:
    """Return how long a sweep took and what it printed."""
    command = [sys.executable, "-m", "reprowheels", "sweep", "--output", "results", "--runs", "runs", *options]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "XDG_CACHE_HOME": str(cache)}, stdout=subprocess.PIPE, text=True, check=True
    )
    return time.perf_counter() - started, done.stdout


def _tracked(path: Path, leave_out: set[str]) -> dict[str, Any]:
    """Return projects.toml without some projects."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return {"project": [table for table in told["project"] if table["name"] not in leave_out]}


def nothing_due(scratch: Path) -> dict[str, Any]:
    """Sweep over everything that has a result of today's release, as if it had been checked just now."""
    shutil.copytree(ROOT / "docs" / "results", scratch / "results")
    shutil.copy(ROOT / "projects.toml", scratch)
    first, second = scratch / "first", scratch / "second"
    plan = json.loads(_sweep(scratch, first, "--plan")[1])
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    known = [resultfiles.load(path) for path in sorted((scratch / "results").glob("*.toml"))]
    checked = tuple(
        Checked(name=result.name, at=now, seconds=1.0, outcome=runs.SAME if not result.failure else runs.FAILED)
        for result in known
    )
    runs.add(scratch / "runs", Run(date=now.date(), environment=tuple(plan["environment"].items()), checked=checked))
    # What is due all the same has a new release since, or a failure that is tried again at once.
    due = {one["name"] for one in json.loads(_sweep(scratch, first, "--plan")[1])["due"]}
    kept = _tracked(scratch / "projects.toml", due)
    (scratch / "projects.toml").write_text(tomli_w.dumps(kept), encoding="utf-8")
    cold, _ = _sweep(scratch, second)
    warm, said = _sweep(scratch, second)
    if "nothing was due" not in said:
        raise SystemExit(f"something was due: {said}")
    looked = sum("exclude" not in table for table in kept["project"])
    return {"projects": looked, "nothing-due-cold": round(cold, 1), "nothing-due-warm": round(warm, 1)}


def _cost(result: Result, one: Checked) -> tuple[float, float]:
    """Return the seconds of processors that a check takes until it has its answer, and until all is isolated."""
    if result.pure or result.failure:  # what does not compile keeps one of them busy, builds or not
        return one.seconds, one.seconds
    whole = one.processor_seconds or one.seconds * PROCESSORS  # at most
    published = len(result.published_wheel.tried) if result.published_wheel else 0
    each = whole / max(1, len(result.builds) + published)
    if each <= check.SLOW_SECONDS:
        return whole, whole
    return each * (min(len(result.builds), isolate.enough([build.sha256 for build in result.builds])) + published), whole


def whole() -> dict[str, Any]:
    """Return what a first sweep of everything takes where no processor waits, by the newest check of each tracked project.

    The answers of all projects come first; what is slow to build is isolated after that.
    """
    latest = runs.latest(runs.history(ROOT / "docs" / "runs"))
    tracked = [project.name for project in projects.load(ROOT / "projects.toml") if not project.exclude]
    paths = {name: ROOT / "docs" / "results" / f"{name}.toml" for name in tracked if name in latest}
    known = [(resultfiles.load(path), latest[name][1]) for name, path in paths.items() if path.exists()]
    answers, isolations = zip(*(_cost(*one) for one in known), strict=True)
    return {
        "processors": PROCESSORS,
        "tracked": len(tracked),
        "recorded": len(known),
        "counted": sum(one.processor_seconds is not None for _, one in known),
        "answer-hours": round(sum(answers) / PROCESSORS / 3600, 2),
        "isolated-hours": round(sum(isolations) / PROCESSORS / 3600, 2),
        "pure-minutes": round(sum(one.seconds for result, one in known if result.pure) / PROCESSORS / 60, 1),
    }


def _print(told: Mapping[str, Any]) -> None:
    print(
        f"a sweep of {told['projects']} projects with nothing due: {told['nothing-due-cold']} s with an empty cache, "
        f"{told['nothing-due-warm']} s after that (at most 30 s)"
    )
    print(
        f"a first sweep of everything on {PROCESSORS} processors, by the newest record of {told['recorded']} of {told['tracked']}: "
        f"{told['answer-hours']} hours until each project has its answer (at most 6), of which pure projects "
        f"{told['pure-minutes']} minutes (at most 10); {told['isolated-hours']} until all is isolated. "
        f"Builds were counted in {told['counted']} records; the others are taken for all processors"
    )


def main() -> None:
    """Measure, print, and write what was measured beside the rest in docs/bench.toml."""
    load = surroundings.load()
    with tempfile.TemporaryDirectory(prefix="reprowheels-bench-") as directory:
        told = {**nothing_due(Path(directory)), **whole(), "load-before": load}
    _print(told)
    report = tomllib.loads(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else {}
    REPORT.write_text(tomli_w.dumps({**report, "sweep": told}), encoding="utf-8")


if __name__ == "__main__":
    main()
