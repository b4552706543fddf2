"""All that differs between the wheels of two builds, as the text of a file beside the result."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from . import diffs, excerpts
from .compare import Comparison
from .diffs import Hide

MAX_PART = 64_000  # bytes of one part
MAX_FILE = 256_000  # bytes of all parts; what is said at the end comes on top
_NAME = 500  # characters of a name
_NO_VARIATION = "no variation"


def text(comparison: Comparison, varied: Collection[str], hide: Hide = bytes) -> str:
    """Return the diff of the first build and one that differs from it; `varied` names the variations of that one.

    `hide` takes out what is not to be shown. The same two wheels give the same text.
    """
    first, second = comparison.first, comparison.second
    lines = [
        f"# first: {first.filename}, sha256 {first.sha256}, {_NO_VARIATION}",
        f"# second: {second.filename}, sha256 {second.sha256}, {', '.join(sorted(varied)) or _NO_VARIATION}",
    ]
    size = parts = 0
    for member, part, found in diffs.lazily(comparison, hide):
        if size >= MAX_FILE:
            parts += 1
            continue
        for line in _part(member, part, found, min(MAX_PART, MAX_FILE - size)):
            shown = hide(line.encode()).decode()
            lines.append(shown)
            size += len(shown.encode()) + 1
    if parts:
        lines.append(f"# {parts} parts more are left out: this file has at most {MAX_FILE // 1000} kB")
    return "".join(f"{line}\n" for line in lines)


def _part(member: str, part: str, found: Iterator[str], limit: int) -> Iterator[str]:
    """Yield the diff of one part, as many of its lines as have room."""
    name = excerpts.clean(f"{member} > {part}" if part else member, _NAME)
    yield f"--- first/{name}"
    yield f"+++ second/{name}"
    size = 0
    for line in found:
        size += len(line.encode()) + 1
        if size > limit:
            left = 1 + sum(1 for _ in found)
            yield f"# {left} lines more of this part are left out"
            return
        yield line
