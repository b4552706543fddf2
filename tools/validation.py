"""Say what is wrong with the results of a night before anybody sees them; a night that is not in order is not published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reprowheels import resultfiles, results, runs
from reprowheels.errors import FileError
from reprowheels.results import Result
from reprowheels.runs import Run

RESULT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(toml|diff)")
RECORD = re.compile(r"\d{4}-\d{2}-\d{2}\.toml")
_LARGEST = 8 << 20  # bytes of one file
_FEW = 3  # results that may lose their answer in one night, however few are due


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bound what may go wrong in a night: the share of the due that may be missing, and that may have no answer any more."""

    missing: float = 0.5
    failing: float = 0.25


@dataclass(frozen=True, kw_only=True)
class Shard:
    """Hold what one shard of a night delivered: its result files by name, and its records."""

    files: Mapping[str, Path]
    found: Mapping[str, Result]
    records: tuple[Run, ...]


def _listed(directory: Path, pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    """Give the files of a directory, each with what is wrong with it or nothing; a link could lead anywhere."""
    for path in sorted(directory.iterdir()) if directory.is_dir() and not directory.is_symlink() else ():
        fault = ""
        if path.is_symlink() or not path.is_file():
            fault = "is no plain file"
        elif not pattern.fullmatch(path.name):
            fault = "has a name that no result or record has"
        elif path.stat().st_size > _LARGEST:
            fault = f"is larger than {_LARGEST >> 20} MiB"
        yield path, fault


def read(directory: Path, names: Sequence[str], problems: list[str]) -> Shard:
    """Return what a shard delivered of the projects that it was to check; note what does not belong or cannot be read."""
    files: dict[str, Path] = {}
    found: dict[str, Result] = {}
    records: list[Run] = []
    for path, fault in _listed(directory / "results", RESULT):
        if not fault and path.stem not in names:
            fault = "is of a project that this shard was not to check"
        if fault:
            problems.append(f"{directory.name}: {path.name} {fault}")
            continue
        files[path.name] = path
        if path.suffix == ".toml":
            try:
                found[path.stem] = resultfiles.load(path)
            except FileError as error:
                problems += [f"{directory.name}: {text}" for text in error.problems]
    for path, fault in _listed(directory / "runs", RECORD):
        if fault:
            problems.append(f"{directory.name}: {path.name} {fault}")
            continue
        try:
            records.append(runs.load(path))
        except FileError as error:
            problems += [f"{directory.name}: {text}" for text in error.problems]
    strangers = {path.name for path in directory.iterdir()} - {"results", "runs"} if directory.is_dir() else set()
    problems += [f"{directory.name}: {name} does not belong here" for name in sorted(strangers)]
    return Shard(files=files, found=found, records=tuple(records))


def _of_result(name: str, new: Result, old: Result | None) -> Iterator[str]:
    """Give what is wrong with one result, beside the one that it replaces."""
    if new.name != name:
        yield f"{name}.toml: is the result of {new.name}"
    if old is None:
        return
    # What was once known of a project cannot be rewritten by whoever checks it anew.
    if new.history[: len(old.history)] != old.history:
        yield f"{name}.toml: its history is not the known one with lines added"
    if old.status != results.BUILD_FAILED and new.status == results.BUILD_FAILED:
        yield f"{name}.toml: a failure has replaced the last answer"


def consistent(shard: Shard, names: Sequence[str], known: Mapping[str, Result]) -> Iterator[str]:
    """Give what does not fit together in a shard: each result is recorded, each record has its result."""
    for name, new in shard.found.items():
        yield from _of_result(name, new, known.get(name))
    recorded = {one.name: one for run in shard.records for one in run.checked}
    for name, one in recorded.items():
        if name not in names:
            yield f"{name}: is recorded, but was not to be checked"
        result = shard.found.get(name)
        if one.outcome == runs.CRASHED:
            continue
        if result is None:
            yield f"{name}: is recorded as checked, and has no result"
        elif one.status != result.status:
            yield f"{name}: is recorded as {one.status}, its result says {result.status}"
    for name in shard.found.keys() - recorded.keys():
        yield f"{name}: has a result that no run recorded"


def whole(due: Sequence[str], shards: Sequence[Shard], known: Mapping[str, Result], limits: Limits) -> Iterator[str]:
    """Give what is wrong with the night as a whole: nothing came, much is missing, or much has lost its answer at once."""
    checked = {one.name for shard in shards for run in shard.records for one in run.checked}
    missing = [name for name in due if name not in checked]
    if due and not checked:
        yield f"nothing was checked, though {len(due)} were due"
    elif len(missing) > limits.missing * len(due):
        yield f"{len(missing)} of {len(due)} that were due were not checked, such as {', '.join(missing[:5])}"
    found = {name: new for shard in shards for name, new in shard.found.items()}
    lost = sorted(name for name, new in found.items() if new.failure and name in known and not known[name].failure)
    if len(lost) > max(_FEW, limits.failing * len(found)):
        yield f"{len(lost)} of {len(found)} have no answer any more, such as {', '.join(lost[:5])}: look for the fault on our side"
