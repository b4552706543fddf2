"""projects.toml as values: which projects are tracked, with which settings, and which are excluded and why."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name, is_normalized_name

from . import tables
from .errors import FileError
from .tables import ConfigSettings

EXCLUSION_REASONS = (
    "no-sdist",  # the project publishes wheels only
    "needs-newer-python",  # no interpreter that the run can have builds it
    "needs-older-python",
    "needs-hardware",  # a GPU, an accelerator, another processor
    "needs-network",  # the build downloads something that cannot be fetched before
    "needs-system-package",  # a library that the operating system does not offer
    "too-large",  # more memory or disk than the run has
    "broken-upstream",  # the release does not build for anybody
)

DEFAULT_MAX_BUILDS = 40  # of one check
FIRST_ANSWER = 4  # builds of a check that answers before it isolates
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # the name of a Debian package (Policy, 5.6.7)


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Say why a project is not built, since when, when to look again, and what shows that the reason is true."""

    reason: str
    text: str
    since: datetime.date
    review_by: datetime.date
    evidence: str
    last_retry: datetime.date | None = None
    needed: str = ""


@dataclass(frozen=True, kw_only=True)
class Project:
    """Hold one tracked project: its normalized name, its groups and its settings.

    `timeout` is in seconds for one build, `apt` names Debian packages, `max_builds` bounds the builds of one
    check. None means the default of the command line.
    """

    name: str
    groups: tuple[str, ...] = ()
    version: str | None = None
    python: str | None = None
    apt: tuple[str, ...] = ()
    timeout: int | None = None
    max_builds: int | None = None
    network_at_build: bool = False
    config_settings: ConfigSettings = ()
    notes: str = ""
    exclude: Exclusion | None = None


def _exclusion(table: tables.Table | None) -> Exclusion | None:
    if table is None:
        return None
    reason = table.string("reason", required=True, choices=EXCLUSION_REASONS)
    text = table.string("text", required=True)
    since = table.date("since", required=True)
    review_by = table.date("review-by", required=True)
    evidence = table.string("evidence", required=True)
    last_retry = table.date("last-retry")
    needed = table.string("needed")
    if since and review_by and review_by <= since:
        table.problem("review-by", f"{review_by} is not after since ({since})")
    table.finish()
    if not since or not review_by:
        return None
    return Exclusion(
        reason=reason, text=text, since=since, review_by=review_by, evidence=evidence, last_retry=last_retry, needed=needed
    )


def _project(table: tables.Table) -> Project:
    name = table.string("name", required=True)
    if name and not is_normalized_name(name):
        table.problem("name", f"{name!r} is not a normalized name; write {canonicalize_name(name)!r}")
    project = Project(
        name=canonicalize_name(name),
        groups=table.strings("groups", required=True),
        version=table.optional_string("version"),
        python=table.optional_string("python"),
        apt=table.strings("apt"),
        timeout=table.integer("timeout", minimum=1),
        max_builds=table.integer("max-builds", minimum=2),
        network_at_build=table.boolean("network-at-build"),
        config_settings=table.settings("config-settings"),
        notes=table.string("notes"),
        exclude=_exclusion(table.table("exclude")),
    )
    for number, package in enumerate(project.apt):
        if not _PACKAGE.fullmatch(package):
            table.problem(f"apt[{number}]", f"{package!r} is not the name of a Debian package")
    table.finish()
    return project


def packages(chosen: Iterable[Project]) -> list[str]:
    """Return the Debian packages that the builds of some projects need, sorted."""
    return sorted({package for project in chosen for package in project.apt})


def load(path: Path) -> tuple[Project, ...]:
    """Return the tracked projects of a projects.toml, sorted by name.

    Raises FileError with every problem of the file at once.
    """
    root, problems = tables.read(path)
    projects: dict[str, Project] = {}
    for index, table in enumerate(root.tables("project", required=True)):
        project = _project(table)
        if project.name in projects:
            problems.append(f"{path.name}: project[{index}].name: {project.name!r} is listed twice")
        projects[project.name] = project
    root.finish()
    if problems:
        raise FileError(problems)
    return tuple(projects[name] for name in sorted(projects))
