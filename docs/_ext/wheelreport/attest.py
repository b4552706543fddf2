"""The in-toto statements of a result, as files beside its page."""

from __future__ import annotations

from pathlib import Path

from reprowheels import statements
from reprowheels.results import Result

DIRECTORY = "statements"


def of(result: Result | None) -> dict[str, str]:
    """Return the texts of the statements of a result by the names of their files."""
    return {statement.filename: statement.text() for statement in statements.of(result)} if result else {}


def places(name: str) -> dict[str, str]:
    """Return where the statements of a project may be, by their kind."""
    return {kind: f"{DIRECTORY}/{name}.{kind}.intoto.json" for kind in statements.KINDS}


def listed(result: Result | None) -> list[tuple[str, str]]:
    """Return kind and place of each statement of a result."""
    return [(name.split(".")[-3], f"{DIRECTORY}/{name}") for name in of(result)]


def texts(result: Result | None, name: str) -> dict[Path, str]:
    """Return what is at each place of a project: a text, or nothing where the result makes no such statement."""
    found = of(result)
    return {Path(place): found.get(Path(place).name, "") for place in places(name).values()}
