"""Rebuild from a recorded result, also one of another Python or platform: it says what cannot be provided."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from reprowheels import machine

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .test_requirements import companion

OWN = machine.own_python()


@pytest.fixture
def recorded(index: LocalIndex, tmp_path: Path) -> Path:
    """Return the file of a result."""
    index.add("plain", Entry(path=trees.sdist(trees.lay_out("plain", tmp_path), tmp_path / "sdist"), uploaded=OLD))
    done = index.run("plain", "--variations", "none", output=tmp_path / "results")
    assert done.status == 0, done.err
    return tmp_path / "results" / "plain.toml"


def rebuilt(index: LocalIndex, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ("rebuild", str(path), *arguments)
    with tempfile.TemporaryDirectory() as scratch, index.run.start(command, Path(scratch)) as process:
        out, err = process.communicate()
    assert "Traceback" not in err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def change(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_the_recorded_wheel_is_built_again(index: LocalIndex, recorded: Path) -> None:
    done = rebuilt(index, recorded)
    assert done.returncode == 0
    assert " is " not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (OWN.version, OWN.version.rpartition(".")[0] + ".99", f"python is {OWN.label} here and was"),
        (f'platform = "{OWN.platform}"', 'platform = "linux-riscv64"', f"platform is {OWN.platform} here and was linux-riscv64"),
        ('os = "', 'os = "Other ', ""),
    ],
    ids=["python", "platform", "an operating system, which a pure wheel does not need"],
)
def test_what_this_machine_has_not_is_said(index: LocalIndex, recorded: Path, old: str, new: str, said: str) -> None:
    """The wheel may be the same all the same, which is what the exit status says."""
    done = rebuilt(index, change(recorded, (old, new)))
    assert said in done.stdout
    assert done.returncode == 0


def test_another_wheel_with_another_environment_says_both(index: LocalIndex, recorded: Path) -> None:
    sha256 = recorded.read_text().partition('\nsha256 = "')[2][:64]
    changes = (f'platform = "{OWN.platform}"', 'platform = "win-amd64"'), (f'\nsha256 = "{sha256}"', f'\nsha256 = "{"0" * 64}"')
    done = rebuilt(index, change(recorded, *changes))
    assert done.returncode == 1
    assert f"platform is {OWN.platform} here and was win-amd64" in done.stdout
    assert sha256 in done.stdout
    assert "0" * 64 in done.stdout


def test_a_python_that_is_not_there_ends_it(index: LocalIndex, recorded: Path) -> None:
    done = rebuilt(index, change(recorded, (f'python = "{OWN.label}"', 'python = "CPython 3.99.1"')))
    assert done.returncode == 3
    assert "recorded with CPython 3.99.1, and this machine has no Python 3.99" in done.stderr


def test_an_sdist_that_is_gone_ends_it(index: LocalIndex, recorded: Path, tmp_path: Path) -> None:
    other = trees.sdist(trees.lay_out("plain", tmp_path / "again"), tmp_path / "other", version="2.0")
    index.add("plain", Entry(path=other, uploaded=NEW))
    done = rebuilt(index, recorded)
    assert done.returncode == 3
    assert "the index no longer has plain-1.0.tar.gz" in done.stderr


def test_a_requirement_that_is_another_file_now_ends_it(index: LocalIndex, tmp_path: Path) -> None:
    index.add("companion", Entry(path=companion(tmp_path / "then"), uploaded=OLD))
    tree = trees.lay_out("asks-for-more", tmp_path)
    index.add("asks-for-more", Entry(path=trees.sdist(tree, tmp_path / "sdist"), uploaded=OLD))
    assert index.run("asks-for-more", "--variations", "none", output=tmp_path / "results").status == 0
    path = tmp_path / "results" / "asks-for-more.toml"
    assert rebuilt(index, path).returncode == 0
    index.add("companion", Entry(path=companion(tmp_path / "now", word="changed"), uploaded=OLD))
    done = rebuilt(index, path)
    assert done.returncode == 3
    assert "the index no longer has companion-1.0-py3-none-any.whl" in done.stderr
