"""Make small wheels by hand, with any field of the archive as a test wants it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DATE = (2020, 7, 31, 2, 47, 38)
MODE = 0o100644
Contents = Mapping[str, bytes | str]

METADATA = """\
Metadata-Version: 2.4
Name: Sample.Project
Version: 1.0
Summary: A sample
Home-page: https://example.invalid/home
Project-URL: Source, https://example.invalid/source
Project-URL: Local, file:///etc/passwd

Text.
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: sample 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
PACKAGE = {"sample/__init__.py": "VALUE = 1\n", "sample/util.py": "def two():\n    return 2\n"}


def data(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def record(contents: Contents, directory: str) -> str:
    rows = []
    for name, content in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data(content)).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(data(content))}\n")
    return "".join(rows) + f"{directory}/RECORD,,\n"


def contents(files: Contents | None = None, version: str = "1.0") -> dict[str, bytes | str]:
    """Return the contents of a whole wheel around the files of a package."""
    directory = f"sample_project-{version}.dist-info"
    every: dict[str, bytes | str] = dict(PACKAGE if files is None else files)
    every.setdefault(f"{directory}/METADATA", METADATA.replace("Version: 1.0", f"Version: {version}"))
    every.setdefault(f"{directory}/WHEEL", WHEEL)
    every.setdefault(f"{directory}/RECORD", record(every, directory))
    return every


def info(name: str, **fields: Any) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, fields.pop("date", DATE))
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = fields.pop("mode", MODE) << 16
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def write(
    path: Path,
    members: Contents,
    *,
    order: Sequence[str] = (),
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    level: int = 6,
    comment: bytes = b"",
) -> Path:
    """Write a wheel; `fields` replaces fields of single members, `order` the order of all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in order or members:
            archive.writestr(info(name, **(fields or {}).get(name, {})), data(members[name]), compresslevel=level)
        archive.comment = comment
    return path


def wheel(
    directory: Path, files: Contents | None = None, *, name: str = "sample_project-1.0-py3-none-any.whl", **keywords: Any
) -> Path:
    """Write a whole wheel with these files of its package and return its path."""
    version = name.split("-")[1]
    return write(directory / name, contents(files, version), **keywords)
