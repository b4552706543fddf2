"""The table of projects as data for the script of the first page: a few files, each with some thousand rows.

They are scripts that hand over their rows, because a page that was opened from a file may load scripts but no data. They are loaded
only where the table has more rows than its first page, and only when somebody filters or sorts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from reprowheels import catalogue

from . import lists, words
from .data import Entry, Site

ROWS = 2500  # of one file


def vocabularies(site: Site) -> Mapping[str, list[tuple[str, str]]]:
    """Return key and label of every value that a row can have, by the kind of list; rows name them by their number."""
    found: dict[str, list[tuple[str, str]]] = {
        "status": [(word.key, word.label) for word in words.STATUSES.values()],
        "kind": [*words.KINDS.items()],
        "cause": [(cause, cause) for cause in catalogue.BY_ID],
        **{question: [(word.key, word.label) for word in known.values()] for question, known in words.ANSWERS.items()},
    }
    for kind in ("backend", "group", "cause"):
        known = dict(found.get(kind, []))
        found[kind] = [*known.items(), *((one.key, one.label) for one in lists.of(site)[kind] if one.key not in known)]
    return found


def _row(entry: Entry, numbers: Mapping[str, Mapping[str, int]]) -> list[Any]:
    """Return one row as it is written: name, version, day, the numbers of its values, and whether its answer is stale."""
    keys = lists.keys_of(entry)
    day = entry.answer.since if entry.answer else entry.exclusion.since if entry.exclusion else None
    several = {kind: [numbers[kind][key] for key in keys[kind]] for kind in numbers}
    one = [several[kind][0] if several[kind] else -1 for kind in lists.SINGLE]
    many = [several[kind] for kind in lists.SEVERAL]
    version = entry.answer.version if entry.answer else ""
    return [entry.name, version, day.isoformat() if day else "", *one, *many, int(entry.stale)]


def files(site: Site) -> dict[str, str]:
    """Return the files by their place in the site, or none where the first page has every row."""
    if len(site.tracked) <= lists.ROWS:
        return {}
    if "chunks" not in site.memo:
        site.memo["chunks"] = _files(site)
    found: dict[str, str] = site.memo["chunks"]
    return found


def _files(site: Site) -> dict[str, str]:
    known = vocabularies(site)
    numbers = {kind: {key: number for number, (key, _) in enumerate(pairs)} for kind, pairs in known.items()}
    found: dict[str, str] = {}
    for number, start in enumerate(range(0, len(site.tracked), ROWS)):
        told = {
            "number": number,
            "one": lists.SINGLE,
            "several": lists.SEVERAL,
            "words": known if not number else {},
            "rows": [_row(entry, numbers) for entry in site.tracked[start : start + ROWS]],
        }
        text = json.dumps(told, ensure_ascii=True, separators=(",", ":"))
        found[f"list/rows/{number}.js"] = f"wheelreport.take({text});\n"
    return found


def addresses(site: Site) -> tuple[str, ...]:
    """Return where the files are, each with what changes when the file does, so that no old one is taken from a cache."""
    return tuple(f"{place}?v={hashlib.sha256(text.encode()).hexdigest()[:8]}" for place, text in files(site).items())
