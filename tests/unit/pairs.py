"""Make two wheels that differ, and files that a cause can be in."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reprowheels.results import Finding
from reprowheels.variations import Settings
from reprowheels.wheel import Wheel, read

from . import wheels

INFO = "sample_project-1.0.dist-info"
BASE = Settings()


def pair(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> tuple[Wheel, Wheel]:
    return read(wheels.wheel(tmp_path / "1", **first)), read(wheels.wheel(tmp_path / "2", **second))


def found(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.cause, finding.variation) for finding in findings]


def packed(moment: int, content: bytes = b"text\n", level: int = 9) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=moment, compresslevel=level) as file:
        file.write(content)
    return buffer.getvalue()


def bytecode(moment: int, path: bytes = b"a.py") -> bytes:
    return b"\xa7\r\r\n" + struct.pack("<LLL", 0, moment, 5) + b"\xe3code\xfa%c%b\xda\x08<module>" % (len(path), path)
