"""What a target names: an sdist, pinned, and the interpreter that it is built with."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from . import environment, eras, index, machine, pipconfig, sdist
from .errors import CheckFailed, UsageError
from .machine import Python
from .projects import Project
from .sdist import Sdist


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Hold what is checked: the sdist, when it was uploaded, and the files beside it on the index, where it comes from one."""

    source: Sdist
    python: Python
    uploaded: datetime.datetime | None = None
    listed: tuple[index.File, ...] = ()


def split(target: str) -> tuple[str, str | None]:
    """Return name and version of a target such as "six" or "six==1.17.0"; for a path, the path and None."""
    if is_path(target):
        return target, None
    name, _, version = target.partition("==")
    return canonicalize_name(name.strip()), version.strip() or None


def is_path(target: str) -> bool:
    """Say whether a target names a file or directory rather than a project."""
    return (
        os.sep in target or target in (".", "..") or target.endswith((".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar"))
    )


def named(target: str) -> tuple[str, str]:
    """Return name and version as far as a target alone tells them."""
    if not is_path(target):
        found, version = split(target)
        return found, version or ""
    return sdist.guess(Path(target).resolve().name)


def python_for(wanted: str | None) -> Python:
    """Return the interpreter of a version such as "3.12", or the one that runs the checker. Raises UsageError."""
    return machine.find_python(wanted, environment.uv_program()) if wanted else machine.own_python()


def python_then(when: datetime.datetime) -> Python:
    """Return the interpreter for builds as of a time: the one that runs the checker where it had been released, else the usual one.

    A machine that has none of that time builds with the nearest one that it has.
    """
    own = machine.own_python()
    if eras.existed(own.version, when):
        return own
    known = {eras.minor(found.version): found for found in reversed(machine.all_pythons())}
    return known.get(eras.python_of(when, tuple(reversed(known))), own)


def release(
    listed: Sequence[index.File],
    project: Project,
    python: Python,
    *,
    version: str | None = None,
    own: bool = True,
    before: datetime.datetime | None = None,
) -> tuple[index.File, Python]:
    """Return the sdist that a check takes of the files on the index, and the interpreter that it is built with.

    `own` tells that nobody asked for this interpreter: another one of this machine may take its place. Raises CheckFailed.
    """
    name = project.name
    chosen = index.choose(name, listed, version=version or project.version, before=before)
    if own and not index.supports(chosen[0], python.version):
        python = next((found for found in machine.all_pythons() if index.supports(chosen[0], found.version)), python)
    file = index.fitting(chosen, python.version)
    if file is None:
        wanted = chosen[0].requires_python
        raise CheckFailed(
            "index", "no-python", f"{name} {chosen[0].version} needs Python {wanted}, and this machine has none that fits"
        )
    return file, python


def locate(
    target: str,
    project: Project,
    config: pipconfig.PipConfig,
    scratch: Path,
    say: Callable[[str], None],
    *,
    python: str | None = None,
    before: datetime.datetime | None = None,
) -> Subject:
    """Find what a target names and pin it; `python` is the version that the user wants, `before` bounds upload times.

    Raises UsageError for a target that cannot exist, CheckFailed for one that cannot be had.
    """
    wanted = python or project.python
    interpreter = python_then(before) if before and not wanted else python_for(wanted)
    if is_path(target):
        path = Path(target)
        if path.is_dir():
            path = sdist.pack(path, scratch)
        elif not path.is_file():
            raise UsageError(f"{target}: there is no such file or directory")
        return Subject(source=sdist.read(path.resolve()), python=interpreter)
    name, version = split(target)
    if not sdist.is_name(name):
        raise UsageError(f"{target!r}: is neither a name such as six or six==1.17.0, nor an sdist file or a source directory")
    say("asking the index")
    listed = index.files(name, config)
    file, interpreter = release(listed, project, interpreter, version=version, own=not wanted, before=before)
    say(f"downloading {file.filename}")
    path, _ = index.download(file, config)
    return Subject(
        source=sdist.read(path, name=name, version=str(file.version)), python=interpreter, uploaded=file.uploaded, listed=listed
    )
