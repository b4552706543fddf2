"""Make small ELF files by hand, so that no test needs a compiler."""

from __future__ import annotations

import struct
from collections.abc import Mapping

BUILD_ID = ".note.gnu.build-id"


def note(digest: bytes) -> bytes:
    """Return the note that holds a build-id of 20 bytes."""
    return struct.pack("<LLL4s", 4, 20, 3, b"GNU\0") + digest.ljust(20, b"\0")


def elf(sections: Mapping[str, bytes]) -> bytes:
    """Return a shared object for x86-64 with these sections; those that a program loads are marked so."""
    names = b"\0"
    offsets = {}
    for name in (*sections, ".shstrtab"):
        offsets[name] = len(names)
        names += name.encode() + b"\0"
    body, headers = b"", bytes(64)
    for name, data in (*sections.items(), (".shstrtab", names)):
        kind = {".shstrtab": 3, BUILD_ID: 7}.get(name, 1)
        loaded = 0 if name.startswith((".debug", ".shstrtab", ".comment")) else 2
        headers += struct.pack("<LLQQQQLLQQ", offsets[name], kind, loaded, 0, 64 + len(body), len(data), 0, 0, 1, 0)
        body += data
    count = len(sections) + 2
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    return (
        ident + struct.pack("<HHLQQQLHHHHHH", 3, 62, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, count, count - 1) + body + headers
    )
