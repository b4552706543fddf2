"""Edit projects.toml as a person would: one table more, one group more; comments and everything else stay as they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence

_HEAD = "[[project]]"
_NAME = re.compile(r'^name\s*=\s*"([^"]*)"', re.MULTILINE)
_GROUPS = re.compile(r"^groups\s*=\s*\[[^\]]*\]", re.MULTILINE)


def _blocks(text: str) -> tuple[str, list[str]]:
    """Return what comes before the first table, and each table with the comments right above it."""
    lines = text.splitlines(keepends=True)
    starts = []
    for number, line in enumerate(lines):
        if line.strip() == _HEAD:
            start = number
            while start and lines[start - 1].startswith("#"):
                start -= 1
            starts.append(start)
    ends = [*starts[1:], len(lines)]
    blocks = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    return "".join(lines[: starts[0]] if starts else lines), blocks


def _name(block: str) -> str:
    found = _NAME.search(block)
    return found.group(1) if found else ""


def grouped(text: str, wanted: Mapping[str, Sequence[str]]) -> str:
    """Return the text with these projects in these groups; one that is not in the file is added in its place by name.

    Raises ValueError when the text cannot be edited so that this, and nothing else, comes out.
    """
    head, blocks = _blocks(text)
    left = dict(wanted)
    for number, block in enumerate(blocks):
        groups = left.pop(_name(block), None)
        if groups is not None:
            found = _GROUPS.search(block)
            if found:
                blocks[number] = f"{block[: found.start()]}groups = {json.dumps(list(groups))}{block[found.end() :]}"
    for name, groups in sorted(left.items()):
        new = f'{_HEAD}\nname = "{name}"\ngroups = {json.dumps(list(groups))}\n\n'
        place = next((number for number, block in enumerate(blocks) if _name(block) > name), len(blocks))
        if place == len(blocks) and blocks:
            blocks[-1] = blocks[-1].rstrip("\n") + "\n\n"
        blocks.insert(place, new)
    if blocks:
        blocks[-1] = blocks[-1].rstrip("\n") + "\n"
    edited = head + "".join(blocks)
    _verify(text, edited, wanted)
    return edited


def groups_of(text: str) -> dict[str, list[str]]:
    """Return the groups of each project, by name."""
    return {table["name"]: list(table["groups"]) for table in tomllib.loads(text).get("project", [])}


def _verify(before: str, after: str, wanted: Mapping[str, Sequence[str]]) -> None:
    """Compare what both texts say: the groups that are wanted, and nothing else, may differ."""
    old = {table["name"]: table for table in tomllib.loads(before).get("project", [])}
    expected = {**old, **{name: {**old.get(name, {"name": name}), "groups": list(groups)} for name, groups in wanted.items()}}
    if {table["name"]: table for table in tomllib.loads(after)["project"]} != expected:
        raise ValueError("projects.toml is written in a way that this program cannot edit; edit it by hand")
