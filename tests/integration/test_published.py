"""Is the published wheel what its sdist builds? Real builds of tiny projects, served by an index on this machine."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import platform
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reprowheels import index as index_module
from reprowheels import machine, published, sdist
from reprowheels.build import Request
from reprowheels.pipconfig import PipConfig
from reprowheels.results import PublishedWheel
from reprowheels.sandbox import Limits, Sandbox
from reprowheels.variations import Settings

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .running import Runner

INFO = "plain-1.0.dist-info"
FACT, METADATA, WHEEL, RECORD = "plain/fact.txt", f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/RECORD"
Members = dict[str, bytes]
Ask = Callable[[Path, Path], PublishedWheel]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Honest:
    """Hold a project whose wheel is what its sdist builds."""

    tree: Path
    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def honest(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Honest:
    directory = tmp_path_factory.mktemp("honest")
    tree = trees.lay_out("plain", directory)
    done = run(tree, "--variations", "none", "--no-published", "--keep", directory / "kept", output=directory / "out")
    assert done.status == 0, done.err
    (wheel, *_) = sorted((directory / "kept").glob("*/*/*.whl"))
    return Honest(tree=tree, sdist=trees.sdist(tree, directory / "sdist"), wheel=wheel)


@pytest.fixture
def ask(
    index: LocalIndex, box: Sandbox, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path, Path], PublishedWheel]:
    """Return what serves an sdist and a wheel as a release, and says what was found out about the wheel."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def examined(source: Path, wheel: Path) -> PublishedWheel:
        index.add("plain", Entry(path=source, uploaded=OLD), Entry(path=wheel, uploaded=NEW))
        config = PipConfig(index_url=index.environ["PIP_INDEX_URL"])
        request = Request(
            python=machine.own_python(), sandbox=box, config=config, cache=box.cache, limits=Limits(), base=Settings()
        )
        listed = index_module.files("plain", config)
        found = sdist.read(source, name="plain", version="1.0")
        return published.examine(found, listed, request, tmp_path / "builds", lambda words: None)

    return examined


def members_of(wheel: Path) -> Members:
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def recorded(members: Members) -> Members:
    """Return the members with a RECORD that tells the truth about them."""

    def digest(data: bytes) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

    rows = [f"{name},sha256={digest(data)},{len(data)}\n" for name, data in members.items() if name != RECORD]
    return {**{k: v for k, v in members.items() if k != RECORD}, RECORD: "".join([*rows, f"{RECORD},,\n"]).encode()}


def pack(members: Members, path: Path, modes: Mapping[str, int] | None = None, method: int = zipfile.ZIP_STORED) -> Path:
    """Write a wheel as the backend of the project does, with other modes where a test wants them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = (modes or {}).get(name, 0o100644) << 16
            archive.writestr(info, data, method)
    return path


def changed(name: str, old: bytes, new: bytes) -> Callable[[Members], Members]:
    return lambda members: {**members, name: members[name].replace(old, new)}


def plus(name: str, data: bytes = b"print('hello')\n") -> Callable[[Members], Members]:
    return lambda members: {**members, name: data}


# What is done to the members, whether RECORD is made to fit, and the member that has to be named.
TAMPERED: dict[str, tuple[Callable[[Members], Members], bool, str]] = {
    "content": (changed(FACT, b"nothing", b"evil"), False, FACT),
    "content, RECORD fits": (changed(FACT, b"nothing", b"evil"), True, FACT),
    "content of the same length": (changed(FACT, b"nothing", b"nothinG"), True, FACT),
    "line ends": (changed(FACT, b"\n", b"\r\n"), True, FACT),
    "one space more": (changed(FACT, b"\n", b" \n"), True, FACT),
    "emptied": (changed(FACT, b"nothing\n", b""), True, FACT),
    "member more": (plus("plain/evil.py"), True, "plain/evil.py"),
    "member more, not in RECORD": (plus("plain/evil.py"), False, "plain/evil.py"),
    "empty member more": (plus("plain/__init__.py", b""), True, "plain/__init__.py"),
    "pth file": (plus("evil.pth", b"import os\n"), True, "evil.pth"),
    "script": (plus("plain-1.0.data/scripts/evil"), True, "plain-1.0.data/scripts/evil"),
    "entry point": (
        plus(f"{INFO}/entry_points.txt", b"[console_scripts]\nls = plain:main\n"),
        True,
        f"{INFO}/entry_points.txt",
    ),
    "signature of somebody": (plus(f"{INFO}/RECORD.jws", b"{}"), False, f"{INFO}/RECORD.jws"),
    "member less": (lambda members: {k: v for k, v in members.items() if k != FACT}, True, FACT),
    "member less, RECORD lists it": (lambda members: {k: v for k, v in members.items() if k != FACT}, False, FACT),
    "renamed": (lambda m: {k.replace("fact", "Fact"): v for k, v in m.items()}, True, "plain/Fact.txt"),
    "requirement": (changed(METADATA, b"Version: 1.0\n", b"Version: 1.0\nRequires-Dist: evil\n"), True, METADATA),
    "version in METADATA": (changed(METADATA, b"Version: 1.0", b"Version: 1.1"), True, METADATA),
    "WHEEL": (changed(WHEEL, b"Purelib: true", b"Purelib: false"), True, WHEEL),
    "generator": (changed(WHEEL, b"wheelwriter", b"flit 3.9.0"), True, WHEEL),
    "RECORD with a wrong hash": (changed(RECORD, b"sha256=", b"sha256=A"), False, RECORD),
    "RECORD with a row more": (changed(RECORD, b"RECORD,,", b"RECORD,,\nplain/evil.py,,"), False, RECORD),
}


def test_an_untouched_wheel_is_identical(ask: Ask, honest: Honest) -> None:
    found = ask(honest.sdist, honest.wheel)
    assert (found.verdict, found.differing) == ("identical", ())


def test_the_tests_pack_as_the_backend_does(honest: Honest, tmp_path: Path) -> None:
    """Else everything below would be different for another reason."""
    assert pack(members_of(honest.wheel), tmp_path / honest.wheel.name).read_bytes() == honest.wheel.read_bytes()
    assert recorded(members_of(honest.wheel)) == members_of(honest.wheel)


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_tampered_wheel_is_different_and_the_member_is_named(ask: Ask, honest: Honest, tmp_path: Path, kind: str) -> None:
    change, fitting, name = TAMPERED[kind]
    members = change(members_of(honest.wheel))
    wheel = pack(recorded(members) if fitting else members, tmp_path / honest.wheel.name)
    found = ask(honest.sdist, wheel)
    assert found.verdict == "different"
    assert name in found.differing
    assert not found.normalizations


@pytest.mark.parametrize("mode", [0o100755, 0o104644, 0o120777], ids=["executable", "set-uid", "link"])
def test_a_mode_that_installers_look_at_makes_a_wheel_different(ask: Ask, honest: Honest, tmp_path: Path, mode: int) -> None:
    wheel = pack(members_of(honest.wheel), tmp_path / honest.wheel.name, modes={FACT: mode})
    found = ask(honest.sdist, wheel)
    assert found.verdict == "different"
    assert FACT in found.differing


def test_a_file_that_its_mode_calls_a_directory_is_a_member_more(ask: Ask, honest: Honest, tmp_path: Path) -> None:
    """Installers go by the name: they write the file."""
    members = {**members_of(honest.wheel), "evil.pth": b"import os\n"}
    wheel = pack(members, tmp_path / honest.wheel.name, modes={"evil.pth": 0o040755})
    found = ask(honest.sdist, wheel)
    assert found.verdict == "different"
    assert "evil.pth" in found.differing


@pytest.mark.parametrize(("before", "behind"), [(b"", b"#!/bin/sh\n"), (b"#!/bin/sh\n", b"")], ids=["behind", "before"])
def test_bytes_around_the_archive_make_a_wheel_different(
    ask: Ask, honest: Honest, tmp_path: Path, before: bytes, behind: bytes
) -> None:
    """What is before or behind the members is in no member, so nothing names one; installers pass over it."""
    wheel = tmp_path / honest.wheel.name
    wheel.write_bytes(before + honest.wheel.read_bytes() + behind)
    assert ask(honest.sdist, wheel).verdict == "different"


def test_a_second_member_of_one_name_makes_a_wheel_different(ask: Ask, honest: Honest, tmp_path: Path) -> None:
    """Which of the two is installed depends on the installer."""
    wheel = pack(members_of(honest.wheel), tmp_path / honest.wheel.name)
    with zipfile.ZipFile(wheel, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(zipfile.ZipInfo(FACT, (1980, 1, 1, 0, 0, 0)), b"evil\n")
    found = ask(honest.sdist, wheel)
    assert found.verdict == "different"
    assert FACT in found.differing


def test_another_compression_is_equivalent_and_says_so(ask: Ask, honest: Honest, tmp_path: Path) -> None:
    wheel = pack(members_of(honest.wheel), tmp_path / honest.wheel.name, method=zipfile.ZIP_DEFLATED)
    found = ask(honest.sdist, wheel)
    assert (found.verdict, found.normalizations) == ("equivalent", ("zip-compression",))


@pytest.mark.parametrize(
    ("name", "old", "new", "differing"),
    [
        ("plain-1.0/backend.py", b"nothing", b"evil", FACT),
        ("plain-1.0/wheelwriter.py", b"Metadata-Version: 2.1", b"Metadata-Version: 2.2", METADATA),
    ],
)
def test_a_tampered_sdist_builds_another_wheel(
    ask: Ask, honest: Honest, tmp_path: Path, name: str, old: bytes, new: bytes, differing: str
) -> None:
    tampered = tmp_path / honest.sdist.name
    with tarfile.open(honest.sdist) as before, tarfile.open(tampered, "w:gz") as after:
        for member in before:
            content = before.extractfile(member)
            data = content.read() if content else b""
            if member.name == name:
                assert old in data
                data = data.replace(old, new)
                member.size = len(data)
            after.addfile(member, io.BytesIO(data))
    found = ask(tampered, honest.wheel)
    assert found.verdict == "different"
    assert differing in found.differing


def test_a_check_records_the_verdict(index: LocalIndex, honest: Honest, tmp_path: Path) -> None:
    """From the command line to the file, for a wheel with a member more."""
    wheel = pack(recorded({**members_of(honest.wheel), "evil.pth": b"import os\n"}), tmp_path / honest.wheel.name)
    index.add("plain", Entry(path=honest.sdist, uploaded=OLD), Entry(path=wheel, uploaded=NEW))
    done = index.run("plain", "--variations", "none", output=tmp_path / "out")
    assert (done.status, done.only.published) == (0, "different")
    assert done.only.published_wheel
    assert done.only.published_wheel.differing == ("evil.pth", RECORD)
    assert done.only.published_wheel.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_a_wheel_that_an_installer_takes_rather_is_named(index: LocalIndex, honest: Honest, tmp_path: Path) -> None:
    """The sdist builds a pure wheel, which is what it is compared with; a compiled one beside it is what people get."""
    version = "".join(map(str, sys.version_info[:2]))
    other = pack(
        recorded({**members_of(honest.wheel), "evil.pth": b"import os\n"}),
        tmp_path / f"plain-1.0-cp{version}-cp{version}-linux_{platform.machine()}.whl",
    )
    entries = [Entry(path=path, uploaded=NEW) for path in (honest.wheel, other)]
    index.add("plain", Entry(path=honest.sdist, uploaded=OLD), *entries)
    done = index.run("plain", "--variations", "none", output=tmp_path / "out")
    found = done.only.published_wheel
    assert found
    assert (found.filename, found.verdict) == (honest.wheel.name, "identical")
    assert found.reasons == (f"an installer takes another wheel of the release here, which was not rebuilt: {other.name}",)


def test_a_wheel_that_is_not_the_one_of_the_index_is_never_compared(index: LocalIndex, honest: Honest, tmp_path: Path) -> None:
    index.add("plain", Entry(path=honest.sdist, uploaded=OLD), Entry(path=honest.wheel, uploaded=NEW, sha256="0" * 64))
    done = index.run("plain", "--variations", "none", output=tmp_path)
    failure = done.result("plain").failure
    assert (done.status, failure and failure.reason) == (3, "hash-mismatch")
