"""Where something is measured: the machine, and whether other programs are at work on it."""

from __future__ import annotations

import os
import sys
from typing import Any

from reprowheels import machine


def load() -> float:
    """Return the load of the machine, kept beside what is measured, and warn where others are at work: then nothing is fair."""
    found = round(os.getloadavg()[0], 1)
    if found > len(os.sched_getaffinity(0)) / 2:
        print(
            f"warning: other programs are at work (load {found}); the figures will not be reliable", file=sys.stderr, flush=True
        )
    return found


def table(load_before: float, **more: str) -> dict[str, Any]:
    """Return what a report says of the machine."""
    return {
        "os": machine.operating_system(),
        "python": machine.own_python().label,
        "processors": len(os.sched_getaffinity(0)),
        **more,
        "load-before": load_before,
    }
