"""A result that says the same wherever it was made."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import index
from .pipconfig import PipConfig
from .results import Result

# How cargo names where a crate comes from: a registry is an index as well, and others are set up with another one.
_REGISTRY = r"\b(registry|sparse)\+https?://[^\s\"'#]+"


def _scrubbed(value: Any, words: Sequence[tuple[str, str]]) -> Any:
    """Return a result, or anything in it, without control characters and with some words put in the place of others."""
    if isinstance(value, str):
        for old, new in words:
            value = value.replace(old, new)
        value = re.sub(_REGISTRY, r"\1+<index>", value)
        return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
    if isinstance(value, tuple):
        return tuple(_scrubbed(item, words) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _scrubbed(getattr(value, field.name), words) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _words(config: PipConfig, listed: Sequence[index.File], prefix: str) -> list[tuple[str, str]]:
    """Return this machine's words, each with what is put in its place."""
    places = [(prefix, "<python>"), (str(index.cache_directory()), "<cache>"), (str(Path.home()), "~")]
    words = [(path, word) for path, word in places if len(path) > len("/usr")]
    return [*words, *((domain, "<index>") for domain in index.domains(config, listed))]


def hiding(config: PipConfig, listed: Sequence[index.File], prefix: str) -> Callable[[bytes], bytes]:
    """Return a function that takes this machine's directories and its index out of bytes; see `portable`."""
    words = [(old.encode(), new.encode()) for old, new in _words(config, listed, prefix)]

    def hide(data: bytes) -> bytes:
        for old, new in words:
            data = data.replace(old, new)
        return re.sub(_REGISTRY.encode(), rb"\1+<index>", data)

    return hide


def portable(result: Result, config: PipConfig, listed: Sequence[index.File], prefix: str) -> Result:
    """Return a result in which this machine's directories and its index have no names.

    `listed` holds files of the index, whose hosts are left out; `prefix` is the directory of the interpreter, or "".
    """
    domains = index.domains(config, listed)
    urls = tuple((label, url) for label, url in result.urls if not any(domain in url for domain in domains))
    scrubbed: Result = _scrubbed(dataclasses.replace(result, urls=urls), _words(config, listed, prefix))
    return scrubbed
