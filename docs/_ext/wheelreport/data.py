"""Everything that the report shows, read once per build into one frozen value.

Files of results and projects.toml are read here and nowhere else. A file that cannot be used never ends the build: it
becomes a `Problem`, which is logged as a warning, and its project is shown as not checked.

The extension imports only plain values of the checker: `results`, `projects`, `variations`, `catalogue`
and the FileError of `errors`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.utils import is_normalized_name

from reprowheels import projects, resultfiles, results
from reprowheels.errors import FileError

from . import runs, words
from .store import Store

# Every project has its turn once in fourteen nights; an answer that was not looked at for twice as long is an old one.
OVERDUE = datetime.timedelta(days=28)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Hold one fault of a file: which file, of which kind ("result" or "projects"), and the message."""

    path: Path
    kind: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Hold one project of the report: what projects.toml says, what its result says, or why there is none.

    `project` is None for a project that is no longer tracked; `digest` changes when a file behind the entry does.
    `outlined` is true where `result` holds only what lists show. `diff` says that the two wheels were compared in full.
    `checked` is the last day on which a run checked it, where one did; `overdue` is true where that is long before the last run.
    """

    name: str
    project: projects.Project | None = None
    result: results.Result | None = None
    unreadable: bool = False
    outlined: bool = False
    diff: bool = False
    checked: datetime.date | None = None
    overdue: bool = False
    digest: str = ""

    @property
    def tracked(self) -> bool:
        """Return whether the project counts in the totals."""
        return self.project is not None

    @property
    def exclusion(self) -> projects.Exclusion | None:
        """Return why the project is not built, or None."""
        return self.project.exclude if self.project else None

    @property
    def status(self) -> str:
        """Return the status of the project: one key of `words.STATUSES`."""
        if self.exclusion:
            return results.EXCLUDED
        return self.result.status if self.result else words.NOT_CHECKED

    @property
    def answer(self) -> results.Result | None:
        """Return the result that speaks for the project in lists, or None where it is excluded or not checked."""
        return None if self.exclusion else self.result

    @property
    def stale(self) -> bool:
        """Return whether the answer is known to be old: a later check came to no answer, or none was made for long."""
        return bool(self.answer and (self.answer.stale or self.overdue))

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """Return the causes that the result shows, each once."""
        return tuple(sorted({finding.cause for finding in self.answer.findings})) if self.answer else ()

    @property
    def backend(self) -> str:
        """Return the name of the build backend as people know it, or nothing where it is not known."""
        environment = self.answer.environment if self.answer else None
        return words.backend(environment.backend) if environment else ""

    @property
    def kind(self) -> str:
        """Return one key of `words.KINDS`, or nothing where there is no wheel to tell it from."""
        pure = self.answer.pure if self.answer else None
        return "" if pure is None else words.PURE if pure else words.COMPILED


@dataclass(frozen=True, kw_only=True)
class Site:
    """Hold the whole report: every tracked project and every other one that has a result, sorted by name.

    `digest` changes with anything that the report shows, `frame` with what all pages have in common. `memo` keeps what other modules
    work out of it.
    """

    entries: tuple[Entry, ...] = ()
    runs: tuple[runs.Run, ...] = ()
    digest: str = ""
    frame: str = ""
    benchmark: Mapping[str, Any] = field(default_factory=dict)
    by_name: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def tracked(self) -> tuple[Entry, ...]:
        """Return the entries of tracked projects."""
        return tuple(entry for entry in self.entries if entry.tracked)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """Return how many tracked projects have each status; the numbers add up to the tracked projects."""
        counts = dict.fromkeys(words.STATUSES, 0)
        for entry in self.tracked:
            counts[entry.status] += 1
        return counts

    @cached_property
    def by_cause(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the tracked projects whose results show each cause."""
        found: dict[str, list[str]] = {}
        for entry in self.tracked:
            for cause in entry.causes:
                found.setdefault(cause, []).append(entry.name)
        return {cause: tuple(names) for cause, names in found.items()}

    @cached_property
    def as_of(self) -> datetime.date | None:
        """Return the newest day that any result mentions, or None without results."""
        found = [entry.result for entry in self.entries if entry.result]
        days = [result.since for result in found]
        days += [event.date for result in found for event in result.history]
        days += [run.date for run in self.runs]
        days += [result.failure.since for result in found if result.failure and result.failure.since]
        return max(days, default=None)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _result(path: Path) -> results.Result:
    """Return the result of a file that is named as the project in it."""
    result = resultfiles.load(path)
    if result.name != path.stem or not is_normalized_name(result.name):
        raise FileError(
            [f"{path.name}: name: expected {path.stem!r}, the normalized name that the file has, got {result.name!r}"]
        )
    return result


def complete(entry: Entry, result_directory: Path) -> Entry:
    """Return an entry with the whole result, for its own page."""
    if not entry.outlined:
        return entry
    return replace(entry, result=_result(result_directory / f"{entry.name}.toml"), outlined=False)


def _tracked(path: Path, store: Store, problems: list[Problem]) -> dict[str, projects.Project]:
    try:
        digest = hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
        if not store.tracked or store.tracked[0] != digest:
            store.keep_projects(digest, tuple(projects.load(path)))
        assert store.tracked
        return {project.name: project for project in store.tracked[1]}
    except FileError as error:
        problems += [Problem(path=path, kind="projects", message=text) for text in error.problems]
        return {}


def read(
    result_directory: Path, projects_file: Path, run_directory: Path, store: Store, *also: bytes
) -> tuple[Site, tuple[Problem, ...]]:
    """Return the report and every fault of the files that it is made from.

    `store` is what an earlier build knew, and is brought up to date. `also` is what else the pages depend on; it goes into the
    digest of the site.
    """
    problems: list[Problem] = []
    tracked = _tracked(projects_file, store, problems)
    found: dict[str, results.Result] = {}
    unreadable: set[str] = set()
    outlined: set[str] = set()
    digests: dict[str, bytes] = {}
    for path in sorted(result_directory.glob("*.toml")):
        try:
            digests[path.stem] = hashlib.sha256(path.read_bytes()).digest()
            if known := store.outline_of(path.stem, digests[path.stem]):
                found[path.stem] = known
                outlined.add(path.stem)
            else:
                found[path.stem] = _result(path)
                store.keep(path.stem, digests[path.stem], found[path.stem])
        except FileError as error:
            unreadable.add(path.stem)
            problems += [Problem(path=path, kind="result", message=text) for text in error.problems]
        except OSError as error:
            unreadable.add(path.stem)
            problems.append(Problem(path=path, kind="result", message=f"{path.name}: cannot be read: {error.strerror}"))
    store.drop_all_but(found.keys() - unreadable)
    found = {name: one for name, one in found.items() if name in tracked or not _mistyped(one)}
    diffs = {path.stem: path for path in result_directory.glob("*.diff")}
    told, unread, run_digest = runs.read(run_directory)
    problems += [Problem(path=path, kind="run", message=text) for path, text in unread]
    last = runs.last_checks(told)
    entries = []
    for name in sorted(tracked.keys() | found.keys()):
        result, day = found.get(name), last.get(name)
        overdue = bool(told and result and told[0].date - max(day or result.since, result.since) > OVERDUE)
        parts = (digests.get(name, b""), repr((tracked.get(name), day, overdue)).encode())
        entries.append(
            Entry(
                name=name,
                project=tracked.get(name),
                result=result,
                unreadable=name in unreadable,
                outlined=name in outlined,
                diff=name in diffs,
                checked=day,
                overdue=overdue,
                digest=_digest(*parts, diffs[name].read_bytes() if name in diffs else b""),
            )
        )
    return _site(tuple(entries), told, run_digest, also), tuple(problems)


def _mistyped(result: results.Result) -> bool:
    """Return whether nothing was ever known of a name: somebody checked one that the index does not have."""
    return result.failure is not None and result.failure.reason == "not-found" and not result.history


def _site(entries: tuple[Entry, ...], told: tuple[runs.Run, ...], run_digest: bytes, also: Iterable[bytes]) -> Site:
    return Site(
        entries=entries,
        runs=told,
        frame=_digest(*also),
        digest=_digest(run_digest, *also, *(f"{entry.name} {entry.digest}".encode() for entry in entries)),
        by_name={entry.name: entry for entry in entries},
    )
