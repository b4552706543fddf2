"""Diffs of what differs: of text, of strings, of bytes and of the archive, whole and cut to size."""

from __future__ import annotations

import random
import re
import struct
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import diffs, fulldiff, wheel
from reprowheels.compare import Comparison, compare

from . import elves, wheels


def compared(tmp_path: Path, one: wheels.Contents, two: wheels.Contents, **second: object) -> Comparison:
    paths = wheels.wheel(tmp_path / "1", one), wheels.wheel(tmp_path / "2", two, **second)  # type: ignore[arg-type]
    return compare(wheel.read(paths[0]), wheel.read(paths[1]))


def lines(comparison: Comparison, member: str) -> list[str]:
    (found,) = [diff for diff in diffs.unified(comparison) if diff.member == member]
    return list(found.lines)


def test_a_text_with_its_context_and_true_line_numbers(tmp_path: Path) -> None:
    text = [f"line {number}" for number in range(1, 200)]
    other = [*text[:99], "changed", *text[100:]]
    found = lines(compared(tmp_path, {"a.py": "\n".join(text)}, {"a.py": "\n".join(other)}), "a.py")
    assert found == [
        "@@ -97,7 +97,7 @@",
        *(f" line {number}" for number in (97, 98, 99)),
        "-line 100",
        "+changed",
        *(f" line {number}" for number in (101, 102, 103)),
    ]


def test_one_long_line_is_broken_where_its_elements_end(tmp_path: Path) -> None:
    """What differs far behind the beginning of a line is in sight."""
    one = ",".join(f'"key-{number}":{number}' for number in range(1000))
    found = lines(compared(tmp_path, {"a.json": one}, {"a.json": one.replace(":900", ":-1")}), "a.json")
    assert '-… "key-900":900,' in found
    assert '+… "key-900":-1,' in found
    assert len(found) < 12


def test_texts_that_look_the_same(tmp_path: Path) -> None:
    found = lines(compared(tmp_path, {"a.py": "x = 1\n"}, {"a.py": "x = 1"}), "a.py")
    assert any(line.startswith("-") for line in found)


def test_a_binary_by_its_strings(tmp_path: Path) -> None:
    one, two = (b"\0\1\2\0first words\0" + middle + b"\0last words\0" for middle in (b"from /tmp/a", b"from /tmp/bb"))
    found = lines(compared(tmp_path, {"a.bin": one}, {"a.bin": two}), "a.bin")
    assert found == ["@@ -1,3 +1,3 @@", " first words", "-from /tmp/a", "+from /tmp/bb", " last words"]


def test_a_binary_without_strings_by_its_bytes(tmp_path: Path) -> None:
    one = struct.pack(">64I", *(1 << 31 | number for number in range(64)))
    two = one[:100] + b"\xff" + one[101:]
    found = lines(compared(tmp_path, {"a.bin": one}, {"a.bin": two}), "a.bin")
    assert [line[:9] for line in found] == ["-00000060", "+00000060"]
    assert [line.count(" ff") for line in found] == [0, 1]
    longer = lines(compared(tmp_path / "longer", {"a.bin": one}, {"a.bin": one + b"\0"}), "a.bin")
    assert longer == ["@@ 256 bytes, 257 bytes, equal up to 0x100 @@", "+00000100  00"]


def test_a_compiled_file_by_its_sections(tmp_path: Path) -> None:
    one, two = (elves.elf({".rodata": b"\0built in " + place + b"\0", ".text": b"\x90" * 32}) for place in (b"/here", b"/there"))
    comparison = compared(tmp_path, {"a.so": one}, {"a.so": two})
    found = {diff.part: diff.lines for diff in diffs.unified(comparison) if diff.member == "a.so"}
    assert "-built in /here" in found["section .rodata"]
    assert "section .text" not in found


def test_in_a_hash_and_in_code_strings_are_chance(tmp_path: Path) -> None:
    one, two = (elves.elf({".text": b"\x90" + word, elves.BUILD_ID: elves.note(b"\1" + word)}) for word in (b"words", b"terms"))
    comparison = compared(tmp_path, {"a.so": one}, {"a.so": two})
    found = {diff.part: diff.lines for diff in diffs.unified(comparison) if diff.member == "a.so"}
    assert found["section .text"] == ("-00000000  90 77 6f 72 64 73", "+00000000  90 74 65 72 6d 73")
    assert all(line[1:9] == "00000010" for line in found[f"section {elves.BUILD_ID}"])


def test_the_archive_is_listed_where_it_differs(tmp_path: Path) -> None:
    fields = {"sample/util.py": {"mode": 0o100664}}
    comparison = compared(tmp_path, wheels.PACKAGE, wheels.PACKAGE, fields=fields)
    found = lines(comparison, diffs.LISTING)
    assert any(line.startswith("--rw-r--r--") and line.endswith("sample/util.py") for line in found)
    assert any(line.startswith("+-rw-rw-r--") and line.endswith("sample/util.py") for line in found)
    same = compared(tmp_path / "same", {"a.py": "1"}, {"a.py": "2"})
    assert diffs.LISTING not in [diff.member for diff in diffs.unified(same)]


def test_a_file_that_is_in_one_wheel_only(tmp_path: Path) -> None:
    comparison = compared(tmp_path, {"a.py": "1\n"}, {"a.py": "1\n", "b.py": "made = 1\n"})
    assert "+made = 1" in lines(comparison, "b.py")
    assert any(line.startswith("+") and line.endswith("b.py") for line in lines(comparison, diffs.LISTING))


@pytest.mark.parametrize("count", [1_000, diffs.MAX_LINES * 2])
def test_any_number_of_lines_in_any_order(tmp_path: Path, count: int) -> None:
    """Long texts are not aligned, and yet each line that is on one side alone is shown."""
    numbers = list(range(count))
    random.Random(1).shuffle(numbers)
    one = "\n".join(f"line {number}" for number in numbers)
    comparison = compared(tmp_path, {"a.py": one}, {"a.py": f"new\n{one}".replace("line 7\n", "")})
    found = lines(comparison, "a.py")
    assert "+new" in found
    assert "-line 7" in found


def test_the_whole_difference_as_a_file(tmp_path: Path) -> None:
    comparison = compared(tmp_path, {"a.py": "X = 1\n", "b.bin": b"\0\1"}, {"a.py": "X = 2\n", "b.bin": b"\0\2"})
    text = fulldiff.text(comparison, {"umask", "time"})
    assert text == fulldiff.text(comparison, ["time", "umask"])
    assert comparison.first.sha256 in text.splitlines()[0]
    assert text.splitlines()[1].endswith(f"{comparison.second.sha256}, time, umask")
    assert "\n--- first/a.py\n+++ second/a.py\n@@ -1,2 +1,2 @@\n-X = 1\n+X = 2\n" in text
    assert "\n--- first/b.bin\n" in text
    assert text.endswith("\n")
    assert text.index("first/b.bin") < text.index("first/sample_project-1.0.dist-info/RECORD")


def test_the_whole_difference_has_a_bound(tmp_path: Path) -> None:
    """Each part has its own, so that the first one cannot hide the others, and what is left out is said."""
    one, two = ({f"{name}.py": "".join(f"{side} {number}\n" for number in range(9_000)) for name in "abcdefgh"} for side in "XY")
    text = fulldiff.text(compared(tmp_path, one, two), ())
    assert fulldiff.MAX_FILE < len(text.encode()) < fulldiff.MAX_FILE + 2_000
    assert "first/b.py" in text
    assert "lines more of this part are left out" in text
    assert text.splitlines()[-1].startswith("# 5 parts more are left out")


def test_the_whole_difference_hides_what_is_not_to_be_shown(tmp_path: Path) -> None:
    one, two = ({"secret.py": f"secret {n}", "b.bin": b"\0\1secret words %d" % n} for n in (1, 2))
    text = fulldiff.text(compared(tmp_path, one, two), (), lambda data: data.replace(b"secret", b"<known>"))
    assert "secret" not in text
    assert "-<known> words 1" in text


@given(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30), st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30))
def test_a_diff_says_what_diff_says(first: list[str], second: list[str]) -> None:
    """Only what differs is looked at, and yet it is the diff of all of it."""
    one, two = "\n".join(first), "\n".join(second)
    found = list(diffs._content(one.encode(), two.encode())) if one != two else []
    numbers = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
    sides: tuple[list[str], list[str]] = (one.split("\n"), two.split("\n"))
    at = [0, 0]
    for line in found:
        if header := numbers.fullmatch(line):
            at = [int(header[1]) - 1, int(header[2]) - 1]
            continue
        for side in (0, 1):
            if line[0] in (" ", "-+"[side]):
                assert sides[side][at[side]] == line[1:]
                at[side] += 1
    removed, added = ([line[1:] for line in found if line[0] == sign] for sign in "-+")
    assert Counter(sides[0]) - Counter(removed) == Counter(sides[1]) - Counter(added)
