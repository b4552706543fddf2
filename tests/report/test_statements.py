from __future__ import annotations

import json
from pathlib import Path

from . import building


def test_each_statement_of_a_page_is_there(any_site: Path) -> None:
    """And each that is there is linked from a page, is valid JSON, and names its subject by hash."""
    linked = set()
    for path in sorted((any_site / "project").glob("*.html")):
        for link in building.Page(path).links:
            if "/statements/" in link:
                linked.add((path.parent / link).resolve())
    there = {path.resolve() for path in (any_site / "statements").glob("*.intoto.json")}
    assert there
    assert linked == there
    for path in there:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert len(content["subject"][0]["digest"]["sha256"]) == 64
