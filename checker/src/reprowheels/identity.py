"""Which checker this is, also between two versions: a checkout changes more often than they do."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).parent


def _imported(module: str) -> Iterator[str]:
    """Yield the modules of the checker that one of them imports."""
    for node in ast.walk(ast.parse((_FOLDER / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            yield from (node.module,) if node.module else (alias.name for alias in node.names)


def needed(module: str) -> frozenset[str]:
    """Return a module of the checker and all that it imports, and what these import."""
    found, left = set(), [module]
    while left:
        name = left.pop()
        if name not in found and (_FOLDER / f"{name}.py").is_file():
            found.add(name)
            left += _imported(name)
    return frozenset(found)


@functools.lru_cache(maxsize=2)
def source(module: str = "") -> str:
    """Return a digest of the checker's own files, or of what one module needs of them and what is in no module at all."""
    kept = needed(module) if module else frozenset()
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.rglob("*")):
        spared = bool(kept) and path.parent == _FOLDER and path.suffix == ".py" and path.stem not in kept
        if path.suffix in (".py", ".toml", ".c") and not spared:
            digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]
