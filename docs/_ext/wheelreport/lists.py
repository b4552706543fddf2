"""The lists of projects that have something in common, one page each: a status, an answer, a cause, a backend, a group."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reprowheels import catalogue

from . import words
from .data import Entry, Site

ROWS = 500  # of one page; more than that is slow to show on a phone

KINDS: Mapping[str, str] = {
    "status": "Status",
    "repeatable": "Repeatable",
    "robust": "Robust",
    "published": "Published wheel",
    "kind": "Kind of wheel",
    "backend": "Build backend",
    "cause": "Cause",
    "group": "Group",
}
# Kinds of which a project has one value at most, and those of which it may have several.
SINGLE = ("status", "repeatable", "robust", "published", "kind", "backend")
SEVERAL = ("cause", "group")


@dataclass(frozen=True, kw_only=True)
class List:
    """Hold one list: what kind, its key there, and the projects by name."""

    kind: str
    key: str
    label: str
    entries: tuple[Entry, ...]

    @property
    def page(self) -> str:
        """Return the name of the first page."""
        return page_of(self.kind, self.key)

    @property
    def pages(self) -> int:
        """Return how many pages the list has."""
        return max(1, -(-len(self.entries) // ROWS))


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Hold one page of a list; the number counts from 1."""

    list: List
    number: int

    @property
    def page(self) -> str:
        """Return the name of the page."""
        return numbered(self.list.page, self.number)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the projects of this page."""
        return self.list.entries[(self.number - 1) * ROWS : self.number * ROWS]

    @property
    def digest(self) -> str:
        """Return what changes whenever the page does."""
        parts = [self.page, str(len(self.list.entries)), *(f"{entry.name} {entry.digest}" for entry in self.entries)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def slug(text: str) -> str:
    """Return a text as a part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "other"


def page_of(kind: str, key: str) -> str:
    """Return the name of the first page of a list; that of all projects is the kind "all", and a cause has a page anyway."""
    return "list/all" if kind == "all" else f"cause/{slug(key)}" if kind == "cause" else f"list/{kind}/{slug(key)}"


def numbered(page: str, number: int) -> str:
    """Return the name of a further page of a list."""
    return page if number == 1 else f"{page}/{number}"


def keys_of(entry: Entry) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of the lists that a project is in, by kind."""
    answer = entry.answer
    groups = sorted({slug(group) for group in entry.project.groups}) if entry.project else []
    return {
        "status": (entry.status,),
        "repeatable": (answer.repeatable,) if answer else (),
        "robust": (answer.robust,) if answer else (),
        "published": (answer.published,) if answer else (),
        "kind": (entry.kind,) if entry.kind else (),
        "backend": (slug(entry.backend),) if entry.backend else (),
        "cause": entry.causes,
        "group": tuple(groups),
    }


def _label(kind: str, key: str, entries: Iterable[Entry]) -> str:
    """Return how a key is written on a page; backends and groups as the first project with them writes it."""
    if kind in words.ANSWERS:
        return words.answer(kind, key).label
    if kind in ("backend", "group"):
        entry = next(iter(entries))
        written = [entry.backend] if kind == "backend" else sorted(entry.project.groups) if entry.project else []
        return next(text for text in written if slug(text) == key)
    return words.KINDS[key] if kind == "kind" else words.STATUSES[key].label if kind == "status" else key


# Of these, a list exists also while no project is in it, so that its address stays.
_FIXED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(words.STATUSES),
    "kind": tuple(words.KINDS),
    "cause": tuple(catalogue.BY_ID),
    **{question: tuple(known) for question, known in words.ANSWERS.items()},
}


def _of(entries: tuple[Entry, ...]) -> Mapping[str, tuple[List, ...]]:
    collected: dict[str, dict[str, list[Entry]]] = {kind: {key: [] for key in _FIXED.get(kind, ())} for kind in KINDS}
    for entry in entries:
        for kind, keys in keys_of(entry).items():
            for key in keys:
                collected[kind].setdefault(key, []).append(entry)
    found: dict[str, tuple[List, ...]] = {}
    for kind, by_key in collected.items():
        order = [*_FIXED.get(kind, ()), *sorted(by_key.keys() - set(_FIXED.get(kind, ())))]
        found[kind] = tuple(
            List(kind=kind, key=key, label=_label(kind, key, by_key[key]), entries=tuple(by_key[key])) for key in order
        )
    return found


def of(site: Site) -> Mapping[str, tuple[List, ...]]:
    """Return the lists of a site by kind; those of a fixed vocabulary are there also while nothing is in them."""
    if "lists" not in site.memo:
        site.memo["lists"] = _of(site.tracked)
    found: Mapping[str, tuple[List, ...]] = site.memo["lists"]
    return found


def everything(site: Site) -> List:
    """Return the list of all tracked projects; the first page of the site is its first page."""
    return List(kind="all", key="", label="All projects", entries=site.tracked)


def digest(page: ListPage, site: Site) -> str:
    """Return what changes whenever a page of a list does; it says how many projects are tracked, too."""
    return f"{page.digest} {len(site.tracked)}"


def pages(site: Site) -> Iterator[ListPage]:
    """Give every page of every list; all projects have pages of their own where they do not fit on the first page."""
    complete = everything(site)
    found = [one for of_kind in of(site).values() for one in of_kind]
    for one in [*found, *([complete] if complete.pages > 1 else [])]:
        for number in range(1, one.pages + 1):
            yield ListPage(list=one, number=number)
