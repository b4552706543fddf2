"""Why a published wheel and a rebuilt one differ, in sentences."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from reprowheels import archive, reasons, wheel
from reprowheels.compare import compare
from reprowheels.wheel import Wheel

from . import elves, wheels

PLAIN, REPAIRED = "sample_project-1.0-cp311-cp311-linux_x86_64.whl", "sample_project-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
PURE = "sample_project-1.0-py3-none-any.whl"


def made(directory: Path, name: str, text: bytes = b"code", generator: str = "setuptools (80.9.0)", **more: str | bytes) -> Wheel:
    tag = name.removesuffix(".whl").split("-", 2)[2]
    head = f"Wheel-Version: 1.0\nGenerator: {generator}\nRoot-Is-Purelib: {str(tag == 'py3-none-any').lower()}\nTag: {tag}\n"
    files = {**wheels.PACKAGE, "sample_project-1.0.dist-info/WHEEL": head, **more}
    if tag != "py3-none-any":
        files["sample/fast.so"] = text
    return wheel.read(wheels.wheel(directory, files, name=name))


def test_what_is_not_compiled_is_counted_apart(tmp_path: Path) -> None:
    one, two = made(tmp_path / "1", REPAIRED, b"1"), made(tmp_path / "2", PLAIN, b"2")
    told = reasons.reasons(compare(one, two))
    assert "3 of 3 files that are not compiled are equal" in told
    assert any("manylinux_2_28_x86_64" in line and "linux_x86_64" in line for line in told)


def test_a_module_that_differs_is_not_hidden_by_what_is_compiled(tmp_path: Path) -> None:
    one, two = made(tmp_path / "1", PLAIN), made(tmp_path / "2", PLAIN, **{"sample/util.py": "evil = 1\n"})
    assert "2 of 3 files that are not compiled are equal" in reasons.reasons(compare(one, two))


def test_bundled_libraries_and_directories_are_named(tmp_path: Path) -> None:
    more = {"sample_project.libs/libjpeg-1234.so.62": b"library", "sample/": b""}
    one, two = made(tmp_path / "1", REPAIRED, **more), made(tmp_path / "2", PLAIN)
    told = " | ".join(reasons.reasons(compare(one, two)))
    assert "1 library was put into the published wheel: sample_project.libs/libjpeg-1234.so.62" in told
    assert "lists directories" in told


@pytest.mark.parametrize(
    ("name", "generator", "expected"),
    [
        (REPAIRED, "setuptools (80.9.0)", True),
        (REPAIRED, "maturin (1.9.0)", False),
        (PLAIN, "setuptools (80.9.0)", False),
        (PURE, "setuptools (80.9.0)", False),
    ],
)
def test_a_repaired_wheel_is_recognised(tmp_path: Path, name: str, generator: str, expected: bool) -> None:
    assert reasons.repaired(made(tmp_path, name, generator=generator)) is expected


def test_compilers_and_equal_sections_are_told(tmp_path: Path) -> None:
    common = {".text": b"code", ".rodata": b"words"}
    one = made(tmp_path / "1", PLAIN, elves.elf({**common, ".comment": b"GCC: (GNU) 14.2.1\0"}))
    two = made(tmp_path / "2", PLAIN, elves.elf({**common, ".comment": b"GCC: (Debian) 12.2.0\0"}))
    compiler, sections = (line for line in reasons.reasons(compare(one, two)) if line.startswith("sample/fast.so"))
    assert compiler.endswith(": compiled by GCC: (GNU) 14.2.1, here by GCC: (Debian) 12.2.0")
    assert "the machine code among them" in sections


def test_what_compiled_files_share_is_told_once(tmp_path: Path) -> None:
    def wheel(place: str, comment: bytes, **more: bytes) -> Wheel:
        parts = {".text": b"code", ".comment": comment + b"\0", **more}
        others = {f"sample/{name}.so": elves.elf(parts) for name in ("slow", "slower")}
        return made(tmp_path / place, PLAIN, elves.elf(parts), **others)

    one, two = wheel("1", b"GCC: (GNU) 14.2.1"), wheel("2", b"GCC: (Debian) 12.2.0", **{".debug_info": b"lines"})
    told = [line for line in reasons.reasons(compare(one, two)) if ".so: " not in line]
    assert "3 of 3 compiled files that differ: compiled by GCC: (GNU) 14.2.1, here by GCC: (Debian) 12.2.0" in told
    assert "3 of 3 compiled files that differ: debug information is in the rebuilt one only" in told
    assert len([line for line in reasons.reasons(compare(one, two)) if ".so: " in line]) == 3


@pytest.mark.parametrize("size", range(560, 600, 4))
def test_a_large_file_tells_its_compilers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Wherever its pieces end."""
    monkeypatch.setattr(reasons, "_LARGEST", 64)
    monkeypatch.setattr(archive, "_PIECE", 300)

    def wheel(place: str, *comment: bytes) -> Wheel:
        return made(tmp_path / place, PLAIN, random.Random(size).randbytes(size) + b"\0".join((b"", *comment, b"")))

    one, two = (
        wheel("1", b"GCC: (GNU) 14.2.1", b"Linker: LLD 19.1.7"),
        wheel("2", b"GCC: (Debian) 12.2.0", b"GCC: (Debian) 12.2.0"),
    )
    told = [line for line in reasons.reasons(compare(one, two)) if line.startswith("sample/fast.so")]
    assert told == [
        "sample/fast.so: compiled by GCC: (GNU) 14.2.1, Linker: LLD 19.1.7, here by GCC: (Debian) 12.2.0",
        "sample/fast.so: too large for its sections to be compared",
    ]
