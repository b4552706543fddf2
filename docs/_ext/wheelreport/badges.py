"""Badges: a drawing that needs no other host, and the JSON that a service which draws badges asks for.

No clock is asked: a badge carries the release and the first day of the state, and it turns grey when the result is known to
be old, which is when a later check did not come to an end, when its last check was long before the last run, or when the
project is tracked no longer.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from reprowheels import results

from . import words
from .data import Entry

# White text on each of these has a contrast of 4.5 or more.
COLOURS = {
    results.REPRODUCIBLE: "#0a6b50",
    results.REPEATABLE: "#1a5f9e",
    results.ENVIRONMENT_DEPENDENT: "#8a5300",
    results.UNREPRODUCIBLE: "#a01f5c",
    results.BUILD_FAILED: "#7b4030",
}
GREY = "#5a5f6d"
LABEL = "wheel"
_SVG = Markup("""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{text}">
<title>{text}</title>
<rect width="{left}" height="20" fill="#3b4048"/>
<rect x="{left}" width="{right}" height="20" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">
<text x="{middle_left}" y="14" textLength="{long_left}">{label}</text>
<text x="{middle_right}" y="14" textLength="{long_right}">{message}</text>
</g>
</svg>
""")
_NARROW, _WIDE = frozenset("fijlrt.,:;'!|() -1I"), frozenset("mwMWGOQ@%")


def stale(entry: Entry) -> bool:
    """Return whether the answer is known to be old, so that no badge may show it in its colour."""
    return not entry.tracked or entry.unreadable or entry.stale


def message(entry: Entry) -> str:
    """Return the text of a badge: status, release and since when."""
    parts = [words.STATUSES[entry.status].label]
    if result := entry.answer:
        parts += [result.version] if result.version else []
        parts.append(f"since {result.since}")
    if not entry.tracked:
        parts.append("no longer tracked")
    elif stale(entry):
        parts.append("stale")
    return " · ".join(parts)


def colour(entry: Entry) -> str:
    """Return the colour of a badge: grey where there is no answer of today."""
    return GREY if stale(entry) else COLOURS.get(entry.status, GREY)


def _width(text: str) -> int:
    """Return about how many pixels a text is wide; the drawing stretches it to that."""
    return round(sum(4.2 if sign in _NARROW else 9.5 if sign in _WIDE else 6.8 for sign in text))


def svg(entry: Entry) -> str:
    """Return the badge of a project as a drawing."""
    text = message(entry)
    left, right = _width(LABEL) + 12, _width(text) + 12
    return str(
        _SVG.format(
            width=left + right,
            left=left,
            right=right,
            middle_left=left / 2,
            middle_right=left + right / 2,
            long_left=left - 12,
            long_right=right - 12,
            colour=colour(entry),
            label=LABEL,
            message=text,
            text=f"{LABEL}: {text}",
        )
    )


def endpoint(entry: Entry) -> str:
    """Return the badge of a project as shields.io's endpoint format, version 1."""
    told: dict[str, Any] = {"schemaVersion": 1, "label": LABEL, "message": message(entry), "color": colour(entry)}
    return json.dumps(told | {"cacheSeconds": 3600}, ensure_ascii=False, indent=1) + "\n"
