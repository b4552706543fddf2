"""An sdist that is wrong, or whose wheel is, gets a clear answer, and nothing of it is unpacked."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reprowheels import results

from . import trees
from .running import QUICK, Done, Runner, assert_failure


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> Callable[[Path], None]:
    """Return a function that writes an archive with these members beside those of a project."""

    def write(path: Path) -> None:
        with tarfile.open(path, "w:gz") as tar:
            for name in ("pyproject.toml", "setup.py"):
                tar.addfile(tarfile.TarInfo(f"plain-1.0/{name}"), io.BytesIO())
            for info, data in members:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))

    return write


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def of_pyproject(text: str) -> Callable[[Path], None]:
    """Return a function that writes an sdist with this pyproject.toml."""

    def write(path: Path) -> None:
        with tarfile.open(path, "w:gz") as tar:
            info = tarfile.TarInfo("plain-1.0/pyproject.toml")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))

    return write


def empty_archive(path: Path) -> None:
    with tarfile.open(path, "w:gz"):
        pass


def device() -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo("plain-1.0/device")
    info.type = tarfile.CHRTYPE
    return info, b""


SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


SDISTS: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    "text": (lambda path: path.write_text("no archive\n"), "unpack", "not-an-archive", "not a readable"),
    "cut-off": (
        lambda path: (packed()(path), path.write_bytes(path.read_bytes()[:-30])),
        "unpack",
        "not-an-archive",
        "not a readable",
    ),
    "empty-file": (lambda path: path.write_bytes(b""), "unpack", "not-an-archive", "not a readable"),
    "empty-archive": (empty_archive, "unpack", "no-project-file", "neither pyproject.toml nor setup.py"),
    "two-folders": (packed((tarfile.TarInfo("other-1.0/file"), b"")), "unpack", "no-project-file", "one top folder"),
    "parent-directory": (packed((tarfile.TarInfo("plain-1.0/../../escaped"), b"x")), "unpack", "escapes", "escaped"),
    "absolute-path": (packed((tarfile.TarInfo("/tmp/escaped"), b"x")), "unpack", "escapes", "/tmp/escaped"),
    "absolute-link": (packed(link("plain-1.0/link", "/etc/passwd")), "unpack", "escapes", "/etc/passwd"),
    "link-outside": (packed(link("plain-1.0/link", "../../etc/passwd")), "unpack", "escapes", "etc/passwd"),
    "hard-link-outside": (packed(link("plain-1.0/link", "/etc/passwd", tarfile.LNKTYPE)), "unpack", "escapes", "/etc/passwd"),
    "device": (packed(device()), "unpack", "escapes", "device or a pipe"),
    "broken-toml": (of_pyproject("[build-system\n"), "unpack", "bad-pyproject", "not valid TOML"),
    "requires-of-another-type": (of_pyproject('[build-system]\nrequires = "setuptools"\n'), "unpack", "bad-pyproject", "PEP 517"),
    "requirement-that-is-none": (
        of_pyproject('[build-system]\nrequires = ["not one!"]\n'),
        "unpack",
        "bad-pyproject",
        "'not one!'",
    ),
    "name-that-is-a-path": (
        of_pyproject('[project]\nname = "/tmp/a"\n'),
        "unpack",
        "bad-pyproject",
        "'/tmp/a', which is no valid name",
    ),
    "backend-path-outside": (of_pyproject(SYSTEM.replace('"."', '".."')), "unpack", "escapes", "backend-path"),
    "backend-that-is-missing": (of_pyproject(SYSTEM), "build", "unknown-backend", "'backend' cannot be imported"),
}


@pytest.fixture(scope="module")
def wrong(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Check all of them in one go."""
    directory = tmp_path_factory.mktemp("wrong")
    paths = [directory / f"{name}-1.0.tar.gz" for name in SDISTS]
    for path, (write, _, _, _) in zip(paths, SDISTS.values(), strict=True):
        write(path)
    other = trees.lay_out("builds-other-project", directory / "trees")
    done = run(*paths, other, *QUICK, output=directory / "results")
    assert {path.name for path in directory.iterdir()} == {*(path.name for path in paths), "trees", "results"}
    return done


@pytest.mark.parametrize("name", SDISTS)
def test_an_sdist_that_is_wrong(name: str, wrong: Done) -> None:
    """The answer names the phase and what is wrong with the file; nothing is unpacked."""
    _, phase, reason, text = SDISTS[name]
    assert_failure(wrong, name, phase, reason, text)
    assert wrong.status == 3


def test_a_wheel_of_another_project(wrong: Done) -> None:
    assert_failure(wrong, "builds-other-project", "build", "other-name", "somebody_else-1.0-py3-none-any.whl")


def test_a_wheel_that_is_no_archive(run: Runner, tmp_path: Path, output: Path) -> None:
    """Its bytes can be compared all the same, and what is odd about it is said."""
    done = run(trees.lay_out("not-a-zip", tmp_path), *QUICK, output=output)
    assert done.only.status == results.REPRODUCIBLE
    assert any("no archive" in problem for problem in done.only.problems)
    assert "no archive" in done.out
