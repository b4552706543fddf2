"""The table of causes: what makes two wheels differ, whose layer it is, and what a maintainer can do.

The table itself is catalogue.toml beside this module, so that a cause is one entry and other programs can read it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

LAYERS = ("project", "backend", "compiler", "frontend", "environment")
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Hold one cause: a stable id, one sentence, whose layer it is, advice, a link, and the variations that show it.

    `folds` says that wheels which differ in this alone count as equivalent: installers ignore it. `shows` is a regular
    expression for the words that show it, where these are enough. `remedy` names what a
    build can try against it, one of `advice.REMEDIES`; `explanation` says how it comes about, `fixes` what to do with
    each build backend, in pairs.
    """

    id: str
    layer: str
    sentence: str
    advice: str
    link: str
    variations: tuple[str, ...] = ()
    folds: bool = False
    shows: str = ""
    remedy: str = ""
    explanation: str = ""
    fixes: tuple[tuple[str, str], ...] = ()


def _read() -> tuple[Cause, ...]:
    text = (resources.files(__package__) / "catalogue.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)["cause"]
    return tuple(
        Cause(**{**table, "variations": tuple(table.get("variations", ())), "fixes": tuple(table.get("fixes", {}).items())})
        for table in tables
    )


CAUSES: tuple[Cause, ...] = _read()
BY_ID: Mapping[str, Cause] = {cause.id: cause for cause in CAUSES}
ORDER: Mapping[str, int] = {cause.id: index for index, cause in enumerate(CAUSES)}

# What a variation does to contents where nothing in the bytes says it better.
BY_VARIATION: Mapping[str, str] = {
    "source-mode": "umask",
    "hash-seed": "hash-order",
    "time": "build-timestamp",
    "aslr": "memory-address",
    "git-parent": "git-metadata",
}
