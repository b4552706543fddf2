"""An index on this machine (PEP 503, PEP 691), which holds what a test puts into it."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from .running import Runner

JSON = "application/vnd.pypi.simple.v1+json"
OLD, NEW = "2026-01-01T12:00:00.000000Z", "2026-06-01T12:00:00.000000Z"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Hold one file of a project page: what the index says of it, and what it delivers."""

    path: Path
    sha256: str = ""
    uploaded: str = ""
    yanked: bool = False
    requires_python: str = ""
    gone: bool = False

    @property
    def data(self) -> bytes:
        """Return the contents of the file."""
        return self.path.read_bytes()

    def said(self, url: str) -> dict[str, Any]:
        """Return what a JSON page says of the file."""
        return {
            "filename": self.path.name,
            "url": url,
            "hashes": {"sha256": self.sha256 or hashlib.sha256(self.data).hexdigest()},
            "yanked": self.yanked,
            **({"upload-time": self.uploaded} if self.uploaded else {}),
            **({"requires-python": self.requires_python} if self.requires_python else {}),
        }


class LocalIndex:
    """Serve project pages and files."""

    def __init__(self, server: HTTPServer, cache: Path) -> None:
        self.server = server
        self.cache = cache
        self.environ = {"PIP_INDEX_URL": server.url_for("/simple")}
        self.asked: list[str] = []
        self.pages: dict[str, tuple[str, str, int]] = {}
        self.changed: dict[str, datetime.datetime] = {}  # when each page got the text that it has
        self.validator = ""  # "ETag" or "Last-Modified", of an index that gives one
        self.sent = 0  # pages that were delivered, not only confirmed

    @property
    def run(self) -> Runner:
        """Return a runner whose commands ask this index."""
        return Runner(cache=self.cache, environ=self.environ)

    def add(self, project: str, *entries: Entry) -> LocalIndex:
        """Add a project with its files."""
        for entry in entries:
            self.server.expect_request(f"/files/{project}/{entry.path.name}").respond_with_data(
                entry.data, 410 if entry.gone else 200
            )
        said = [entry.said(self.server.url_for(f"/files/{project}/{entry.path.name}")) for entry in entries]
        page = {"meta": {"api-version": "1.1"}, "name": project, "files": said, "versions": []}
        return self.answer(project, json.dumps(page), JSON)

    def add_html(self, project: str, *entries: Entry) -> LocalIndex:
        """Add a project as an index without JSON shows it."""
        links = ""
        for entry in entries:
            self.server.expect_request(f"/files/{project}/{entry.path.name}").respond_with_data(entry.data)
            url = self.server.url_for(f"/files/{project}/{entry.path.name}")
            links += f'<a href="{url}#sha256={entry.sha256 or hashlib.sha256(entry.data).hexdigest()}">{entry.path.name}</a>\n'
        return self.answer(project, f"<!DOCTYPE html><html><body>{links}</body></html>", "text/html")

    def answer(self, project: str, text: str, content_type: str, status: int = 200) -> LocalIndex:
        """Answer with this text where a project page is asked for."""

        def handler(request: Request) -> Response:
            self.asked.append(request.path)
            return self._respond(request, self.changed[project], *self.pages[project])

        if project not in self.pages:
            self.server.expect_request(f"/simple/{project}/").respond_with_handler(handler)
        if self.pages.get(project) != (text, content_type, status):
            # Each text is a day younger than the one before it: by their dates, pages are as old as they are in truth.
            before = self.changed.get(project, datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
            self.changed[project] = before + datetime.timedelta(days=1)
        self.pages[project] = (text, content_type, status)
        return self

    def _respond(self, request: Request, changed: datetime.datetime, text: str, content_type: str, status: int) -> Response:
        response = Response(text, status=status, content_type=content_type)
        if self.validator == "ETag":
            response.set_etag(hashlib.sha256(text.encode()).hexdigest())
        elif self.validator:
            response.last_modified = changed
        response.make_conditional(request)
        self.sent += response.status_code == 200
        return response
