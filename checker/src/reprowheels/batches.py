"""Batches of builds of one project, side by side, as `isolate` asks for them; no two of the same at the same second."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from . import machine, supervise
from .build import Build, Builder
from .errors import CheckFailed
from .laboratory import Outcome
from .unfinished import Unfinished

_FEW_WORDS = 4
APART = 3  # seconds between two builds that should see another second, also where a ZIP counts in twos

Say = Callable[[str], None]


class Batches:
    """Run batches of builds side by side, keep what came out, and let identical builds see another second."""

    def __init__(self, builder: Builder, applied: tuple[str, ...], jobs: int, say: Say) -> None:
        """Take the builder, the variations that there are, how many builds run side by side, and what shows the phases."""
        self.builder = builder
        self._applied = frozenset(applied)
        self._jobs = jobs
        self._say = say
        self.unfinished = Unfinished(builder)
        self._waits = not machine.clock_library(builder.request.cache)
        self.forget()

    def forget(self) -> None:
        """Begin anew, as if nothing had been built."""
        self.first: dict[frozenset[str], Build] = {}
        self.all: list[Build] = []
        self.seconds = 0.0
        self._started = 0.0

    def _words(self, varied: frozenset[str]) -> str:
        """Return what a build varies, in few words."""
        rest = self._applied - varied
        if not varied:
            return "baseline again" if varied in self.first else "baseline"
        if len(varied) <= _FEW_WORDS:
            return " + ".join(sorted(varied))
        return f"all but {', '.join(sorted(rest))}" if 0 < len(rest) <= _FEW_WORDS else f"{len(varied)} variations"

    def _one(self, varied: frozenset[str], earlier: int, number: int) -> Build:
        build = self.unfinished.take(varied, number)
        if build:
            self._say(f"taking up what was built before this check was ended: {self._words(varied)}")
        else:
            build = self._made(varied, earlier)
            self.unfinished.keep(build, number)
        self.seconds = self.seconds or build.seconds
        return build

    def _made(self, varied: frozenset[str], earlier: int) -> Build:
        if self._waits and earlier:
            time.sleep(max(0.0, self._started + earlier * APART - time.monotonic()))
        started = time.monotonic()
        base = self.builder.request.base
        build = self.builder.build(varied, dataclasses.replace(base, later=0 if self._waits else earlier * APART))
        return dataclasses.replace(build, seconds=time.monotonic() - started)

    def __call__(self, batch: Sequence[frozenset[str]]) -> list[Outcome]:
        """Build each set of variations and return the outcomes; raises CheckFailed when the baseline does not build."""
        self._say(f"building: {' and '.join(self._words(varied) for varied in batch)}")
        baseline: frozenset[str] = frozenset()
        self._started = self._started or time.monotonic()
        made = [build.varied for build in self.all]
        # Only another second shows a date that is written with its seconds; the first two builds differ in it as well.
        numbers = [(*made, *batch[:n]).count(varied) for n, varied in enumerate(batch)]
        earlier = numbers if made else range(len(batch))
        pool = ThreadPoolExecutor(max_workers=self._jobs)
        try:
            builds = list(pool.map(self._one, batch, earlier, numbers))
        except KeyboardInterrupt:  # and nothing else: what goes wrong with one target must not stop the next
            supervise.stop_all()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        for build in builds:
            self.all.append(build)
            if build.varied == baseline and not build.sha256:
                raise CheckFailed(build.phase, build.reason, build.message, build.log)
            self.first.setdefault(build.varied, build)
        return [Outcome(sha256=build.sha256, failure=build.reason) for build in builds]
