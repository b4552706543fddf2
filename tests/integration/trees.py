"""Lay out the projects of tests/packages where a test wants them, as source trees and as sdists."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

PACKAGES = Path(__file__).parent.parent / "packages"
COMMON = PACKAGES / "common"


def lay_out(package: str, directory: Path, *, name: str = "", token: str = "") -> Path:
    """Copy a project with what all of them share and return its tree; `token` are words that its backend reads."""
    tree = directory / (name or package)
    shutil.copytree(PACKAGES / package, tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COMMON / "wheelwriter.py", tree)
    (tree / "pyproject.toml").write_text((COMMON / "pyproject.toml").read_text().replace("NAME", name or package))
    if token:
        (tree / "token.txt").write_text(token)
    return tree


def set_version(tree: Path, version: str) -> Path:
    """Give a tree another version."""
    text = (tree / "pyproject.toml").read_text()
    (tree / "pyproject.toml").write_text(text.replace('version = "1.0"', f'version = "{version}"'))
    return tree


def requiring(tree: Path, *requirements: str) -> Path:
    """Give a tree static build requirements."""
    text = (tree / "pyproject.toml").read_text()
    (tree / "pyproject.toml").write_text(text.replace("requires = []", f"requires = {list(requirements)!r}"))
    return tree


def sdist(tree: Path, directory: Path, version: str = "1.0") -> Path:
    """Pack a tree as an sdist, as a build frontend would."""
    stem = f"{tree.name.replace('-', '_')}-{version}"
    path = directory / f"{stem}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tree, arcname=stem)
    return path
