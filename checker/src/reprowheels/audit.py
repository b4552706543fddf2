"""Which of somebody's requirements are reproducible, from published data alone: nothing is built here."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging import pylock
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from . import index, pipconfig, resultfiles, results
from .errors import NOT_CHECKED, NOT_REPRODUCIBLE, OK, FileError, UsageError

# What a requirement can be beside the statuses of results.
NOT_TRACKED, OTHER_VERSION, NOT_ON_INDEX, NOT_HERE = "not-tracked", "other-version", "not-on-index", "not-here"
_WHAT = {
    NOT_TRACKED: "nobody has checked this project",
    NOT_ON_INDEX: "comes from an address or a directory, not from the index",
    NOT_HERE: "is not installed on this machine",
}
_EXIT = {
    results.REPRODUCIBLE: OK,
    results.REPEATABLE: OK,
    NOT_HERE: OK,
    results.ENVIRONMENT_DEPENDENT: NOT_REPRODUCIBLE,
    results.UNREPRODUCIBLE: NOT_REPRODUCIBLE,
}
_API = "api/v1/index.json"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Hold one requirement: its text, its normalized name or "" where it is none of the index, and which releases fit."""

    text: str
    name: str = ""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    here: bool = True


@dataclass(frozen=True, kw_only=True)
class Known:
    """Hold what is published about one project."""

    name: str
    status: str
    version: str = ""
    published: str = results.NOT_CHECKED
    depends_on: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    stale: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Hold the answer for one requirement; `version` is the release that it is about, `detail` what else to know."""

    requirement: str
    name: str
    status: str
    version: str = ""
    published: str = ""
    detail: str = ""


def _from_lock(path: Path) -> Iterator[Wanted]:
    """Give the packages of a lock file (PEP 751)."""
    try:
        lock = pylock.Pylock.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, pylock.PylockValidationError) as error:
        raise FileError([f"{path}: {error}"]) from error
    for package in lock.packages:
        here = package.marker is None or package.marker.evaluate({"extras": set(), "dependency_groups": set()}, "lock_file")
        version = f"=={package.version}" if package.version else ""
        text = f"{package.name}{version}"
        if package.vcs or package.directory or package.archive:
            yield Wanted(text=text, here=here)
        else:
            yield Wanted(text=text, name=canonicalize_name(package.name), specifier=SpecifierSet(version), here=here)


def requirements(path: Path) -> tuple[Wanted, ...]:
    """Return the requirements of a file as pip reads it, with those that it names, or of a lock file (PEP 751).

    Raises FileError with every line that is no requirement.
    """
    if path.name.startswith("pylock") and path.suffix == ".toml":
        return tuple(dict.fromkeys(_from_lock(path)))
    from pip_requirements_parser import InstallationError, RequirementsFile

    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    try:
        read = RequirementsFile.from_file(str(path), include_nested=True)
    except (InstallationError, UnicodeDecodeError) as error:
        raise FileError([f"{path}: {' '.join(str(error).replace('|n', ' ').split())}"]) from error
    problems = [f"{bad.filename}:{bad.line_number}: {bad.requirement_line.line}: is no requirement" for bad in read.invalid_lines]
    if problems:
        raise FileError(problems)
    bounds: dict[str, SpecifierSet] = {}
    for item in read.requirements:
        if item.is_constraint and item.name:
            name = canonicalize_name(item.name)
            bounds[name] = bounds.get(name, SpecifierSet()) & item.specifier
    return tuple(dict.fromkeys(_wanted(item, bounds) for item in read.requirements if not item.is_constraint))


def _wanted(item: Any, bounds: Mapping[str, SpecifierSet]) -> Wanted:
    here = item.marker is None or Marker(str(item.marker)).evaluate({"extra": ""})
    if item.is_url or item.is_local_path or item.is_editable or not item.name:
        return Wanted(text=item.requirement_line.line, here=here)
    name = canonicalize_name(item.name)
    specifier = SpecifierSet(str(item.specifier or "")) & bounds.get(name, SpecifierSet())
    return Wanted(text=f"{name}{specifier}", name=name, specifier=specifier, here=here)


def _from_results(directory: Path) -> Iterator[Known]:
    problems: list[str] = []
    for path in sorted(directory.glob("*.toml")):
        try:
            found = resultfiles.load(path)
        except FileError as error:
            problems += error.problems
            continue
        yield Known(
            name=found.name,
            status=found.status,
            version=found.version,
            published=found.published,
            depends_on=found.depends_on,
            causes=tuple(sorted({finding.cause for finding in found.findings})),
            stale=found.stale,
            reason=found.failure.reason if found.failure else "",
        )
    if problems:
        raise FileError(problems)


def _from_api(text: str, where: str) -> Iterator[Known]:
    try:
        told = json.loads(text)
        if told["schema"] != 1:
            raise UsageError(f"{where}: this program reads schema 1, it has {told['schema']}")
        for one in told["projects"]:
            yield Known(
                name=str(one["name"]),
                status=str(one["status"]),
                version=str(one.get("version", "")),
                published=str(one.get("published", results.NOT_CHECKED)),
                depends_on=tuple(map(str, one.get("depends-on", ()))),
                causes=tuple(map(str, one.get("causes", ()))),
                stale=bool(one.get("stale", False)),
                reason=str(one.get("reason", "")),
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{where}: is not the published list of projects ({_API}): {type(error).__name__}: {error}") from error


def published(data: str) -> dict[str, Known]:
    """Return what is published, by name: of a site by its address or directory, of a list, or of a directory of results.

    Raises UsageError and FileError where there is no such data, and CheckFailed where it cannot be had.
    """
    if "://" in data:
        url = data if data.endswith(".json") else f"{data.rstrip('/')}/{_API}"
        found = _from_api(index.text(url, pipconfig.read()), url)
    else:
        path = Path(data)
        listed = path if path.is_file() else path / _API
        if listed.is_file():
            found = _from_api(listed.read_text(encoding="utf-8", errors="replace"), str(listed))
        elif path.is_dir():
            found = _from_results(path)
        else:
            raise UsageError(
                f"{data}: there is no such file or directory; --data names a site, its {_API}, or a directory of results"
            )
    known = {one.name: one for one in found}
    if not known:
        raise UsageError(f"{data}: holds no result; --data names a site, its {_API}, or a directory of results")
    return known


def _detail(known: Known) -> str:
    words = []
    if known.depends_on:
        words.append(f"depends on {', '.join(known.depends_on)}")
    if known.causes:
        words.append(f"causes: {', '.join(known.causes)}")
    if known.reason:
        words.append(f"{'the last check failed: ' if known.stale else ''}{known.reason}")
    return "; ".join(words)


def answer(wanted: Wanted, known: Mapping[str, Known]) -> Row:
    """Return what is known about one requirement."""
    row = Row(requirement=wanted.text, name=wanted.name, status=NOT_HERE, detail=_WHAT[NOT_HERE])
    if not wanted.here:
        return row
    if not wanted.name:
        return dataclasses.replace(row, status=NOT_ON_INDEX, detail=_WHAT[NOT_ON_INDEX])
    found = known.get(wanted.name)
    if found is None:
        return dataclasses.replace(row, status=NOT_TRACKED, detail=_WHAT[NOT_TRACKED])
    row = dataclasses.replace(row, version=found.version, published=found.published)
    if found.version and not _fits(found.version, wanted.specifier):
        return dataclasses.replace(row, status=OTHER_VERSION, published="", detail=f"known is {found.version}: {found.status}")
    return dataclasses.replace(row, status=found.status, detail=_detail(found))


def _fits(version: str, specifier: SpecifierSet) -> bool:
    try:
        return specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def exit_status(rows: Sequence[Row]) -> int:
    """Return 0 where all are reproducible, 1 where some are not, 3 where some have no answer."""
    return max((_EXIT.get(row.status, NOT_CHECKED) for row in rows), default=OK)


def table(rows: Sequence[Row]) -> str:
    """Return the answers as aligned lines of text, what needs a look first."""
    if not rows:
        return "no requirements"
    head = ("requirement", "status", "published", "")
    ordered = sorted(rows, key=lambda row: (-_EXIT.get(row.status, NOT_CHECKED), row.status, row.name or row.requirement))
    cells = [head, *((row.requirement, row.status, row.published or "-", row.detail) for row in ordered)]
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[3])).rstrip() for line in cells
    ]
    counts: dict[str, int] = {}
    for row in ordered:
        counts[row.status] = counts.get(row.status, 0) + 1
    return "\n".join([*lines, f"{len(rows)} requirements: {', '.join(f'{count} {status}' for status, count in counts.items())}"])


def as_json(rows: Sequence[Row]) -> str:
    """Return the answers as JSON."""
    return json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False, indent=1)
