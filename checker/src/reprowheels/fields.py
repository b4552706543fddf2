"""The fields of a ZIP member: how they are compared, how they are shown, and which of them installers ignore."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import excerpts
from .archive import Member

METHODS = {0: "stored", 8: "deflated", 12: "bzip2", 14: "lzma", 93: "zstandard"}
CREATORS = {0: "MS-DOS", 3: "Unix", 10: "Windows NTFS", 19: "macOS"}
_IGNORED_BITS = 0o666  # reading and writing: what the umask decides and no installer keeps


@dataclass(frozen=True, kw_only=True)
class Field:
    """Hold one field: its name in a result, its value as it is stored, and as a short text."""

    label: str
    value: Callable[[Member], Any]
    show: Callable[[Member], str]


def _hex(data: bytes) -> str:
    return excerpts.clean(data.hex()) or "none"


FIELDS = (
    Field(label="date", value=lambda m: m.date, show=lambda m: "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*m.date)),
    Field(label="mode", value=lambda m: m.mode, show=lambda m: f"{m.mode:06o} {stat.filemode(m.mode)}" if m.mode else "none"),
    Field(label="attributes", value=lambda m: m.attributes, show=lambda m: f"{m.attributes:#06x}"),
    Field(
        label="creator",
        value=lambda m: (m.creator, m.creator_version),
        show=lambda m: f"{CREATORS.get(m.creator, m.creator)}, ZIP {m.creator_version / 10}",
    ),
    Field(label="needed-version", value=lambda m: m.needed_version, show=lambda m: f"ZIP {m.needed_version / 10}"),
    Field(label="compression", value=lambda m: m.method, show=lambda m: METHODS.get(m.method, f"method {m.method}")),
    Field(label="flags", value=lambda m: m.flags, show=lambda m: f"{m.flags:#06x}"),
    Field(label="extra", value=lambda m: m.extra, show=lambda m: _hex(m.extra)),
    Field(label="local-extra", value=lambda m: m.local_extra, show=lambda m: _hex(m.local_extra)),
    Field(
        label="comment",
        value=lambda m: m.comment,
        show=lambda m: excerpts.clean(m.comment.decode("utf-8", "backslashreplace")) or "none",
    ),
    Field(label="internal", value=lambda m: m.internal, show=lambda m: f"{m.internal:#06x}"),
)


def harmless_mode(first: Member, second: Member) -> bool:
    """Say whether two modes differ at most in what may be read and written, or in whether an ordinary file is called one."""
    kinds = {stat.S_IFMT(first.mode), stat.S_IFMT(second.mode)}
    executable = (first.mode | second.mode) & 0o111
    same = len(kinds) == 1 or (kinds == {0, stat.S_IFREG} and not executable)
    return same and not (stat.S_IMODE(first.mode) ^ stat.S_IMODE(second.mode)) & ~_IGNORED_BITS
