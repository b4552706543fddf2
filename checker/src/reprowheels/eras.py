"""Which Python people built with at a time. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

# When a minor version of CPython was released: what was new enough to build with at a time, and old enough to be known.
_RELEASED = {
    "3.6": datetime.date(2016, 12, 23),
    "3.7": datetime.date(2018, 6, 27),
    "3.8": datetime.date(2019, 10, 14),
    "3.9": datetime.date(2020, 10, 5),
    "3.10": datetime.date(2021, 10, 4),
    "3.11": datetime.date(2022, 10, 24),
    "3.12": datetime.date(2023, 10, 2),
    "3.13": datetime.date(2024, 10, 7),
    "3.14": datetime.date(2025, 10, 7),
}
_SETTLED = datetime.timedelta(days=120)  # until a new version of Python is what people build with


def minor(version: str) -> str:
    """Return the minor version of a Python, such as "3.11" of "3.11.7"."""
    return ".".join(version.split(".")[:2])


def exact(version: str) -> bool:
    """Say whether a version names a Python to the last digit, such as "3.11.7"."""
    return version.count(".") > 1


def existed(version: str, when: datetime.datetime) -> bool:
    """Say whether a Python such as "3.11.7" had been released at a time, as far as is known."""
    released = _RELEASED.get(minor(version))
    return released is None or released <= when.date()


def python_of(when: datetime.datetime | None, available: Sequence[str]) -> str:
    """Return the minor version of Python that was usual at a time, or the next one of those that a machine has."""
    if when is None or not available:
        return ""
    settled = [version for version, released in _RELEASED.items() if released + _SETTLED <= when.date()]
    wanted = list(_RELEASED).index(settled[-1]) if settled else 0
    known = [version for version in available if version in _RELEASED]
    return min(known, key=lambda version: abs(list(_RELEASED).index(version) - wanted), default="")
