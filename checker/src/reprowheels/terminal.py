"""What a person sees of a check: progress while it runs, and a summary at its end."""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from . import resultfiles, results
from .results import Result
from .variations import BY_NAME

if TYPE_CHECKING:
    from .rebuild import Rebuilt

_COLOURS = {
    results.REPRODUCIBLE: "32",
    results.REPEATABLE: "32",
    results.ENVIRONMENT_DEPENDENT: "33",
    results.UNREPRODUCIBLE: "31",
    results.BUILD_FAILED: "31",
}
_MOVED = {
    "container": "only the ZIP container moved (dates, order, permission bits, compression); every member has the same content",
    "debug": "only debug information moved; the code is the same",
    "metadata": "only metadata moved (.dist-info)",
    "content": "content moved",
}
_SHOWN = 8


def colours(stream: TextIO) -> bool:
    """Say whether a stream is a terminal that wants colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Progress:
    """Show which project is in which phase, for how long, and how many are left: live on a terminal, else in plain lines.

    `level` is -1 for nothing, 0 as usual, 1 for plain lines on a terminal too.
    """

    def __init__(self, total: int, level: int = 0) -> None:
        """Take the number of targets."""
        self._total = total
        self._level = level
        self._number = 0
        self._name = ""
        self._began = 0.0
        self._live: Any = None
        self._text = ""

    def __enter__(self) -> Progress:
        """Begin to show; a live line is drawn on standard error only."""
        if self._level == 0 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(stderr=True), get_renderable=self._line, refresh_per_second=8, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Remove the live line."""
        if self._live:
            self._live.stop()

    def _line(self) -> Any:
        from rich.spinner import Spinner
        from rich.text import Text

        left = self._total - self._number
        elapsed = int(time.monotonic() - self._began)
        words = Text(f"[{self._number}/{self._total}] ")
        words.append(self._name, style="bold")
        words.append(f"  {self._text}  {elapsed // 60}:{elapsed % 60:02}" + (f"  ({left} left)" if left else ""))
        return Spinner("dots", words)

    def start(self, name: str) -> None:
        """Begin the next target."""
        self._number += 1
        self._name, self._text, self._began = name, "", time.monotonic()

    def say(self, text: str) -> None:
        """Show a phase of the target."""
        self._text = text
        if self._live is None and self._level >= 0:
            count = f"[{self._number}/{self._total}] " if self._total > 1 else ""
            print(f"{count}{self._name}: {text} …", file=sys.stderr, flush=True)

    def print(self, text: str) -> None:
        """Print finished lines to standard output, above the live line."""
        if self._live:
            self._live.stop()
        print(text, flush=True)
        if self._live:
            self._live.start()


def _variation(name: str) -> str:
    known = BY_NAME.get(name)
    return f"{name} ({known.baseline} → {known.varied})" if known else name


def _failure(failure: results.Failure, log_path: Path | None) -> list[str]:
    lines = [f"  failed       in phase {failure.phase}, {failure.reason}: {failure.message}"]
    tail = failure.log.splitlines()[-_SHOWN:]
    if tail:
        lines += ["  log          its last lines:", *(f"    | {line}" for line in tail)]
    if log_path:
        lines.append(f"  whole log    {log_path}")
    return lines


def summary(result: Result, path: Path | None, *, coloured: bool, log_path: Path | None = None) -> str:
    """Return what a person wants to know of a result, as lines of text."""
    status = f"\x1b[1;{_COLOURS.get(result.status, '0')}m{result.status}\x1b[0m" if coloured else result.status
    stale = " (from an earlier check; this one failed)" if result.stale else ""
    if result.failure and not result.stale and result.failure.phase != "build":
        stale = " (before anything was built)"
    lines = [f"{result.name} {result.version}: {status}{stale}".replace(" :", ":")]
    if result.status != results.BUILD_FAILED:
        lines.append(f"  repeatable   {result.repeatable}    robust {result.robust}    published {result.published}")
    elif result.published_wheel:
        lines.append(f"  published    {result.published}")
    for name in result.depends_on:
        lines.append(f"  depends on   {_variation(name)}")
    if result.one_of:
        one = "one of " if len(result.one_of) > 1 else ""
        among = ", ".join(result.one_of) if len(result.one_of) <= _SHOWN else f"{len(result.one_of)} variations"
        lines.append(f"  not isolated {one}{among}; --max-builds allows more builds, which go on from these")
    for name in result.fails_under:
        lines.append(f"  fails under  {_variation(name)}")
    if result.moved and result.status != results.BUILD_FAILED:
        lines.append(f"  what moved   {_MOVED[result.moved]}")
    for finding in result.findings[:_SHOWN]:
        proof = f", proved by varying {finding.variation}" if finding.variation else ""
        lines.append(
            f"  cause        {finding.cause}{proof}: {', '.join(finding.members[:3])}{' …' if len(finding.members) > 3 else ''}"
        )
        if finding.evidence:
            lines.append(f"               {finding.evidence}")
        if finding.remedy:
            lines.append(f"               {'goes' if finding.remedy_works else 'stays'} with {finding.remedy}")
    for difference in result.differences[: _SHOWN if not result.findings else 0]:
        where = difference.member or "the archive"
        lines.append(f"  differs      {where}, {difference.field}: {difference.first} | {difference.second}")
    more = len(result.differences) - _SHOWN + result.differences_omitted
    if more > 0 and not result.findings:
        lines.append(f"               and {more} more differences{f' in {path}' if path else ''}")
    if result.epoch_probe:
        lines.append(
            f"  epoch        needs SOURCE_DATE_EPOCH: {result.epoch_probe.needed}; honours it: {result.epoch_probe.honoured}"
        )
    lines += [f"  note         {problem}" for problem in result.problems[:_SHOWN]]
    if result.variations.not_applied:
        lines += [f"  not varied   {name}: {reason}" for name, reason in result.variations.not_applied]
    if result.environment and result.environment.sandbox == "none":
        lines.append(f"  no sandbox   {result.environment.sandbox_reason}")
    if result.failure:
        lines += _failure(result.failure, log_path)
    if result.sha256 and not result.stale:
        lines.append(f"  sha256       {result.sha256}  {result.wheel}  ({len(result.builds)} builds)")
    if path:
        beside = f", all that differs to {path.with_suffix('.diff').name}" if result.moved else ""
        lines.append(f"  written to   {path}{beside}")
    return "\n".join(lines)


def rebuilt(found: Rebuilt) -> str:
    """Return what came out of a rebuild, as lines of text."""
    lines = [f"{found.name}: {'the recorded wheel, bit for bit' if found.equal else 'NOT the recorded wheel'}"]
    lines += [f"  expected     {found.expected}", f"  obtained     {found.obtained}"]
    lines += [f"  not the same {text}" for text in found.missing]
    return "\n".join(lines)


def as_json(found: Sequence[Result]) -> str:
    """Return results as a JSON array of the tables that their TOML files hold; dates as strings."""
    return json.dumps([tomllib.loads(resultfiles.to_toml(result)) for result in found], default=str, ensure_ascii=False, indent=2)
