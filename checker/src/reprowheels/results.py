"""The result of one check and everything in it; to TOML and back. This module is the schema (see docs/results.md)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from . import files, tables
from .errors import FileError
from .tables import ConfigSettings as ConfigSettings
from .tables import as_config as as_config

SCHEMA = 1

REPRODUCIBLE = "reproducible"
REPEATABLE = "repeatable"
ENVIRONMENT_DEPENDENT = "environment-dependent"
UNREPRODUCIBLE = "unreproducible"
BUILD_FAILED = "build-failed"
EXCLUDED = "excluded"
STATUSES = (REPRODUCIBLE, REPEATABLE, ENVIRONMENT_DEPENDENT, UNREPRODUCIBLE, BUILD_FAILED, EXCLUDED)

YES, NO, NOT_CHECKED = "yes", "no", "not-checked"
ANSWERS = (YES, NO, NOT_CHECKED)
PUBLISHED = ("identical", "equivalent", "different", "no-wheel", NOT_CHECKED)
MOVED = ("container", "debug", "metadata", "content")  # from harmless to serious
PHASES = ("index", "download", "unpack", "requirements", "environment", "sandbox", "build")


@dataclass(frozen=True, kw_only=True)
class Sdist:
    """Name the sdist that was built; `uploaded` is when the index says that it came."""

    filename: str
    sha256: str
    uploaded: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Name one file that was installed into the build environment."""

    name: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Hold all that a stranger needs to get the same wheel; `sandbox_reason` says why there is no sandbox.

    `packages` are those of the operating system that projects.toml names for the project, each with its version.
    """

    python: str
    platform: str
    os: str
    compiler: str
    source_date_epoch: int | None
    build_dir: str
    backend: str
    sandbox: str
    sandbox_reason: str = ""
    config_settings: ConfigSettings = ()
    packages: tuple[tuple[str, str], ...] = ()
    requires: tuple[Requirement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Applied:
    """Name the variations that the varied build had, and those that it could not have with the reason."""

    applied: tuple[str, ...] = ()
    not_applied: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Build:
    """Hold one build that was made: its variations and the wheel's SHA-256, or why there is no wheel."""

    label: str
    variations: tuple[str, ...] = ()
    sha256: str = ""
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold one cause that was found in the bytes; `variation` is set where a build proved it.

    `remedy` says what was tried against it and `remedy_works` whether builds gave equal wheels with it; None: not tried.
    """

    cause: str
    members: tuple[str, ...] = ()
    variation: str = ""
    evidence: str = ""
    remedy: str = ""
    remedy_works: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Hold one field of one member (or of the archive, for member "") that differs; the values are short texts."""

    member: str
    field: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class PublishedWheel:
    """Say how the wheel on the index compares with the wheel that its sdist builds.

    `differing` names members whose contents differ, of `members` in all; `omitted` more are not named. `environment`
    holds pairs of what was inferred, `tried` a line per rebuild; `repaired` one that auditwheel has been over, `reasons` why it differs.
    """

    filename: str
    sha256: str
    verdict: str
    normalizations: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    omitted: int = 0
    members: int = 0
    repaired: bool = False
    reasons: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EpochProbe:
    """Say what SOURCE_DATE_EPOCH does: whether two builds at different times differ without it, and another value shows.

    `causes` and `members` say why two builds without it differ, and where.
    """

    needed: str
    honoured: str
    causes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Say what went wrong in a check: the phase, a stable code, one sentence and the tail of the log."""

    phase: str
    reason: str
    message: str
    log: str = ""
    since: datetime.date | None = None
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Hold one line of a project's history: what changed on a day, and why."""

    date: datetime.date
    version: str
    status: str
    sha256: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """Hold what is known of one project: the last real answer, and beside it a failure that came later.

    `stale` is true where the answer is from an earlier check than `failure`. `one_of` holds the variations among
    which the cause lies where the bound on builds was hit before it was isolated. `problems` says what is odd about
    the wheel itself, such as a RECORD that does not fit, whether or not it is reproducible.
    """

    name: str
    version: str = ""
    status: str
    repeatable: str = NOT_CHECKED
    robust: str = NOT_CHECKED
    depends_on: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    fails_under: tuple[str, ...] = ()
    moved: str = ""
    published: str = NOT_CHECKED
    since: datetime.date
    stale: bool = False
    sha256: str = ""
    wheel: str = ""
    pure: bool | None = None
    summary: str = ""
    urls: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    purl: str = ""
    sdist: Sdist | None = None
    environment: Environment | None = None
    variations: Applied = Applied()
    builds: tuple[Build, ...] = ()
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()
    differences_omitted: int = 0
    published_wheel: PublishedWheel | None = None
    epoch_probe: EpochProbe | None = None
    failure: Failure | None = None
    history: tuple[Event, ...] = ()


def _filled(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table without what says nothing: None, "" and empty arrays."""
    return {key: value for key, value in pairs.items() if value not in (None, "", [], {})}


def to_toml(result: Result) -> str:
    """Return a result as the text of its TOML file; equal results give equal text."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "name": result.name,
        **_filled({"version": result.version}),
        "status": result.status,
        "repeatable": result.repeatable,
        "robust": result.robust,
        "depends-on": list(result.depends_on),
        **_filled({"one-of": list(result.one_of)}),
        "fails-under": list(result.fails_under),
        **_filled({"moved": result.moved}),
        "published": result.published,
        "since": result.since,
        **({"stale": True} if result.stale else {}),
        **_filled({"sha256": result.sha256, "wheel": result.wheel, "pure": result.pure, "summary": result.summary}),
        **_filled({"problems": list(result.problems)}),
        **_filled({"purl": result.purl, "differences-omitted": result.differences_omitted or None}),
        **_filled({"urls": dict(sorted(result.urls))}),
    }
    if result.failure:
        failure = result.failure
        table["failure"] = _filled(
            {
                "phase": failure.phase,
                "reason": failure.reason,
                "message": failure.message,
                "since": failure.since,
                "version": failure.version,
                "log": failure.log,
            }
        )
    if result.sdist:
        table["sdist"] = _filled(asdict(result.sdist))
    if result.environment:
        environment = result.environment
        table["environment"] = _filled(
            {
                "python": environment.python,
                "platform": environment.platform,
                "os": environment.os,
                "compiler": environment.compiler,
                "source-date-epoch": environment.source_date_epoch,
                "build-dir": environment.build_dir,
                "backend": environment.backend,
                "sandbox": environment.sandbox,
                "sandbox-reason": environment.sandbox_reason,
                "config-settings": as_config(environment.config_settings),
                "packages": dict(environment.packages),
                "requires": [asdict(requirement) for requirement in environment.requires],
            }
        )
    if result.variations.applied or result.variations.not_applied:
        table["variations"] = {
            "applied": list(result.variations.applied),
            "not-applied": dict(sorted(result.variations.not_applied)),
        }
    if result.published_wheel:
        published = result.published_wheel
        table["published-wheel"] = {
            "filename": published.filename,
            "sha256": published.sha256,
            "verdict": published.verdict,
            "normalizations": list(published.normalizations),
            "differing": list(published.differing),
            **_filled({"omitted": published.omitted or None, "members": published.members or None}),
            **_filled({"repaired": published.repaired or None, "reasons": [*published.reasons], "tried": [*published.tried]}),
            **_filled({"environment": dict(sorted(published.environment))}),
        }
    if result.epoch_probe:
        probe = result.epoch_probe
        table["epoch-probe"] = {
            "needed": probe.needed,
            "honoured": probe.honoured,
            **_filled({"causes": list(probe.causes), "members": list(probe.members)}),
        }
    arrays = {
        "builds": [
            {"label": b.label, "variations": list(b.variations), **_filled({"sha256": b.sha256, "failure": b.failure})}
            for b in result.builds
        ],
        "findings": [
            {
                "cause": f.cause,
                "members": list(f.members),
                **_filled({"variation": f.variation, "evidence": f.evidence}),
                **_filled({"remedy": f.remedy, "remedy-works": f.remedy_works}),
            }
            for f in result.findings
        ],
        "differences": [{"member": d.member, "field": d.field, "first": d.first, "second": d.second} for d in result.differences],
        "history": [
            {"date": e.date, "version": e.version, "status": e.status, "sha256": e.sha256, "why": e.why} for e in result.history
        ],
    }
    table.update({key: rows for key, rows in arrays.items() if rows})
    return tomli_w.dumps(table, multiline_strings=True)


def _sdist(table: tables.Table) -> Sdist:
    return Sdist(
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
        uploaded=table.moment("uploaded"),
    )


def _requirement(table: tables.Table) -> Requirement:
    requirement = Requirement(
        name=table.string("name", required=True),
        version=table.string("version", required=True),
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
    )
    table.finish()
    return requirement


def _environment(table: tables.Table) -> Environment:
    return Environment(
        python=table.string("python", required=True),
        platform=table.string("platform", required=True),
        os=table.string("os"),
        compiler=table.string("compiler"),
        source_date_epoch=table.integer("source-date-epoch"),
        build_dir=table.string("build-dir", required=True),
        backend=table.string("backend", required=True),
        sandbox=table.string("sandbox", required=True, choices=("bubblewrap", "none")),
        sandbox_reason=table.string("sandbox-reason"),
        config_settings=table.settings("config-settings"),
        packages=table.string_map("packages"),
        requires=tuple(_requirement(t) for t in table.tables("requires")),
    )


def _applied(table: tables.Table) -> Applied:
    return Applied(applied=table.strings("applied"), not_applied=table.string_map("not-applied"))


def _build(table: tables.Table) -> Build:
    return Build(
        label=table.string("label", required=True),
        variations=table.strings("variations"),
        sha256=table.string("sha256"),
        failure=table.string("failure"),
    )


def _finding(table: tables.Table) -> Finding:
    return Finding(
        cause=table.string("cause", required=True),
        members=table.strings("members"),
        variation=table.string("variation"),
        evidence=table.string("evidence"),
        remedy=table.string("remedy"),
        remedy_works=table.optional_boolean("remedy-works"),
    )


def _difference(table: tables.Table) -> Difference:
    return Difference(
        member=table.string("member", required=True),
        field=table.string("field", required=True),
        first=table.string("first", required=True),
        second=table.string("second", required=True),
    )


def _published_wheel(table: tables.Table) -> PublishedWheel:
    return PublishedWheel(
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
        verdict=table.string("verdict", required=True, choices=PUBLISHED),
        normalizations=table.strings("normalizations"),
        differing=table.strings("differing"),
        omitted=table.integer("omitted", 0) or 0,
        members=table.integer("members", 0) or 0,
        repaired=table.boolean("repaired"),
        reasons=table.strings("reasons"),
        environment=table.string_map("environment"),
        tried=table.strings("tried"),
    )


def _epoch_probe(table: tables.Table) -> EpochProbe:
    return EpochProbe(
        needed=table.string("needed", required=True, choices=(YES, NO)),
        honoured=table.string("honoured", required=True, choices=(YES, NO)),
        causes=table.strings("causes"),
        members=table.strings("members"),
    )


def _failure(table: tables.Table) -> Failure:
    return Failure(
        phase=table.string("phase", required=True, choices=PHASES),
        reason=table.string("reason", required=True),
        message=table.string("message", required=True),
        log=table.string("log"),
        since=table.date("since"),
        version=table.string("version"),
    )


def _event(table: tables.Table) -> Event | None:
    date = table.date("date", required=True)
    version = table.string("version")
    status = table.string("status", required=True, choices=STATUSES)
    sha256 = table.string("sha256")
    why = table.string("why", required=True)
    return Event(date=date, version=version, status=status, sha256=sha256, why=why) if date else None


def _one(table: tables.Table | None, parse: Any) -> Any:
    """Return a parsed table with its unknown keys noted, or None."""
    if table is None:
        return None
    value = parse(table)
    table.finish()
    return value


def _many(found: list[tables.Table], parse: Any) -> tuple[Any, ...]:
    return tuple(value for value in (_one(table, parse) for table in found) if value is not None)


def load(path: Path) -> Result:
    """Return the result that a TOML file holds.

    Raises FileError with every place where the file does not fit the schema.
    """
    root, problems = tables.read(path)
    schema = root.integer("schema", required=True)
    if schema is not None and schema != SCHEMA:
        raise FileError([f"{path.name}: schema: this program reads schema {SCHEMA}, the file has {schema}"])
    since = root.date("since", required=True)
    result = Result(
        name=root.string("name", required=True),
        version=root.string("version"),
        status=root.string("status", required=True, choices=STATUSES),
        repeatable=root.string("repeatable", NOT_CHECKED, required=True, choices=ANSWERS),
        robust=root.string("robust", NOT_CHECKED, required=True, choices=ANSWERS),
        depends_on=root.strings("depends-on"),
        one_of=root.strings("one-of"),
        fails_under=root.strings("fails-under"),
        moved=root.string("moved", choices=("", *MOVED)),
        published=root.string("published", NOT_CHECKED, required=True, choices=PUBLISHED),
        since=since or datetime.date.min,
        stale=root.boolean("stale"),
        sha256=root.string("sha256"),
        wheel=root.string("wheel"),
        pure=root.optional_boolean("pure"),
        summary=root.string("summary"),
        urls=root.string_map("urls"),
        problems=root.strings("problems"),
        purl=root.string("purl"),
        differences_omitted=root.integer("differences-omitted", 0) or 0,
        failure=_one(root.table("failure"), _failure),
        sdist=_one(root.table("sdist"), _sdist),
        environment=_one(root.table("environment"), _environment),
        variations=_one(root.table("variations"), _applied) or Applied(),
        published_wheel=_one(root.table("published-wheel"), _published_wheel),
        epoch_probe=_one(root.table("epoch-probe"), _epoch_probe),
        builds=_many(root.tables("builds"), _build),
        findings=_many(root.tables("findings"), _finding),
        differences=_many(root.tables("differences"), _difference),
        history=_many(root.tables("history"), _event),
    )
    root.finish()
    if problems:
        raise FileError(problems)
    return result


def save(result: Result, directory: Path) -> Path:
    """Write a result as `<name>.toml` into a directory, as `files.write` does, and return its path."""
    path = directory / f"{result.name}.toml"
    files.write(path, to_toml(result))
    return path
