"""Contents that nobody opens because of their size, and words in contents that come in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import archive, causes, suspects, traces
from reprowheels.compare import compare
from reprowheels.variations import NAMES, Settings
from reprowheels.variations import settings as varied_settings
from reprowheels.wheel import Wheel

from . import wheels
from .pairs import BASE, found, pair

NAME = "sample/large.so"


def large(tmp_path: Path, *ends: bytes) -> tuple[Wheel, Wheel]:
    """Make two wheels with a member that is too large to look into, and ends like this."""
    space = bytes(archive.MAX_OPENED)
    return pair(tmp_path, *({"files": {**wheels.PACKAGE, NAME: space + end}} for end in ends))


def test_a_file_that_is_too_large_says_so(tmp_path: Path) -> None:
    """The one who reads it knows that nobody has looked, and why."""
    (finding,) = causes.find(*large(tmp_path, b"a", b"b"))
    told = f"too large to look into ({archive.MAX_OPENED + 1} bytes, of at most {archive.MAX_OPENED})"
    assert (finding.cause, finding.members, finding.evidence) == ("unexplained", (NAME,), told)


def test_its_words_are_found_all_the_same(tmp_path: Path) -> None:
    """They name a suspect and a cause; what else differs stays unexplained."""
    varied = varied_settings(NAMES)
    one, two = large(tmp_path, BASE.build_dir.encode() + b"/a.c\0x", varied.build_dir.encode() + b"/a.c\0y")
    assert suspects.suspects(compare(one, two), BASE, varied, NAMES) == ("build-path",)
    assert "build-path" not in suspects.suspects(compare(one, two), BASE, varied, ("home",))
    findings = causes.find(one, two, BASE, varied)
    assert found(findings) == [("build-path", ""), ("unexplained", "")]
    assert findings[0].members == (NAME,)
    assert findings[0].evidence == f"{BASE.build_dir} ≠ {varied.build_dir}"
    assert [finding.cause for finding in causes.find(one, two)] == ["unexplained"]  # nothing is known of the builds


def test_what_more_files_speak_of_comes_first(tmp_path: Path) -> None:
    """Those that are too large count like others."""
    varied = varied_settings(NAMES)
    space = bytes(archive.MAX_OPENED)

    def files(chosen: Settings) -> dict[str, bytes]:
        words = [chosen.build_dir, chosen.env_dir, chosen.hostname]
        return {NAME: space + "\0".join(words[:2]).encode(), "sample/a.txt": "\n".join(words[1:]).encode()}

    one, two = pair(tmp_path, *({"files": {**wheels.PACKAGE, **files(chosen)}} for chosen in (BASE, varied)))
    suspected = suspects.suspects(compare(one, two), BASE, varied, NAMES)
    assert suspected[0] == "env-path"
    assert set(suspected[:3]) == {"env-path", "build-path", "hostname"}


def test_words_of_both_sides_say_nothing(tmp_path: Path) -> None:
    varied = varied_settings(NAMES)
    both = varied.build_dir.encode() + b"\0"
    one, two = large(tmp_path, both + b"x", both + b"y")
    assert suspects.suspects(compare(one, two), BASE, varied, NAMES) == ()
    assert found(causes.find(one, two, BASE, varied)) == [("unexplained", "")]


@given(st.lists(st.text("ab/", max_size=6), max_size=8), st.sets(st.text("ab/", min_size=1, max_size=4), max_size=4))
def test_pieces_hold_what_the_whole_holds(pieces: list[str], words: set[str]) -> None:
    """Wherever a content is cut, also in the middle of a word or right beside one."""
    cut, wanted = [piece.encode() for piece in pieces], {word.encode() for word in words}
    assert traces.held(cut, wanted) == {word for word in wanted if traces.holds(b"".join(cut), word)}


@pytest.mark.parametrize("side", ["first", "varied"])
def test_a_word_that_only_one_environment_has(side: str) -> None:
    """It is a trace on its own side and nowhere else."""
    trace = traces.Trace(variation="environment", **{"first": b"", "varied": b"", side: b"word"})
    here, there = {b"word"}.__contains__, set().__contains__
    first, varied = (here, there) if side == "first" else (there, here)
    assert traces.tells(trace, first, varied)
    assert not traces.tells(trace, varied, first)
    assert not traces.tells(trace, here, here)
