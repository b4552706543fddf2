"""What a wheel says of the tools that built it: its Generator line, and its SBOMs (PEP 770, CycloneDX). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .errors import WheelError
from .wheel import Wheel

# Who writes which Generator line into WHEEL: the distribution that has to be pinned.
_GENERATORS = {
    "setuptools": "setuptools",
    "bdist_wheel": "wheel",
    "flit": "flit-core",
    "flit_core": "flit-core",
    "hatchling": "hatchling",
    "poetry-core": "poetry-core",
    "poetry": "poetry-core",
    "pdm-backend": "pdm-backend",
    "pdm-pep517": "pdm-pep517",
    "uv": "uv-build",
    "maturin": "maturin",
    "meson": "meson-python",
    "scikit-build-core": "scikit-build-core",
    "whey": "whey",
    "enscons": "enscons",
    "sip-build": "sip",
}
_LARGEST = 64 << 20  # bytes of an SBOM that is looked into
_TOOL = re.compile(r"pkg:pypi/([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)@([0-9A-Za-z.+!_-]+)")
_PYTHON = re.compile(r"pkg:generic/c?python@(3\.\d{1,3}\.\d{1,3})")
_EPOCH = re.compile(r"\d{1,10}")


@dataclass(frozen=True, kw_only=True)
class Told:
    """Hold what the SBOMs of a wheel say of its build.

    `tools` are pairs of a normalized name and a version, `python` is the full version of CPython or "", `epoch` the
    SOURCE_DATE_EPOCH or None.
    """

    tools: tuple[tuple[str, str], ...] = ()
    python: str = ""
    epoch: int | None = None


def generator(wheel: Wheel) -> tuple[str, str]:
    """Return the distribution and version that wrote a wheel, by its Generator line, or two empty strings."""
    found = re.match(r"([A-Za-z0-9_.-]+)[ -]+\(?([0-9][A-Za-z0-9.+!-]*)\)?", wheel.generator)
    name = _GENERATORS.get(found.group(1).lower(), "") if found else ""
    return (name, found.group(2)) if found and name else ("", "")


def told(wheel: Wheel) -> Told:
    """Return what the SBOMs of a wheel say of its build; one that cannot be read says nothing.

    Of the components those count that `metadata.tools` names: the others are parts of the wheel.
    """
    tools: dict[str, str] = {}
    pythons, epochs = [], []
    for sbom in _sboms(wheel):
        for component in _tools(sbom):
            purl = str(component.get("purl", ""))
            if (found := _TOOL.fullmatch(purl)) and _is_version(found.group(2)):
                tools.setdefault(canonicalize_name(found.group(1)), found.group(2))
            elif found := _PYTHON.fullmatch(purl):
                pythons.append(found.group(1))
        epochs += [int(value) for value in _variables(sbom, "SOURCE_DATE_EPOCH") if _EPOCH.fullmatch(value)]
    return Told(tools=tuple(sorted(tools.items())), python=next(iter(pythons), ""), epoch=next(iter(epochs), None))


def tools_apart(first: Wheel, second: Wheel, name: str) -> tuple[str, str] | None:
    """Return the tools that the SBOMs of this name in two wheels give in other versions, or None."""
    if "/sboms/" not in name:
        return None
    sides = [
        {
            str(tool["name"]): str(tool["version"])
            for sbom in _sboms(one, name)
            for tool in _tools(sbom)
            if {"name", "version"} <= tool.keys()
        }
        for one in (first, second)
    ]
    moved = sorted(tool for tool in sides[0].keys() | sides[1].keys() if sides[0].get(tool) != sides[1].get(tool))
    if not moved:
        return None
    one, two = (", ".join(f"{tool} {side.get(tool, 'not named')}" for tool in moved) for side in sides)
    return one, two


def _tools(sbom: Any) -> Iterator[dict[str, Any]]:
    """Yield the components that an SBOM calls tools of the build."""
    return _items(_at(sbom, "metadata", "tools", "components"))


def _sboms(wheel: Wheel, name: str = "") -> Iterator[Any]:
    """Yield the SBOMs of a wheel that can be read, or the one of a name."""
    for member in wheel.members:
        if name in ("", member.name) and member.name.startswith(f"{wheel.dist_info}/sboms/") and member.name.endswith(".json"):
            try:
                yield json.loads(wheel.archive.content(member, _LARGEST))
            except (WheelError, ValueError, RecursionError):
                continue


def _at(value: Any, *keys: str) -> Any:
    """Return what lies below some keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _items(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, if it is one."""
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _variables(sbom: Any, name: str) -> Iterator[str]:
    """Yield the values of an environment variable that the formulation of an SBOM gives as an input of the build."""
    for formula in _items(_at(sbom, "formulation")):
        for workflow in _items(formula.get("workflows")):
            for given in _items(workflow.get("inputs")):
                yield from (str(item.get("value")) for item in _items(given.get("environmentVars")) if item.get("name") == name)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
