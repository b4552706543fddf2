"""Is the wheel on the index what its sdist builds? Infer the environment, rebuild, compare, and climb the ladder.

Nothing is ever copied from the published wheel into the rebuilt one: only what it betrays of its environment is used,
as an input of a build like any other.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from . import candidates, causes, compressors, environment, eras, index, inference, machine, pace, reasons, sdist, wheel
from .build import Builder, Request
from .compare import Comparison, compare
from .errors import CheckFailed, UsageError, WheelError
from .index import File
from .inference import Guess
from .results import NOT_CHECKED, PublishedWheel
from .sdist import Sdist
from .wheel import Wheel

IDENTICAL, EQUIVALENT, DIFFERENT, NO_WHEEL = "identical", "equivalent", "different", "no-wheel"
_LADDER = (IDENTICAL, EQUIVALENT, DIFFERENT)
_MAX_ATTEMPTS = 16
_SETUP_PY = ("setuptools",)  # what `setup.py bdist_wheel` needs where nothing is declared, beside the `wheel` that is pinned
_NAMED = 50  # members that a result names
Say = Callable[[str], None]


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


def find(listed: Sequence[File], source: Sdist, request: Request, *, pure: bool | None = None) -> File | None:
    """Return the published wheel of the release that an installer would take here, or None.

    Where a release has pure and compiled wheels, `pure` says which kind the sdist builds here.
    """
    ranked = []
    for file in listed:
        if file.is_wheel and str(file.version) == _normal(source.version):
            rank = environment.rank(file.filename, request.python)
            if rank is not None:
                other = pure is not None and file.filename.endswith("-any.whl") != pure
                ranked.append((other, rank, file.filename, file))
    return min(ranked, key=lambda row: row[:3])[3] if ranked else None


def _rather(taken: File | None, file: File) -> Iterator[str]:
    """Yield that an installer takes another wheel than the one that was rebuilt, where it does."""
    if taken is not None and taken.filename != file.filename:
        yield f"an installer takes another wheel of the release here, which was not rebuilt: {taken.filename}"


def _normal(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


class _Rebuilder:
    """Rebuild in guessed environments; one builder per set of pins and Python."""

    def __init__(self, source: Sdist, published: Wheel, request: Request, directory: Path) -> None:
        self.source = source
        self.published = published
        self.request = request
        self._directory = directory
        self._numbers = itertools.count()
        self._builders: dict[tuple[object, ...], Builder] = {}
        self._measured: dict[Guess, dict[str, int]] = {}

    @functools.cached_property
    def _pythons(self) -> tuple[str, ...]:
        """Return the other Pythons of this machine; looking for them takes longer than the first build, which often is right."""
        versions = dict.fromkeys(eras.minor(found.version) for found in machine.all_pythons())
        return tuple(version for version in versions if version != eras.minor(self.request.python.version))

    def _builder(self, guess: Guess) -> Builder:
        key = (guess.pins, guess.extra, guess.python, guess.zlib, guess.setup_py)
        if key not in self._builders:
            directory = self._directory / str(next(self._numbers))
            directory.mkdir(parents=True)
            constraints = directory / "constraints.txt"
            constraints.write_text("".join(f"{pin}\n" for pin in guess.pins))
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
        verdict, normalizations = causes.verdict(comparison, causes.explained(comparison))
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
            self._pythons if self.published.pure else (),
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


def _search(rebuilder: _Rebuilder, first: Guess, say: Say, attempts: int) -> list[Attempt]:
    """Try guesses, each better one from the best attempt so far, until one is identical or the bound is hit."""
    tried = [rebuilder.attempt(first)]
    seen = {first}
    waiting = rebuilder.better(tried[0])
    while len(tried) < attempts and tried[-1].verdict != IDENTICAL:
        guess = next((guess for guess in waiting if guess not in seen), None)
        if guess is None:
            break
        seen.add(guess)
        say(f"rebuilding the published wheel ({len(tried) + 1})")
        best = min(attempt.rank for attempt in tried)
        tried.append(rebuilder.attempt(guess))
        if tried[-1].rank < best:
            waiting = rebuilder.better(tried[-1])
    return tried


def examine(
    source: Sdist, listed: Sequence[File], request: Request, directory: Path, say: Say, *, pure: bool | None = None
) -> PublishedWheel:
    """Return what the published wheel of a release is, seen from its sdist. Raises CheckFailed for a broken download."""
    file = find(listed, source, request, pure=pure)
    if file is None:
        return PublishedWheel(filename="", sha256="", verdict=NO_WHEEL)
    say("rebuilding the published wheel")
    path, digest = index.download(file, request.config)
    try:
        published = wheel.read(path)
    except WheelError as error:
        return PublishedWheel(filename=file.filename, sha256=digest, verdict=NOT_CHECKED, tried=(str(error),))
    before = min(filter(None, (file.uploaded, request.before)), default=None)
    rebuilder = _Rebuilder(source, published, dataclasses.replace(request, before=before, constraints=None), directory)
    first = inference.guess(published, sdist.files(source))
    # What a repair tool has rewritten is never what a build backend wrote: one build tells which members are.
    repaired = reasons.repaired(published)
    tried = _search(rebuilder, first, say, _MAX_ATTEMPTS if published.pure else 1 if repaired else 2)
    best = min(tried, key=lambda attempt: attempt.rank)
    if best.comparison is None:
        return PublishedWheel(
            filename=file.filename,
            sha256=digest,
            verdict=NOT_CHECKED,
            environment=best.guess.described(),
            tried=tuple(attempt.failure for attempt in tried if attempt.failure),
        )
    differing = tuple(sorted(candidates.differing(best.comparison)))
    return PublishedWheel(
        filename=file.filename,
        sha256=digest,
        verdict=best.verdict,
        normalizations=best.normalizations,
        differing=differing[:_NAMED],
        members=len(published.members),
        omitted=max(0, len(differing) - _NAMED),
        environment=best.guess.described(),
        repaired=repaired,
        reasons=(
            *_rather(find(listed, source, request), file),
            *(reasons.reasons(best.comparison) if best.verdict == DIFFERENT else ()),
        ),
        tried=tuple(_line(attempt) for attempt in tried),
    )


def _line(attempt: Attempt) -> str:
    words = ", ".join(f"{key} {value}" for key, value in attempt.guess.described())
    if attempt.comparison is None:
        return f"{words}: {attempt.failure}"
    return f"{words}: {attempt.verdict}, {len(attempt.comparison.differing)} contents and {len(attempt.comparison.differences)} fields differ"
