"""The full difference of two wheels, docs/results/<name>.diff: the beginning of it for a page, as lines of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LINES = 60  # are shown of a page; the whole is a file beside it
LONGEST = 300  # characters of a line
# How a line begins, and what it is; a longer beginning comes first.
_KINDS = (("--- ", "part"), ("+++ ", "part"), ("@@", "place"), ("#", "note"), ("-", "first"), ("+", "second"))


@dataclass(frozen=True, kw_only=True)
class Line:
    """Hold one line and what it is: `part`, `place`, `note`, `first`, `second` or nothing for what both have."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Hold the beginning of a difference, how many lines follow, and how large the file is."""

    lines: tuple[Line, ...]
    omitted: int
    size: int


def _line(text: str) -> Line:
    kind = next((kind for start, kind in _KINDS if text.startswith(start)), "")
    return Line(kind=kind, text=text if len(text) <= LONGEST else f"{text[:LONGEST]} …")


def read(path: Path) -> Diff:
    """Return the beginning of a difference; bytes that are no UTF-8 are shown as such."""
    content = path.read_bytes()
    found = content.decode("utf-8", "replace").split("\n")
    if found and not found[-1]:
        found.pop()
    lines = tuple(_line(text.rstrip("\r")) for text in found[:LINES])
    return Diff(lines=lines, omitted=max(0, len(found) - LINES), size=len(content))
