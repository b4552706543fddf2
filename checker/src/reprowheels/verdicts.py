"""How near two wheels are, from their comparison and the findings: identical, equivalent or different."""

from __future__ import annotations

from collections.abc import Iterable

from .catalogue import BY_ID
from .compare import CONTAINER, DEBUG, Comparison, is_record
from .results import Finding

IDENTICAL, EQUIVALENT, DIFFERENT = "identical", "equivalent", "different"
_DEPENDENCY = "Requires-Dist: "


def _dependencies_reordered(comparison: Comparison) -> bool:
    """Say whether the only contents that differ are METADATA, by the order of its dependencies, and RECORD, which follows.

    Installers take dependencies for a set; the order of all other lines stays as it is.
    """
    directory = comparison.first.dist_info
    names = {pair.name for pair in comparison.differing if not is_record(comparison, pair)}
    if names != {f"{directory}/METADATA"}:
        return False
    plain, dependencies = [], []
    for wheel in (comparison.first, comparison.second):
        lines = wheel.text("METADATA").split("\n")
        end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))  # of the headers
        head = [line for line in lines[:end] if line.startswith(_DEPENDENCY)]
        dependencies.append(sorted(head))
        plain.append([line for line in lines[:end] if not line.startswith(_DEPENDENCY)] + lines[end:])
    return plain[0] == plain[1] and dependencies[0] == dependencies[1]


def verdict(comparison: Comparison, findings: Iterable[Finding]) -> tuple[str, tuple[str, ...]]:
    """Return identical, equivalent or different, and the normalizations that make two wheels equivalent.

    Equivalent are wheels that differ only in what installers ignore, each with a RECORD that tells the truth.
    """
    if comparison.identical:
        return IDENTICAL, ()
    causes = tuple(finding.cause for finding in findings)
    truthful = not (comparison.first.record_problems or comparison.second.record_problems)
    ignored = {"element-order"} if _dependencies_reordered(comparison) else set()
    if truthful and causes and all(BY_ID[cause].folds or cause in ignored for cause in causes):
        return EQUIVALENT, causes
    return DIFFERENT, ()


def kind(comparison: Comparison) -> str:
    """Return one sentence on how serious the differences are."""
    return {
        "": "The two files are identical.",
        CONTAINER: "Only the archive differs; every member has the same content.",
        DEBUG: "Only debug information differs; the code is the same.",
        "metadata": "Only metadata (.dist-info) differs.",
    }.get(comparison.moved, "Contents differ.")
