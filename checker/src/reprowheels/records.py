"""What became of RECORD between two wheels: another order of its rows, or another spelling of the same ones."""

from __future__ import annotations

import csv
from itertools import zip_longest

from .normalizers import evidence
from .wheel import record_rows


def rewritten(one: bytes, two: bytes) -> str:
    """Return where two RECORDs differ in the order of their rows, that they differ in their spelling alone, or nothing."""
    try:
        return _rewritten(one, two)
    except csv.Error:  # such a RECORD does not tell the truth, which is told of each wheel by itself
        return ""


def _rewritten(one: bytes, two: bytes) -> str:
    same = True
    # Most have the same names in the same order: to find that out takes no memory, whatever their size.
    for left, right in zip_longest(record_rows(one, "replace"), record_rows(two, "replace")):
        if left is None or right is None or left[:1] != right[:1]:
            break
        same = same and left == right
    else:
        return "the same rows, written differently" if same else ""
    first, second = ({row[0]: row[1:] for row in record_rows(data, "replace") if row} for data in (one, two))
    for left_name, right_name in zip((n for n in first if n in second), (n for n in second if n in first), strict=True):
        if left_name != right_name:
            return evidence(left_name, right_name)
    return "the same rows, written differently" if first == second else ""
