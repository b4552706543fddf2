"""Derive hashes again that somebody has published: one check for each wheel of a file, as of the time that the file names.

The file is TOML: `uploaded-before`, `source-date-epoch`, and a `[[wheel]]` with `name`, `version` and `sha256` for each. One line
per wheel says whether its hash came out, and with which Python. The exit status is 0 when all came out, 1 when one did not.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from reprowheels import check, tables
from reprowheels.errors import FileError, ReproWheelsError
from reprowheels.projects import Project


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """Hold one wheel and the SHA-256 that was published for it."""

    name: str
    version: str
    sha256: str


def read(path: Path) -> tuple[check.Options, list[Wheel]]:
    """Return how the wheels of a file are built, and the wheels. Raises FileError with every problem at once."""
    root, problems = tables.read(path)
    before = root.moment("uploaded-before", required=True)
    epoch = root.integer("source-date-epoch", required=True, minimum=0)
    wheels = []
    for table in root.tables("wheel", required=True):
        name, version, sha256 = (table.string(key, required=True) for key in ("name", "version", "sha256"))
        wheels.append(Wheel(name=name, version=version, sha256=sha256))
        table.finish()
    root.finish()
    if problems:
        raise FileError(problems)
    return check.Options(variations=(), before=before, source_date_epoch=epoch, published=False), wheels


def derive(wheel: Wheel, options: check.Options) -> tuple[bool, str]:
    """Check one wheel; return whether its hash came out, and a line that says so."""
    target = f"{wheel.name}=={wheel.version}"
    result = check.check(target, options, Project(name=wheel.name), lambda words: None).result
    if result.failure:
        return False, f"failed     {target}: {result.failure.message}"
    same = result.sha256 == wheel.sha256
    python = result.environment.python if result.environment else ""
    return same, f"{'same' if same else 'different':10} {target}, {python}" + ("" if same else f": {result.sha256}")


def main() -> None:
    """Derive every hash of one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE.toml")
    chosen = parser.parse_args()
    try:
        options, wheels = read(chosen.file)
        same = 0
        for wheel in wheels:
            came_out, line = derive(wheel, options)
            same += came_out
            print(line, flush=True)
    except ReproWheelsError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)
    print(f"{same} of {len(wheels)} hashes came out")
    sys.exit(0 if same == len(wheels) else 1)


if __name__ == "__main__":
    main()
