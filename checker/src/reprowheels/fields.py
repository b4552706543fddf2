"""The fields of a ZIP member: how they are compared, how they are shown, and which of them installers ignore."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import excerpts
from .members import Member

METHODS = {0: "stored", 8: "deflated", 12: "bzip2", 14: "lzma", 93: "zstandard"}
CREATORS = {0: "MS-DOS", 3: "Unix", 10: "Windows NTFS", 19: "macOS"}
_IGNORED_BITS = 0o666  # reading and writing: what the umask decides and no installer keeps


@dataclass(frozen=True, kw_only=True)
class Field:
    """Hold one field: its name in a result, and how its value is shown as a short text."""

    label: str
    text: Callable[[Any], str]


def mode(member: Member) -> str:
    """Return the mode as a short text."""
    return _mode(member.mode)


def _hex(data: bytes) -> str:
    return excerpts.clean(data.hex()) or "none"


def _mode(mode: int) -> str:
    return f"{mode:06o} {stat.filemode(mode)}" if mode else "none"


def _field(label: str, text: Callable[[Any], str]) -> Field:
    # The members of a wheel share most values: each is made into text once.
    return Field(label=label, text=lru_cache(64)(text))


# In the order of Member.fields.
FIELDS = (
    _field("date", lambda date: "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*date)),
    _field("mode", _mode),
    _field("attributes", "{:#06x}".format),
    _field("creator", lambda by: f"{CREATORS.get(by[0], by[0])}, ZIP {by[1] / 10}"),
    _field("needed-version", lambda version: f"ZIP {version / 10}"),
    _field("compression", lambda method: METHODS.get(method, f"method {method}")),
    _field("flags", "{:#06x}".format),
    _field("extra", _hex),
    _field("local-extra", _hex),
    _field("comment", lambda comment: excerpts.clean(comment.decode("utf-8", "backslashreplace")) or "none"),
    _field("internal", "{:#06x}".format),
)


def harmless_mode(first: Member, second: Member) -> bool:
    """Say whether two modes differ at most in what may be read and written, or in whether an ordinary file is called one."""
    kinds = {stat.S_IFMT(first.mode), stat.S_IFMT(second.mode)}
    executable = (first.mode | second.mode) & 0o111
    same = len(kinds) == 1 or (kinds == {0, stat.S_IFREG} and not executable)
    return same and not (stat.S_IMODE(first.mode) ^ stat.S_IMODE(second.mode)) & ~_IGNORED_BITS
