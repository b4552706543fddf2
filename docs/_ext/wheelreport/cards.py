"""What other programs see of a page before they open it: description, OpenGraph card and feed, in the head of every page."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from reprowheels import results

from . import words
from .data import Entry, Site
from .domain import page_of

SITE = "Reproducible Wheels"
ABOUT = "Can the wheels of popular Python projects be built again from their sdists, bit for bit?"
SIZE = ("1200", "630")
_TAG = Markup('<meta property="{}" content="{}">\n')
_FEED = Markup('<link rel="alternate" type="application/atom+xml" title="{}" href="{}">\n')


def head(page: str, title: str, about: str, base: str, *, picture: str = "site", kind: str = "website") -> Markup:
    """Return the description and the card of a page; addresses in it have to be complete, and so need that of the site."""
    tags = [("og:type", kind), ("og:site_name", SITE), ("og:title", title), ("og:description", about)]
    if base:
        image = f"{base}_static/cards/{picture}.png"
        tags += [("og:url", f"{base}{page}.html"), ("og:image", image), ("og:image:type", "image/png")]
        tags += [("og:image:width", SIZE[0]), ("og:image:height", SIZE[1]), ("og:image:alt", f"{SITE}: {title}")]
    found = Markup('<meta name="description" content="{}">\n').format(about) + Markup().join(_TAG.format(*tag) for tag in tags)
    return found + Markup('<meta name="twitter:card" content="{}">\n').format("summary_large_image" if base else "summary")


def of_project(entry: Entry, base: str, link: Callable[[str], str], root: str) -> Markup:
    """Return the head of a project's page: its status, its own card and its feed."""
    status = words.STATUSES[entry.status].label
    version = f" {entry.answer.version}" if entry.answer and entry.answer.version else ""
    about = f"{entry.name}{version} is {status}. {_sentence(entry)}"
    title = f"{entry.name}: {status}"
    found = head(page_of(entry.name), title, about, base, picture=entry.status, kind="article")
    return found + _FEED.format(entry.name, f"{root}/feeds/project/{entry.name}.xml")


def _sentence(entry: Entry) -> str:
    answer = entry.answer
    if answer and entry.status == results.ENVIRONMENT_DEPENDENT and answer.depends_on:
        return f"Its wheel depends on {', '.join(answer.depends_on)}."
    return words.STATUSES[entry.status].sentence


def of_document(page: str, title: str, base: str, site: Site, root: str) -> Markup:
    """Return the head of a page that is written by hand; that of the first page tells the numbers."""
    about = ABOUT
    if page == "index":
        told = ", ".join(f"{count} {words.STATUSES[key].label}" for key, count in site.totals.items() if count)
        about = f"{ABOUT} {len(site.tracked)} projects are tracked: {told}." if told else ABOUT
    found = head(page, title, about, base)
    if page == "404" and base:
        # This page is shown at any address, so what it loads and links has to be looked for from the root.
        found = Markup('<base href="{}">\n').format(base) + found
    return found + _FEED.format(f"{SITE}: all changes", f"{root}/feeds/all.xml")
