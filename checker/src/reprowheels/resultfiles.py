"""Results as TOML files: equal results give equal text, and whatever does not fit the schema is named (see docs/results.md)."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w

from . import files, results, tables
from .errors import FileError
from .results import Result, as_config
from .tables import filled

SCHEMA = 1


def described(environment: results.Environment) -> dict[str, Any]:
    """Return the facts of an environment as a file tells them, all but the files that were installed into it."""
    return filled(
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
        }
    )


def to_toml(result: Result) -> str:
    """Return a result as the text of its TOML file; equal results give equal text."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "name": result.name,
        **filled({"version": result.version}),
        "status": result.status,
        "repeatable": result.repeatable,
        "robust": result.robust,
        "depends-on": list(result.depends_on),
        **filled({"one-of": list(result.one_of)}),
        "fails-under": list(result.fails_under),
        **filled({"moved": result.moved}),
        "published": result.published,
        "since": result.since,
        **({"stale": True} if result.stale else {}),
        **filled({"sha256": result.sha256, "wheel": result.wheel, "pure": result.pure, "summary": result.summary}),
        **filled({"problems": list(result.problems)}),
        **filled({"purl": result.purl, "differences-omitted": result.differences_omitted or None}),
        **filled({"urls": dict(sorted(result.urls))}),
    }
    if result.failure:
        table["failure"] = filled(asdict(result.failure))
    if result.sdist:
        table["sdist"] = filled(asdict(result.sdist))
    if result.environment:
        requires = [asdict(requirement) for requirement in result.environment.requires]
        table["environment"] = described(result.environment) | filled({"requires": requires})
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
            **filled({"omitted": published.omitted or None, "members": published.members or None}),
            **filled({"repaired": published.repaired or None, "reasons": [*published.reasons], "tried": [*published.tried]}),
            **filled({"environment": dict(sorted(published.environment))}),
        }
    if result.epoch_probe:
        probe = result.epoch_probe
        table["epoch-probe"] = {
            "needed": probe.needed,
            "honoured": probe.honoured,
            **filled({"causes": list(probe.causes), "members": list(probe.members)}),
        }
    arrays = {
        "builds": [
            {"label": b.label, "variations": list(b.variations), **filled({"sha256": b.sha256, "failure": b.failure})}
            for b in result.builds
        ],
        "findings": [
            {
                "cause": f.cause,
                "members": list(f.members),
                **filled({"variation": f.variation, "evidence": f.evidence}),
                **filled({"remedy": f.remedy, "remedy-works": f.remedy_works}),
            }
            for f in result.findings
        ],
        "differences": [asdict(difference) for difference in result.differences],
        "history": [asdict(event) for event in result.history],
    }
    table.update({key: rows for key, rows in arrays.items() if rows})
    return tomli_w.dumps(table, multiline_strings=True)


def _sdist(table: tables.Table) -> results.Sdist:
    return results.Sdist(
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
        uploaded=table.moment("uploaded"),
    )


def _requirement(table: tables.Table) -> results.Requirement:
    return results.Requirement(
        name=table.string("name", required=True),
        version=table.string("version", required=True),
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
    )


def _environment(table: tables.Table) -> results.Environment:
    return results.Environment(
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
        requires=_many(table.tables("requires"), _requirement),
    )


def _applied(table: tables.Table) -> results.Applied:
    return results.Applied(applied=table.strings("applied"), not_applied=table.string_map("not-applied"))


def _build(table: tables.Table) -> results.Build:
    return results.Build(
        label=table.string("label", required=True),
        variations=table.strings("variations"),
        sha256=table.string("sha256"),
        failure=table.string("failure"),
    )


def _finding(table: tables.Table) -> results.Finding:
    return results.Finding(
        cause=table.string("cause", required=True),
        members=table.strings("members"),
        variation=table.string("variation"),
        evidence=table.string("evidence"),
        remedy=table.string("remedy"),
        remedy_works=table.optional_boolean("remedy-works"),
    )


def _difference(table: tables.Table) -> results.Difference:
    return results.Difference(
        member=table.string("member", required=True),
        field=table.string("field", required=True),
        first=table.string("first", required=True),
        second=table.string("second", required=True),
    )


def _published_wheel(table: tables.Table) -> results.PublishedWheel:
    return results.PublishedWheel(
        filename=table.string("filename", required=True),
        sha256=table.string("sha256", required=True),
        verdict=table.string("verdict", required=True, choices=results.PUBLISHED),
        normalizations=table.strings("normalizations"),
        differing=table.strings("differing"),
        omitted=table.integer("omitted", 0) or 0,
        members=table.integer("members", 0) or 0,
        repaired=table.boolean("repaired"),
        reasons=table.strings("reasons"),
        environment=table.string_map("environment"),
        tried=table.strings("tried"),
    )


def _epoch_probe(table: tables.Table) -> results.EpochProbe:
    return results.EpochProbe(
        needed=table.string("needed", required=True, choices=(results.YES, results.NO)),
        honoured=table.string("honoured", required=True, choices=(results.YES, results.NO)),
        causes=table.strings("causes"),
        members=table.strings("members"),
    )


def _failure(table: tables.Table) -> results.Failure:
    return results.Failure(
        phase=table.string("phase", required=True, choices=results.PHASES),
        reason=table.string("reason", required=True),
        message=table.string("message", required=True),
        log=table.string("log"),
        since=table.date("since"),
        version=table.string("version"),
    )


def _event(table: tables.Table) -> results.Event | None:
    date = table.date("date", required=True)
    version = table.string("version")
    status = table.string("status", required=True, choices=results.STATUSES)
    sha256 = table.string("sha256")
    why = table.string("why", required=True)
    return results.Event(date=date, version=version, status=status, sha256=sha256, why=why) if date else None


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
    root, problems = tables.read(path, SCHEMA)
    since = root.date("since", required=True)
    result = Result(
        name=root.string("name", required=True),
        version=root.string("version"),
        status=root.string("status", required=True, choices=results.STATUSES),
        repeatable=root.string("repeatable", results.NOT_CHECKED, required=True, choices=results.ANSWERS),
        robust=root.string("robust", results.NOT_CHECKED, required=True, choices=results.ANSWERS),
        depends_on=root.strings("depends-on"),
        one_of=root.strings("one-of"),
        fails_under=root.strings("fails-under"),
        moved=root.string("moved", choices=("", *results.MOVED)),
        published=root.string("published", results.NOT_CHECKED, required=True, choices=results.PUBLISHED),
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
        variations=_one(root.table("variations"), _applied) or results.Applied(),
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
