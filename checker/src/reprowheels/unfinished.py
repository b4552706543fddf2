"""Builds that took long, kept until their check knows all that it asks: whoever ends it before does not lose hours."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from . import files, identity, index, machine, resolutions, spent
from .build import Build, Builder
from .errors import CheckFailed

_DEAR = 60.0  # seconds of a build that is worth being kept
_LOCK, _BOUND, _SPENT = "lock", "bound", "seconds"
_KEPT = 3 * 86400.0  # seconds after the last build of a check for which it can be taken up again


class Unfinished:
    """Keep the dear builds of one check, and hand those out that were left by the same check when it was ended.

    The same check is one of the same sdist, built by the same code, on a machine that is as it was. A build is taken for
    the one that it was, the first baseline for the first and the second for the second, so none ever stands for two.
    Where another process is at the same check, nothing is kept or taken.
    """

    def __init__(self, builder: Builder) -> None:
        """Take the builder of the check, and tell it which build requirements the backend had asked for."""
        request = builder.request
        own = (identity.source("build"), machine.operating_system(), machine.compiler(rust=builder.rust is not None))
        chosen = (request.base, request.config_settings, request.network, request.sandbox.kind)
        self._builder = builder
        self._all = request.cache / "unfinished"
        self._folder = self._all / resolutions.key(builder.key(), *own, *map(repr, chosen))
        self._threads = threading.Lock()  # builds end side by side
        self._lock: IO[bytes] | None = None
        with contextlib.suppress(FileNotFoundError):
            self._lock = files.lock(self._folder / _LOCK)
        self._left = _entries(self._folder) if self._lock else {}
        self._began, self._taken = time.monotonic(), False
        spent = self._folder / _SPENT
        self._earlier = float(spent.read_text()) if self._left and spent.exists() else 0.0
        bound = self._folder / _BOUND
        self._bound = int(bound.read_text()) if self._left and bound.exists() else 0
        if self._left:
            known = max((entry["known"] for entry in self._left.values()), key=len)
            # What cannot be had any more is told by the builds themselves, where they still need it.
            with contextlib.suppress(CheckFailed):
                builder.expect(known)

    def take(self, varied: Iterable[str], number: int) -> Build | None:
        """Return a build that was left, the one after `number` others of its variations, or None where it has to be made."""
        entry = self._left.pop(_name(varied, number), None)
        if entry is None or entry["requires"] != self._requires():
            return None
        folder = self._folder / _name(varied, number)
        wheel = folder / entry["wheel"]
        if not wheel.is_file() or index.sha256_of(wheel) != entry["sha256"]:
            return None
        self._taken = True
        log = (folder / "log.txt").read_text(encoding="utf-8")
        took = {key: entry[key] for key in ("seconds", "processor_seconds")}
        spent.tell(processor_seconds=took["processor_seconds"])
        return Build(varied=frozenset(varied), wheel=wheel, sha256=entry["sha256"], log=log, **took)

    def keep(self, build: Build, number: int) -> None:
        """Keep a build that has a wheel and took long; where there is no room for it, it is made again."""
        if build.wheel is None or build.seconds < _DEAR:
            return
        entry = {
            "known": list(self._builder.known),
            "requires": self._requires(),
            "wheel": build.wheel.name,
            "sha256": build.sha256,
            "seconds": build.seconds,
            "processor_seconds": build.processor_seconds,
        }
        with self._threads, contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = self._lock or files.lock(self._folder / _LOCK)
            if self._lock is None:
                return
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".", ignore_cleanup_errors=True) as name:
                whole = Path(name, "whole")
                whole.mkdir()
                shutil.copy(build.wheel, whole)
                (whole / "log.txt").write_text(build.log, encoding="utf-8")
                (whole / "build.json").write_text(json.dumps(entry))
                place = self._folder / _name(build.varied, number)
                shutil.rmtree(place, ignore_errors=True)
                whole.rename(place)
            files.write(self._folder / _SPENT, str(self.earlier + time.monotonic() - self._began))
            os.utime(self._folder)
            self._prune()

    @property
    def earlier(self) -> float:
        """Return how many seconds this check had taken when it was ended, where it goes on with what was built then."""
        return self._earlier if self._taken else 0.0

    def within(self, bound: int) -> None:
        """Take the bound on builds; where one as large was hit before, what is left would only give the same answer again."""
        if self._bound >= bound:
            self._left, self._bound = {}, 0
            self.forget()

    def hit(self, bound: int) -> None:
        """Leave the builds to a check with a larger bound: this one has hit its own before it knew all."""
        if self._lock:
            with contextlib.suppress(OSError):
                files.write(self._folder / _BOUND, str(bound))

    def forget(self) -> None:
        """Remove what was kept: the check has its answer, and the next one is to make builds of its own."""
        if self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Let other processes keep and take builds; what was kept stays."""
        if self._lock is None:
            return
        self._lock.close()
        self._lock = None
        if self.earlier:
            spent.tell(seconds=self.earlier)

    def _requires(self) -> list[str]:
        return [requirement.sha256 for requirement in self._builder.pins.requires]

    def _prune(self) -> None:
        for folder in self._all.iterdir():
            if time.time() - folder.stat().st_mtime > _KEPT and (lock := files.lock(folder / _LOCK)):
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)


def _name(varied: Iterable[str], number: int) -> str:
    return f"{number}-{resolutions.key(*sorted(varied))}"


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what was kept of each build."""
    found = {}
    for path in folder.glob("*/build.json"):
        with contextlib.suppress(OSError, ValueError):
            found[path.parent.name] = json.loads(path.read_bytes())
    return found
