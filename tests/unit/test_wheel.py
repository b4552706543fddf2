from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprowheels import archive
from reprowheels.errors import WheelError
from reprowheels.wheel import read

from . import wheels


def test_a_wheel_says_what_it_is(tmp_path: Path) -> None:
    path = wheels.wheel(tmp_path)
    found = read(path)
    assert (found.filename, found.name, found.version) == (path.name, "sample-project", "1.0")
    assert found.size == path.stat().st_size
    assert found.pure
    assert found.generator == "sample 1.0"
    assert found.metadata.name == "Sample.Project"
    assert found.metadata.summary == "A sample"
    assert found.metadata.urls == (("Homepage", "https://example.invalid/home"), ("Source", "https://example.invalid/source"))
    assert found.record_problems == ()
    assert found.container_problems == ()
    assert [member.name for member in found.members][:2] == ["sample/__init__.py", "sample/util.py"]
    assert found.members[0].date == wheels.DATE
    assert found.archive.content(found.members[0]) == b"VALUE = 1\n"


@pytest.mark.parametrize("name", ["sample.zip", "sample-1.0.whl", "sample_project-one-py3-none-any.whl"])
def test_a_file_without_the_name_of_a_wheel_is_refused(tmp_path: Path, name: str) -> None:
    path = wheels.wheel(tmp_path).rename(tmp_path / name)
    with pytest.raises(WheelError, match="sample"):
        read(path)


@pytest.mark.parametrize("method", [0, 8, 12, 14])
def test_every_compression_method_is_read(tmp_path: Path, method: int) -> None:
    path = wheels.wheel(tmp_path, {"a.txt": "word " * 200_000}, fields={"a.txt": {"compress_type": method}})
    found = read(path)
    assert found.archive.content(found.members[0]) == b"word " * 200_000
    assert found.record_problems == ()


def test_a_false_record_is_told(tmp_path: Path) -> None:
    every = wheels.contents()
    every["sample/util.py"] = "def two():\n    return 3\n"
    every["sample/extra.py"] = ""
    every["sample_project-1.0.dist-info/RECORD"] = str(every["sample_project-1.0.dist-info/RECORD"]) + "sample/gone.py,,\n"
    problems = read(wheels.write(tmp_path / "sample_project-1.0-py3-none-any.whl", every)).record_problems
    assert problems == (
        "sample/util.py: its hash is not the one in RECORD",
        "sample/gone.py: is listed in RECORD and not in the wheel",
        "sample/extra.py: is not listed in RECORD",
    )


def test_a_name_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    path = wheels.wheel(tmp_path, {"sample/caf_.dat": "x"})
    path.write_bytes(path.read_bytes().replace(b"caf_.dat", b"caf\xe9.dat"))
    found = read(path)
    assert found.members[0].raw_name == b"sample/caf\xe9.dat"
    assert found.members[0].name == "sample/caf\\xe9.dat"


def test_bytes_around_the_archive_are_told(tmp_path: Path) -> None:
    path = wheels.wheel(tmp_path)
    path.write_bytes(b"#!prefix" + path.read_bytes() + b"suffix")
    assert read(path).container_problems == ("8 bytes before the archive", "6 bytes after the archive")


def test_a_local_header_that_contradicts_the_directory_is_told(tmp_path: Path) -> None:
    path = wheels.wheel(tmp_path)
    data = bytearray(path.read_bytes())
    data[10:14] = struct.pack("<HH", 0, 0x21)
    path.write_bytes(data)
    assert read(path).container_problems == (
        "sample/__init__.py: date in the local header is not the one in the central directory",
    )


def test_names_that_lead_out_and_duplicates_are_told(tmp_path: Path) -> None:
    every = {"../evil": "x", "same": "1", "sAme": "2"}
    path = wheels.write(tmp_path / "sample_project-1.0-py3-none-any.whl", every)
    path.write_bytes(path.read_bytes().replace(b"sAme", b"same"))
    assert read(path).container_problems == ("same: is there 2 times", "../evil: leads out of the archive")


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    path = wheels.write(tmp_path / "sample_project-1.0-py3-none-any.whl", {"a": b"x" * 99, "b": b"x" * 99})
    data = bytearray(path.read_bytes())
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(WheelError, match="overlap"):
        read(path)


def test_damaged_files_are_refused_and_never_crash(tmp_path: Path) -> None:
    path = wheels.wheel(tmp_path)
    good = path.read_bytes()
    for position in range(0, len(good), 7):
        for data in (good[:position], good[:position] + b"\xff" + good[position + 1 :]):
            path.write_bytes(data)
            try:
                found = read(path)
                assert isinstance(found.record_problems, tuple)
                assert isinstance(found.metadata.name, str)
            except WheelError:
                pass


def zipfile_fields(data: bytes) -> list[tuple[object, ...]] | None:
    """Return what Python's own zipfile reads, or None where it refuses."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError):
        return None
    return [
        (
            info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437"),
            *(info.date_time, info.external_attr, info.create_system, info.create_version, info.extract_version),
            *(info.compress_type, info.flag_bits, info.extra, info.comment, info.internal_attr, info.CRC),
            *(info.file_size, info.compress_size, info.header_offset),
        )
        for info in infos
    ]


def our_fields(data: bytes) -> list[tuple[object, ...]] | None:
    try:
        members = archive.read(data).members
    except WheelError:
        return None
    return [
        (
            *(m.raw_name, m.date, m.mode << 16 | m.attributes, m.creator, m.creator_version, m.needed_version),
            *(m.method, m.flags, m.extra, m.comment, m.internal, m.crc, m.size, m.compressed_size, m.offset),
        )
        for m in members
    ]


EXTRA = {"extra": b"\x55\x54\x05\x00\x01\x00\x00\x00\x00", "comment": b"a comment", "create_system": 0, "internal_attr": 1}


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=3),
    prefix=st.sampled_from((b"", b"#!prefix")),
    comment=st.sampled_from((b"", b"hello")),
    wide=st.booleans(),
)
def test_the_directory_is_read_as_python_reads_it(
    changes: list[tuple[int, int]], prefix: bytes, comment: bytes, wide: bool
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for number, name in enumerate(("a.py", "caf\u00e9/b.txt", "c/")):
            fields = {**(EXTRA if number == 1 else {}), "compress_type": 0 if number == 2 else 8}
            with made.open(wheels.info(name, **fields), "w", force_zip64=wide) as file:
                file.write(b"text" * 9 if number < 2 else b"")
        made.comment = comment
    data = bytearray(prefix + buffer.getvalue())
    directory = data.index(b"PK\x01\x02")
    for place, value in changes:
        data[directory + place % (len(data) - directory)] = value
    ours, theirs = our_fields(bytes(data)), zipfile_fields(bytes(data))
    if not changes:
        assert ours is not None
    if ours is not None:  # we may refuse more: members that overlap or that are not there
        assert ours == theirs


def test_a_bomb_is_not_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    path = wheels.wheel(tmp_path, {"zeros": bytes(5000)})
    assert read(path).record_problems[0].startswith("not verified")
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", 5000), struct.pack("<L", 50)))
    found = read(path)
    with pytest.raises(WheelError, match="larger"):
        found.archive.content(found.members[0])


def test_a_file_that_is_not_there_is_told_before_its_name_is_judged(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match="No such file"):
        read(tmp_path / "nope.whl")
    (tmp_path / "README.md").write_text("no wheel")
    with pytest.raises(WheelError, match=r"README\.md: .*\.whl"):
        read(tmp_path / "README.md")
