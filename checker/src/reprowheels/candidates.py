"""Other environments that could explain what still differs between a published wheel and a rebuilt one. Pure.

What decides comes first: while contents differ, nothing is said about the archive around them.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator, Sequence

from . import eras, fields, inference
from .compare import Comparison, is_record
from .inference import Guess

UNIVERSAL = (("--build-option", "--universal"),)
# Versions of `wheel` that write METADATA in different dialects when setuptools leaves it to them.
_DIALECTS = ("0.45.1", "0.41.3", "0.40.0")
# Versions of setuptools around which METADATA changed, with their release: the last ones for Python 2.7 and 3.6, those that
# came with Python and with Debian and Ubuntu, and the last before License-File and without "UNKNOWN". Likeliest first.
_WITHOUT_LICENSE_FILE = {
    "56.2.0": datetime.date(2021, 5, 10),
    "44.1.1": datetime.date(2020, 5, 29),
    "49.6.0": datetime.date(2020, 8, 15),
    "51.3.3": datetime.date(2021, 1, 17),
    "40.8.0": datetime.date(2019, 2, 5),
}
_WITH_LICENSE_FILE = {
    "65.5.0": datetime.date(2022, 10, 14),
    "59.6.0": datetime.date(2021, 12, 12),
    "57.5.0": datetime.date(2021, 8, 22),
    "67.8.0": datetime.date(2023, 5, 19),
    "68.1.2": datetime.date(2023, 8, 18),
    "60.10.0": datetime.date(2022, 3, 24),
    "62.6.0": datetime.date(2022, 6, 19),
    "58.5.3": datetime.date(2021, 11, 6),
}
_OLD = re.compile(r"setuptools==([1-4]\d|5[0-7])\.")  # these do not run on Python 3.12, and some not on 3.10
_BACKEND_FOR_ALL = datetime.datetime(2019, 2, 5, tzinfo=datetime.timezone.utc)  # setuptools 40.8 builds what has no backend
_UMASKS = (0o022, 0o002, 0o077)
_OTHER_PYTHONS = 4
_SEEDS = range(1, 6)


def _setuptools(guess: Guess) -> bool:
    """Say whether setuptools builds."""
    return any(pin.startswith(("setuptools==", "wheel==")) for pin in guess.pins)


def _with_setuptools(guess: Guess, version: str, older: str) -> Guess:
    """Return a guess with another setuptools beside a pinned `wheel`, on a Python that it runs on."""
    extra = tuple(item for item in guess.extra if not item.startswith("setuptools"))
    pin = f"setuptools=={version}"
    return dataclasses.replace(guess, extra=(*extra, pin), python=older if _OLD.match(pin) and older else guess.python)


def _metadata(
    guess: Guess, comparison: Comparison, older: str, when: datetime.datetime | None, contemporaries: Sequence[str]
) -> Iterator[Guess]:
    """Yield guesses with other tools that write METADATA."""
    yield from (_with_setuptools(guess, version, older) for version in contemporaries)
    if any(pin.startswith("setuptools==") for pin in guess.pins) and not guess.extra:
        # setuptools leaves METADATA to a `wheel` that is installed beside it.
        yield from (dataclasses.replace(guess, extra=(f"wheel=={version}",)) for version in _DIALECTS)
    if any(pin.startswith("wheel==") for pin in guess.pins):
        published = comparison.first
        licensed = any(re.search(r"\.dist-info/(LICEN[SC]E|COPYING)", member.name) for member in published.members)
        told = "\nLicense-File:" in published.text("METADATA")
        versions = _WITH_LICENSE_FILE if told or not licensed else _WITHOUT_LICENSE_FILE
        known = [version for version, released in versions.items() if when is None or released <= when.date()]
        yield from (_with_setuptools(guess, version, older) for version in known)


def _older_python(pythons: Sequence[str]) -> str:
    """Return the newest Python of a machine that old tools run on, or nothing."""
    return next((version for version in ("3.9", "3.8", "3.7", "3.6") if version in pythons), "")


def failed(guess: Guess, pythons: Sequence[str], when: datetime.datetime | None, *, legacy: bool) -> Iterator[Guess]:
    """Yield guesses for an environment that could not be made, or in which nothing was built."""
    usual = eras.python_of(when, pythons) or guess.python
    early = when is not None and when < _BACKEND_FOR_ALL
    if not early:
        yield dataclasses.replace(guess, python=usual)
    if legacy:
        yield dataclasses.replace(guess, setup_py=True, python=usual)
        yield dataclasses.replace(guess, setup_py=True)
    if guess.tools:
        yield dataclasses.replace(guess, tools=())
    if guess.pins or guess.extra:
        yield dataclasses.replace(guess, pins=(), extra=(), tools=())


def _reordered(comparison: Comparison) -> bool:
    """Say whether METADATA has the same lines in both wheels, in another order."""
    one, two = comparison.first.text("METADATA").splitlines(), comparison.second.text("METADATA").splitlines()
    return one != two and sorted(one) == sorted(two)


def _contents(
    guess: Guess,
    comparison: Comparison,
    pythons: Sequence[str],
    when: datetime.datetime | None,
    contemporaries: Sequence[str],
    *,
    legacy: bool,
) -> Iterator[Guess]:
    """Yield guesses for contents that differ, or members that are in one wheel only."""
    older, usual = _older_python(pythons), eras.python_of(when, pythons)
    names = {pair.name.rpartition("/")[2] for pair in comparison.differing if not is_record(comparison, pair)}
    lone = any(not (pair.first and pair.second) for pair in comparison.pairs)
    missing = {tag.interpreter for tag in comparison.first.tags - comparison.second.tags}
    if _setuptools(guess) and "py2" in missing and not guess.config:
        yield dataclasses.replace(guess, config=UNIVERSAL)
        yield dataclasses.replace(guess, config=UNIVERSAL, setup_py=True, python=usual)
    if _reordered(comparison):
        # What a set is written in depends on the seed of hashes, which is random unless it is set.
        yield from (dataclasses.replace(guess, hash_seed=seed) for seed in _SEEDS)
    if "METADATA" in names:
        yield from _metadata(guess, comparison, older, when, contemporaries)
    if _setuptools(guess) and legacy and not guess.setup_py and (names or lone):
        yield dataclasses.replace(guess, setup_py=True)
    # What a Python writes by itself is mostly beside the package; a module or a file of data comes from the sdist.
    beside = all(".dist-info/" in name or "/" not in name for name in differing(comparison))
    others = [version for version in dict.fromkeys([usual, *pythons]) if version]
    yield from (dataclasses.replace(guess, python=version) for version in others[: _OTHER_PYTHONS if beside else 1])


def _modes(guess: Guess) -> Iterator[Guess]:
    """Yield the other combinations of umask and ways to unpack, the likeliest first."""
    for umask in (guess.umask, *(umask for umask in _UMASKS if umask != guess.umask)):
        for kind in inference.SOURCE_MODES:
            if (umask, kind) != (guess.umask, guess.source_modes):
                yield dataclasses.replace(guess, umask=umask, source_modes=kind)


def _hard_modes(comparison: Comparison) -> set[str]:
    """Return the members whose modes differ in more than a umask decides."""
    pairs = ((pair.name, pair.first, pair.second) for pair in comparison.pairs)
    return {name for name, one, two in pairs if one and two and one.mode != two.mode and not fields.harmless_mode(one, two)}


def differing(comparison: Comparison) -> set[str]:
    """Return the members that make two wheels different: by content, by being there, by a name or a mode that counts."""
    lone = {pair.name for pair in comparison.pairs if not (pair.first and pair.second)}
    named = {difference.member for difference in comparison.differences if difference.field == "name"}
    return {pair.name for pair in comparison.differing} | lone | named | _hard_modes(comparison)


def _container(guess: Guess, comparison: Comparison, pythons: Sequence[str]) -> Iterator[Guess]:
    """Yield guesses for an archive that differs around equal contents."""
    kinds = {difference.field for difference in comparison.differences}
    if "mode" in kinds and not _hard_modes(comparison):
        yield from _modes(guess)
    if kinds & {"order", "order-in-file"} and _setuptools(guess) and not guess.setup_py:
        yield dataclasses.replace(guess, setup_py=True)
    if kinds & {"compressed-bytes", "compression"}:
        for zlib in (inference.ZLIB_NG_CLASSIC, inference.ZLIB_NG):
            if guess.zlib != zlib:
                yield dataclasses.replace(guess, zlib=zlib)
    if "date" in kinds and guess.moment is not None:
        yield from (
            dataclasses.replace(guess, source_dates=kind)
            for kind in inference.SOURCE_DATES
            if kind != guess.source_dates and _sources_missed(comparison)
        )
    if kinds - {"mode", "date", "compressed-bytes"}:
        yield from (dataclasses.replace(guess, python=version) for version in pythons)


def _sources_missed(comparison: Comparison) -> bool:
    """Say whether the date of a member outside of .dist-info differs."""
    return any(d.field == "date" and ".dist-info/" not in d.member for d in comparison.differences)


def better(
    guess: Guess,
    comparison: Comparison | None,
    pythons: Sequence[str],
    when: datetime.datetime | None,
    contemporaries: Sequence[str] = (),
    *,
    legacy: bool,
) -> Iterator[Guess]:
    """Yield other environments that could explain what still differs after a rebuild, the likeliest first.

    `comparison` is None where nothing was built, `pythons` are the minor versions of the machine other than the one in
    use, `when` is the time of the upload, `contemporaries` are versions of setuptools as old as the pinned `wheel`,
    `legacy` tells an sdist without a build backend of its own.
    """
    if comparison is None:
        yield from failed(guess, pythons, when, legacy=legacy)
        return
    real = [pair for pair in comparison.differing if not is_record(comparison, pair)]
    alone = [pair for pair in comparison.pairs if not (pair.first and pair.second)]
    if real or alone or comparison.first.tags != comparison.second.tags:
        yield from _contents(guess, comparison, pythons, when, contemporaries, legacy=legacy)
    else:
        yield from _container(guess, comparison, pythons)
