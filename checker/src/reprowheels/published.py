"""Is the wheel on the index what its sdist builds? Infer the environment, rebuild, compare, and climb the ladder.

Nothing is ever copied from the published wheel into the rebuilt one: only what it betrays of its environment is used,
as an input of a build like any other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from . import candidates, environment, eras, index, inference, reasons, sdist, wheel
from .attempts import Attempt, Rebuilder, feasible
from .build import Request
from .errors import WheelError
from .index import File
from .inference import Guess
from .results import NOT_CHECKED, PublishedWheel
from .sdist import Sdist
from .verdicts import DIFFERENT, IDENTICAL

NO_WHEEL = "no-wheel"
_MAX_ATTEMPTS = 16
_NAMED = 50  # members that a result names
Say = Callable[[str], None]


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


def _search(rebuilder: Rebuilder, first: Guess, say: Say, attempts: int) -> list[Attempt]:
    """Try guesses, each better one from the best attempt so far, until one is identical or the bound is hit."""
    tried = [rebuilder.attempt(first)]
    seen = {first}
    waiting = rebuilder.better(tried[0])
    # What cannot be had, such as a requirement, is no answer yet.
    while sum(each.comparison is not None for each in tried) < attempts and tried[-1].verdict != IDENTICAL:
        guess = next((guess for guess in waiting if guess not in seen), None)
        if guess is None or len(tried) == _MAX_ATTEMPTS:
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
    first = inference.guess(published, sdist.files(source))
    request = dataclasses.replace(request, before=before, constraints=None)
    # Where the wheel names its Python to the last digit, no other one is right; what compilers write no Python changes.
    others = published.pure and not eras.exact(first.python)
    rebuilder = Rebuilder(source, published, request, directory, others=others)
    # What a repair tool has rewritten is never what a build backend wrote: one build tells which members are.
    repaired = reasons.repaired(published)
    tried = _search(rebuilder, feasible(first), say, _MAX_ATTEMPTS if published.pure else 1 if repaired else 2)
    best = min(tried, key=lambda attempt: attempt.rank)
    if best.comparison is None:
        return PublishedWheel(
            filename=file.filename,
            sha256=digest,
            verdict=NOT_CHECKED,
            environment=best.guess.described(),
            tried=tuple(dict.fromkeys(attempt.failure for attempt in tried if attempt.failure)),
        )
    # Directories come last: there may be more of them than a result has room for.
    differing = tuple(sorted(candidates.differing(best.comparison), key=lambda name: (name.endswith("/"), name)))
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
