"""The fixed paths of a build on the real file system, where there is no sandbox that could give each build its own."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import crates
from .crates import Rust
from .errors import CheckFailed
from .variations import Settings

ROOT = "/tmp/reprowheels"
CLOCK = f"{ROOT}/clock"
# Logs name both, so they are fixed, too.
HOOKS, WORK = f"{ROOT}/tools/hooks.py", f"{ROOT}/work"


def _remove(path: str) -> None:
    """Delete a directory, also where a build has taken away the permission to do so."""
    for folder, names, _ in os.walk(path):
        for name in names:
            if not os.path.islink(os.path.join(folder, name)):
                os.chmod(os.path.join(folder, name), 0o700)
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def places(settings: Settings, env: Path, hooks: str, rust: Rust | None = None) -> Iterator[Settings]:
    """Lay the fixed paths out on the real file system, for one build at a time on this machine; clean up after it."""
    home = f"{ROOT}{settings.home}"
    settings = dataclasses.replace(settings, home=home)
    try:
        os.makedirs(ROOT, mode=0o700, exist_ok=True)
        if os.stat(ROOT).st_uid != os.getuid():
            raise CheckFailed("sandbox", "sandbox-broken", f"{ROOT} belongs to another user; remove it")
        with open(f"{ROOT}/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            own_temp = [settings.temp_dir] if settings.temp_dir != "/tmp" else []
            made = [
                settings.build_dir,
                settings.env_dir,
                os.path.dirname(home),
                WORK,
                os.path.dirname(HOOKS),
                *own_temp,
            ]
            for path in made:
                _remove(path)
            try:
                os.makedirs(os.path.dirname(settings.env_dir), exist_ok=True)
                shutil.copytree(env, settings.env_dir, symlinks=True)
                os.makedirs(os.path.dirname(HOOKS))
                shutil.copy(hooks, HOOKS)
                for inside, outside in crates.places(rust, home).items() if rust else ():
                    os.makedirs(os.path.dirname(inside), exist_ok=True)
                    shutil.copytree(outside, inside) if os.path.isdir(outside) else shutil.copy(outside, inside)
                yield settings
            finally:
                for path in made:
                    _remove(path)
                for path in (CLOCK, f"{CLOCK}-ticks"):
                    Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise CheckFailed("sandbox", "sandbox-broken", f"the build directories cannot be made: {error}") from error
