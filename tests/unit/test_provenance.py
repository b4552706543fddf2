"""What a wheel says of the tools that built it, also where a stranger has written nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reprowheels import causes, inference, provenance, wheel
from reprowheels.provenance import Told
from reprowheels.wheel import Wheel

from . import wheels

INFO = "sample_project-1.0.dist-info"


def made(directory: Path, **sboms: str) -> Wheel:
    files = {f"{INFO}/METADATA": wheels.METADATA, f"{INFO}/WHEEL": wheels.WHEEL.replace("sample 1.0", "hatchling 1.32.4")}
    described = {f"{INFO}/sboms/{name}.cdx.json": text for name, text in sboms.items()}
    return wheel.read(wheels.wheel(directory, {**wheels.PACKAGE, **files, **described}))


def sbom(*purls: Any, epoch: Any = None) -> str:
    given = [{"environmentVars": [{"name": "SOURCE_DATE_EPOCH", "value": epoch}]}]
    return json.dumps(
        {
            "metadata": {"tools": {"components": [{"purl": purl} for purl in purls]}},
            "components": [{"purl": "pkg:pypi/vendored@9.9"}],
            "formulation": [{"workflows": [{"inputs": given}]}],
        }
    )


def test_tools_python_and_epoch_are_read(tmp_path: Path) -> None:
    text = sbom("pkg:generic/cpython@3.15.2", "pkg:pypi/Hatch_VCS@0.5.0", "pkg:cargo/serde@1.0", epoch="1793988917")
    assert provenance.told(made(tmp_path, build=text)) == Told(tools=(("hatch-vcs", "0.5.0"),), python="3.15.2", epoch=1793988917)


def test_a_guess_takes_what_is_told_and_the_generator_decides(tmp_path: Path) -> None:
    text = sbom("pkg:generic/cpython@3.15.2", "pkg:pypi/hatchling@1.0", "pkg:pypi/packaging@26.3", epoch="1793988917")
    guess = inference.guess(made(tmp_path, build=text), {})
    assert (guess.pins, guess.tools) == (("hatchling==1.32.4",), ("packaging==26.3",))
    assert (guess.python, guess.epoch) == ("3.15.2", 1793988917)


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:pypi/evil@1.0\n-r /etc/passwd",
        "pkg:pypi/evil@1.0?download_url=https://example.org/evil.whl",
        "pkg:pypi/evil @ file:///evil@1.0",
        "pkg:pypi/--index-url@1.0",
        "pkg:pypi/evil@not-a-version",
        "pkg:generic/cpython@3.11.2/../../evil",
        "pkg:generic/cpython@*",
        "",
        None,
        7,
        ["pkg:pypi/evil@1.0"],
    ],
)
def test_what_is_no_name_and_version_says_nothing(tmp_path: Path, purl: Any) -> None:
    assert provenance.told(made(tmp_path, build=sbom(purl, epoch="soon"))) == Told()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '{"metadata": []}',
        '{"metadata": {"tools": [{"name": "old"}]}}',
        '{"formulation": [7]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_sbom_says_nothing(tmp_path: Path, text: str) -> None:
    assert provenance.told(made(tmp_path, build=text)) == Told()


def test_tools_that_two_sboms_name_are_a_cause_and_what_else_differs_stays_unexplained(tmp_path: Path) -> None:
    def named(version: str, serial: str) -> str:
        tools = [{"name": "cpython", "version": version}, {"name": "same", "version": "1"}, {"name": "no version"}]
        return json.dumps({"serialNumber": serial, "metadata": {"tools": {"components": tools}}}, indent=1)

    one, two = (
        made(tmp_path / number, build=named(version, number)) for version, number in (("3.11.7", "one"), ("3.15.2", "two"))
    )
    findings = causes.find(one, two)
    assert [(finding.cause, finding.members) for finding in findings] == [
        ("tool-version", (f"{INFO}/sboms/build.cdx.json",)),
        ("unexplained", (f"{INFO}/sboms/build.cdx.json",)),
    ]
    assert findings[0].evidence == "cpython 3.11.7 ≠ cpython 3.15.2"


def test_a_broken_sbom_does_not_hide_another(tmp_path: Path) -> None:
    assert provenance.told(made(tmp_path, a="{", b=sbom("pkg:pypi/x@1"))).tools == (("x", "1"),)
