"""Turn values into HTML with templates in which everything is escaped.

Sphinx's own template environment does not escape; the parts that show what strangers wrote are therefore rendered here, with
autoescape on and undefined names as errors, and handed to the theme's page as its body.
"""

from __future__ import annotations

import datetime
import itertools
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reprowheels import catalogue, variations

from . import attest, changes, chunks, commands, figures, lists, reasons, runs, words

_LONG = 24  # characters of a word that a phone may have to break
TEMPLATES = Path(__file__).parent / "templates"


def _fingerprint(sha256: str) -> Markup:
    """Draw a SHA-256 as 32 bars, so that two equal ones are seen to be equal; the drawing is decoration."""
    digits = [int(digit, 16) for digit in sha256[:32] if digit in "0123456789abcdef"]
    path = "".join(f"M{index * 3 + 1} 16v-{digit + 1}" for index, digit in enumerate(digits))
    return Markup(f'<svg class="wr-print" viewBox="0 0 96 16" aria-hidden="true" focusable="false"><path d="{path}"/></svg>')


def _is_web(address: str) -> bool:
    """Return whether an address may become a link; a result could hold `javascript:` too."""
    return address.startswith(("https://", "http://"))


def _breakable(text: str) -> Markup:
    """Return a file name or path that may wrap between its parts."""
    escaped = str(Markup.escape(text))
    for separator in "/-":
        escaped = escaped.replace(separator, f"{separator}<wbr>")
    return Markup(escaped)


def _together(text: str) -> Markup:
    """Return evidence that wraps between its words only, but for those that are too long for a phone."""
    words_of = [
        Markup.escape(word) if len(word) > _LONG else Markup('<span class="wr-word">{}</span>').format(word)
        for word in text.split(" ")
    ]
    return Markup(" ").join(words_of)


def _marked(text: str) -> Markup:
    """Return a sentence with what stands between backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(Markup.escape(text))))


def _moment(value: datetime.datetime | datetime.date | None) -> str:
    """Return a day, or a day and time in UTC, as people read it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return value.isoformat() if value else ""


def _listed(items: tuple[str, ...]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


def _labelled(rows: str, columns: list[str]) -> Markup:
    """Return the rows of a table with the heading of its column on each cell, which a narrow screen shows above it."""
    labels = itertools.cycle(Markup.escape(column) for column in columns)
    made, cells = re.subn(r"<(?:th|td)\b", lambda found: f'{found[0]} data-label="{next(labels)}"', str(rows))
    assert cells % len(columns) == 0, f"a row has another number of cells than {columns}"
    return Markup(made)


def _ended(text: str) -> str:
    """Return a message of the checker with the full stop that it needs within a text."""
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."


def root(link: Callable[[str], str]) -> str:
    """Return the way from the page that is written to the root of the site."""
    return posixpath.dirname(link("index")) or "."


def environment() -> jinja2.Environment:
    """Return the environment of all templates of the report."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        marked=_marked,
        together=_together,
        fingerprint=_fingerprint,
        is_web=_is_web,
        breakable=_breakable,
        moment=_moment,
        listed=_listed,
        labelled=_labelled,
        ended=_ended,
        reason=reasons.sentence,
    )
    made.globals.update(
        causes=catalogue.BY_ID,
        words=words,
        root=root,
        changes=changes,
        chunks=chunks,
        attest=attest,
        commands=commands,
        figures=figures,
        lists=lists,
        runs=runs,
        reasons=reasons,
        variations=variations.BY_NAME,
        count_of_variations=len(variations.NAMES),
    )
    return made


_ENVIRONMENT = environment()


def render(template: str, link: Callable[[str], str], **values: Any) -> str:
    """Return a template as HTML; `link` turns the name of a page into an address relative to the page that is written."""
    return _ENVIRONMENT.get_template(template).render(link=link, **values).strip() + "\n"
