"""The files of a project as a page of the index lists them, as values; a page that was read before is not read anew."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from unearth.collector import IndexPage, LinkCollectError, parse_html_page, parse_json_response
from unearth.evaluator import Evaluator, FormatControl, TargetPython
from unearth.link import Link

from . import files
from .pages import Page

_FORM = 1  # of what is kept; another number makes every page be read anew
_READING = threading.Lock()  # of one page after the other: many threads at work of the interpreter take twice as long
# unearth logs each file that it passes over; what matters of that is in our own messages.
logging.getLogger("unearth").setLevel(logging.ERROR)


@dataclass(frozen=True, kw_only=True)
class File:
    """Hold one file of a release as the index lists it; `sha256` is empty where the index gives none."""

    version: Version
    filename: str
    url: str
    sha256: str
    uploaded: datetime.datetime | None
    yanked: bool
    requires_python: str
    is_wheel: bool


def read(name: str, page: Page, directory: Path) -> tuple[File, ...]:
    """Return every file that a page lists for a project, in its order; `directory` keeps what a page held.

    Raises LinkCollectError, and whatever a parser says of a page that is none.
    """
    digest = hashlib.sha256(f"{_FORM} {name} {page.url} {page.content_type}\n".encode() + page.content).hexdigest()
    kept = directory / f"{hashlib.sha256(page.url.encode()).hexdigest()}.files"
    before = ""
    with contextlib.suppress(OSError, ValueError):
        before = kept.read_text(encoding="utf-8")
    with _READING:
        known = _recalled(before, digest)
        if known is not None:
            return known
        found = _parsed(name, page)
        after = json.dumps({"of": digest, "files": [_row(file) for file in found]})
    with contextlib.suppress(OSError):
        files.write(kept, after)
    return found


def _row(file: File) -> tuple[str, str, str, str, str, bool, str, bool]:
    uploaded = file.uploaded.isoformat() if file.uploaded else ""
    return (str(file.version), file.filename, file.url, file.sha256, uploaded, file.yanked, file.requires_python, file.is_wheel)


def _recalled(text: str, digest: str) -> tuple[File, ...] | None:
    """Return what was kept of a page, or None where that is of another page, or is not whole."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(text)
        if told["of"] == digest:
            return tuple(_restored(told["files"]))
    return None


def _restored(rows: Sequence[tuple[str, str, str, str, str, bool, str, bool]]) -> Iterator[File]:
    versions: dict[str, Version] = {}
    for version, filename, url, sha256, uploaded, yanked, requires_python, is_wheel in rows:
        yield File(
            version=versions.get(version) or versions.setdefault(version, Version(version)),
            filename=filename,
            url=url,
            sha256=sha256,
            uploaded=datetime.datetime.fromisoformat(uploaded) if uploaded else None,
            yanked=yanked,
            requires_python=requires_python,
            is_wheel=is_wheel,
        )


def _parsed(name: str, page: Page) -> tuple[File, ...]:
    kind = page.content_type
    source = IndexPage(Link(page.url), page.content, page.encoding, kind)
    if kind.lower().startswith("application/vnd.pypi.simple.v1+json"):
        links = list(parse_json_response(source))
    elif kind.lower().startswith(("text/html", "application/vnd.pypi.simple.v1+html")):
        links = list(parse_html_page(source))
    else:
        raise LinkCollectError(f"content type {kind or 'not given'}")
    found = tuple(_files(name, links))
    # A project may have no files, but a page that says nothing of files at all is somebody else's.
    if not found and not any(mark in page.content for mark in (b"pypi:repository-version", b'"files"')):
        raise LinkCollectError("a page that lists no files")
    return found


def _files(name: str, links: Sequence[Link]) -> Iterator[File]:
    wanted = canonicalize_name(name)
    evaluator = Evaluator(
        package_name=name,
        target_python=TargetPython(),
        ignore_compatibility=True,
        allow_yanked=True,
        format_control=FormatControl(no_binary=set(), only_binary=set()),
    )
    for link in links:
        filename = link.filename  # each use parses the address anew
        is_wheel = filename.endswith(".whl")
        try:
            if is_wheel:
                # Most files are wheels: large projects list thousands, and the evaluator takes several times as long for one.
                own, version, *_ = parse_wheel_filename(filename)
                if own != wanted:
                    continue
            else:
                package = evaluator.evaluate_link(link)
                if package is None or package.version is None:
                    continue
                version = Version(package.version)
        except (InvalidWheelFilename, InvalidVersion):
            continue
        hashes = link.hash_option or {}
        yield File(
            version=version,
            filename=filename,
            url=link.normalized,
            sha256=(hashes.get("sha256") or [""])[0].lower(),
            uploaded=link.upload_time.replace(microsecond=0) if link.upload_time else None,
            yanked=link.is_yanked,
            requires_python=link.requires_python or "",
            is_wheel=is_wheel,
        )
