"""Which variations the bytes of two wheels point at before a build has proved anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprowheels.compare import compare
from reprowheels.suspects import suspects
from reprowheels.variations import NAMES, VARIATIONS
from reprowheels.variations import settings as varied_settings

from .pairs import BASE, pair
from .test_experiments import EXPERIMENTS


def test_suspects_come_from_words_first(tmp_path: Path) -> None:
    one, two = pair(
        tmp_path,
        {"files": {"a.py": "H = 'build-host'", "b.py": "S = ['x', 'y', 'z']"}},
        {"files": {"a.py": "H = 'zq-other-host'", "b.py": "S = ['z', 'x', 'y']"}},
    )
    suspected = suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)
    assert suspected[:2] == ("hostname", "hash-seed")
    assert suspects(compare(one, two), BASE, varied_settings(["home"]), ["home"]) == ()


@pytest.mark.parametrize("read_as", ["iso8859-15", "latin-1"])
def test_a_text_in_another_encoding_is_suspected_at_once(tmp_path: Path, read_as: str) -> None:
    """Also where other lines of it differ, and where it holds characters that look like misread ones to begin with."""
    text = "Ã is a letter, and so is ü.\nWritten in Düsseldorf.\nPath: {}\n"
    other = text.encode().decode(read_as)
    one, two = pair(tmp_path, {"files": {"a.txt": text.format("/one")}}, {"files": {"a.txt": other.format("/another")}})
    assert suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)[0] == "encoding"
    _, two = pair(tmp_path, {}, {"files": {"a.txt": text.format("/one").replace("ü", "ö")}})
    assert "encoding" not in suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)


@pytest.mark.parametrize(("variation", "first", "second", "cause"), EXPERIMENTS)
def test_suspects_never_name_what_was_not_applied(tmp_path: Path, variation: str, first: str, second: str, cause: str) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    others = [name for name in NAMES if name != variation]
    assert variation not in suspects(compare(one, two), BASE, varied_settings(others), others)
    # Values that hold a word of their own are suspected at once.
    if "zq" in second.lower():
        assert suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)[0] == variation


def test_the_values_of_variations_are_words_of_their_own() -> None:
    values = [str(value) for variation in VARIATIONS for value in variation.changes.values() if "zq" in str(value).lower()]
    assert len(values) == len(set(values)) >= 8
