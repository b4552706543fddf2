"""Processors for builds that run side by side, in this process or in others of this machine."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from . import files

_slots = itertools.count()


@contextlib.contextmanager
def taken(count: int, cache: Path) -> Iterator[list[int]]:
    """Yield the numbers of `count` processors for a build, those that no other build has taken as long as there are any.

    What is taken is locked by files in the cache; a lock goes with the process that holds it.
    """
    available, start = sorted(os.sched_getaffinity(0)), next(_slots)
    order = [available[(start + index) % len(available)] for index in range(len(available))]
    if count >= len(order):
        yield available
        return
    folder = cache / "processors"
    folder.mkdir(parents=True, exist_ok=True)
    free: list[int] = []
    with contextlib.ExitStack() as locks:
        for number in order:
            if len(free) == count:
                break
            lock = files.lock(folder / f"{number}.lock")
            if lock:
                locks.enter_context(lock)
                free.append(number)
        yield sorted([*free, *(number for number in order if number not in free)][:count])
