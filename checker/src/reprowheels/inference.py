"""What a published wheel betrays of the environment in which it was built. Pure: looks at the wheel and the sdist."""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import pace, provenance
from .members import Member
from .sdist import SourceFile
from .variations import Settings
from .wheel import Wheel

_UMASKS = {0o644: 0o022, 0o664: 0o002, 0o600: 0o077, 0o640: 0o027, 0o660: 0o007, 0o666: 0o000}
_LIKELY_ZONES = (
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/Chicago",
    "America/Denver",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "Europe/Moscow",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/Sao_Paulo",
)
SOURCE_MODES = ("filtered", "umask", "archive")  # likeliest first: `python -m build` unpacks with tarfile's data filter
SOURCE_DATES = ("exact", "rounded")
_DATES = {"exact": "", "rounded": "in whole seconds"}
# Other implementations of zlib, which compress to other bytes: zlib-ng as it is, and without its new strategies, as
# Fedora builds it for its Python.
ZLIB, ZLIB_NG, ZLIB_NG_CLASSIC = "", "zlib-ng", "zlib-ng without new strategies"
_WHOLE_HOUR = 3600
_QUARTER = 900


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Hold an environment in which a wheel may have been built.

    `pins` are constraints such as "hatchling==1.27.0", `tools` more of them that an SBOM names, `extra` requirements
    beyond those of the sdist, `epoch` the SOURCE_DATE_EPOCH or None, `moment` when the clock of the build begins and `tick` how many seconds pass with each
    file that is opened (0: those that really do), `python` a request such as "3.12" or "", `config` the config_settings
    of the backend, `zlib` the implementation that compresses; `setup_py` tells a build with `setup.py bdist_wheel`
    instead of the backend, `windows` one that writes files as Python does on Windows, `mounted` one on a mount that gives all files all permission bits.
    """

    pins: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    epoch: int | None = None
    timezone: str = "UTC"
    umask: int = 0o022
    source_modes: str = "umask"
    source_dates: str = "exact"
    moment: float | None = None
    tick: float = 0.0
    python: str = ""
    zlib: str = ZLIB
    setup_py: bool = False
    windows: bool = False
    mounted: bool = False
    hash_seed: int = 0
    config: tuple[tuple[str, str], ...] = ()

    def settings(self) -> Settings:
        """Return the settings of a build in this environment."""
        return Settings(
            source_date_epoch=self.epoch,
            timezone=self.timezone,
            umask=self.umask,
            source_modes=self.source_modes,
            source_dates=self.source_dates,
            moment=self.moment,
            tick=self.tick,
            hash_seed=self.hash_seed,
            helpers=self.zlib != ZLIB or self.setup_py or self.windows or self.mounted,
            extra_environment=(
                *([("REPROWHEELS_ZLIB", "zlib_ng.zlib_ng")] if self.zlib else []),
                *([("REPROWHEELS_PLATFORM", "windows" if self.windows else "mount")] if self.windows or self.mounted else []),
            ),
        )

    def described(self) -> tuple[tuple[str, str], ...]:
        """Return the guess as pairs of words, for people."""
        pairs = (
            ("pins", ", ".join((*self.pins, *self.tools, *self.extra))),
            ("source-date-epoch", str(self.epoch) if self.epoch is not None else "not set"),
            ("timezone", self.timezone),
            ("umask", f"{self.umask:04o}"),
            (
                "source-modes",
                {"archive": "as in the sdist", "filtered": "as in the sdist, write permission for the owner only"}.get(
                    self.source_modes, ""
                ),
            ),
            ("source-dates", _DATES[self.source_dates] if self.source_dates in _DATES else _written(float(self.source_dates))),
            ("moment", "" if self.moment is None else _written(self.moment)),
            ("tick", f"{self.tick:g} s with each file that is opened" if self.tick else ""),
            ("python", self.python),
            ("zlib", self.zlib),
            ("platform", "line ends, permission bits and creator as Python writes them on Windows" if self.windows else ""),
            ("permission-bits", "all of them for all files, as on a disk of Windows that Linux mounts" if self.mounted else ""),
            ("hash-seed", str(self.hash_seed) if self.hash_seed else ""),
            ("command", "setup.py bdist_wheel" if self.setup_py else ""),
            ("config-settings", ", ".join(f"{key}={value}" for key, value in self.config)),
        )
        return tuple((key, value) for key, value in pairs if value)


def _written(moment: float) -> str:
    """Return a moment as text, with its microseconds where it has any."""
    found = datetime.datetime.fromtimestamp(round(moment, 6), datetime.timezone.utc)
    fraction = f"{found.microsecond:06}".rstrip("0")
    return f"{found:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"


def seconds(member: Member) -> int:
    """Return the date of a member as seconds since 1970, read as UTC."""
    return calendar.timegm(member.date)


def dates(wheel: Wheel, timezone: str) -> dict[str, int]:
    """Return the dates of a wheel's members as seconds since 1970, from what they show in a time zone."""
    zone = zoneinfo.ZoneInfo(timezone)
    return {member.name: seconds(member) - _at(zone, seconds(member)) for member in wheel.members}


def pairs(wheel: Wheel, files: Mapping[str, SourceFile]) -> Iterator[tuple[Member, SourceFile]]:
    """Yield the members that came from a file of the sdist, each with that file."""
    by_tail: dict[str, list[str]] = {}
    for name in files:
        by_tail.setdefault(name.rpartition("/")[2], []).append(name)
    for member in wheel.members:
        name = member.name
        if ".dist-info/" in name:
            # Licences are the one thing under .dist-info that is copied; everything else is written anew.
            name = name.rpartition("/licenses/")[2] if "/licenses/" in name else ""
        elif ".data/" in name:
            name = name.partition(".data/")[2].partition("/")[2]
        options = [option for option in by_tail.get(name.rpartition("/")[2], ()) if option == name or option.endswith("/" + name)]
        if name and options:
            yield member, files[min(options, key=len)]


def _zone(moves: Iterable[tuple[int, float]]) -> str:
    """Return a time zone in which each moment has the local time that a ZIP shows, or nothing."""
    wanted = list(moves)
    common = Counter(_offset(shown, mtime) for shown, mtime in wanted).most_common(1)
    if not common:
        return ""
    for name in (*_LIKELY_ZONES, *sorted(zoneinfo.available_timezones())):
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
            continue
        if all(abs(mtime + _at(zone, mtime) - shown) <= 2 for shown, mtime in wanted):
            return name
    offset = common[0][0]
    return (
        f"Etc/GMT{-offset // _WHOLE_HOUR:+d}" if offset and offset % _WHOLE_HOUR == 0 and abs(offset) <= 12 * _WHOLE_HOUR else ""
    )


def _offset(shown: int, mtime: float) -> int:
    return round((shown - mtime) / _QUARTER) * _QUARTER


def _at(zone: datetime.tzinfo, moment: float) -> int:
    offset = datetime.datetime.fromtimestamp(moment, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _umask(members: Sequence[Member]) -> int:
    """Return the umask that the members betray which a backend created.

    METADATA and WHEEL are made anew in each build. Others may keep the mode of a file that the sdist brought along, and
    RECORD has one of its own.
    """
    ranked = sorted(
        (member for member in members if not member.name.endswith("/RECORD") and not member.directory),
        key=lambda member: not member.name.endswith(("/METADATA", "/WHEEL")),
    )
    return next((_UMASKS[member.mode & 0o777] for member in ranked if member.mode & 0o777 in _UMASKS), 0o022)


def _mounted(members: Sequence[Member]) -> bool:
    """Say whether all members have all permission bits; RECORD has a mode of its own."""
    return all(member.mode & 0o777 == 0o777 for member in members if not member.name.endswith(("/", "/RECORD")))


def expected_mode(source: SourceFile, source_modes: str, umask: int) -> int:
    """Return the permission bits that a file of the sdist has once it is unpacked in one of the three ways."""
    if source_modes == "umask":
        return (0o777 if source.mode & 0o111 else 0o666) & ~umask
    return source.mode & (0o777 if source_modes == "archive" else 0o755)


def _source_modes(matched: Sequence[tuple[Member, SourceFile]], umask: int) -> str:
    """Return how the source tree was unpacked; modules say nothing, since setuptools writes them anew."""
    copied = [(member.mode & 0o777, source) for member, source in matched if member.mode and not member.name.endswith(".py")]
    copied = copied or [(member.mode & 0o777, source) for member, source in matched if member.mode]
    return max(SOURCE_MODES, key=lambda kind: sum(mode == expected_mode(source, kind, umask) for mode, source in copied))


def _source_dates(matched: Sequence[tuple[Member, SourceFile]], zone: datetime.tzinfo) -> str:
    """Return which dates the unpacked files had: those of the archive, of its plain header, or when they were unpacked."""

    def shown(moment: float) -> int:
        return int(moment + _at(zone, moment)) // 2 * 2

    exact = sum(seconds(member) == shown(source.mtime) for member, source in matched)
    rounded = sum(seconds(member) == shown(round(source.mtime)) for member, source in matched)
    common = Counter(seconds(member) for member, _ in matched).most_common(1)
    if common and common[0][1] > max(exact, rounded):
        date = common[0][0]
        return str(date - _at(zone, date) + 0.5)
    return "rounded" if rounded > exact else "exact"


def _python(wheel: Wheel) -> str:
    """Return the version of Python that a name in the wheel holds: setuptools writes it into files of namespace packages."""
    found = (re.search(r"-py(3\.\d+)-nspkg\.pth$", member.name) for member in wheel.members)
    return next((match.group(1) for match in found if match), "")


def _older_wheel(wheel: Wheel) -> tuple[str, ...]:
    """Return the version of `wheel` that setuptools found beside it, when it is one with habits of its own."""
    record = wheel.info("RECORD")
    if record and record.mode and not record.mode & 0o170000:
        return ("wheel==0.38.4",)  # the last to leave the file type out of the mode of RECORD
    if re.search(r"^Requires-Dist: [^;\n]*\(", wheel.text("METADATA"), re.MULTILINE):
        return ("wheel==0.40.0",)  # the last to put specifiers into parentheses
    return ()


def guess(wheel: Wheel, files: Mapping[str, SourceFile]) -> Guess:
    """Return the environment that the bytes of a wheel and the dates and modes of its sdist point at."""
    name, version = provenance.generator(wheel)
    pins = (f"{name}=={version}",) if name else ()
    told = provenance.told(wheel)
    # A wheel by `wheel` itself comes from a setuptools that had no bdist_wheel of its own yet.
    extra: tuple[str, ...] = ("wheel", "setuptools<70.1") if name == "wheel" else ()
    if name == "setuptools":
        extra = _older_wheel(wheel)
    info = [member for member in wheel.members if ".dist-info/" in member.name and "/licenses/" not in member.name]
    matched = list(pairs(wheel, files))
    umask = _umask(info)
    source_modes = _source_modes(matched, umask)
    windows = {member.creator for member in wheel.members} == {0}
    common = Guess(
        pins=pins,
        extra=extra,
        tools=tuple(f"{tool}=={number}" for tool, number in told.tools if tool != name),
        epoch=told.epoch,
        umask=umask,
        source_modes=source_modes,
        python=told.python or _python(wheel),
        windows=windows,
    )
    common = dataclasses.replace(common, mounted=not windows and _mounted(wheel.members))
    dates = {member.date for member in wheel.members}
    if len(dates) == 1:
        # Dates come in steps of two seconds; an SBOM tells which of the two it was.
        return common if common.epoch is not None else dataclasses.replace(common, epoch=seconds(wheel.members[0]))
    moves = [(seconds(member), source.mtime) for member, source in matched]
    zone = _zone([pair for pair in moves if abs(pair[0] - pair[1]) <= 15 * _WHOLE_HOUR]) or "UTC"
    written = Counter(seconds(member) for member in info).most_common(1)
    local = written[0][0] if written else max((seconds(member) for member in wheel.members), default=0)
    found = zoneinfo.ZoneInfo(zone)
    dates_kept = _source_dates(matched, found)
    moment: float = local - _at(found, local)
    if len({member.date for member in info}) == 1:
        # A clock that hardly moves gives all files one date, however slow the machine is.
        return dataclasses.replace(common, timezone=zone, moment=moment + 0.5, tick=pace.STILL, source_dates=dates_kept)
    return dataclasses.replace(common, timezone=zone, moment=moment, source_dates=dates_kept)
