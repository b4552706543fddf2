from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import random
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprowheels import binaries, causes
from reprowheels.compare import compare
from reprowheels.leaf import Leaf
from reprowheels.parts import ENCODED, leaves, opened
from reprowheels.wheel import read

from . import elves, wheels


def zipped(content: bytes, **fields: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(wheels.info("inner.txt", **fields), content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("inner.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def library(content: bytes) -> bytes:
    header = b"%-16s%-12s%-6s%-6s%-8s%-10d`\n" % (b"inner.o/", b"0", b"0", b"0", b"100644", len(content))
    return b"!<arch>\n" + header + content + b"\n" * (len(content) % 2)


def catalogue(text: bytes) -> bytes:
    head = struct.pack("<7L", 0x950412DE, 0, 1, 28, 36, 0, 44)
    return head + struct.pack("<2L", 0, 44) + struct.pack("<2L", len(text), 45) + b"\0" + text + b"\0"


FORMATS = {
    "a.gz": lambda content: gzip.compress(content, mtime=0),
    "a.bz2": bz2.compress,
    "a.xz": lzma.compress,
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": lambda content: gzip.compress(tarred(content), mtime=0),
    "a.a": library,
    "a.mo": catalogue,
    "a.so": lambda content: elves.elf({".text": b"code", ".rodata": content}),
    "a.pyc": lambda content: b"\xa7\r\r\n" + bytes(12) + content,
    "a.pkl": pickle.dumps,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_difference_is_found_where_it_is(name: str) -> None:
    found = list(leaves(name, FORMATS[name](b"the text one"), FORMATS[name](b"the text two")))
    assert len(found) == 1
    assert found[0].path
    assert b"text one" in found[0].first
    assert b"text two" in found[0].second


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_compared_as_they_are(name: str) -> None:
    good = FORMATS[name](b"the text one" * 20)
    chance = random.Random(1)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        found = list(leaves(name, good, cut))
        assert bool(found) == (cut != good)
        assert all(leaf.pieces for leaf in found)


def test_only_the_compression_of_equal_contents_is_called_so() -> None:
    text = b"".join(b"word %d\n" % (number % 97) for number in range(3000))
    one, two = gzip.compress(text, 1, mtime=0), gzip.compress(text, 4, mtime=0)
    assert [leaf.path for leaf in leaves("a.gz", one[:8] + b"\0" + one[9:], two[:8] + b"\0" + two[9:])] == [ENCODED]
    # A second stream behind the first is content, and so is what follows an archive.
    assert [leaf.path for leaf in leaves("a.bz2", bz2.compress(text) * 2, bz2.compress(text))] == [""]
    assert ENCODED not in [leaf.path for leaf in leaves("a.zip", zipped(text) + b"1", zipped(text) + b"2")]


def test_a_bomb_inside_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reprowheels.archive.MAX_OPENED", 1000)
    assert opened("a.gz", gzip.compress(bytes(5000))) == {}
    assert opened("a.zip", zipped(bytes(5000))) == {}


@settings(deadline=None)
@given(
    st.binary(max_size=60) | st.text("ab\n", max_size=20).map(str.encode),
    st.binary(max_size=60) | st.text("ab\n", max_size=20).map(str.encode),
)
def test_pieces_differ_exactly_where_the_parts_do(first: bytes, second: bytes) -> None:
    pieces = Leaf(path="", first=first, second=second).pieces
    assert bool(pieces) == (first != second)
    assert all(one != two for one, two in pieces)


def so(
    path: bytes = b"/tmp/reprowheels/build", code: bytes = b"code", build_id: bytes = b"1" * 20, info: bytes = b"\x01\x02"
) -> bytes:
    sections = {".text": code, ".debug_info": info, ".debug_line_str": path + b"\0a.c\0", elves.BUILD_ID: elves.note(build_id)}
    return elves.elf(sections)


def findings(tmp_path: Path, first: bytes, second: bytes) -> tuple[str, list[str]]:
    one = read(wheels.wheel(tmp_path / "1", {"a.so": first}))
    two = read(wheels.wheel(tmp_path / "2", {"a.so": second}))
    comparison = compare(one, two)
    return comparison.moved, [finding.cause for finding in causes.explained(comparison)]


TEXTS = st.lists(st.sampled_from((b"a", b" ", b"\n", b"\0", b"Tag: b", b"2026-11-24", b"c\n", b"d\0")), max_size=12).map(b"".join)


@settings(deadline=None)
@given(start=TEXTS, first=TEXTS, second=TEXTS, end=TEXTS)
def test_what_two_parts_begin_and_end_with_explains_nothing(start: bytes, first: bytes, second: bytes, end: bytes) -> None:
    leaf = Leaf(path="", first=start + first + end, second=start + second + end)
    short = leaf.shortened
    assert short.pieces == leaf.pieces
    assert len(short.first) - len(short.second) == len(first) - len(second)
    if b"\0" not in leaf.first + leaf.second:
        same_lines = [sorted(part.first.split(b"\n")) == sorted(part.second.split(b"\n")) for part in (leaf, short)]
        assert same_lines[0] == same_lines[1]


def test_sections_on_top_of_each_other_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    data = elves.elf({".text": b"code" * 100, ".rodata": b"data" * 100})
    assert binaries.sections(data)["section .rodata"] == b"data" * 100
    at = data.rfind(struct.pack("<QQ", 64 + 400, 400))
    piled = data[:at] + struct.pack("<QQ", 64, 800) + data[at + 16 :]
    assert binaries.sections(piled)["section .rodata"].startswith(b"code")
    monkeypatch.setattr(binaries, "MAX_SECTIONS", 0)
    assert binaries.sections(data)
    more = bytearray(piled)
    for start in (at - 64, at):  # both claim the whole file
        more[start : start + 16] = struct.pack("<QQ", 0, len(data))
    with pytest.raises(ValueError, match="too large"):
        binaries.sections(bytes(more))


def test_debug_information_is_told_from_code(tmp_path: Path) -> None:
    moved = so(b"/var/tmp/elsewhere/build", info=b"\x01\x09", build_id=b"2" * 20)
    assert findings(tmp_path, so(), moved) == ("debug", ["build-path"])
    assert findings(tmp_path, so(), so(code=b"mode", build_id=b"2" * 20)) == ("content", ["unexplained"])
    assert findings(tmp_path, so(), so(info=b"\x01\x09", build_id=b"2" * 20)) == ("debug", ["unexplained"])


def test_a_build_id_alone_is_a_cause_of_its_own(tmp_path: Path) -> None:
    assert findings(tmp_path, so(), so(build_id=b"2" * 20)) == ("debug", ["build-id"])


def test_code_follows_data_that_grows_and_nothing_else(tmp_path: Path) -> None:
    def grown(path: bytes, tool: bytes, code: bytes) -> bytes:
        return elves.elf({".text": code, ".rodata": path + b"\0end\0", ".comment": tool})

    one = grown(b"/tmp/one/build/a.c", b"GCC: (Debian 12.2.0) 12.2.0\0", b"code")
    assert findings(tmp_path, one, grown(b"/var/lib/two/build/a.c", b"GCC: (Debian 12.2.0) 12.2.0\0", b"mode")) == (
        "content",
        ["build-path"],
    )
    padded = grown(b"/tmp/one/build/a.c\0b.c\0\0\0\0\0", b"", b"code"), grown(b"/var/lib/two/build/a.c\0b.c\0", b"", b"mode")
    assert len(padded[0]) == len(padded[1])
    assert findings(tmp_path, *padded) == ("content", ["build-path"])
    other = grown(b"/tmp/one/build/a.c", b"GCC: (Debian 12.2.10) 12.2.10\0", b"mode")
    assert findings(tmp_path, one, other) == ("content", ["tool-version", "unexplained"])


def test_strings_that_a_linker_orders_anew_are_matched(tmp_path: Path) -> None:
    one = so(b"/tmp/one/build/x\0src/a.c\0include")
    two = so(b"src/a.c\0include\0/var/lib/two/build/x")
    assert findings(tmp_path, one, two) == ("debug", ["build-path"])


def test_debug_information_follows_strings_that_a_random_name_orders_anew(tmp_path: Path) -> None:
    """The offsets of strings move where these have another length or order, and that is no cause of its own."""
    names = b"/tmp/.tmp-a-pep517-42etjuso/src", b"/tmp/.tmp-a-pep517-4ojky2vn/src"
    first = elves.elf({".debug_line_str": names[0] + b"\0a.c\0" + names[0] + b"/a.c\0", ".debug_info": b"\0\x21\0\0"})
    second = elves.elf({".debug_line_str": names[1] + b"/a.c\0a.c\0" + names[1] + b"\0", ".debug_info": b"\0\x29\0\0"})
    assert findings(tmp_path, first, second) == ("debug", ["temporary-name"])


def test_bytes_between_sections_are_content(tmp_path: Path) -> None:
    one = so()
    assert findings(tmp_path, one + b"\0", one + b"\1") == ("content", ["unexplained"])


@pytest.mark.parametrize(
    ("options", "processor"),
    [
        (b"GNU C17 12.2.0 -march=znver3 -mmmx --param=l1-cache-size=32 --param=l1-cache-line-size=64 -mtune=znver3 -g", "znver3"),
        (b"GNU C++14 12.2.0 -march=sapphirerapids -mavx --param=l1-cache-size=48 -O2 -std=c++14", "sapphirerapids"),
        (b"GNU C17 12.2.0 -mtune=generic -march=x86-64 -g -fPIC", ""),
        (b"GNU C17 12.2.0 -march=haswell -g -fPIC", ""),
        (b"GNU C17 12.2.0 -mtune=generic -march=x86-64 -g\0usage: --param=l1-cache-size=N", ""),
    ],
)
def test_code_for_the_processor_of_the_machine_is_known_by_what_the_compiler_was_told(options: bytes, processor: str) -> None:
    """A processor that a project has chosen is the same everywhere; sizes of caches are those of one machine."""
    assert binaries.native(elves.elf({".text": b"\x90" * 8, ".debug_str": b"int\0" + options + b"\0main\0"})) == processor
    assert binaries.native(options) == ""
