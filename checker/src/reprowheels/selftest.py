"""Build a canary, which writes down what it sees, to know which variations really arrive in a build on this machine.

Installed is not the same as working, and a variation that silently does nothing would make every wheel look robust.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import __version__, sdist, wheel
from .build import Build, Builder, Request
from .errors import CheckFailed
from .variations import NAMES

_CANARY = Path(__file__).with_name("canary")


def facts(built: Build) -> dict[str, str]:
    """Return what a canary saw: the name of a variation and the fact that belongs to it, as text."""
    if built.wheel is None:
        raise CheckFailed("sandbox", "sandbox-broken", f"the self-test does not build: {built.message}", built.log)
    archive = wheel.read(built.wheel)
    return {name: archive.text(f"facts/{name}") for name in NAMES}


def _key(request: Request) -> str:
    """Return a digest of everything that decides which variations arrive, as far as one can know it."""
    sources = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(_CANARY.parent.glob("*.py")))
    box = request.sandbox
    said = [__version__, sources, box.kind, box.program, sorted(box.lacking), request.python.executable, platform.release()]
    return hashlib.sha256(json.dumps([*said, (_CANARY / "canary_backend.py").read_text()]).encode()).hexdigest()[:32]


def silent(request: Request) -> tuple[str, ...]:
    """Return the variations that should be applicable here, but do not arrive; found out once and remembered.

    Two canaries are built, the second with everything varied. Raises CheckFailed when they do not build.
    """
    path = request.cache / "self-test" / f"{_key(request)}.json"
    if path.exists():
        return tuple(json.loads(path.read_text()))
    applied, _ = request.sandbox.applicable(NAMES)
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as scratch:
        source = sdist.read(sdist.pack(_CANARY, Path(scratch)), name="reprowheels-canary", version="1.0")
        builder = Builder(source, request, Path(scratch, "builds"))
        with ThreadPoolExecutor(2) as pool:
            baseline, varied = pool.map(facts, pool.map(builder.build, [(), applied]))
    found = tuple(name for name in applied if baseline[name] == varied[name])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found))
    return found


def refused(names: tuple[str, ...], request: Request) -> dict[str, str]:
    """Return those of the variations that do not arrive here, each with the reason."""
    return {name: "it did not arrive in a self-test build on this machine" for name in silent(request) if name in names}
