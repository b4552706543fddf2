"""An sdist as a value: what it says of itself, how it wants to be built, and that it stays in its folder."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprowheels import sdist
from reprowheels.errors import CheckFailed, UsageError

PYPROJECT = '[build-system]\nrequires = ["flit-core>=3.11"]\nbuild-backend = "flit_core.buildapi"\n'
PKG_INFO = "Metadata-Version: 2.4\nName: Sample.Project\nVersion: 1.0\n"


def archive(path: Path, files: Mapping[str, str], mode: str = "w:gz") -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as made:
            for name, text in files.items():
                made.writestr(name, text)
        return path
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"])
def test_every_kind_of_archive(suffix: str, tmp_path: Path) -> None:
    """The compression is recognised by the contents, and the values are the same."""
    files = {"sample_project-1.0/pyproject.toml": PYPROJECT, "sample_project-1.0/PKG-INFO": PKG_INFO}
    found = sdist.read(
        archive(tmp_path / f"sample_project-1.0{suffix}", files, {".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}.get(suffix, "w:gz"))
    )
    assert (found.name, found.named, found.version) == ("sample-project", True, "1.0")
    assert (found.folder, found.backend) == ("sample_project-1.0", "flit_core.buildapi")
    assert found.requires == ("flit-core>=3.11",)
    assert found.backend_path == ()


def test_a_project_without_pyproject_is_built_by_setuptools(tmp_path: Path) -> None:
    found = sdist.read(archive(tmp_path / "a-1.tar.gz", {"a-1/setup.py": ""}))
    assert (found.backend, found.requires) == (sdist.LEGACY_BACKEND, sdist.LEGACY_REQUIRES)


def test_a_pyproject_without_build_system_is_built_by_setuptools(tmp_path: Path) -> None:
    found = sdist.read(archive(tmp_path / "a-1.tar.gz", {"a-1/pyproject.toml": '[project]\nname = "A"\n'}))
    assert (found.backend, found.requires) == (sdist.LEGACY_BACKEND, sdist.LEGACY_REQUIRES)
    assert (found.name, found.named, found.version) == ("a", True, "1")


def test_requires_without_a_backend(tmp_path: Path) -> None:
    """PEP 517: where build-backend is missing, the tool falls back to setuptools, with these requirements."""
    found = sdist.read(archive(tmp_path / "a-1.tar.gz", {"a-1/pyproject.toml": '[build-system]\nrequires = ["cython"]\n'}))
    assert (found.backend, found.requires) == (sdist.LEGACY_BACKEND, ("cython",))


def test_a_name_that_is_given_goes_first(tmp_path: Path) -> None:
    path = archive(tmp_path / "b-1.tar.gz", {"b-1/setup.py": "", "b-1/PKG-INFO": PKG_INFO})
    found = sdist.read(path, name="Other_Name", version="2.0")
    assert (found.name, found.version) == ("other-name", "2.0")


def test_only_files_of_the_top_folder_count(tmp_path: Path) -> None:
    """A pyproject.toml of a subdirectory says nothing of how the project is built."""
    with pytest.raises(CheckFailed) as caught:
        sdist.read(archive(tmp_path / "a-1.tar.gz", {"a-1/sub/pyproject.toml": PYPROJECT}))
    assert caught.value.reason == "no-project-file"


def test_rust_is_noticed(tmp_path: Path) -> None:
    files = {"a-1/setup.py": ""}
    assert not sdist.read(archive(tmp_path / "a-1.tar.gz", files)).rust
    assert sdist.read(archive(tmp_path / "b-1.tar.gz", {**files, "a-1/native/Cargo.toml": ""})).rust


@pytest.mark.parametrize("name", ["../x", "a-1/../../x", "/x", "a-1\\..\\x", "C:/x", "C:\\x"])
@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_member_outside_the_folder(name: str, suffix: str, tmp_path: Path) -> None:
    """Neither POSIX nor Windows paths lead out of the tree."""
    path = archive(tmp_path / f"a-1{suffix}", {"a-1/setup.py": "", name: ""})
    with pytest.raises(CheckFailed) as caught:
        sdist.read(path)
    assert (caught.value.phase, caught.value.reason) == ("unpack", "escapes")


def test_a_link_within_the_tree_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "a-1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("a-1/setup.py"))
        info = tarfile.TarInfo("a-1/docs/link")
        info.type, info.linkname = tarfile.SYMTYPE, "../setup.py"
        tar.addfile(info)
    assert sdist.read(path).folder == "a-1"


GUESSES = {
    "six-1.17.0.tar.gz": ("six", "1.17.0"),
    "Sample.Project-1.0.zip": ("sample-project", "1.0"),
    "my-project": ("my-project", ""),
    "my-project.tar": ("my-project", ""),
    "zope-interface-7.2": ("zope-interface", "7.2"),
    "with space": ("with-space", ""),
    "-1.0.tar.gz": ("1-0", ""),
    "...": ("unnamed", ""),
}


@pytest.mark.parametrize("filename", GUESSES)
def test_a_name_is_guessed_from_the_name_of_a_file(filename: str) -> None:
    assert sdist.guess(filename) == GUESSES[filename]


@given(st.text())
def test_what_is_guessed_can_be_the_name_of_a_file(filename: str) -> None:
    """Whatever a file is called, its result is written into the directory of the results."""
    name, _ = sdist.guess(filename)
    assert sdist.is_name(name)
    assert os.path.basename(name) == name


def tree(directory: Path) -> Path:
    (directory / "tree" / "sub").mkdir(parents=True)
    (directory / "tree" / "pyproject.toml").write_text(PYPROJECT)
    (directory / "tree" / "sub" / "run").write_text("#!/bin/sh\n")
    (directory / "tree" / "sub" / "run").chmod(0o755)
    for path in (*directory.glob("tree/**/*"), directory / "tree"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return directory / "tree"


def test_a_tree_is_packed_the_same_each_time(tmp_path: Path) -> None:
    """Neither the owner nor the place of a tree is in the archive; its dates and modes are."""
    packed = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        packed.append(sdist.pack(tree(tmp_path / name), tmp_path / name))
    assert packed[0].read_bytes() == packed[1].read_bytes()
    source = sdist.read(packed[0])
    assert (source.name, source.named, source.folder) == ("tree", False, "tree")
    assert sdist.files(source)["sub/run"] == sdist.SourceFile(mtime=1_600_000_000, mode=0o755)


def test_a_directory_that_holds_no_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"neither pyproject\.toml nor setup\.py"):
        sdist.pack(tmp_path, tmp_path)


def test_what_requirements_say_of_one_project() -> None:
    specifiers = sdist.specifier_for("flit-core", ["flit_core>=3.11,<4", "setuptools>=70", "Flit.Core!=3.12"])
    assert specifiers.contains("3.11.1")
    assert not specifiers.contains("3.12")
    assert not specifiers.contains("4.0")
    assert sdist.specifier_for("wheel", ["setuptools>=70"]).contains("0.1")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("setuptools>=>=42.0", "setuptools>=42.0"),
        ("setuptools>= >=42.0", "setuptools>=42.0"),
        ("wheel====1.0", "wheel==1.0"),
        ("wheel===1.0", "wheel===1.0"),
        ("wheel>=1,<2", "wheel>=1,<2"),
        ("wheel!=1.0,!=1.1", "wheel!=1.0,!=1.1"),
        ("wheel~=1.0; python_version >= '3'", "wheel~=1.0; python_version >= '3'"),
    ],
)
def test_an_operator_that_is_written_twice_counts_once(written: str, meant: str) -> None:
    """As old releases ask, and old tools accepted."""
    assert sdist.mended(written) == meant
    sdist.check_requirements([written])


def test_what_is_no_requirement_even_so_is_refused() -> None:
    with pytest.raises(CheckFailed, match="which is no requirement"):
        sdist.check_requirements(["setuptools>=>=>=42.0 or so"])
