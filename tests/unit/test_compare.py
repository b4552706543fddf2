from __future__ import annotations

import gzip
import hashlib
import io
import random
import stat
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprowheels import causes
from reprowheels import compare as comparing
from reprowheels.compare import Comparison, compare
from reprowheels.results import Difference
from reprowheels.wheel import read

from . import wheels

NAME = "sample_project-1.0-py3-none-any.whl"
DIRECTORY = "sample_project-1.0.dist-info"


def both(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> Comparison:
    """Compare two wheels given by the arguments of `wheels.wheel`."""
    return compare(read(wheels.wheel(tmp_path / "1", **first)), read(wheels.wheel(tmp_path / "2", **second)))


def fields(comparison: Comparison) -> list[tuple[str, str]]:
    return [(difference.member, difference.field) for difference in comparison.differences]


def test_the_same_file_twice_has_no_differences(tmp_path: Path) -> None:
    comparison = both(tmp_path, {}, {})
    assert comparison.identical
    assert comparison.differences == ()
    assert comparison.moved == ""


@pytest.mark.parametrize(
    ("change", "field", "moved"),
    [
        ({"date": (2021, 1, 2, 3, 4, 6)}, "date", "container"),
        ({"mode": 0o100664}, "mode", "container"),
        ({"mode": 0o100755}, "mode", "content"),
        ({"mode": stat.S_IFLNK | 0o644}, "mode", "content"),
        ({"compress_type": zipfile.ZIP_STORED}, "compression", "container"),
        ({"create_system": 0}, "creator", "container"),
        ({"create_version": 63}, "creator", "container"),
        ({"extract_version": 45}, "needed-version", "container"),
        ({"internal_attr": 1}, "internal", "container"),
        ({"comment": b"a comment"}, "comment", "container"),
        ({"extra": b"\x55\x54\x05\x00\x01\x00\x00\x00\x00"}, "extra", "container"),
    ],
)
def test_each_field_of_a_member_is_told(tmp_path: Path, change: dict[str, Any], field: str, moved: str) -> None:
    comparison = both(tmp_path, {}, {"fields": {"sample/util.py": change}})
    assert ("sample/util.py", field) in fields(comparison)
    assert {member for member, _ in fields(comparison)} == {"sample/util.py"}
    assert comparison.moved == moved


def test_the_level_of_compression_is_told(tmp_path: Path) -> None:
    text = {"sample/words.txt": "".join(f"word {number % 97} {number % 89}\n" for number in range(2000))}
    comparison = both(tmp_path, {"files": text, "level": 1}, {"files": text, "level": 9})
    assert ("sample/words.txt", "compressed-bytes") in fields(comparison)
    assert comparison.moved == "container"


def test_order_comment_and_bytes_around_are_told(tmp_path: Path) -> None:
    names = list(wheels.contents())
    comparison = both(tmp_path, {}, {"order": names[::-1], "comment": b"hello"})
    assert fields(comparison) == [("", "order"), ("", "comment")]
    assert comparison.differences[0] == Difference(
        member="", field="order", first=f"member 1: {names[0]}", second=f"member 1: {names[-1]}"
    )
    path = wheels.wheel(tmp_path / "3")
    path.write_bytes(path.read_bytes() + b"more")
    comparison = compare(read(wheels.wheel(tmp_path / "1")), read(path))
    assert comparison.moved == "content"
    assert ("", "bytes-after") in fields(comparison)


def test_a_content_is_shown_where_it_differs(tmp_path: Path) -> None:
    comparison = both(tmp_path, {"files": {"a.py": "X = 1\nY = 2\n"}}, {"files": {"a.py": "X = 1\nY = 3\n"}})
    assert [d for d in comparison.differences if d.member == "a.py"] == [
        Difference(member="a.py", field="content", first="line 2: Y = 2", second="line 2: Y = 3")
    ]
    assert comparison.moved == "content"


def test_metadata_and_presence_have_their_kinds(tmp_path: Path) -> None:
    entry = {f"{DIRECTORY}/entry_points.txt": "[console_scripts]\n"}
    comparison = both(tmp_path, {"files": wheels.PACKAGE}, {"files": {**wheels.PACKAGE, **entry}})
    assert (f"{DIRECTORY}/entry_points.txt", "presence") in fields(comparison)
    assert comparison.moved == "metadata"
    comparison = both(tmp_path, {"files": wheels.PACKAGE}, {"files": {**wheels.PACKAGE, "sample/more.py": ""}})
    assert comparison.moved == "content"


def test_a_directory_entry_is_the_container(tmp_path: Path) -> None:
    every = wheels.contents()
    one = wheels.write(tmp_path / "1" / NAME, every)
    two = wheels.write(tmp_path / "2" / NAME, {"sample/": b"", **every})
    comparison = compare(read(one), read(two))
    assert fields(comparison) == [("sample/", "presence")]
    assert comparison.moved == "container"


def test_record_follows_and_alone_it_is_metadata_or_a_lie(tmp_path: Path) -> None:
    every = wheels.contents()
    rows = str(every[f"{DIRECTORY}/RECORD"]).splitlines(keepends=True)
    one = read(wheels.write(tmp_path / "1" / NAME, every))
    swapped = read(wheels.write(tmp_path / "2" / NAME, {**every, f"{DIRECTORY}/RECORD": "".join(rows[::-1])}))
    assert compare(one, swapped).moved == "metadata"
    shorter = read(wheels.write(tmp_path / "3" / NAME, {**every, f"{DIRECTORY}/RECORD": "".join(rows[1:])}))
    assert compare(one, shorter).moved == "content"


def test_what_is_inside_an_archive_is_opened(tmp_path: Path) -> None:
    packed = []
    for moment in (1, 2):
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=moment) as file:
            file.write(b"text\n")
        packed.append({"files": {"data.txt.gz": buffer.getvalue()}})
    comparison = both(tmp_path, packed[0], packed[1])
    found = [d for d in comparison.differences if d.member == "data.txt.gz"]
    assert found == [
        Difference(member="data.txt.gz", field="content: gzip header", first="line 1: time: 1", second="line 1: time: 2")
    ]


def test_wheels_of_two_versions_are_compared_file_by_file(tmp_path: Path) -> None:
    comparison = both(tmp_path, {}, {"name": "sample_project-1.1-py3-none-any.whl"})
    assert comparison.differences[0].field == "file-name"
    assert "presence" not in {field for _, field in fields(comparison)}
    assert comparison.moved == "metadata"


def test_a_difference_outside_every_field_is_still_a_difference(tmp_path: Path) -> None:
    one, two = wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2")
    data = bytearray(two.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    data[end + 4] = 1  # the number of this disk, which nobody reads
    two.write_bytes(data)
    comparison = compare(read(one), read(two))
    assert not comparison.identical
    assert comparison.moved == "content"


def test_damaged_contents_are_compared_as_they_are(tmp_path: Path) -> None:
    one, two = wheels.wheel(tmp_path / "1"), wheels.wheel(tmp_path / "2")
    data = bytearray(two.read_bytes())
    start = read(two).members[0].data_offset
    data[start : start + 4] = b"\xff\xff\xff\xff"
    two.write_bytes(data)
    assert ("sample/__init__.py", "content-not-read") in fields(compare(read(one), read(two)))


def test_many_differences_are_cut_and_contents_come_first() -> None:
    many = tuple(Difference(member=f"m{n}", field="date", first="a", second="b") for n in range(1000))
    content = Difference(member="z", field="content", first="a", second="b")
    kept, omitted = comparing.short((*many, content), limit=50)
    assert len(kept) == 50
    assert omitted == 951
    assert content in kept
    assert comparing.short((content,)) == ((content,), 0)


def test_memory_stays_within_a_few_times_the_larger_wheel(tmp_path: Path) -> None:
    rows = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(2000)]
    made = []
    for turn in (1, 2):
        files = {f"sample/{n}.py": "\n".join([f"# built 2026-11-0{turn}", str(n), *rows]) for n in range(80)}
        made.append(wheels.wheel(tmp_path / str(turn), files))
    larger = max(path.stat().st_size for path in made)
    one, two = map(read, made)
    tracemalloc.start()
    comparison = compare(one, two)
    findings = causes.explained(comparison)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [finding.cause for finding in findings] == ["build-timestamp"]
    assert len(findings[0].members) == 80
    assert peak < 2.5 * larger  # all contents together are four times as large


def test_members_of_the_same_bytes_are_verified_in_either_order_and_only_there(tmp_path: Path) -> None:
    chance = random.Random(1)
    every = {**wheels.contents({f"sample/{n}.bin": chance.randbytes(9000) for n in range(3)})}
    true = read(wheels.write(tmp_path / "1" / NAME, every))
    record = str(every[f"{DIRECTORY}/RECORD"])
    lying = read(wheels.write(tmp_path / "2" / NAME, {**every, f"{DIRECTORY}/RECORD": record.replace("sha256=", "sha256=A", 1)}))
    other = read(wheels.write(tmp_path / "3" / NAME, {**every, "sample/1.bin": chance.randbytes(9000)}))
    for one, two in ((true, lying), (lying, true), (other, true), (lying, other), (other, lying), (true, true)):
        compare(one, two)
    assert true.record_problems == ()
    assert lying.record_problems == ("sample/0.bin: its hash is not the one in RECORD",)
    assert other.record_problems == ("sample/1.bin: its hash is not the one in RECORD",)


def test_many_members_of_one_name_are_compared_turn_by_turn(tmp_path: Path) -> None:
    every = {f"{n:04}": b"%d" % n for n in range(2000)}
    paths = []
    for turn, content in enumerate((b"old", b"new")):
        path = wheels.write(tmp_path / str(turn) / NAME, {**every, "1999": content})
        data = path.read_bytes()
        for n in range(2000):
            data = data.replace(b"%04d" % n, b"same")
        path.write_bytes(data)
        paths.append(path)
    comparison = compare(*map(read, paths))
    assert fields(comparison) == [("same", "content")]


MEMBERS = st.dictionaries(
    st.text("abcdé/._", min_size=1, max_size=6).filter(lambda name: not name.startswith("/") and "//" not in name),
    st.binary(max_size=40) | st.text(max_size=40),
    max_size=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=MEMBERS, second=MEMBERS, order=st.randoms(use_true_random=False))
def test_comparison_is_symmetric_and_empty_for_one_wheel(tmp_path: Path, first: Any, second: Any, order: Any) -> None:
    every = wheels.contents(second)
    names = list(every)
    order.shuffle(names)
    one = read(wheels.write(tmp_path / "1" / NAME, wheels.contents(first)))
    two = read(wheels.write(tmp_path / "2" / NAME, every, order=names))
    assert compare(one, one).differences == ()
    there, back = compare(one, two), compare(two, one)
    assert there.identical == (one.sha256 == two.sha256)
    assert there.moved == back.moved
    turned = {(d.member, d.field, d.second, d.first) for d in back.differences}
    assert {(d.member, d.field, d.first, d.second) for d in there.differences} == turned
    for difference in there.differences:
        for text in (difference.first, difference.second, difference.member, difference.field):
            assert text.isprintable()
            assert len(text) <= 140


def test_contents_of_absurd_size_are_not_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = {"sample/zeros": bytes(300_000)}
    monkeypatch.setattr(comparing, "MAX_UNPACKED", 1000)
    comparison = both(tmp_path, {"files": zeros, "level": 1}, {"files": zeros, "level": 9})
    assert ("sample/zeros", "content-not-read") in fields(comparison)
    assert comparison.moved == "content"
