"""Compare the time of a whole check with that of bare builds, side by side in one run; absolute times are not kept.

For each project, in turn:

(a) pip       `pip wheel NAME --no-binary :all: --no-cache-dir`, twice: how the tracker that we succeed did it
(b) bare      two calls of `build_wheel`, one after the other, in an environment that is there already: the floor
(c) cold      `reprowheels check NAME --no-published` with empty caches
    warm      the same with what an earlier check downloaded and installed
    plain     warm, and only the question that (a) asks: `--variations none`
(d) reprotest Debian's tester on one compiled project, both varying the same things. It builds twice and says whether the
              two differ; our check of the same variations also says which of them matter, so it makes more builds.
              With `--max-builds 2` it answers what reprotest answers
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import math
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import surroundings
import tomli_w
from pyproject_hooks import BuildBackendHookCaller

from reprowheels import environment, index, machine, pipconfig, results, sdist
from reprowheels.results import Result

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "bench.toml"
PROJECTS = ("six", "requests", "attrs", "markupsafe", "cffi")
PEER_PROJECT = "markupsafe"
# What both can vary without a second machine: reprotest's names and ours.
PEER_VARIATIONS = {
    "build_path": "build-path",
    "environment": "environment",
    "exec_path": "path",
    "home": "home",
    "locales": "locale",
    "timezone": "timezone",
    "umask": "umask",
}
ANSWERED = (0, 1)  # exit statuses of a check that came to an answer
NEVER = float("nan")


@dataclass(frozen=True, kw_only=True)
class Times:
    """Hold the median of each way in seconds; NaN for a way that failed."""

    pip: float
    bare: float
    cold: float
    warm: float
    plain: float


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(command: Sequence[str], success: Sequence[int] = (0,), **environ: str) -> None:
    """Run a command to its end; show what it printed only if it failed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode not in success:
        _say(f"{' '.join(command)}\n{done.stdout[-2000:]}")
        raise subprocess.CalledProcessError(done.returncode, command)


def _timed(action: Callable[[], None]) -> float:
    """Return the seconds that an action takes, or NaN when a program in it fails."""
    started = time.perf_counter()
    try:
        action()
    except subprocess.CalledProcessError:
        return NEVER
    return time.perf_counter() - started


def _median(seconds: Sequence[float]) -> float:
    """Return the median, or NaN where one of the rounds failed."""
    return NEVER if any(map(math.isnan, seconds)) else statistics.median(seconds)


def with_pip(name: str, scratch: Path) -> float:
    """Build twice from nothing, as pip does when it may use no wheel at all."""

    def twice() -> None:
        for number in ("first", "second"):
            wheels = str(scratch / number)
            _run([sys.executable, "-m", "pip", "wheel", name, "--no-binary", ":all:", "--no-cache-dir", "--wheel-dir", wheels])

    return _timed(twice)


def checked(name: str, output: Path, cache: Path, *options: str) -> float:
    """Check with what a cache directory holds, and leave the result in `output`."""
    path = output / f"{name}.toml"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "reprowheels", "check", name, "--no-published", "--quiet", "--output", str(output), *options]
    seconds = _timed(lambda: _run(command, ANSWERED, XDG_CACHE_HOME=str(cache)))
    return seconds if path.exists() else NEVER


class Bare:
    """Call the build backend directly, in an environment with the versions that a result names."""

    def __init__(self, result: Result, scratch: Path) -> None:
        """Download the sdist and install its build requirements: that is not part of what is measured."""
        config, python = pipconfig.read(), machine.own_python()
        listed = index.files(result.name, config)
        file = index.fitting(index.choose(result.name, listed, version=result.version), python.version)
        if file is None or result.environment is None:
            raise SystemExit(f"{result.name} {result.version} cannot be built with {python.label}")
        path, _ = index.download(file, config)
        self._source = sdist.read(path, name=result.name, version=result.version)
        pins = environment.resolve([f"{r.name}=={r.version}" for r in result.environment.requires], python, config)
        self._environment = environment.create(pins, python, config, scratch / "cache")
        self._scratch = scratch

    def _run(self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        path = f"{self._environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environ = {**os.environ, **(extra_environ or {}), "PATH": path}
        subprocess.run(cmd, cwd=cwd, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _unpacked(self, number: int) -> BuildBackendHookCaller:
        tree = self._scratch / f"tree-{number}"
        if zipfile.is_zipfile(self._source.path):
            shutil.unpack_archive(self._source.path, tree, "zip")
        else:
            with tarfile.open(self._source.path) as archive:
                archive.extractall(tree, filter="data")
        (self._scratch / f"wheel-{number}").mkdir()
        return BuildBackendHookCaller(
            str(tree / self._source.folder),
            self._source.backend,
            self._source.backend_path or None,
            runner=self._run,
            python_executable=str(self._environment / "bin" / "python"),
        )

    def reprotest(self) -> float:
        """Let reprotest build twice from a fresh tree, with the same things varied as in our check."""
        tree = self._scratch / "tree-reprotest"
        with tarfile.open(self._source.path) as archive:
            archive.extractall(tree, filter="data")
        build = f"{self._environment / 'bin' / 'python'} -c \"import setuptools.build_meta as b; b.build_wheel('dist')\""
        varied = ",".join(f"+{name}" for name in PEER_VARIATIONS)
        command = ["reprotest", f"--variations=-all,{varied}", "-c", build, str(tree / self._source.folder), "dist/*.whl"]
        seconds = _timed(lambda: _run(command, ANSWERED))
        shutil.rmtree(tree)
        return seconds

    def twice(self) -> float:
        """Build two fresh trees, one after the other."""
        trees = [self._unpacked(number) for number in (1, 2)]

        def build() -> None:
            # What a backend warns about is for the project's maintainers.
            with warnings.catch_warnings(action="ignore"):
                for number, tree in enumerate(trees, 1):
                    tree.build_wheel(str(self._scratch / f"wheel-{number}"))

        seconds = _timed(build)
        for number in (1, 2):
            shutil.rmtree(self._scratch / f"tree-{number}")
            shutil.rmtree(self._scratch / f"wheel-{number}")
        return seconds


def measure(name: str, rounds: int, scratch: Path) -> tuple[Result, Times]:
    """Measure every way in turn, as often as asked, and return the result that the check came to with the medians."""
    warm = scratch / "warm"
    _say(f"{name}: filling the warm cache")
    if math.isnan(checked(name, scratch / "results", warm)):
        raise SystemExit(f"{name} cannot be checked; `reprowheels check {name}` says why")
    result = results.load(scratch / "results" / f"{name}.toml")
    if not result.sha256:
        raise SystemExit(f"{name} builds no wheel: {result.failure.message if result.failure else result.status}")
    bare = Bare(result, scratch)
    found: list[Times] = []
    for number in range(1, rounds + 1):
        own = scratch / f"round-{number}"
        _say(f"{name}: round {number} of {rounds}")
        times = Times(
            pip=with_pip(name, own / "pip"),
            bare=bare.twice(),
            cold=checked(name, own / "results", own / "cold"),
            warm=checked(name, own / "results", warm),
            plain=checked(name, own / "plain", warm, "--variations", "none"),
        )
        found.append(times)
        shutil.rmtree(own)
    return result, Times(
        **{field.name: _median([getattr(times, field.name) for times in found]) for field in dataclasses.fields(Times)}
    )


def beside_reprotest(rounds: int, scratch: Path) -> dict[str, Any]:
    """Return how long reprotest takes as a multiple of our check with the same variations, in turn in one run."""
    warm, output = scratch / "warm", scratch / "results"
    options = ("--variations", ",".join(PEER_VARIATIONS.values()))
    if math.isnan(checked(PEER_PROJECT, output, warm, *options)):
        raise SystemExit(f"{PEER_PROJECT} cannot be checked; `reprowheels check {PEER_PROJECT}` says why")
    result = results.load(output / f"{PEER_PROJECT}.toml")
    bare = Bare(result, scratch)
    pairs = []
    for number in range(1, rounds + 1):
        _say(f"{PEER_PROJECT} beside reprotest: round {number} of {rounds}")
        short = checked(PEER_PROJECT, output, warm, *options, "--max-builds", "2")
        pairs.append((bare.reprotest(), checked(PEER_PROJECT, output, warm, *options), short))
    return {
        "name": PEER_PROJECT,
        "version": result.version,
        "builds": len(result.builds),
        "reprotest-to-warm": round(_median([theirs / ours for theirs, ours, _ in pairs]), 2),
        "reprotest-to-same-question": round(_median([theirs / short for theirs, _, short in pairs]), 2),
    }


def row(result: Result, times: Times) -> dict[str, Any]:
    """Return what is kept of one project: ratios, and how many builds the check made to come to its answer."""
    ratios = {
        "pip-to-cold": times.pip / times.cold,
        "pip-to-warm": times.pip / times.warm,
        "cold-to-bare": times.cold / times.bare,
        "warm-to-bare": times.warm / times.bare,
        "plain-to-bare": times.plain / times.bare,
    }
    known = {key: round(value, 2) for key, value in ratios.items() if not math.isnan(value)}
    return {
        "name": result.name,
        "version": result.version,
        "pure": bool(result.pure),
        "status": result.status,
        "builds": len(result.builds),
        **known,
    }


def _report(rows: Sequence[Mapping[str, Any]], peer: Mapping[str, Any], rounds: int, sandbox: str, load: float) -> dict[str, Any]:
    names = [str(row["name"]) for row in rows]
    arguments = " ".join([*(names if tuple(names) != PROJECTS else ()), "--rounds", str(rounds)])
    return {
        "command": f"nox -s bench -- {arguments}",
        "date": datetime.datetime.now(datetime.timezone.utc).date(),
        "rounds": rounds,
        "machine": surroundings.table(load, sandbox=sandbox),
        "project": list(rows),
        **({"reprotest": dict(peer)} if peer else {}),
    }


def _print(rows: Sequence[Mapping[str, Any]]) -> None:
    keys = ("pip-to-cold", "pip-to-warm", "cold-to-bare", "warm-to-bare", "plain-to-bare")
    print(f"{'project':<24} {'builds':>6}  " + "  ".join(keys))
    for line in rows:
        label = f"{line['name']} {line['version']}"
        print(f"{label:<24} {line['builds']:>6}  " + "  ".join(f"{line.get(key, 'failed')!s:>{len(key)}}" for key in keys))


def main() -> None:
    """Measure, print the ratios and write them to docs/bench.toml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=PROJECTS, metavar="NAME", help=f"projects (default: {' '.join(PROJECTS)})")
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="how often each way is measured (default: %(default)s)"
    )
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: expected at least 1")
    load = surroundings.load()
    rows: list[dict[str, Any]] = []
    sandbox = ""
    for name in arguments.names:
        with tempfile.TemporaryDirectory(prefix="reprowheels-bench-") as directory:
            # The warm cache is also where this process finds the sdist.
            os.environ["XDG_CACHE_HOME"] = str(Path(directory, "warm"))
            result, times = measure(name, arguments.rounds, Path(directory))
        rows.append(row(result, times))
        sandbox = result.environment.sandbox if result.environment else sandbox
    peer: dict[str, Any] = {}
    if shutil.which("reprotest"):
        with tempfile.TemporaryDirectory(prefix="reprowheels-bench-") as directory:
            os.environ["XDG_CACHE_HOME"] = str(Path(directory, "warm"))
            peer = beside_reprotest(arguments.rounds, Path(directory))
    else:
        _say("reprotest is not installed (Debian: apt-get install --no-install-recommends reprotest); left out")
    _print(rows)
    if peer:
        print(
            f"reprotest takes {peer['reprotest-to-warm']} × our check of the same variations ({peer['name']}, {peer['builds']} builds), "
            f"{peer['reprotest-to-same-question']} × with --max-builds 2"
        )
    REPORT.write_text(tomli_w.dumps(_report(rows, peer, arguments.rounds, sandbox, load)), encoding="utf-8")
    print(f"written to {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
