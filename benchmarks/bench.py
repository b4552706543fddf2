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
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import surroundings
import tomli_w
from ways import NEVER, PEER_VARIATIONS, ROOT, Bare, checked, say, with_pip

from reprowheels import resultfiles
from reprowheels.results import Result

REPORT = ROOT / "docs" / "bench.toml"
PROJECTS = ("six", "requests", "attrs", "markupsafe", "cffi")
PEER_PROJECT = "markupsafe"


@dataclass(frozen=True, kw_only=True)
class Times:
    """Hold the median of each way in seconds; NaN for a way that failed."""

    pip: float
    bare: float
    cold: float
    warm: float
    plain: float


def _median(seconds: Sequence[float]) -> float:
    """Return the median, or NaN where one of the rounds failed."""
    return NEVER if any(map(math.isnan, seconds)) else statistics.median(seconds)


def measure(name: str, rounds: int, scratch: Path) -> tuple[Result, Times]:
    """Measure every way in turn, as often as asked, and return the result that the check came to with the medians."""
    warm = scratch / "warm"
    say(f"{name}: filling the warm cache")
    if math.isnan(checked(name, scratch / "results", warm)):
        raise SystemExit(f"{name} cannot be checked; `reprowheels check {name}` says why")
    result = resultfiles.load(scratch / "results" / f"{name}.toml")
    if not result.sha256:
        raise SystemExit(f"{name} builds no wheel: {result.failure.message if result.failure else result.status}")
    bare = Bare(result, scratch)
    found: list[Times] = []
    for number in range(1, rounds + 1):
        own = scratch / f"round-{number}"
        say(f"{name}: round {number} of {rounds}")
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
    result = resultfiles.load(output / f"{PEER_PROJECT}.toml")
    bare = Bare(result, scratch)
    pairs = []
    for number in range(1, rounds + 1):
        say(f"{PEER_PROJECT} beside reprotest: round {number} of {rounds}")
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
        say("reprotest is not installed (Debian: apt-get install --no-install-recommends reprotest); left out")
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
