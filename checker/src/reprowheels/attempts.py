"""Rebuild a published wheel in guessed environments, one build each, and say how near it comes."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import (
    candidates,
    causes,
    compressors,
    environment,
    eras,
    index,
    inference,
    machine,
    pace,
    sdist,
    verdicts,
    wheel,
)
from .build import Builder, Request
from .compare import Comparison, compare
from .errors import CheckFailed, UsageError, WheelError
from .inference import Guess
from .sdist import Sdist
from .verdicts import DIFFERENT, EQUIVALENT, IDENTICAL
from .wheel import Wheel

_LADDER = (IDENTICAL, EQUIVALENT, DIFFERENT)
_SETUP_PY = ("setuptools",)  # what `setup.py bdist_wheel` needs where nothing is declared, beside the `wheel` that is pinned


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Hold one rebuild: the guess, and the comparison of the published wheel with what came out, or why nothing did.

    `lines` counts the lines of texts under .dist-info that are in one wheel only.
    """

    guess: Guess
    comparison: Comparison | None = None
    lines: int = 0
    verdict: str = DIFFERENT
    normalizations: tuple[str, ...] = ()
    failure: str = ""

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Return how far from identical the attempt is; less is nearer."""
        if self.comparison is None:
            return (len(_LADDER), 0, 0, 0)
        one, two = self.comparison.first, self.comparison.second
        apart = len(self.comparison.differing) + (one.tags != two.tags)
        apart += sum(not (pair.first and pair.second) for pair in self.comparison.pairs)
        return (_LADDER.index(self.verdict), apart, self.lines, len(self.comparison.differences))


def feasible(guess: Guess) -> Guess:
    """Return a guess with the nearest Python that this machine has, where it asks for one to the last digit."""
    if not eras.exact(guess.python):
        return guess
    for wanted in (guess.python, eras.minor(guess.python)):
        with contextlib.suppress(UsageError):
            machine.find_python(wanted, environment.uv_program())
            return dataclasses.replace(guess, python=wanted)
    return dataclasses.replace(guess, python="")


class Rebuilder:
    """Rebuild in guessed environments; one builder per set of pins and Python."""

    def __init__(self, source: Sdist, published: Wheel, request: Request, directory: Path, *, others: bool) -> None:
        """Take the sdist and the wheel of a release, what all builds have in common, and a directory for their files.

        `others` says whether other Pythons of this machine may come nearer.
        """
        self.source = source
        self.published = published
        self.request = request
        self._directory = directory
        self._numbers = itertools.count()
        self._builders: dict[tuple[object, ...], Builder] = {}
        self._measured: dict[Guess, dict[str, int]] = {}
        self._others = others

    @functools.cached_property
    def _pythons(self) -> tuple[str, ...]:
        """Return the other Pythons of this machine; looking for them takes longer than the first build, which often is right."""
        versions = dict.fromkeys(eras.minor(found.version) for found in machine.all_pythons())
        return tuple(version for version in versions if version != eras.minor(self.request.python.version))

    def _builder(self, guess: Guess) -> Builder:
        key = (guess.pins, guess.tools, guess.extra, guess.python, guess.zlib, guess.setup_py)
        if key not in self._builders:
            directory = self._directory / str(next(self._numbers))
            directory.mkdir(parents=True)
            constraints = directory / "constraints.txt"
            constraints.write_text("".join(f"{pin}\n" for pin in (*guess.pins, *guess.tools)))
            request = dataclasses.replace(self.request, constraints=constraints)
            if guess.python:
                request = dataclasses.replace(request, python=machine.find_python(guess.python, environment.uv_program()))
            declared = self.source.requires != sdist.LEGACY_REQUIRES
            wanted = [*(self.source.requires if declared or not guess.setup_py else _SETUP_PY)]
            if guess.zlib:
                wanted.append(compressors.requirement(guess.zlib, request, directory / "requirements"))
            source = dataclasses.replace(self.source, requires=(*wanted, *guess.extra))
            if guess.setup_py:
                source = dataclasses.replace(source, backend="reprowheels_setup_py", backend_path=())
            self._builders[key] = Builder(source, request, directory)
        return self._builders[key]

    def _build(self, guess: Guess) -> Wheel | str:
        """Build once in a guessed environment; return the wheel, or why there is none."""
        try:
            build = self._builder(guess).build((), guess.settings(), dict(guess.config))
            return wheel.read(build.wheel) if build.wheel else build.message
        except (CheckFailed, UsageError, WheelError) as failure:
            return str(failure)

    def attempt(self, guess: Guess) -> Attempt:
        """Build once and compare with the published wheel."""
        built = self._build(guess)
        if isinstance(built, str):
            return Attempt(guess=guess, failure=built)
        comparison = compare(self.published, built)
        if built.sha256 == self.published.sha256:
            return Attempt(guess=guess, comparison=comparison, verdict=IDENTICAL)
        verdict, normalizations = verdicts.verdict(comparison, causes.explained(comparison))
        # The bytes decide: what compares as the same member by member may still be another file.
        verdict = EQUIVALENT if verdict == IDENTICAL else verdict
        return Attempt(
            guess=guess,
            comparison=comparison,
            lines=_lines(self.published, built),
            verdict=verdict,
            normalizations=normalizations,
        )

    def better(self, attempt: Attempt) -> Iterator[Guess]:
        """Yield other environments that could explain what still differs after an attempt, the likeliest first."""
        guess, comparison = attempt.guess, attempt.comparison
        yield from candidates.better(
            guess,
            comparison,
            self._pythons if self._others else (),
            self.request.before,
            self._contemporaries(guess),
            legacy=self.source.backend == sdist.LEGACY_BACKEND,
        )
        dated = comparison is not None and any(difference.field == "date" for difference in comparison.differences)
        if dated and attempt.verdict == EQUIVALENT and guess.moment is not None:
            yield from self._clocks(guess)

    def _contemporaries(self, guess: Guess) -> tuple[str, ...]:
        """Return the versions of setuptools that were the newest while the pinned `wheel` was, the last one first.

        An environment that nobody renews has both from one day. Nothing is asked where no `wheel` is pinned.
        """
        pinned = next((pin.partition("==")[2] for pin in guess.pins if pin.startswith("wheel==")), "")
        if not pinned:
            return ()
        wheels, others = (_releases(name, self.request) for name in ("wheel", "setuptools"))
        begin = next((when for when, version in wheels if version == pinned), None)
        if begin is None:
            return ()
        end = next((when for when, _ in wheels if when > begin), None)
        then = [version for when, version in others if end is None or when < end]
        first = sum(when < begin for when, _ in others)
        return tuple(dict.fromkeys((*then[-1:], *then[first : first + 1], *then[(first + len(then)) // 2 :][:1])))

    def _clocks(self, guess: Guess) -> Iterator[Guess]:
        """Yield clocks under which the build would write the dates of the published wheel, from a build that is measured."""
        measured = dataclasses.replace(guess, moment=float(pace.MEASURED_FROM), tick=float(pace.MEASURED_TICK))
        if measured not in self._measured:
            built = self._build(measured)
            dates = {} if isinstance(built, str) else inference.dates(built, guess.timezone)
            self._measured[measured] = pace.ticks(dates)
        for moment, tick in pace.clocks(self._measured[measured], inference.dates(self.published, guess.timezone)):
            yield dataclasses.replace(guess, moment=moment, tick=tick)


def _releases(name: str, request: Request) -> list[tuple[datetime.datetime, str]]:
    """Return when the releases of a project were uploaded, in that order; of those that the check may use."""
    found: dict[str, datetime.datetime] = {}
    for file in index.files(name, request.config):
        if file.uploaded and not file.version.is_prerelease and (request.before is None or file.uploaded < request.before):
            found[str(file.version)] = min(file.uploaded, found.get(str(file.version), file.uploaded))
    return sorted((when, version) for version, when in found.items())


def _lines(one: Wheel, two: Wheel) -> int:
    """Return how many lines of METADATA and WHEEL are in one of two wheels only."""
    found = 0
    for name in ("METADATA", "WHEEL"):
        lines = Counter(one.text(name).splitlines()), Counter(two.text(name).splitlines())
        found += ((lines[0] - lines[1]) + (lines[1] - lines[0])).total()
    return found
