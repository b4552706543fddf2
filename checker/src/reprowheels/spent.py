"""What a check has spent, told to the sweep that has started it: builds say it, and so do checks that go on with earlier ones."""

from __future__ import annotations

import os
from pathlib import Path

TOLD = "REPROWHEELS_SPENT"  # names the file to which a check adds a line for each


def tell(*, seconds: float = 0.0, processor_seconds: float = 0.0) -> None:
    """Add seconds that had passed before this process, and those that a build took of all processors, where a sweep asks."""
    if path := os.environ.get(TOLD):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{seconds} {processor_seconds}\n")


def total(path: Path) -> tuple[float, float]:
    """Return the sums of the seconds, and of the seconds of processors, that were told to a file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = [tuple(map(float, line.split())) for line in lines]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
