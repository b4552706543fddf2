"""Atom feeds: all changes, regressions only, and the changes of one project or cause.

Addresses in a feed are complete where the address of the site is configured, and otherwise relative to the feed.
Identifiers depend on what is told only, so that a reader sees each entry once wherever the site is.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable

import feedgenerator  # type: ignore[import-untyped]
from markupsafe import Markup, escape

from .changes import Change
from .domain import page_of

LONGEST = 100
_NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


class _Feed(feedgenerator.Atom1Feed):  # type: ignore[misc] # the library has no annotations
    """Write Atom; an empty feed has a fixed day instead of now, so that the same results give the same file."""

    def latest_post_date(self) -> datetime.datetime:
        """Return the day of the newest entry."""
        return max((item["updateddate"] for item in self.items), default=_NEVER)


def _moment(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc)


def _identifier(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "reproducible-wheels\n" + "\n".join(parts)).urn


def _clean(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _summary(change: Change) -> Markup:
    result = change.entry.result
    lines = [f"Status: {change.event.status}", f"Why: {change.event.why}"]
    if change.event.sha256:
        lines.append(f"SHA-256: {change.event.sha256}")
    if result and result.depends_on and result.history[-1] is change.event:
        lines.append(f"Depends on: {', '.join(result.depends_on)}")
    return Markup("<br>").join(escape(line) for line in lines)


def feed(title: str, path: str, page: str, changes: Iterable[Change], base: str) -> str:
    """Return a feed as text; `path` is its place in the site and `page` the page that it belongs to."""
    up = base or "../" * path.count("/")
    made = _Feed(
        title=_clean(title),
        link=f"{up}{page}.html",
        description="",
        feed_url=f"{base}{path}" if base else path.rpartition("/")[2],
        feed_guid=_identifier("feed", path),
        author_name="Reproducible Wheels",
        language="en",
    )
    for change in [*changes][:LONGEST]:
        event = change.event
        made.add_item(
            title=_clean(change.title),
            link=f"{up}{page_of(change.entry.name)}.html#history",
            description=_clean(_summary(change)),
            unique_id=_identifier(change.entry.name, str(event.date), event.version, event.status, event.sha256, event.why),
            updateddate=_moment(event.date),
            categories=(change.kind,),
        )
    return str(made.writeString("utf-8"))
