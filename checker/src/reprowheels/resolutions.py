"""What build requirements came to the last time, so that quick builds need not wait until the index has been asked again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from . import files
from .environment import Pins
from .results import Requirement

_QUICK = 10.0  # seconds of a build that may turn out to be in vain, because the index has something newer


def key(*parts: str | None) -> str:
    """Return the name under which a resolution is kept: a digest of all that it depends on but the index."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def recall(cache: Path, name: str) -> Pins | None:
    """Return the pins that were kept under a name, or None where there are none or builds are too dear to be in vain."""
    try:
        kept = json.loads((cache / "resolutions" / f"{name}.json").read_bytes())
        if kept["seconds"] > _QUICK:
            return None
        tomllib.loads(kept["lock"])
        return Pins(requires=tuple(Requirement(**item) for item in kept["requires"]), lock=kept["lock"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(cache: Path, name: str, pins: Pins, seconds: float) -> None:
    """Keep pins under a name, with how long a build takes; where there is no room for them, nothing is lost."""
    folder = cache / "resolutions"
    requires: Sequence[dict[str, str]] = [
        {"name": item.name, "version": item.version, "filename": item.filename, "sha256": item.sha256} for item in pins.requires
    ]
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        files.write(folder / f"{name}.json", json.dumps({"lock": pins.lock, "requires": requires, "seconds": round(seconds, 2)}))
