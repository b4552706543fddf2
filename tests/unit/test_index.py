"""Which sdist of those on the index is checked; the network is in tests/integration."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from packaging.version import Version

from reprowheels import index
from reprowheels.errors import CheckFailed
from reprowheels.index import File

DAY = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)


def file(version: str, kind: str = ".tar.gz", *, days: int | None = 0, yanked: bool = False, python: str = "") -> File:
    """Make a file that was uploaded some days after DAY."""
    return File(
        version=Version(version),
        filename=f"sample-{version}{kind}",
        url="http://127.0.0.1:9/file",
        sha256="0" * 64,
        uploaded=None if days is None else DAY + datetime.timedelta(days=days),
        yanked=yanked,
        requires_python=python,
        is_wheel=kind == ".whl",
    )


def chosen(*files: File, version: str | None = None, before: datetime.datetime | None = None) -> list[str]:
    return [found.filename for found in index.choose("sample", files, version=version, before=before)]


def reason(*files: File, version: str | None = None, before: datetime.datetime | None = None) -> str:
    with pytest.raises(CheckFailed) as caught:
        index.choose("sample", files, version=version, before=before)
    assert caught.value.phase == "index"
    return caught.value.reason


def test_the_newest_release_comes_first() -> None:
    """By version, in whatever order the index lists the files."""
    assert chosen(file("1.9"), file("1.10"), file("1.2"))[0] == "sample-1.10.tar.gz"


def test_a_pre_release_is_chosen_where_there_is_nothing_else() -> None:
    assert chosen(file("1.0"), file("2.0rc1")) == ["sample-1.0.tar.gz"]
    assert chosen(file("2.0rc1"), file("2.0b1"))[0] == "sample-2.0rc1.tar.gz"


def test_a_pre_release_can_be_named() -> None:
    assert chosen(file("1.0"), file("2.0rc1"), version="2.0.rc1") == ["sample-2.0rc1.tar.gz"]


def test_a_yanked_release_is_passed_over_unless_it_is_named() -> None:
    files = (file("1.0"), file("2.0", yanked=True))
    assert chosen(*files) == ["sample-1.0.tar.gz"]
    assert chosen(*files, version="2.0") == ["sample-2.0.tar.gz"]
    assert reason(file("1.0", yanked=True)) == "yanked"


def test_one_sdist_for_each_release() -> None:
    """.tar.gz goes before .zip, and wheels are none."""
    assert chosen(file("1.0", ".zip"), file("1.0"), file("1.0", ".whl")) == ["sample-1.0.tar.gz"]
    assert chosen(file("1.0", ".zip")) == ["sample-1.0.zip"]


def test_a_newest_release_without_an_sdist_is_an_answer() -> None:
    """An older release is not checked in its place."""
    assert reason(file("1.0"), file("2.0", ".whl")) == "no-sdist"
    assert reason(file("1.0", ".whl"), version="1.0") == "no-sdist"


def test_a_version_is_compared_as_a_version() -> None:
    assert chosen(file("1.0"), version="1.0.0") == ["sample-1.0.tar.gz"]
    assert reason(file("1.0"), version="1.1") == "no-such-version"
    assert reason(file("1.0"), version="one") == "no-such-version"


def test_the_bound_is_exclusive() -> None:
    """What was uploaded at that very moment is left out."""
    files = (file("1.0", days=-1), file("2.0", days=0), file("3.0", days=1))
    assert chosen(*files, before=DAY) == ["sample-1.0.tar.gz"]
    assert chosen(*files, before=DAY + datetime.timedelta(seconds=1))[0] == "sample-2.0.tar.gz"
    assert reason(*files, version="2.0", before=DAY) == "no-such-version"
    assert reason(*files[1:], before=DAY) == "not-found"


@pytest.mark.parametrize("files", [("1.0",), ("1.0", "0.9")])
def test_a_named_release_that_came_again_later_is_told_how_to_check(files: tuple[str, ...]) -> None:
    listed = [file(version, days=int(version == "1.0") * 2 - 1) for version in files]
    with pytest.raises(CheckFailed, match=r"1\.0 was uploaded 2026-\S+: .* check its sdist as a file"):
        index.choose("sample", listed, version="1.0", before=DAY)


def test_a_bound_needs_dates() -> None:
    """An index without upload times cannot keep it; a file without one among others is left out."""
    assert reason(file("1.0", days=None), before=DAY) == "too-new"
    assert chosen(file("1.0", days=-1), file("2.0", days=None), before=DAY) == ["sample-1.0.tar.gz"]
    assert reason() == "not-found"


def test_the_newest_that_fits_a_python() -> None:
    found = index.choose("sample", (file("1.0", python=">=3.8"), file("2.0", python=">=3.13")))
    fitting = index.fitting(found, "3.11.7")
    assert fitting is not None
    assert fitting.version == Version("1.0")
    assert index.fitting(found[:1], "3.11.7") is None


def test_a_specifier_that_is_none_excludes_nothing() -> None:
    """Old releases say things such as ">=3.6.*", which no version fulfils."""
    assert index.supports(file("1.0", python="three"), "3.11.7")
    assert index.supports(file("1.0", python=">=3.14.0a1"), "3.14.0rc1")


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert index.cache_directory() == tmp_path / "reprowheels"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert index.cache_directory() == tmp_path / "home" / ".cache" / "reprowheels"
