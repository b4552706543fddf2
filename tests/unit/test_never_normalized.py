"""What must never be normalized away, whatever else two wheels differ in."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reprowheels import causes
from reprowheels.compare import compare
from reprowheels.results import Finding
from reprowheels.wheel import Wheel, read

from . import wheels

INFO = "sample_project-1.0.dist-info"


def pair(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> tuple[Wheel, Wheel]:
    return read(wheels.wheel(tmp_path / "1", **first)), read(wheels.wheel(tmp_path / "2", **second))


def found(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.cause, finding.variation) for finding in findings]


@pytest.mark.parametrize("mode", [0o100755, 0o120644, 0o104644, 0o040644], ids=["executable", "symlink", "setuid", "directory"])
def test_the_executable_bit_and_the_type_of_a_file_are_never_normalized(tmp_path: Path, mode: int) -> None:
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": {"mode": mode}}})
    findings = causes.find(one, two)
    assert found(findings) == [("file-mode", "")]
    assert causes.verdict(compare(one, two), findings) == ("different", ())


def _before(data: bytes) -> bytes:
    return b"#!/bin/sh\n" + data


def _after(data: bytes) -> bytes:
    return data + b"x"


def _between(data: bytes) -> bytes:
    """Put bytes before the central directory, and move that."""
    end = data.rfind(b"PK\x05\x06")
    size, start = struct.unpack("<LL", data[end + 12 : end + 20])
    return (
        data[:start] + b"more" + data[start:end] + data[end : end + 12] + struct.pack("<LL", size, start + 4) + data[end + 20 :]
    )


def _local_date(data: bytes) -> bytes:
    return data[:10] + b"\0\0\x21\0" + data[14:]


def _local_name(data: bytes) -> bytes:
    return data[:30] + data[30:].replace(b"sample/", b"Sample/", 1)


def _twice(data: bytes) -> bytes:
    """Add a member of a name that is there already."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(wheels.info("sample/util.py"), "def two():\n    return 3\n")
    return buffer.getvalue()


@pytest.mark.parametrize("change", [_before, _after, _between, _local_date, _local_name, _twice])
def test_what_is_odd_about_an_archive_is_never_normalized(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """Not even where all members are the same, and beside what is."""
    one = wheels.wheel(tmp_path / "1")
    two = wheels.wheel(tmp_path / "2", fields={"sample/__init__.py": {"date": (2021, 1, 2, 3, 4, 6)}})
    assert causes.verdict(compare(read(one), read(two)), causes.find(read(one), read(two)))[0] == "equivalent"
    two.write_bytes(change(two.read_bytes()))
    comparison = compare(read(one), read(two))
    findings = causes.explained(comparison)
    assert causes.verdict(comparison, findings) == ("different", ())
    assert {"zip-structure", "unexplained"} & {finding.cause for finding in findings}
    assert read(two).container_problems


def test_a_record_that_lies_in_both_wheels_is_never_normalized(tmp_path: Path) -> None:
    """It is verified for each wheel by itself, before it is left out of the comparison."""
    false = {f"{INFO}/RECORD": wheels.record({"sample/util.py": "something else"}, INFO)}
    first, second = {"files": {**wheels.PACKAGE, **false}}, {"files": {**wheels.PACKAGE, **false}}
    one, two = pair(tmp_path, first, {**second, "fields": {"sample/util.py": {"date": (2021, 1, 2, 3, 4, 6)}}})
    findings = causes.find(one, two)
    assert found(findings) == [("zip-timestamp", "")]
    assert causes.verdict(compare(one, two), findings) == ("different", ())


def test_the_line_of_the_generator_is_never_normalized(tmp_path: Path) -> None:
    texts = wheels.WHEEL, wheels.WHEEL.replace("sample 1.0", "sample 2.0")
    one, two = pair(tmp_path, *({"files": {**wheels.PACKAGE, f"{INFO}/WHEEL": text}} for text in texts))
    findings = causes.find(one, two)
    assert found(findings) == [("tool-version", "")]
    assert causes.verdict(compare(one, two), findings) == ("different", ())
