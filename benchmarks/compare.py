"""Compare two wheels with `reprowheels compare --json` and with `diffoscope --json`, in turn, in one run: time and memory.

Pairs of wheels are made up, always the same ones: a usual large wheel (5 MB, 500 members), of which some members or all of them
differ, one with very many members, and where there is a C compiler one with large compiled files that were built at two places.
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import datetime
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import surroundings
import tomli_w

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "bench-compare.toml"
LIMIT = 900  # seconds after which diffoscope is ended
WORDS = [
    f"{start}{end}"
    for start in ("ab", "con", "de", "ex", "in", "per", "re", "sub")
    for end in ("tain", "form", "fer", "pose", "duce", "act")
]
DATES = ((2026, 11, 24, 7, 18, 58), (2026, 11, 25, 9, 19, 12))
Contents = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Hold what a program took: seconds, and bytes of memory at most; `ended` is false where it was stopped at the limit."""

    seconds: float
    memory: int
    ended: bool = True


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def wheel(directory: Path, contents: Mapping[str, bytes], turn: int) -> Path:
    """Write a wheel with these files; all dates are those of one of the two builds."""
    directory.mkdir()
    path = directory / "made_up-1.0-py3-none-any.whl"
    info = "made_up-1.0.dist-info"
    every = dict(contents)
    every[f"{info}/METADATA"] = b"Metadata-Version: 2.4\nName: made-up\nVersion: 1.0\n"
    every[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: made-up 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = [f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in every.items()]
    every[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in every.items():
            entry = zipfile.ZipInfo(name, DATES[turn])
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def _text(chance: random.Random, lines: int) -> bytes:
    return "\n".join(" ".join(chance.choices(WORDS, k=9)) for _ in range(lines)).encode()


def usual(turn: int) -> Contents:
    """Return 500 files, 5 MB when compressed, of which 40 differ: dates, orders, and what no cause explains."""
    chance = random.Random(1)
    contents = {}
    for number in range(500):
        if number % 5 == 0:
            content = bytearray(chance.randbytes(24_000))
            content[100] = turn if number % 50 == 0 else 0
            contents[f"made_up/data/{number:03}.bin"] = bytes(content)
        else:
            text = _text(chance, 550)
            if number % 25 == 1:
                text += b"\n# built 2026-11-%d 07:18:%d\n" % (24 + turn, 17 + turn)
            if number % 50 == 2:
                text += b"\nNAMES = " + (b"{'one', 'two', 'three', 'four'}", b"{'four', 'one', 'three', 'two'}")[turn]
            contents[f"made_up/part_{number % 12}/{number:03}.py"] = text
    return contents


def stamped(turn: int) -> Contents:
    """Return the same 500 files, each of which carries the moment of the build, as generated ones do."""
    stamp = b"built 2026-11-%d 07:18:%d" % (24 + turn, 17 + turn)
    return {
        name: content[:50] + b"\0%b\0" % stamp + content[50:] if name.endswith(".bin") else b"# %b\n%b" % (stamp, content)
        for name, content in usual(0).items()
    }


def many(turn: int) -> Contents:
    """Return 100,000 small files, of which ten differ."""
    return {
        f"made_up/{number % 100:02}/{number:06}.txt": b"%d %d\n" % (number, turn if number % 10_000 == 0 else 0)
        for number in range(100_000)
    }


def compiled(turn: int) -> Contents:
    """Return ten shared objects with debug information, compiled at one of two places."""
    chance = random.Random(2)
    contents = {}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary, ("one", "another-place")[turn])
        place.mkdir()
        for number in range(10):
            functions = [
                f'int {chance.choice(WORDS)}_{index}(int a) {{ return a * {chance.randrange(99)} + "{chance.choice(WORDS)}"[a % 3]; }}'
                for index in range(3000)
            ]
            (place / "made.c").write_text("\n".join(functions))
            subprocess.run(["cc", "-g", "-O2", "-shared", "-fPIC", "made.c", "-o", "made.so"], cwd=place, check=True)
            contents[f"made_up/fast_{number}.so"] = (place / "made.so").read_bytes()
    return contents


def tiny(turn: int) -> Contents:
    """Return one small file that differs: comparing it takes what the program needs for itself."""
    return {"made_up/__init__.py": b"%d" % turn}


def made(directory: Path, make: Callable[[int], Contents], turn: int) -> Path:
    """Write one wheel of a pair."""
    return wheel(directory, make(turn), turn)


def run(command: Sequence[str], limit: float = LIMIT) -> Spent:
    """Run a program and return what it took; both programs end with 0 or 1."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while True:
        number, status, usage = os.wait4(process.pid, os.WNOHANG)
        if number:
            break
        if time.monotonic() - started > limit:
            os.killpg(process.pid, 9)
            _, _, usage = os.wait4(process.pid, 0)
            return Spent(seconds=limit, memory=usage.ru_maxrss << 10, ended=False)
        time.sleep(0.002)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return Spent(seconds=time.monotonic() - started, memory=usage.ru_maxrss << 10)


def measure(make: Callable[[int], Contents], rounds: int, peer: str, idle: int) -> dict[str, Any]:
    """Return one row of the report: what both take for one pair of wheels."""
    with tempfile.TemporaryDirectory(prefix="reprowheels-bench-") as temporary:
        directory = Path(temporary)
        paths = []
        for turn in (0, 1):
            # The most memory of a program counts that of the one which starts it: this one has to stay small.
            with concurrent.futures.ProcessPoolExecutor(1) as apart:
                paths.append(str(apart.submit(made, directory / str(turn), make, turn).result()))
        size = max(os.path.getsize(path) for path in paths)
        ours: list[Spent] = []
        theirs: list[Spent] = []
        for _ in range(rounds):
            ours.append(run([sys.executable, "-m", "reprowheels", "compare", "--json", *paths]))
            if peer and all(spent.ended for spent in theirs):  # what does not end once is not tried again
                theirs.append(run([peer, "--json", str(directory / "peer.json"), *paths]))
        best = min(spent.seconds for spent in ours)
        row: dict[str, Any] = {"pair": make.__name__, "what": (make.__doc__ or "").split(" ", 1)[1].rstrip(".")}
        row |= {"megabytes": round(size / 1e6, 1), "seconds": round(best, 2)}
        row["memory-to-wheel"] = round((max(spent.memory for spent in ours) - idle) / size, 1)
        if theirs:
            row["diffoscope-to-ours"] = round(min(spent.seconds for spent in theirs) / best, 1)
            if not all(spent.ended for spent in theirs):
                row["diffoscope"] = f"was ended after {LIMIT} s"
        return row


def main() -> None:
    """Measure, print the rows and write them to docs/bench-compare.toml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each is measured (default: %(default)s)")
    rounds = parser.parse_args().rounds
    peer = shutil.which("diffoscope") or ""
    if not peer:
        print(
            "diffoscope is not installed (Debian: apt-get install --no-install-recommends diffoscope-minimal); left out",
            file=sys.stderr,
        )
    load = surroundings.load()
    with tempfile.TemporaryDirectory(prefix="reprowheels-bench-") as temporary:
        paths = [str(wheel(Path(temporary, str(turn)), tiny(turn), turn)) for turn in (0, 1)]
        idle = run([sys.executable, "-m", "reprowheels", "compare", "--json", *paths]).memory
    rows = []
    for make in (usual, stamped, many, *((compiled,) if shutil.which("cc") else ())):
        rows.append(measure(make, rounds, peer, idle))
        print(rows[-1], flush=True)
    version = subprocess.run([peer, "--version"], capture_output=True, text=True, check=True).stdout.strip() if peer else ""
    report = {
        "command": f"nox -s bench-compare -- --rounds {rounds}",
        "date": datetime.datetime.now(datetime.timezone.utc).date(),
        "rounds": rounds,
        **({"peer": version} if version else {}),
        "machine": surroundings.table(load),
        "pair": rows,
    }
    REPORT.write_text(tomli_w.dumps(report), encoding="utf-8")
    print(f"written to {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
