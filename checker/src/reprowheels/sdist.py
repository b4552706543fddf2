"""One sdist file as a value: its build backend and requirements, read from the archive without unpacking it."""

from __future__ import annotations

import calendar
import email.parser
import hashlib
import os
import re
import tarfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .errors import CheckFailed, UsageError

# What pip and build do for a project that declares no build system (PEP 517, "Source trees").
LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
LEGACY_REQUIRES = ("setuptools>=40.8.0",)
_READ = ("pyproject.toml", "PKG-INFO", "setup.py", "setup.cfg", "Cargo.toml", "hatch.toml")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # the core metadata specification, "Name"
_LARGEST = 4 << 20  # no pyproject.toml is larger than 4 MiB
_ARCHIVE_ERRORS = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """Hold what an sdist says of one of its files: the date in seconds since 1970, and the permission bits."""

    mtime: float
    mode: int


@dataclass(frozen=True, kw_only=True)
class Sdist:
    """Hold an sdist: where it lies, what it is called and how it wants to be built.

    `named` tells whether the name is known, or only guessed from the name of a file or directory. `folder` is the one
    directory at the top of the archive, `requires` the static build requirements, `rust` tells whether the tree holds
    a Cargo.toml.
    """

    path: Path
    sha256: str
    name: str
    named: bool
    version: str
    folder: str
    backend: str
    backend_path: tuple[str, ...]
    requires: tuple[str, ...]
    rust: bool


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or re.match(r"[A-Za-z]:", name) is not None


def _names_and_texts(path: Path) -> Iterator[tuple[str, bytes | None]]:
    """Yield the name of each member and, for the few files at the top that say how to build, the content.

    A link that points outside is yielded under the name that it points to.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                wanted = info.filename.count("/") == 1 and info.filename.endswith(_READ) and info.file_size <= _LARGEST
                yield info.filename, archive.read(info) if wanted else None
        return
    with tarfile.open(path, "r:*", errorlevel=1) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            wanted = member.isfile() and name.count("/") == 1 and name.endswith(_READ) and member.size <= _LARGEST
            extracted = tar.extractfile(member) if wanted else None
            yield name, extracted.read() if extracted else None
            if member.issym():
                yield os.path.normpath(os.path.join(os.path.dirname(name), member.linkname)), None
            elif member.islnk():
                yield member.linkname.removeprefix("./"), None
            elif not (member.isfile() or member.isdir()):
                raise CheckFailed(
                    "unpack", "escapes", f"{path.name}: member {name!r} is a device or a pipe; an sdist holds files"
                )


def _build_system(path: Path, text: bytes | None) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return backend, backend-path and requirements of a pyproject.toml (PEP 518, PEP 517)."""
    try:
        data = tomllib.loads(text.decode("utf-8")) if text is not None else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckFailed("unpack", "bad-pyproject", f"{path.name}: pyproject.toml is not valid TOML: {error}") from error
    table = data.get("build-system")
    if table is None:
        return LEGACY_BACKEND, (), LEGACY_REQUIRES
    requires = table.get("requires", []) if isinstance(table, dict) else None
    backend = table.get("build-backend", LEGACY_BACKEND) if isinstance(table, dict) else None
    backend_path = table.get("backend-path", []) if isinstance(table, dict) else None
    if not (
        isinstance(requires, list)
        and all(isinstance(item, str) for item in requires)
        and isinstance(backend, str)
        and isinstance(backend_path, list)
        and all(isinstance(item, str) for item in backend_path)
    ):
        raise CheckFailed("unpack", "bad-pyproject", f"{path.name}: pyproject.toml: [build-system] does not follow PEP 517")
    for item in requires:
        try:
            Requirement(mended(item))
        except InvalidRequirement as error:
            raise CheckFailed(
                "unpack", "bad-pyproject", f"{path.name}: pyproject.toml: build-system.requires: {item!r}: {error}"
            ) from error
    if any(_escapes(item) for item in backend_path):
        raise CheckFailed("unpack", "escapes", f"{path.name}: pyproject.toml: backend-path leads out of the source tree")
    return backend, tuple(backend_path), tuple(requires)


def read(path: Path, *, name: str = "", version: str = "") -> Sdist:
    """Return an sdist as a value; its own PKG-INFO and pyproject.toml give name and version where none are given.

    Raises CheckFailed for a file that is no archive, has no pyproject.toml nor setup.py, or would unpack outside
    its folder.
    """
    texts: dict[str, bytes] = {}
    folders: set[str] = set()
    rust = False
    try:
        for member, text in _names_and_texts(path):
            if _escapes(member):
                raise CheckFailed(
                    "unpack", "escapes", f"{path.name}: member {member!r} lies outside the source tree; not unpacked"
                )
            top, slash, rest = member.partition("/")
            if slash or text is not None:
                folders.add(top)
            rust = rust or member.endswith("/Cargo.toml")
            if text is not None:
                texts.setdefault(rest, text)
    except _ARCHIVE_ERRORS as error:
        raise CheckFailed(
            "unpack", "not-an-archive", f"{path.name}: is not a readable .tar.gz or .zip archive: {error}"
        ) from error
    folder = folders.pop() if len(folders) == 1 else ""
    if not folder or not ({"pyproject.toml", "setup.py"} & texts.keys()):
        raise CheckFailed(
            "unpack",
            "no-project-file",
            f"{path.name}: holds neither pyproject.toml nor setup.py in its one top folder, so nothing says how to build it",
        )
    backend, backend_path, requires = _build_system(path, texts.get("pyproject.toml"))
    own_name, own_version = _identity(texts)
    # A result is written to a file of this name.
    if not name and own_name and not is_name(own_name):
        raise CheckFailed("unpack", "bad-pyproject", f"{path.name}: names its project {own_name!r}, which is no valid name")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    guessed, guessed_version = guess(path.name)
    return Sdist(
        path=path,
        sha256=digest,
        name=canonicalize_name(name or own_name) or guessed,
        named=bool(name or own_name),
        version=version or own_version or guessed_version,
        folder=folder,
        backend=backend,
        backend_path=backend_path,
        requires=requires,
        rust=rust,
    )


def is_name(text: str) -> bool:
    """Say whether a text can be the name of a project."""
    return _NAME.fullmatch(text) is not None


def guess(filename: str) -> tuple[str, str]:
    """Return name and version as far as the name of an sdist or of a directory tells them."""
    stem = re.sub(r"\.(tar(\.\w+)?|tgz|zip)$", "", filename)
    head, dash, tail = stem.rpartition("-")
    name, version = (head, tail) if dash and head and tail[:1].isdigit() else (stem, "")
    return canonicalize_name(re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")) or "unnamed", version


def _identity(texts: dict[str, bytes]) -> tuple[str, str]:
    """Return name and version that a source tree gives itself; empty where it leaves them to the backend."""
    if "PKG-INFO" in texts:
        message = email.parser.BytesHeaderParser().parsebytes(texts["PKG-INFO"])
        return str(message.get("Name") or ""), str(message.get("Version") or "")
    project = tomllib.loads(texts["pyproject.toml"].decode("utf-8")).get("project", {}) if "pyproject.toml" in texts else {}
    if not isinstance(project, dict):
        return "", ""
    found, version = project.get("name"), project.get("version")
    return found if isinstance(found, str) else "", version if isinstance(version, str) else ""


def pack(tree: Path, directory: Path) -> Path:
    """Write a source directory as an uncompressed archive, so that it is built from a copy like any sdist.

    Owners and the order of files are left out of the archive, so that the same tree gives the same bytes.
    Raises UsageError when the directory holds no project.
    """
    if not (tree / "pyproject.toml").is_file() and not (tree / "setup.py").is_file():
        raise UsageError(f"{tree}: holds neither pyproject.toml nor setup.py; name a source tree, an sdist file or a project")
    folder = re.sub(r"[^A-Za-z0-9._+-]", "-", tree.resolve().name) or "tree"
    path = directory / f"{folder}.tar"

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(path, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(tree.resolve(), arcname=folder, filter=plain)
    return path


def files(source: Sdist) -> dict[str, SourceFile]:
    """Return date and permission bits of each file of an sdist, by its path below the top folder."""
    found = {}
    if zipfile.is_zipfile(source.path):
        with zipfile.ZipFile(source.path) as archive:
            for info in archive.infolist():
                moment = calendar.timegm((*info.date_time, 0, 0, 0))
                found[info.filename.partition("/")[2]] = SourceFile(mtime=moment, mode=info.external_attr >> 16 & 0o777)
        return found
    with tarfile.open(source.path, "r:*") as tar:
        for member in tar:
            if member.isfile():
                found[member.name.removeprefix("./").partition("/")[2]] = SourceFile(mtime=member.mtime, mode=member.mode & 0o777)
    return found


def mended(requirement: str) -> str:
    """Return a requirement as it was meant where an operator is written twice.

    "setuptools>=>=42.0" was accepted until packaging 22 took PEP 440 at its word; pytest 6.2 asks for it.
    """
    return re.sub(r"(===|~=|==|!=|<=|>=|<|>)\s*\1(?!=)", r"\1", requirement)


def check_requirements(requirements: Iterable[str]) -> None:
    """Raise CheckFailed for a build requirement that is no requirement (PEP 508), even mended."""
    for item in requirements:
        try:
            Requirement(mended(item))
        except InvalidRequirement as error:
            raise CheckFailed(
                "requirements", "unresolvable", f"the build backend asks for {item!r}, which is no requirement: {error}"
            ) from error


def specifier_for(name: str, requirements: Iterable[str]) -> SpecifierSet:
    """Return what a list of requirements says of the versions of one project."""
    found = SpecifierSet()
    for item in requirements:
        requirement = Requirement(mended(item))
        if canonicalize_name(requirement.name) == name:
            found &= requirement.specifier
    return found
