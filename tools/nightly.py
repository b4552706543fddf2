"""The steps of a night, which the workflow runs on many machines and the rehearsal on one: plan, shard, merge, commit."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import validation

from reprowheels import projects, resultfiles, runs
from reprowheels.errors import NOT_CHECKED, NOT_REPRODUCIBLE, OK, FileError
from reprowheels.results import Result
from reprowheels.runs import Run

RESULTS, RUNS, PROJECTS = Path("docs/results"), Path("docs/runs"), Path("projects.toml")
BOOTSTRAP = Path("tools/bootstrap.py")
_AUTHOR = ("Reproducible Wheels", "reproducible-wheels@users.noreply.github.com")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _sweep(*arguments: str, output: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "reprowheels.tied", str(os.getpid()), "sweep", *arguments]
    return subprocess.run(command, stdout=output, text=True, check=False)


def plan(chosen: argparse.Namespace) -> None:
    """Write what is due, in shards, and tell a workflow which machines it needs and what has to be installed there."""
    done = _sweep("--plan", "--shards", str(chosen.shards), *chosen.names, output=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(done.returncode)
    told = json.loads(done.stdout)
    tracked = projects.load(PROJECTS)
    for shard in told["shards"]:
        shard["packages"] = projects.packages(project for project in tracked if project.name in shard["names"])
    chosen.to.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    matrix = [{"number": shard["number"], "packages": " ".join(shard["packages"])} for shard in told["shards"]]
    _say(f"{len(told['due'])} due, in {len(matrix)} shards")
    for problem in told["problems"]:
        _say(f"not looked up: {problem}")
    if path := os.environ.get("GITHUB_OUTPUT"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"shards={json.dumps(matrix)}\ndue={len(told['due'])}\n")


def _shard_of(plan: dict[str, Any], number: int) -> dict[str, Any]:
    for shard in plan["shards"]:
        if shard["number"] == number:
            found: dict[str, Any] = shard
            return found
    raise SystemExit(f"the plan has no shard {number}")


def _plan(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def shard(chosen: argparse.Namespace) -> None:
    """Check the projects of one shard, and put their results and the record of the run into a directory."""
    found = _shard_of(_plan(chosen.plan), chosen.number)
    if found["packages"]:
        subprocess.run([sys.executable, str(BOOTSTRAP), "--apt", *found["packages"]], check=True)
    (chosen.to / "results").mkdir(parents=True)
    done = _sweep("--record", str(chosen.to / "runs"), *chosen.options, *found["names"])
    # Without an answer is an answer, too; what is wrong with the command or the program is not.
    if done.returncode not in (OK, NOT_REPRODUCIBLE, NOT_CHECKED):
        raise SystemExit(done.returncode)
    for run in runs.history(chosen.to / "runs"):
        for one in run.checked:
            for path in (RESULTS / f"{one.name}.toml", RESULTS / f"{one.name}.diff"):
                if path.exists():
                    shutil.copy(path, chosen.to / "results")


def _known() -> dict[str, Result]:
    return {path.stem: resultfiles.load(path) for path in sorted(RESULTS.glob("*.toml"))}


def merge(chosen: argparse.Namespace) -> None:
    """Take the results of all shards over, all of them or, where anything is not in order, none."""
    told = _plan(chosen.plan)
    known = _known()
    problems: list[str] = []
    shards = []
    for part in told["shards"]:
        # A shard that broke down has left nothing, and is missing as a whole.
        found = validation.read(chosen.shards / f"shard-{part['number']}", part["names"], problems)
        problems += validation.consistent(found, part["names"], known)
        shards.append(found)
    due = [one["name"] for one in told["due"]]
    problems += validation.whole(due, shards, known, validation.Limits(missing=chosen.missing, failing=chosen.failing))
    if problems:
        raise SystemExit("\n".join(["This night is not published:", *problems]))
    RESULTS.mkdir(parents=True, exist_ok=True)
    for found in shards:
        for name in found.found:
            (RESULTS / f"{name}.diff").unlink(missing_ok=True)
        for name, path in found.files.items():
            shutil.copyfile(path, RESULTS / name)
    # A night in which nothing was due is a night, too: the site would warn of a missed one.
    today = datetime.datetime.now(datetime.timezone.utc).date()
    runs.add(RUNS, Run(date=today, environment=tuple(told["environment"].items())))
    for found in shards:
        for record in found.records:
            runs.add(RUNS, record)
    now = _known()
    if len(now) < len(known):
        raise SystemExit(f"there were {len(known)} results, and now there are {len(now)}")
    _say(f"{len(now)} results, {sum(len(found.found) for found in shards)} of them of this night")


def _git(*arguments: str) -> str:
    name, mail = _AUTHOR
    environ = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
    done = subprocess.run(["git", *arguments], stdout=subprocess.PIPE, text=True, check=True, env={**environ, **os.environ})
    return done.stdout.rstrip()


def _message(run: Run) -> str:
    counts = f"{len(run.checked)} checked, {len(run.changed)} changed"
    lines = [f"{change.name} {change.version}: {change.why}, {change.before or 'new'} → {change.after}" for change in run.changed]
    return "\n".join([f"Results of {run.date}: {counts}", "", *lines])


def commit(chosen: argparse.Namespace) -> None:
    """Commit the results and records as one change, and push it where asked; nothing else may have changed."""
    _git("add", "--", str(RESULTS), str(RUNS))
    changed = _git("status", "--porcelain", "--untracked-files=no").splitlines()
    others = [line for line in changed if not line[3:].startswith((f"{RESULTS}/", f"{RUNS}/"))]
    if others:
        raise SystemExit("\n".join(["These files should not have changed:", *others]))
    gone = [line for line in changed if line.startswith("D") and line.endswith(".toml")]
    if gone:
        raise SystemExit("\n".join(["These results are gone:", *gone]))
    if changed:
        _git("commit", "--quiet", "--message", _message(runs.history(RUNS)[0]))
        if chosen.push:
            remote, branch = chosen.push.split()
            _git("pull", "--quiet", "--rebase", remote, branch)  # somebody may have been at work meanwhile
            _git("push", "--quiet", remote, f"HEAD:{branch}")
    _say(_git("log", "-1", "--format=%h %s"))


def main() -> None:
    """Run one step of a night in the current directory, which is a checkout."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(required=True, metavar="STEP")
    step = steps.add_parser("plan", help="find out what is due")
    step.add_argument("names", nargs="*", metavar="NAME", help="these projects, due or not")
    step.add_argument("--shards", type=int, default=8, metavar="N", help="for at most so many machines (default: %(default)s)")
    step.add_argument("--to", type=Path, default=Path("plan.json"), metavar="FILE")
    step.set_defaults(run=plan)
    step = steps.add_parser("shard", help="check one shard of the plan; further options go to the sweep")
    step.add_argument("plan", type=Path)
    step.add_argument("number", type=int)
    step.add_argument("--to", type=Path, required=True, metavar="DIR", help="where results and record are put")
    step.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="options of the sweep")
    step.set_defaults(run=shard)
    step = steps.add_parser("merge", help="take over the results of all shards, or refuse them")
    step.add_argument("plan", type=Path)
    step.add_argument("shards", type=Path, metavar="DIR", help="holds shard-1, shard-2 …")
    step.add_argument("--missing", type=float, default=0.5, help="share of the due that may be missing (default: %(default)s)")
    step.add_argument("--failing", type=float, default=0.25, help="share that may lose its answer (default: %(default)s)")
    step.set_defaults(run=merge)
    step = steps.add_parser("commit", help="commit the results as one change")
    step.add_argument("--push", default="", metavar='"REMOTE BRANCH"', help="and push it")
    step.set_defaults(run=commit)
    chosen = parser.parse_args()
    try:
        chosen.run(chosen)
    except FileError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
