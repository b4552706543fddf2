"""The JSON Schemas of what the site tells programs, made from the schema of results itself so that they cannot fall behind."""

from __future__ import annotations

import dataclasses
import datetime
import types
import typing
from collections.abc import Mapping
from typing import Any

from reprowheels import projects, results

from . import words

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PAIRS = tuple[tuple[str, str], ...]
_ENUMERATED: Mapping[str, tuple[str, ...]] = {
    "repeatable": results.ANSWERS,
    "robust": results.ANSWERS,
    "published": results.PUBLISHED,
    "verdict": results.PUBLISHED,
    "moved": results.MOVED,
    "phase": results.PHASES,
    "status": results.STATUSES,
    "needed": (results.YES, results.NO),
    "honoured": (results.YES, results.NO),
}
_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    PAIRS: {"type": "object", "additionalProperties": {"type": "string"}},
    results.ConfigSettings: {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
}


def hints(known: type) -> Mapping[str, Any]:
    """Return the types of the fields of a value by name."""
    return typing.get_type_hints(known)


def optional(hint: Any) -> Any:
    """Return the type X of `X | None`, or None for another type."""
    if isinstance(hint, types.UnionType):
        return next(inner for inner in typing.get_args(hint) if inner is not types.NoneType)
    return None


def key_of(field: str) -> str:
    """Return how a field is written in TOML and JSON."""
    return field.replace("_", "-")


def required(field: dataclasses.Field[Any], hint: Any) -> bool:
    """Return whether a field is always written, also when it is empty."""
    return field.default is dataclasses.MISSING and optional(hint) is None


def _of(hint: Any) -> dict[str, Any]:
    if (inner := optional(hint)) is not None:
        return _of(inner)
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint))
    return {"type": "array", "items": _of(typing.get_args(hint)[0])}


def _object(known: type) -> dict[str, Any]:
    found = hints(known)
    properties: dict[str, Any] = {}
    for field in dataclasses.fields(known):
        properties[key_of(field.name)] = _of(found[field.name])
        if field.name in _ENUMERATED and found[field.name] is str and known is not projects.Exclusion:
            properties[key_of(field.name)] = {"enum": list(_ENUMERATED[field.name])}
    always = [key_of(field.name) for field in dataclasses.fields(known) if required(field, found[field.name])]
    return {"type": "object", "required": always, "properties": properties}


def project() -> dict[str, Any]:
    """Return the schema of api/v1/<name>.json."""
    return {
        "$schema": DIALECT,
        "title": "One project of Reproducible Wheels",
        "type": "object",
        "required": ["schema", "name", "tracked", "status", "groups"],
        "properties": {
            "schema": {"const": 1},
            "name": {"type": "string"},
            "tracked": {"type": "boolean"},
            "status": {"enum": list(words.STATUSES)},
            "groups": {"type": "array", "items": {"type": "string"}},
            "checked": {"type": "string", "format": "date"},
            "exclusion": _object(projects.Exclusion),
            "result": _object(results.Result),
        },
    }


def index() -> dict[str, Any]:
    """Return the schema of api/v1/index.json."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    entry = {
        "type": "object",
        "required": ["name", "status", "groups"],
        "properties": {
            "name": text,
            "status": {"enum": list(words.STATUSES)},
            "groups": texts,
            "reason": text,
            "version": text,
            "repeatable": {"enum": list(results.ANSWERS)},
            "robust": {"enum": list(results.ANSWERS)},
            "published": {"enum": list(results.PUBLISHED)},
            "depends-on": texts,
            "causes": texts,
            "backend": text,
            "kind": {"enum": ["", *words.KINDS]},
            "moved": text,
            "since": {"type": "string", "format": "date"},
            "stale": {"type": "boolean"},
            "sha256": text,
            "checked": {"type": "string", "format": "date"},
        },
    }
    totals = {"type": "object", "required": list(words.STATUSES), "additionalProperties": {"type": "integer", "minimum": 0}}
    return {
        "$schema": DIALECT,
        "title": "All projects of Reproducible Wheels",
        "type": "object",
        "required": ["schema", "as-of", "last-run", "tracked", "totals", "projects"],
        "properties": {
            "schema": {"const": 1},
            "as-of": {"type": ["string", "null"], "format": "date"},
            "last-run": {"type": ["string", "null"], "format": "date"},
            "tracked": {"type": "integer"},
            "totals": totals,
            "projects": {"type": "array", "items": entry},
        },
    }
