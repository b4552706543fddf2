"""Project pages of the index, fetched again only when the index says that they are others than before (RFC 9110, 13.1)."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from unearth.fetchers.sync import PyPIClient

from . import files

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
_UNCHANGED = 304


@dataclass(frozen=True, kw_only=True)
class Page:
    """Hold one answer of the index: its status, where it came from in the end, and what it says of its text."""

    status: int
    url: str
    content_type: str
    encoding: str | None
    etag: str
    modified: str
    content: bytes = b""


def _kept(head: Path, body: Path) -> Page | None:
    """Return the page that was kept, or None where there is none that is whole."""
    try:
        facts = json.loads(head.read_bytes())
        content = body.read_bytes()
        if facts.pop("sha256") != hashlib.sha256(content).hexdigest():
            return None
        return Page(**facts, content=content)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(page: Page, head: Path, body: Path) -> None:
    facts = asdict(page)
    del facts["content"]
    # Two files cannot be written at once: the digest tells when one of them belongs to another page.
    # A page that cannot be kept, for want of space or because it is no text, is fetched again the next time.
    with contextlib.suppress(OSError, UnicodeDecodeError):
        files.write(body, page.content.decode("utf-8"))
        files.write(head, json.dumps(facts | {"sha256": hashlib.sha256(page.content).hexdigest()}))


def fetch(session: PyPIClient, url: str, directory: Path) -> Page:
    """Return a page of the index; `directory` keeps what the index gave a validator for, an ETag or a date.

    Raises what the session raises.
    """
    stem = hashlib.sha256(url.encode()).hexdigest()
    head, body = directory / f"{stem}.json", directory / f"{stem}.body"
    known = _kept(head, body)
    headers = {"Accept": ACCEPT}
    if known:
        headers |= {"If-None-Match": known.etag} if known.etag else {"If-Modified-Since": known.modified}
    response = session.get(url, headers=headers)
    content = response.content
    if known and response.status_code == _UNCHANGED:
        return known
    page = Page(
        status=response.status_code,
        url=str(response.url),
        content_type=response.headers.get("Content-Type", ""),
        encoding=response.encoding,
        etag=response.headers.get("ETag", ""),
        modified=response.headers.get("Last-Modified", ""),
        content=content,
    )
    if page.status == 200 and (page.etag or page.modified) and not page.url.startswith("file:"):
        _keep(page, head, body)
    return page
