"""Reading TOML that somebody got wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprowheels import projects, resultfiles, tables
from reprowheels.errors import FileError

BAD = Path(__file__).parent.parent / "bad"


def expected(path: Path) -> list[str]:
    """Return the messages that the comments at the top of a bad file ask for, with the file's name in front."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{path.name}: {line.removeprefix('# ')}" for line in lines if line.startswith("# ")]


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_every_problem_of_a_bad_file_is_named_at_once(path: Path) -> None:
    load = projects.load if path.name.startswith("projects-") else resultfiles.load
    with pytest.raises(FileError) as caught:
        load(path)
    assert list(caught.value.problems) == expected(path)
    assert str(caught.value) == "\n".join(expected(path))


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"^projects\.toml: cannot be read: No such file or directory$"):
        projects.load(tmp_path / "projects.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "projects.toml"
    path.write_bytes('notes = "é"\n'.encode("latin-1"))
    with pytest.raises(FileError, match=r"^projects\.toml: is not UTF-8: invalid continuation byte at byte 9$"):
        projects.load(path)


@pytest.mark.parametrize(
    ("word", "hint"),
    [("timout", " (did you mean 'timeout'?)"), ("time-out", " (did you mean 'timeout'?)"), ("colour", ""), ("", "")],
)
def test_a_suggestion_is_made_only_when_something_is_near(word: str, hint: str) -> None:
    assert tables.suggestion(word, ("name", "timeout", "version")) == hint
