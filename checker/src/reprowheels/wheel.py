"""One wheel file as a value: its archive, its tags and metadata, and whether its RECORD tells the truth."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from . import archive
from .archive import Archive
from .errors import WheelError
from .members import Member, printable

MAX_FILE = 2 << 30  # bytes of a wheel file
MAX_PROBLEMS = 50
_MAX_TEXT = 16 << 20  # bytes of METADATA, WHEEL; RECORD may have four times as much
_UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """Hold what METADATA says about a project; `urls` are pairs of label and http(s) address."""

    name: str = ""
    version: str = ""
    summary: str = ""
    urls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """Hold one wheel: its file name and what that says, the SHA-256 and size of the file, and its archive.

    What takes long is found out when it is asked for, once.
    """

    filename: str
    name: str
    version: str
    tags: frozenset[Tag]
    sha256: str
    size: int
    archive: Archive

    @property
    def members(self) -> tuple[Member, ...]:
        """Return the members in the order of the archive."""
        return self.archive.members

    @property
    def container_problems(self) -> tuple[str, ...]:
        """Return what is odd about the archive, as sentences."""
        return _capped(self.archive.problems)

    @cached_property
    def _described(self) -> tuple[Member, ...]:
        """Return the members that lie in a .dist-info directory."""
        return tuple(member for member in self.members if b".dist-info/" in member.raw_name)

    @cached_property
    def dist_info(self) -> str:
        """Return the name of the .dist-info directory, or nothing."""
        found = {member.name.partition("/")[0] for member in self._described}
        found = {name for name in found if name.endswith(".dist-info")}
        wanted = [name for name in found if canonicalize_name(name.partition("-")[0]) == self.name]
        return min(wanted or found, default="")

    def info(self, name: str) -> Member | None:
        """Return a file of the .dist-info directory; of several of one name the last, as installers do."""
        raw = f"{self.dist_info}/{name}".encode()
        return next((member for member in reversed(self._described) if member.raw_name == raw), None)

    def text(self, name: str) -> str:
        """Return a file of the .dist-info directory as text, or nothing where there is none that can be read."""
        member = self.info(name)
        if member is None:
            return ""
        try:
            return self.archive.content(member, _MAX_TEXT).decode("utf-8", "replace")
        except WheelError:
            return ""

    @cached_property
    def metadata(self) -> Metadata:
        """Return what METADATA says; a file that is damaged or missing says nothing."""
        from packaging.metadata import parse_email  # takes longer than most comparisons, which need none of this

        raw, _ = parse_email(self.text("METADATA"))
        pairs = [*raw.get("project_urls", {}).items(), ("Homepage", raw.get("home_page", ""))]
        links = {label: url for label, url in reversed(pairs) if url.lower().startswith(("http://", "https://"))}
        return Metadata(
            name=_line(raw.get("name", "")),
            version=_line(raw.get("version", "")),
            summary=_line(raw.get("summary", "")),
            urls=tuple(sorted((_line(label), _line(url)) for label, url in links.items())),
        )

    def header(self, key: str) -> str:
        """Return the first value of a key of the WHEEL file, such as Generator, or nothing."""
        for line in self.text("WHEEL").splitlines():
            found, colon, value = line.partition(":")
            if colon and found.strip().lower() == key.lower():
                return _line(value)
        return ""

    @cached_property
    def generator(self) -> str:
        """Return the tool that wrote the wheel, as WHEEL names it."""
        return self.header("Generator")

    @cached_property
    def pure(self) -> bool:
        """Say whether the wheel is the same for every platform: pure by its WHEEL file and by its tags."""
        return self.header("Root-Is-Purelib").lower() == "true" and all(tag.platform == "any" for tag in self.tags)

    @cached_property
    def record_problems(self) -> tuple[str, ...]:
        """Return in what RECORD and the archive contradict each other, as at most MAX_PROBLEMS sentences."""
        if self.archive.unpacked > archive.MAX_UNPACKED:
            return (f"not verified: the wheel unpacks to more than {archive.MAX_UNPACKED >> 30} GiB",)
        return _capped(_record_problems(self))


def _line(text: str) -> str:
    """Return a text as one printable line."""
    return "".join(c for c in " ".join(str(text).split()) if c.isprintable())


def record_rows(data: bytes, errors: str) -> Iterator[list[str]]:
    """Yield the rows of a RECORD, decoded as they are asked for; raises csv.Error where it is not CSV."""
    return csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", errors, newline=""), strict=True)


def _capped(problems: Iterable[str]) -> tuple[str, ...]:
    """Return at most MAX_PROBLEMS sentences, the last one saying that there are more."""
    kept: list[str] = []
    for problem in problems:
        if len(kept) == MAX_PROBLEMS:
            return (*kept[:-1], "there are more problems of this kind")
        kept.append(problem)
    return tuple(kept)


def _rows(wheel: Wheel, record: Member) -> Iterator[tuple[bytes, str, str]]:
    """Yield the path, the hash and the size of each row of RECORD; raises WheelError when it cannot be read."""
    # Paths are compared as bytes: a name that is not UTF-8 is odd, but it can be recorded truthfully.
    try:
        for row in record_rows(wheel.archive.content(record, 4 * _MAX_TEXT), errors="surrogateescape"):
            if len(row) == 3:
                yield row[0].encode("utf-8", "surrogateescape"), row[1], row[2]
            elif row:
                yield row[0].encode("utf-8", "surrogateescape"), "", "not three columns"
    except csv.Error as error:
        raise WheelError(f"RECORD: is not CSV: {error}") from error


def _hash_problem(wheel: Wheel, member: Member, hashed: str) -> str:
    """Return why a hash of RECORD is not that of the content, or nothing."""
    algorithm, _, value = hashed.partition("=")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm in ("md5", "sha1") or algorithm.startswith("shake"):
        return f"{member.name}: RECORD has a hash of the kind {algorithm[:20]!r}, which wheels may not use"
    digest = base64.urlsafe_b64encode(wheel.archive.digest(member, algorithm)).rstrip(b"=")
    return "" if digest.decode() == value.rstrip("=") else f"{member.name}: its hash is not the one in RECORD"


def _record_problems(wheel: Wheel) -> Iterator[str]:
    """Yield what contradicts https://packaging.python.org/en/latest/specifications/recording-installed-packages/."""
    directory = wheel.dist_info
    record = wheel.info("RECORD")
    if not directory or record is None:
        yield "the wheel has no RECORD"
        return
    unhashed = {f"{directory}/{name}".encode() for name in _UNHASHED}
    places = {member.raw_name: place for place, member in enumerate(wheel.members)}
    listed, missing = bytearray(len(wheel.members)), set()
    try:
        for path, hashed, size in _rows(wheel, record):
            place = places.get(path)
            if listed[place] if place is not None else path in missing:
                yield f"{printable(path)}: is listed twice in RECORD"
            if place is None:
                missing.add(path)
                yield f"{printable(path)}: is listed in RECORD and not in the wheel"
                continue
            member = wheel.members[place]
            listed[place] = True
            if size == "not three columns":
                yield f"{member.name}: its row in RECORD has not three columns"
            elif not hashed and path not in unhashed:
                yield f"{member.name}: has no hash in RECORD"
            elif hashed:
                try:
                    problem = _hash_problem(wheel, member, hashed)
                except WheelError as error:
                    problem = str(error)
                if problem:
                    yield problem
            if size.isascii() and size.isdecimal() and int(size[:19]) != member.size:
                yield f"{member.name}: has {member.size} bytes, RECORD says {size[:19]}"
    except WheelError as error:
        yield str(error)
        return
    for raw, place in places.items():
        member = wheel.members[place]
        if not listed[place] and raw not in unhashed and not member.directory:
            yield f"{member.name}: is not listed in RECORD"


def read(path: Path) -> Wheel:
    """Return the wheel in a file.

    Raises WheelError when the file cannot be read, has no name of a wheel, or is no ZIP archive that can be read
    safely. An archive that is merely odd is a wheel with `container_problems`.
    """
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        if not path.exists():
            raise WheelError(f"{path.name}: cannot be read: No such file or directory") from error
        raise WheelError(f"{printable(path.name.encode('utf-8', 'surrogateescape'))}: {error}") from error
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise WheelError(f"{path.name}: has {size} bytes, more than {MAX_FILE}")
        data = path.read_bytes()
    except OSError as error:
        raise WheelError(f"{path.name}: cannot be read: {error.strerror}") from error
    try:
        opened = archive.read(data)
    except WheelError as error:
        raise WheelError(f"{path.name}: {error}") from error
    return Wheel(
        filename=path.name,
        name=name,
        version=str(version),
        tags=tags,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        archive=opened,
    )
