"""Play a whole night on this machine: plan, shards, merge, one commit in a scratch repository, and the site.

The scratch repository begins with the files of this checkout as they are now, committed or not. Every step is the command that
the workflow runs, in a clone of its own as there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NIGHTLY = "tools/nightly.py"
_ME = {"GIT_AUTHOR_NAME": "Rehearsal", "GIT_AUTHOR_EMAIL": "rehearsal@example.invalid"}
_ME |= {"GIT_COMMITTER_NAME": _ME["GIT_AUTHOR_NAME"], "GIT_COMMITTER_EMAIL": _ME["GIT_AUTHOR_EMAIL"]}
BRANCH = "rehearsal"


def _run(*command: str, folder: Path) -> str:
    """Run one command as the workflow would; its standard output is returned, the rest goes to whoever watches."""
    print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
    environ = {**os.environ, **_ME}
    done = subprocess.run(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", file=sys.stderr, flush=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}")
    return done.stdout


def _copy(target: Path) -> None:
    """Copy every file of this checkout that Git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name, follow_symlinks=False)


def _origin(scratch: Path, tracked: Path | None) -> Path:
    """Make the repository that all clones come from; with projects of its own it begins without results."""
    first, origin = scratch / "first", scratch / "origin.git"
    first.mkdir()
    _copy(first)
    if tracked:
        shutil.copy(tracked, first / "projects.toml")
        for folder in ("results", "runs"):
            shutil.rmtree(first / "docs" / folder, ignore_errors=True)
    _run("git", "init", "--quiet", f"--initial-branch={BRANCH}", folder=first)
    _run("git", "add", "--all", folder=first)
    _run("git", "commit", "--quiet", "--message", "As it is", folder=first)
    _run("git", "clone", "--quiet", "--bare", str(first), str(origin), folder=scratch)
    return origin


def rehearse(names: Sequence[str], scratch: Path, *, number: int, tracked: Path | None, options: Sequence[str], nox: str) -> Path:
    """Play the night in an empty directory and return the clone that has its results."""
    origin = _origin(scratch, tracked)

    def machine(name: str) -> Path:
        """Give a job a machine of its own: a fresh clone."""
        _run("git", "clone", "--quiet", str(origin), str(scratch / name), folder=scratch)
        return scratch / name

    python, plan = sys.executable, str(scratch / "plan.json")
    _run(python, NIGHTLY, "plan", "--shards", str(number), "--to", plan, *names, folder=machine("plan"))
    shards = scratch / "shards"
    shards.mkdir()
    for place in range(1, number + 1):
        if f'"number": {place},' in Path(plan).read_text(encoding="utf-8"):
            folder = machine(f"machine-{place}")
            delivered = str(shards / f"shard-{place}")
            _run(python, NIGHTLY, "shard", plan, str(place), "--to", delivered, "--options", *options, folder=folder)
    publish = machine("publish")
    _run(python, NIGHTLY, "merge", plan, str(shards), folder=publish)
    _run(python, NIGHTLY, "commit", "--push", f"origin {BRANCH}", folder=publish)
    last = machine("site")
    if nox:
        _run(nox, "-m", "nox", "-s", "site", folder=last)
    return last


def main() -> None:
    """Play a night and say where its outcome is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="check these projects, due or not (default: what is due)")
    parser.add_argument("--shards", type=int, default=2, metavar="N", help="on so many machines (default: %(default)s)")
    parser.add_argument("--projects", type=Path, metavar="FILE", help="track these projects instead, without results at first")
    parser.add_argument("--directory", type=Path, metavar="DIR", help="keep everything in this new directory")
    parser.add_argument("--no-site", action="store_true", help="leave the site out")
    parser.add_argument("--nox", default=sys.executable, metavar="PYTHON", help="the Python that has Nox, for the site")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="options of the sweeps")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what it runs is ended as well
    tracked = chosen.projects.resolve() if chosen.projects else None
    with tempfile.TemporaryDirectory(prefix="reprowheels-night-") as temporary:
        scratch = chosen.directory.resolve() if chosen.directory else Path(temporary)
        scratch.mkdir(exist_ok=True)
        last = rehearse(
            chosen.names,
            scratch,
            number=chosen.shards,
            tracked=tracked,
            options=chosen.options,
            nox="" if chosen.no_site else chosen.nox,
        )
        print(_run("git", "log", "-1", "--stat", "--format=%s%n%n%b", folder=last))
        print(f"the night went well{f'; everything is in {scratch}' if chosen.directory else ''}")


if __name__ == "__main__":
    main()
