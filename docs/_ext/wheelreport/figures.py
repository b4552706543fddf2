"""The figures of the first page and of "What we found", each counted from the results whenever the site is built."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from reprowheels import results
from reprowheels.results import PublishedWheel

from . import lists, words
from .data import Entry, Site

# What counts as "yes" for each of the three answers.
GOOD: Mapping[str, tuple[str, ...]] = {
    "repeatable": (results.YES,),
    "robust": (results.YES,),
    "published": ("identical", "equivalent"),
}
UNKNOWN = "without a wheel"
# The tracker of 2020 and 2021 had that many C extensions turn red on the night on which pip dropped the fixed build path.
ORIGINAL, RED_THEN = "original", 19
PATIENCE = 2  # days without a run after which the site says that it is old


@dataclass(frozen=True, kw_only=True)
class Share:
    """Hold how many of a number of projects have something."""

    label: str
    having: int
    of: int

    @property
    def percent(self) -> int:
        """Return the share in percent; 0 of 0 is none, and only all of them are 100."""
        return min(99, round(100 * self.having / self.of)) if self.having != self.of else 100 * bool(self.of)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Hold one of the three answers over all checked projects: the good ones, by kind of wheel, and how many gave each value."""

    question: str
    total: Share
    kinds: tuple[Share, ...]
    values: tuple[tuple[words.Word, int], ...]


def checked(site: Site) -> tuple[Entry, ...]:
    """Return the tracked projects that are neither excluded nor without a result."""
    return tuple(entry for entry in site.tracked if entry.answer)


def _value(entry: Entry, question: str) -> str:
    assert entry.answer
    return str(getattr(entry.answer, question))


def _share(label: str, entries: Iterable[Entry], question: str) -> Share:
    values = [_value(entry, question) for entry in entries]
    return Share(label=label, having=sum(value in GOOD[question] for value in values), of=len(values))


def answers(site: Site) -> tuple[Answer, ...]:
    """Return the three answers; the kinds of wheels of each add up to its total, and so do its values."""
    if "answers" not in site.memo:
        site.memo["answers"] = _answers(checked(site))
    found: tuple[Answer, ...] = site.memo["answers"]
    return found


def kinds(entries: tuple[Entry, ...]) -> Mapping[str, tuple[Entry, ...]]:
    """Return projects by their kind of wheel, also those without one where there are any; every project is in one of them."""
    found = {label: tuple(one for one in entries if one.kind == kind) for kind, label in (*words.KINDS.items(), ("", UNKNOWN))}
    return {label: of for label, of in found.items() if of or label != UNKNOWN}


def differing(wheel: PublishedWheel) -> str:
    """Return how many members of a published wheel differ; members that only the rebuilt one has are counted too."""
    count = len(wheel.differing) + wheel.omitted
    if not wheel.members:
        return f"{count} members"
    return (
        f"{count} of {wheel.members} members"
        if count <= wheel.members
        else f"{count} members; the published wheel has {wheel.members}"
    )


def _answers(entries: tuple[Entry, ...]) -> tuple[Answer, ...]:
    found = []
    for question, known in words.ANSWERS.items():
        counts = Counter(_value(entry, question) for entry in entries)
        found.append(
            Answer(
                question=question,
                total=_share("all", entries, question),
                kinds=tuple(_share(label, of, question) for label, of in kinds(entries).items() if of),
                values=tuple((word, counts[key]) for key, word in known.items() if counts[key]),
            )
        )
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Hold which projects show one cause or depend on one variation, and how many of them in pure Python or by nothing else."""

    key: str
    names: tuple[str, ...]
    pure: int
    alone: int = 0


def _reasons(pairs: Iterable[tuple[str, Entry]]) -> tuple[Reason, ...]:
    found: dict[str, list[Entry]] = {}
    for key, entry in pairs:
        found.setdefault(key, []).append(entry)
    made = [
        Reason(
            key=key,
            names=tuple(entry.name for entry in of),
            pure=sum(entry.kind == words.PURE for entry in of),
            alone=sum(entry.causes == (key,) for entry in of),
        )
        for key, of in found.items()
    ]
    return tuple(sorted(made, key=lambda reason: (-len(reason.names), reason.key)))


def causes(entries: Iterable[Entry]) -> tuple[Reason, ...]:
    """Return the causes that some projects show, the most frequent first."""
    return _reasons((cause, entry) for entry in entries for cause in entry.causes)


def dependencies(entries: Iterable[Entry]) -> tuple[Reason, ...]:
    """Return the variations that some wheels depend on, the most frequent first."""
    return _reasons((name, entry) for entry in entries if entry.answer for name in entry.answer.depends_on)


def moved(entries: Iterable[Entry]) -> tuple[Reason, ...]:
    """Return what kind of bytes moved in how many of the wheels that depend on their environment."""
    return _reasons((entry.answer.moved, entry) for entry in entries if entry.answer and entry.answer.moved)


def most(found: Iterable[lists.List]) -> list[lists.List]:
    """Return lists with the longest first, those of one length by their label."""
    return sorted(found, key=lambda one: (-len(one.entries), one.label))


def bar(having: int, of: int) -> Markup:
    """Draw a share as a short bar; the numbers stand beside it."""
    return Markup(
        '<svg class="wr-share" viewBox="0 0 {0} 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="wr-share-of" width="{0}" height="1"/><rect class="wr-share-having" width="{1}" height="1"/></svg>'
    ).format(max(of, 1), having)


def summary(site: Site) -> tuple[Share, ...]:
    """Return how many projects of each backend that several projects share are robust, the most robust first."""
    shares = [
        _share(one.label, one.entries, "robust")
        for one in lists.of(site)["backend"]
        if len(one.entries) > 1 and one.label != words.OWN_BACKEND
    ]
    return tuple(sorted(shares, key=lambda share: (-share.having / share.of, -share.of, share.label)))


def of_backend(site: Site, label: str) -> tuple[Entry, ...]:
    """Return the projects whose build backend has this label."""
    return next((one.entries for one in lists.of(site)["backend"] if one.label == label), ())


@dataclass(frozen=True, kw_only=True)
class Since2021:
    """Hold how the projects with compiled code that the tracker of 2021 watched do today."""

    watched: int
    compiled: tuple[Entry, ...]
    statuses: Mapping[str, tuple[Entry, ...]]


def since_2021(site: Site) -> Since2021 | None:
    """Return the comparison with 2021, or None where none of those projects is tracked."""
    watched = [entry for entry in site.tracked if entry.project and ORIGINAL in entry.project.groups]
    compiled = tuple(entry for entry in watched if entry.kind == words.COMPILED)
    statuses = {status: tuple(entry for entry in compiled if entry.status == status) for status in words.STATUSES}
    return Since2021(watched=len(watched), compiled=compiled, statuses=statuses) if watched else None


def next_run_by(site: Site) -> datetime.date | None:
    """Return the day by whose end another run should be there; the site itself asks no clock, a reader may."""
    newest = site.runs[0].date if site.runs else site.as_of
    return newest + datetime.timedelta(days=PATIENCE) if newest else None


def missed(site: Site, days: int = 30) -> tuple[datetime.date, ...]:
    """Return the nights without a run between the runs of the last days, from new to old."""
    ran = {run.date for run in site.runs}
    if not ran:
        return ()
    newest, oldest = max(ran), max(min(ran), max(ran) - datetime.timedelta(days=days))
    nights = ((newest - datetime.timedelta(days=past)) for past in range((newest - oldest).days))
    return tuple(night for night in nights if night not in ran)
