"""The words by which a variation can be recognized in the bytes of a wheel."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .variations import PARENT_COMMIT, VARIATIONS, Settings

_BY_FIELD = {field: variation.name for variation in VARIATIONS for field in variation.changes}
_PATHS = ("build_dir", "env_dir", "home", "temp_dir", "path")
_WORDS = ("user", "full_name", "hostname", "timezone", "cpu_model")
_COMMIT_LENGTHS = (40, 12, 10, 9, 8, 7)  # in which programs and people shorten the name of a commit
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
FRENCH = re.compile(rb"(?i)(?<![a-z\x80-\xff])(?:%s)(?![a-z\x80-\xff])" % f"{MONTHS}|{DAYS}".encode())

# A relative path that leaves its directory; what is known of it may be replaced by a name in angle brackets.
CLIMB = re.compile(rb"(?<![\w./-])(?:\.\./)+[\w.+@~%=<>/-]*")


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Hold a variation and the two words that its values leave in the bytes, either of them may be empty."""

    variation: str
    first: bytes
    varied: bytes


def traces(first: Settings, varied: Settings, applied: Iterable[str]) -> Iterator[Trace]:
    """Yield the words to look for, for the variations that were applied and that two builds differ in."""
    names = set(applied)
    for field in (*_PATHS, *_WORDS):
        one, two = str(getattr(first, field)), str(getattr(varied, field))
        if one != two and _BY_FIELD[field] in names:
            if field == "path":  # the directory that was added, and nothing where only others have it
                one, two = "", two.removeprefix(one).strip(":")
            yield Trace(variation=_BY_FIELD[field], first=_word(one), varied=_word(two))
    for name in _moved(first, varied, "env_dir", "build_dir"):
        if name in names:
            yield Trace(variation=name, first=_from_the_build(first), varied=_from_the_build(varied))
    before, after = dict(first.extra_environment), dict(varied.extra_environment)
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key) and "environment" in names:
            values = before.get(key, ""), after.get(key, "")
            yield Trace(variation="environment", first=_word(values[0]), varied=_word(values[1]))
            yield Trace(variation="environment", first=_word(key if values[0] else ""), varied=_word(key if values[1] else ""))
    if first.language != varied.language and "locale" in names:
        yield Trace(variation="locale", first=first.locale.encode(), varied=varied.locale.encode())
        yield Trace(variation="locale", first=_word(first.language), varied=_word(varied.language))
    if first.encoding != varied.encoding and "encoding" in names:
        yield Trace(variation="encoding", first=_word(first.encoding), varied=_word(varied.encoding))
    if varied.git_parent and not first.git_parent and "git-parent" in names:
        names_of_commit = (PARENT_COMMIT[:length].encode() for length in _COMMIT_LENGTHS)
        for word in (b"99.77.55", b"zq-parent", b"ZQ-PARENT", *names_of_commit):
            yield Trace(variation="git-parent", first=b"", varied=word)


def _moved(first: Settings, varied: Settings, *fields: str) -> list[str]:
    """Return the variations of those fields that have another value."""
    return [_BY_FIELD[field] for field in fields if getattr(first, field) != getattr(varied, field)]


def _from_the_build(chosen: Settings) -> bytes:
    """Return how a relative path from the build tree names the environment, less what climbs further."""
    common = os.path.commonpath((chosen.build_dir, chosen.env_dir))
    return b"../" + os.path.relpath(chosen.env_dir, common).encode()


def climbing(one: bytes, two: bytes, first: Settings, varied: Settings) -> str:
    """Return the variation that makes a relative path climb more directories, or fewer, and then name the same."""
    if one.rpartition(b"../")[2] != two.rpartition(b"../")[2]:
        return ""
    return next(iter(_moved(first, varied, "build_dir", "env_dir")), "")


def _word(text: str) -> bytes:
    """Return the bytes of a word, or nothing for one that is too common to be a trace."""
    return b"" if len(text) < 4 or text in ("true", "as it is") else text.encode()


def holds(data: bytes, word: bytes) -> bool:
    """Say whether a word occurs in bytes and is not the middle of a longer word."""
    start = data.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        inside = data[start - 1 : start].isalnum() and word[:1].isalnum() if start else False
        if not inside and not (data[end : end + 1].isalnum() and word[-1:].isalnum()):
            return True
        start = data.find(word, start + 1)
    return False


def held(pieces: Iterable[bytes], words: Iterable[bytes]) -> set[bytes]:
    """Return the words that occur in a content, which comes in pieces, as `holds` says it of bytes."""
    left = {word for word in words if word}
    found: set[bytes] = set()
    overlap = max(map(len, left), default=0) + 1
    kept = cut = b""  # the end of what was seen; "x" stands for what is not: a longer word, until more is known
    for piece in pieces:
        window = kept + piece
        found |= {word for word in left - found if holds(cut + window + b"x", word)}
        kept, cut = window[-overlap:], b"x" if cut or len(window) > overlap else b""
    return found | {word for word in left - found if holds(cut + kept, word)}


def tells(trace: Trace, first: Callable[[bytes], bool], varied: Callable[[bytes], bool]) -> bool:
    """Say whether the words of a trace are on the sides where they belong; the callables say which words a side holds."""
    there = varied(trace.varied) and not first(trace.varied)
    return there or (not trace.varied and first(trace.first) and not varied(trace.first))
