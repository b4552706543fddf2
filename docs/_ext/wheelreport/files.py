"""The data behind the pages, for programs: result files as they are, JSON, badges, feeds, and the list of all addresses."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reprowheels import catalogue, results

from . import attest, badges, changes, chunks, feeds, schema
from .data import Entry, Site
from .domain import page_of

DIRECTORY = "data"
API = "api/v1"
# The words of the service that asks whether a package is reproducible yet, see its json-format.txt.
_ELSEWHERE = {
    results.REPRODUCIBLE: "reproducible",
    results.ENVIRONMENT_DEPENDENT: "unreproducible",
    results.UNREPRODUCIBLE: "unreproducible",
    results.BUILD_FAILED: "FTBFS",
    results.EXCLUDED: "notforus",
}


def write(path: Path, text: str) -> None:
    """Write a file unless it holds this very text already."""
    content = text.encode("utf-8")
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def plain(value: Any) -> Any:
    """Return a value of the checker as JSON has it: the keys of the TOML, days as text, nothing that says nothing."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    found = schema.hints(type(value))
    told: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        inner, hint = getattr(value, field.name), found[field.name]
        if hint == schema.PAIRS:
            inner = dict(inner)
        elif hint == results.ConfigSettings:
            inner = results.as_config(inner)
        if schema.required(field, hint) or inner not in (None, "", (), {}):
            told[schema.key_of(field.name)] = plain(inner)
    return told


def _files_of(name: str) -> dict[str, str]:
    """Return where the files of one project are, by what they are; "index" is no name that the API can give a project."""
    places = {"toml": f"{DIRECTORY}/{name}.toml", "svg": f"badge/{name}.svg", "json": f"badge/{name}.json"}
    places["feed"] = f"feeds/project/{name}.xml"
    places["diff"] = f"{DIRECTORY}/{name}.diff"
    places |= attest.places(name)
    return places | ({"api": f"{API}/{name}.json"} if name != "index" else {})


def publish_entry(entry: Entry, source: Path, output: Path, base: str) -> None:
    """Put everything about one project that is no page beside the pages."""
    places = _files_of(entry.name)
    raw = output / places["toml"]
    if entry.result:
        raw.parent.mkdir(parents=True, exist_ok=True)
        raw.write_bytes((source / raw.name).read_bytes())
    else:
        raw.unlink(missing_ok=True)
    if entry.diff:
        (output / places["diff"]).write_bytes((source / f"{entry.name}.diff").read_bytes())
    else:
        (output / places["diff"]).unlink(missing_ok=True)
    for place, text in attest.texts(entry.answer, entry.name).items():
        if text:
            write(output / place, text)
        else:
            (output / place).unlink(missing_ok=True)
    write(output / places["svg"], badges.svg(entry))
    write(output / places["json"], badges.endpoint(entry))
    title = f"{entry.name} - Reproducible Wheels"
    write(output / places["feed"], feeds.feed(title, places["feed"], page_of(entry.name), changes.of_entry(entry), base))
    if "api" in places:
        write(output / places["api"], _json(_document(entry)))


def remove_entry(name: str, output: Path) -> None:
    """Take away what is there of a project that exists no longer."""
    for place in _files_of(name).values():
        (output / place).unlink(missing_ok=True)


def publish_site(site: Site, output: Path, base: str, pages: list[str]) -> None:
    """Write what is about all projects: the indexes, schemas, feeds and, where the site has an address, the sitemap."""
    told = _json(
        {
            "schema": 1,
            "as-of": site.as_of.isoformat() if site.as_of else None,
            "last-run": site.runs[0].date.isoformat() if site.runs else None,
            "tracked": len(site.tracked),
            "totals": dict(site.totals),
            "projects": [_project(entry) for entry in site.tracked],
        }
    )
    write(output / DIRECTORY / "projects.json", told)
    write(output / API / "index.json", told)
    write(output / API / "schema" / "project.json", _json(schema.project()))
    write(output / API / "schema" / "index.json", _json(schema.index()))
    write(
        output / "export" / "ismypackagereproducibleyet.json",
        _json([one for entry in site.tracked for one in _exported(entry, site)]),
    )
    found = changes.of_site(site)
    write(output / "feeds/all.xml", feeds.feed("Reproducible Wheels: all changes", "feeds/all.xml", "index", found, base))
    worse = [change for change in found if change.kind == changes.REGRESSION]
    place = "feeds/regressions.xml"
    write(output / place, feeds.feed("Reproducible Wheels: regressions", place, "index", worse, base))
    for cause in catalogue.BY_ID:
        place = f"feeds/cause/{cause}.xml"
        of_cause = [change for change in found if cause in change.entry.causes]
        write(output / place, feeds.feed(f"Reproducible Wheels: {cause}", place, f"cause/{cause}", of_cause, base))
    for place, text in chunks.files(site).items():
        write(output / place, text)
    if base:
        lines = "".join(f"<url><loc>{escape(base + page)}.html</loc></url>\n" for page in sorted(pages))
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        write(output / "sitemap.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{lines}</urlset>\n')


def _document(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"schema": 1, "name": entry.name, "tracked": entry.tracked, "status": entry.status}
    told["groups"] = list(entry.project.groups) if entry.project else []
    if entry.checked:
        told["checked"] = entry.checked.isoformat()
    if entry.exclusion:
        told["exclusion"] = plain(entry.exclusion)
    return told | ({"result": plain(entry.result)} if entry.result else {})


def _project(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"name": entry.name, "status": entry.status}
    told["groups"] = list(entry.project.groups) if entry.project else []
    if entry.exclusion:
        told["reason"] = entry.exclusion.reason
    if result := entry.answer:
        told |= {
            "version": result.version,
            "repeatable": result.repeatable,
            "robust": result.robust,
            "published": result.published,
            "depends-on": list(result.depends_on),
            "causes": list(entry.causes),
            "backend": entry.backend,
            "kind": entry.kind,
            "moved": result.moved,
            "since": result.since.isoformat(),
            "stale": entry.stale,
            "sha256": result.sha256,
        }
    return told | ({"checked": entry.checked.isoformat()} if entry.checked else {})


def _exported(entry: Entry, site: Site) -> list[dict[str, str | int]]:
    """Return a project in the form of json-format.txt, or nothing where that form has no word for its status."""
    status = _ELSEWHERE.get(entry.status)
    if status is None:
        return []
    result = entry.answer
    environment = result.environment if result else None
    platform = environment.platform if environment else dict(site.runs[0].environment).get("platform", "") if site.runs else ""
    day = entry.checked or (result.since if result else entry.exclusion.since if entry.exclusion else None)
    told: dict[str, str | int] = {"package": entry.name, "version": result.version if result else "", "status": status}
    told |= {"release": "PyPI", "architecture": platform.rpartition("-")[2]}
    if day:  # of a check only its day counts here, in seconds as that form has it
        told["build_date"] = (day - datetime.date(1970, 1, 1)).days * 24 * 3600
    return [told | ({"suite": entry.kind} if entry.kind else {})]
