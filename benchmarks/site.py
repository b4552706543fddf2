"""Measure how long the report takes with made-up results: `[NUMBER…]`, 150 and 1,500 and 15,000 unless given.

For each number: a build of everything, a build after one changed result, the memory at most, and the size of what a reader
loads: the first page, and the rows that its script asks for. All three sizes together are written to docs/bench-site.toml.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from reprowheels import resultfiles, results
from reprowheels.results import Build, Environment, Event, Finding, Requirement, Result

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/bench-site.toml"
USUAL = (150, 1500, 15000)
BACKENDS = ("setuptools.build_meta", "hatchling.build", "flit_core.buildapi", "poetry.core.masonry.api")
CAUSES = ("umask", "build-path", "build-timestamp")


def made_up(number: int, version: str = "1.0") -> Result:
    """Return a result that nobody measured; every third wheel depends on its environment."""
    name, robust = f"project-{number:05}", number % 3 != 0
    sha256 = hashlib.sha256(f"{name} {version}".encode()).hexdigest()
    status = results.REPRODUCIBLE if robust else results.ENVIRONMENT_DEPENDENT
    day = datetime.date(2026, 11, 1 + number % 20)
    required = Requirement(name="setuptools", version="84.2.1", filename="setuptools-84.2.1-py3-none-any.whl", sha256=sha256)
    return Result(
        name=name,
        version=version,
        status=status,
        repeatable=results.YES,
        robust=results.YES if robust else results.NO,
        depends_on=() if robust else ("umask",),
        published=("identical", "equivalent", "different")[number % 3],
        since=day,
        sha256=sha256,
        wheel=f"{name.replace('-', '_')}-{version}-py3-none-any.whl",
        pure=number % 5 != 0,
        summary="A result for measuring how the report grows",
        environment=Environment(
            python="CPython 3.11.7",
            platform="linux-x86_64",
            os="Debian GNU/Linux 12",
            compiler="gcc 12.2.0",
            source_date_epoch=1596163658,
            build_dir="/tmp/reprowheels/build",
            backend=BACKENDS[number % len(BACKENDS)],
            sandbox="bubblewrap",
            requires=(required,),
        ),
        builds=(Build(label="first", sha256=sha256), Build(label="second", variations=("umask",), sha256=sha256)),
        findings=() if robust else (Finding(cause=CAUSES[number % len(CAUSES)], members=("a.py",), evidence="0022 0002"),),
        history=(Event(date=day, version=version, status=status, sha256=sha256, why="first check"),),
    )


@dataclass(frozen=True)
class Cost:
    """Hold what one build of the report took: seconds of the clock and of the processors, and the memory at most in MB."""

    clock: float
    processors: float
    memory: int


def build(directory: Path) -> Cost:
    """Build the report and return what it took."""
    command = [sys.executable, "-m", "sphinx", "-q", "-c", str(ROOT / "docs"), "-d", str(directory / "doctrees")]
    command += ["-D", f"wheelreport_results={directory / 'results'}", "-D", f"wheelreport_projects={directory / 'projects.toml'}"]
    command += ["-D", f"wheelreport_runs={directory / 'runs'}"]
    started = time.monotonic()
    process = subprocess.Popen([*command, str(ROOT / "docs"), str(directory / "html")])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the report could not be built")
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def write(result: Result, directory: Path) -> None:
    """Write a result; unlike the checker this does not wait until the disk has it."""
    (directory / f"{result.name}.toml").write_text(resultfiles.to_toml(result), encoding="utf-8")


def rows(html: Path) -> int:
    """Return the size of the files from which the script of the first page takes its rows, as a server compresses them."""
    return sum(len(gzip.compress(path.read_bytes())) for path in (html / "list/rows").glob("*.js"))


def measure(count: int) -> dict[str, Any]:
    """Return what is measured for so many projects."""
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        (directory / "results").mkdir()
        found = [made_up(number) for number in range(count)]
        for result in found:
            write(result, directory / "results")
        tables = [f'[[project]]\nname = "{result.name}"\ngroups = ["made-up"]\n' for result in found]
        (directory / "projects.toml").write_text("\n".join(tables), encoding="utf-8")
        whole = build(directory)
        write(made_up(0, "1.1"), directory / "results")
        again = build(directory)
        first = gzip.compress((directory / "html/index.html").read_bytes())
        return {
            "projects": count,
            "seconds": round(whole.clock, 1),
            "processor-seconds": round(whole.processors, 1),
            "one-changed": round(again.clock, 1),
            "one-changed-processor": round(again.processors, 1),
            "memory": max(whole.memory, again.memory),
            "first-page": round(len(first) / 1000, 1),
            "rows": round(rows(directory / "html") / 1000, 1),
        }


def main() -> None:
    """Print the figures, and write them where the report shows them if all three sizes were measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", metavar="NUMBER", type=int, nargs="*", default=[*USUAL])
    numbers = parser.parse_args().numbers
    load = round(os.getloadavg()[0], 1)
    print("projects   everything   (processors)  one changed (processors)   memory  first page  rows, compressed", flush=True)
    measured = []
    for number in numbers:
        found = measure(number)
        measured.append(found)
        print(
            f"{found['projects']:8} {found['seconds']:10.1f} s {found['processor-seconds']:12.1f} s {found['one-changed']:10.1f} s "
            f"{found['one-changed-processor']:9.1f} s {found['memory']:6} MB {found['first-page']:7.1f} kB {found['rows']:7.1f} kB",
            flush=True,
        )
    if [one["projects"] for one in measured] == [*USUAL]:
        machine = {"python": platform.python_version(), "processors": os.cpu_count() or 0, "load-before": load}
        table = {"command": "nox -s bench-site", "date": datetime.date.today(), "machine": machine, "size": measured}
        TARGET.write_text(tomli_w.dumps(table), encoding="utf-8")
        print(f"written to {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
