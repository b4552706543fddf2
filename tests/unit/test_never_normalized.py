"""What must never be normalized away, whatever else two wheels differ in."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reprowheels import candidates, causes, verdicts
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
    assert verdicts.verdict(compare(one, two), findings) == ("different", ())


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
    assert verdicts.verdict(compare(read(one), read(two)), causes.find(read(one), read(two)))[0] == "equivalent"
    two.write_bytes(change(two.read_bytes()))
    comparison = compare(read(one), read(two))
    findings = causes.explained(comparison)
    assert verdicts.verdict(comparison, findings) == ("different", ())
    assert {"zip-structure", "unexplained"} & {finding.cause for finding in findings}
    assert read(two).container_problems


def _named_anew(data: bytes) -> bytes:
    """Clear the flag that says that names are UTF-8, in both headers of each member whose name is not ASCII."""
    changed = bytearray(data)
    for signature, flags, names in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        start = data.find(signature)
        while start >= 0:
            if not data[start + names : start + names + 10].isascii():
                changed[start + flags + 1] &= ~0x08
            start = data.find(signature, start + 1)
    return bytes(changed)


def test_a_flag_that_makes_a_name_another_one_is_never_normalized(tmp_path: Path) -> None:
    """Without the flag for UTF-8, installers read the same bytes as code page 437."""
    one, two = (wheels.wheel(tmp_path / side, {**wheels.PACKAGE, "sample/é.py": ""}) for side in "12")
    two.write_bytes(_named_anew(two.read_bytes()))
    comparison = compare(read(one), read(two))
    assert "sample/é.py" in candidates.differing(comparison)
    assert verdicts.verdict(comparison, causes.explained(comparison)) == ("different", ())


@pytest.mark.parametrize(
    ("name", "mode", "content"),
    [("evil.pth", 0o040755, b"import os\n"), ("evil/", 0o040755, b""), ("sample/evil/", 0o040755, b"")],
    ids=["a file with the mode of a directory", "directory", "directory in a directory"],
)
def test_a_member_more_is_never_normalized_whatever_its_mode_says(tmp_path: Path, name: str, mode: int, content: bytes) -> None:
    """Installers know a directory by its name; and a directory that nothing lies in is a member more."""
    one, two = wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2")
    with zipfile.ZipFile(two, "a") as archive:
        info = wheels.info(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)
    comparison = compare(read(one), read(two))
    assert candidates.differing(comparison) == {name}
    assert verdicts.verdict(comparison, causes.explained(comparison)) == ("different", ())


class _Stream(io.RawIOBase):
    """Take bytes one after the other, as a pipe does, so that zipfile writes data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)


@pytest.mark.parametrize(("field", "verdict"), [(None, "equivalent"), (4, "different"), (12, "different")])
def test_a_data_descriptor_that_lies_is_never_normalized(tmp_path: Path, field: int | None, verdict: str) -> None:
    """Whoever reads an archive as a stream sees what it says, and not the central directory."""
    one = wheels.wheel(tmp_path / "1")
    stream = _Stream()
    with zipfile.ZipFile(one) as source, zipfile.ZipFile(stream, "w") as archive:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, member.date_time)
            info.compress_type, info.external_attr = member.compress_type, member.external_attr
            archive.writestr(info, source.read(member))
    if field is not None:
        stream.data[stream.data.find(b"PK\x07\x08") + field] ^= 0xFF
    two = tmp_path / "2" / one.name
    two.parent.mkdir()
    two.write_bytes(stream.data)
    comparison = compare(read(one), read(two))
    assert verdicts.verdict(comparison, causes.explained(comparison))[0] == verdict
    assert bool(read(two).container_problems) == (verdict == "different")


def test_a_directory_with_a_content_is_odd(tmp_path: Path) -> None:
    two = wheels.wheel(tmp_path / "2")
    with zipfile.ZipFile(two, "a") as archive:
        archive.writestr(wheels.info("sample/"), "import os\n")
    assert read(two).container_problems == ("sample/: is a directory by its name and has a content",)


def test_a_record_that_lies_in_both_wheels_is_never_normalized(tmp_path: Path) -> None:
    """It is verified for each wheel by itself, before it is left out of the comparison."""
    false = {f"{INFO}/RECORD": wheels.record({"sample/util.py": "something else"}, INFO)}
    first, second = {"files": {**wheels.PACKAGE, **false}}, {"files": {**wheels.PACKAGE, **false}}
    one, two = pair(tmp_path, first, {**second, "fields": {"sample/util.py": {"date": (2021, 1, 2, 3, 4, 6)}}})
    findings = causes.find(one, two)
    assert found(findings) == [("zip-timestamp", "")]
    assert verdicts.verdict(compare(one, two), findings) == ("different", ())


def test_the_line_of_the_generator_is_never_normalized(tmp_path: Path) -> None:
    texts = wheels.WHEEL, wheels.WHEEL.replace("sample 1.0", "sample 2.0")
    one, two = pair(tmp_path, *({"files": {**wheels.PACKAGE, f"{INFO}/WHEEL": text}} for text in texts))
    findings = causes.find(one, two)
    assert found(findings) == [("tool-version", "")]
    assert verdicts.verdict(compare(one, two), findings) == ("different", ())
