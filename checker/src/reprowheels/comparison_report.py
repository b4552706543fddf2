"""What `reprowheels compare` says about two wheels: for a person, for a program, and on request by diffoscope."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from . import causes, diffs, fields, verdicts, wheel
from .catalogue import BY_ID, UNEXPLAINED
from .compare import Comparison, compare, short
from .errors import NOT_REPRODUCIBLE, OK
from .results import Difference, Finding
from .wheel import Wheel

DIFFOSCOPE_SECONDS = 600
_COLOURS = {
    verdicts.IDENTICAL: "32",
    verdicts.EQUIVALENT: "33",
    verdicts.DIFFERENT: "31",
    "title": "1",
    "-": "31",
    "+": "32",
    "@": "36",
}
_SHOWN_MEMBERS = 6
_SHOWN_ROWS = 60
_FOLDED = 3  # members that are named where they differ in the same field of the archive
_ARCHIVE = {"name", "compressed-bytes", *(field.label for field in fields.FIELDS)}
_SHOWN_DIFFS = 20
_JSON_LINES = 1000  # of the diff of one part


def _paint(text: str, colour: str, enabled: bool) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if enabled and colour in _COLOURS else text


def _members(members: tuple[str, ...]) -> str:
    rest = len(members) - _SHOWN_MEMBERS
    return ", ".join(members[:_SHOWN_MEMBERS]) + (f" and {rest} more" if rest > 0 else "")


def _wrapped(text: str, indent: str, width: int = 100) -> Iterator[str]:
    yield from textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _verdict(comparison: Comparison, verdict: str, normalizations: tuple[str, ...]) -> str:
    if verdict == verdicts.EQUIVALENT:
        return f"equivalent: equal after {', '.join(normalizations)}, which installers ignore"
    return verdict if verdict == verdicts.IDENTICAL else f"{verdict}: {verdicts.kind(comparison)}"


def _why(findings: Iterable[Finding], colour: bool) -> Iterator[str]:
    """Yield the findings, each with its evidence, its members and what can be done."""
    for finding in findings:
        cause = BY_ID[finding.cause]
        yield f"  {_paint(cause.id, 'title', colour)}  ({cause.layer})" if cause.id != UNEXPLAINED else f"  {cause.id}"
        yield from _wrapped(cause.sentence, "    ")
        yield f"    evidence: {finding.evidence}"
        if finding.members:
            yield from _wrapped(f"in: {_members(finding.members)}", "    ")
        yield from _wrapped(f"what to do: {cause.advice} {cause.link}", "    ")
        yield ""


def _folded(found: Iterable[Difference]) -> Iterator[tuple[Difference, int]]:
    """Yield the differences; of those in a field of the archive that many members have, one and the number of the others."""
    each = list(found)
    counts = Counter(difference.field for difference in each)
    seen: set[str] = set()
    for difference in each:
        many = counts[difference.field] > _FOLDED and difference.field in _ARCHIVE
        if not many or difference.field not in seen:
            yield difference, counts[difference.field] - 1 if many else 0
        seen.add(difference.field)


def _what(comparison: Comparison) -> Iterator[str]:
    """Yield the table of differences, one line for each field of a member."""
    rows = list(_folded(comparison.differences))
    kept, omitted = short(tuple(difference for difference, _ in rows), _SHOWN_ROWS)
    others = {id(difference): more for difference, more in rows}
    width = min(60, max(len(difference.member) for difference in kept))
    for difference in kept:
        more = others[id(difference)]
        name = difference.member or "(the archive)"
        yield (
            f"  {name:<{width}}  {difference.field}: {difference.first}  ≠  {difference.second}"
            f"{f'  (and {more} members more)' if more else ''}"
        )
    if omitted:
        yield f"  and {omitted} differences more"


def _diffs(comparison: Comparison, colour: bool) -> Iterator[str]:
    """Yield unified diffs of contents; the table has shown already how the archives differ, and what only one of them has."""
    both = {pair.name for pair in comparison.differing}
    contents = (diff for diff in diffs.unified(comparison, limit=60) if diff.member in both)
    for index, diff in enumerate(contents):
        if index == _SHOWN_DIFFS:
            yield "  and more files; --json has every difference"
            return
        yield _paint(f"--- {diff.member}{f' ({diff.part})' if diff.part else ''}", "title", colour)
        yield from (_paint(line, line[:1], colour) for line in diff.lines)
        if diff.omitted:
            yield f"  {diff.omitted} lines more"
        yield ""


def text(comparison: Comparison, *, colour: bool = False) -> str:
    """Return the report for a person."""
    findings = causes.explained(comparison)
    verdict, normalizations = verdicts.verdict(comparison, findings)
    lines = []
    for label, each in (("first ", comparison.first), ("second", comparison.second)):
        lines.append(f"{label}  {each.filename}  {each.size} bytes  sha256 {each.sha256}")
        problems = (*each.container_problems, *each.record_problems)
        lines += [f"        ! {problem}" for problem in problems[:_SHOWN_MEMBERS]]
    lines += ["", _paint(_verdict(comparison, verdict, normalizations), verdict, colour)]
    if not comparison.identical:
        lines += ["", _paint("Why", "title", colour), *_why(findings, colour)]
        lines += [_paint("What", "title", colour), *_what(comparison), "", *_diffs(comparison, colour)]
    return "\n".join(lines).rstrip() + "\n"


def _wheel_table(each: Wheel) -> dict[str, Any]:
    problems = [*each.container_problems, *each.record_problems]
    return {"filename": each.filename, "sha256": each.sha256, "size": each.size, "problems": problems}


def table(comparison: Comparison) -> dict[str, Any]:
    """Return the report for a program; the same two wheels give the same table."""
    findings = causes.explained(comparison)
    verdict, normalizations = verdicts.verdict(comparison, findings)
    kept, omitted = short(comparison.differences, 10_000)
    return {
        "first": _wheel_table(comparison.first),
        "second": _wheel_table(comparison.second),
        "verdict": verdict,
        "normalizations": list(normalizations),
        "moved": comparison.moved,
        "findings": [
            {
                "cause": finding.cause,
                "sentence": BY_ID[finding.cause].sentence,
                "layer": BY_ID[finding.cause].layer,
                "advice": BY_ID[finding.cause].advice,
                "link": BY_ID[finding.cause].link,
                "members": list(finding.members),
                "evidence": finding.evidence,
            }
            for finding in findings
        ],
        "differences": [
            {"member": each.member, "field": each.field, "first": each.first, "second": each.second} for each in kept
        ],
        "differences-omitted": omitted,
        "diffs": [
            {"member": diff.member, "part": diff.part, "lines": list(diff.lines), "omitted": diff.omitted}
            for diff in diffs.unified(comparison, _JSON_LINES)
        ],
    }


def _json(report: dict[str, Any]) -> Iterator[str]:
    """Yield a report as JSON, each element of a list on a line of its own: to indent everything takes as long as to compare."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    comma = "{"
    for key, value in report.items():
        yield f"{comma}\n  {encode(key)}: "
        comma = ","
        if value and isinstance(value, list):
            yield from (f"{'[' if index == 0 else ','}\n    {encode(element)}" for index, element in enumerate(value))
            yield "\n  ]"
        else:
            yield encode(value)
    yield "\n}\n"


def diffoscope(first: Path, second: Path, output: Path, seconds: float = DIFFOSCOPE_SECONDS) -> str:
    """Write diffoscope's report as HTML and return why there is none, or nothing.

    It is a program of its own that nothing here depends on; it and all that it starts end with the time limit.
    """
    program = shutil.which("diffoscope")
    if program is None:
        return "diffoscope is not installed; its report is left out"
    command = [program, "--html", str(output), "--", str(first), str(second)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            _, errors = process.communicate(timeout=seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return f"diffoscope did not end within {seconds:.0f} s; its report is left out"
            raise
    if process.returncode not in (0, 1):
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        return f"diffoscope failed with exit status {process.returncode}: {''.join(last)}"
    return ""


def run(
    first: Path,
    second: Path,
    *,
    as_json: bool = False,
    html: Path | None = None,
    colour: bool = False,
    out: TextIO | None = None,
    errors: TextIO | None = None,
) -> int:
    """Compare two wheel files, print the report and return the exit status: 0 for identical files, else 1.

    Raises WheelError for a file that is not a wheel that can be read safely.
    """
    comparison = compare(wheel.read(first), wheel.read(second))
    report = _json(table(comparison)) if as_json else [text(comparison, colour=colour)]
    (out or sys.stdout).writelines(report)
    if html is not None:
        problem = diffoscope(first, second, html)
        if problem:
            (errors or sys.stderr).write(f"{problem}\n")
    return OK if comparison.identical else NOT_REPRODUCIBLE
