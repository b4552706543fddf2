"""Take the list of the most downloaded projects over into projects.toml; names that leave it stay tracked, and are marked.

The list is checked before anything is touched: its shape, its date, and whether it is still about the same as the last good one,
which is kept in the repository.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tracking
from packaging.utils import canonicalize_name

from reprowheels import files, projects
from reprowheels.errors import FileError

PROJECTS = Path("projects.toml")
KEPT = Path("tools/top-packages.json")
SOURCE = "https://hugovk.github.io/top-pypi-packages/top-pypi-packages.min.json"
GROUP, FORMER = "top-100", "formerly-top-100"
TOP = 100
_FEWEST = 1000  # rows of a whole list; it had 15,000 for years
_OLDEST = 75  # days: it comes once a month, and has had gaps
_SHARED = 0.6  # of the last good list's names that the new one has; two to six of a hundred change each month
_LARGEST = 32 << 20


@dataclass(frozen=True, kw_only=True)
class Top:
    """Hold a list: the day that it is of, and normalized names, the most downloaded first."""

    date: datetime.date
    names: tuple[str, ...]


class Refused(Exception):
    """Say why a list is not taken over."""


def fetch(source: str) -> bytes:
    """Return the list from an address or a file."""
    try:
        if "://" not in source:
            return Path(source).read_bytes()
        with urllib.request.urlopen(source, timeout=60) as response:
            data: bytes = response.read(_LARGEST)
            return data
    except (OSError, urllib.error.URLError) as error:
        raise Refused(f"{source} cannot be read: {error}") from error


def _row(row: Any, number: int) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("project"), str) or not isinstance(row.get("download_count"), int):
        raise Refused(f"row {number} is no project with a number of downloads: {str(row)[:80]}")
    return canonicalize_name(row["project"])


def parse(data: bytes) -> Top:
    """Return a list that has the shape of one. Raises Refused."""
    try:
        told = json.loads(data)
    except ValueError as error:
        raise Refused(f"it is not JSON: {error}") from error
    rows = told.get("rows") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not isinstance(told.get("last_update"), str):
        raise Refused("it has no rows with a date of its last update")
    try:
        date = datetime.date.fromisoformat(told["last_update"][:10])
    except ValueError:
        raise Refused(f"{told['last_update']!r} is no date") from None
    if len(rows) < _FEWEST:
        raise Refused(f"it has {len(rows)} rows; a whole list has thousands")
    names = tuple(_row(row, number) for number, row in enumerate(rows, 1))
    counts = [row["download_count"] for row in rows]
    if counts != sorted(counts, reverse=True):
        raise Refused("it is not in the order of downloads")
    if len(set(names)) < len(names):
        raise Refused("it names a project twice")
    return Top(date=date, names=names)


def judge(new: Top, last: Top | None, today: datetime.date) -> None:
    """Compare a list with the calendar and with the last good one. Raises Refused."""
    age = (today - new.date).days
    if age < -1 or age > _OLDEST:
        raise Refused(f"it is of {new.date}, and today is {today}")
    if last and new.date < last.date:
        raise Refused(f"it is of {new.date}, and the last one was of {last.date}")
    if last:
        shared = len(set(last.names) & set(new.names[: len(last.names)])) / len(last.names)
        if shared < _SHARED:
            raise Refused(f"it shares only {shared:.0%} of its names with the last one")


def applied(text: str, top: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """Return projects.toml with this list taken over, and the names that came and that left."""
    groups = tracking.groups_of(text)
    wanted: dict[str, list[str]] = {}
    for name in top:
        known = groups.get(name, [])
        if GROUP not in known:
            wanted[name] = [*(group for group in known if group != FORMER), GROUP]
    left = sorted(name for name, known in groups.items() if GROUP in known and name not in top)
    came = sorted(wanted)
    for name in left:
        wanted[name] = [FORMER if group == GROUP else group for group in groups[name]]
    return (tracking.grouped(text, wanted) if wanted else text), came, left


def kept(path: Path) -> Top | None:
    """Return the last good list, if there is one."""
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Top(date=datetime.date.fromisoformat(told["date"]), names=tuple(told["names"]))


def main() -> None:
    """Refresh projects.toml in the current directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", default=SOURCE, metavar="ADDRESS|FILE", help="the list (default: %(default)s)")
    chosen = parser.parse_args()
    today = datetime.datetime.now(datetime.timezone.utc).date()
    try:
        new = parse(fetch(chosen.source))
        judge(new, kept(KEPT), today)
        text, came, left = applied(PROJECTS.read_text(encoding="utf-8"), new.names[:TOP])
    except (Refused, ValueError) as error:
        sys.exit(f"the list is not taken over, the last good one stays: {error}")
    before = PROJECTS.read_text(encoding="utf-8")
    files.write(PROJECTS, text)
    try:
        projects.load(PROJECTS)
    except FileError as error:
        files.write(PROJECTS, before)
        sys.exit(str(error))
    files.write(KEPT, json.dumps({"date": new.date.isoformat(), "names": new.names[:TOP]}, indent=1) + "\n")
    print(
        f"top {TOP} of {new.date}: {len(came)} came ({', '.join(came) or 'none'}), {len(left)} left ({', '.join(left) or 'none'})"
    )


if __name__ == "__main__":
    main()
