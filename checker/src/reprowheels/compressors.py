"""Other implementations of zlib for a build: wheels with a module that compresses as another system's Python does."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import tempfile
from pathlib import Path

from . import index, inference, sdist
from .build import Builder, Request
from .errors import CheckFailed
from .variations import Settings

PROJECT = "zlib-ng"  # pkg:pypi/zlib-ng, which brings the sources of the library along
_LOCAL = "classic"  # the local version label (PEP 440) of what we build ourselves
_CLASSIC_FLAGS = "-DNO_MEDIUM_STRATEGY -DNO_QUICK_STRATEGY"


def requirement(zlib: str, request: Request, local: Path) -> str:
    """Return the requirement that brings an implementation of zlib; what has to be built for it is put into `local`.

    Raises CheckFailed when it cannot be built here.
    """
    if zlib == inference.ZLIB_NG:
        return PROJECT
    wheel = _classic(request)
    local.mkdir(parents=True, exist_ok=True)
    shutil.copy(wheel, local)
    return f"{PROJECT}=={wheel.name.split('-')[1]}"


def _classic(request: Request) -> Path:
    """Return a wheel of zlib-ng without its new strategies for a Python, built once from the newest sdist in the sandbox."""
    listed = index.files(PROJECT, request.config)
    file = index.fitting(index.choose(PROJECT, listed), request.python.version)
    if file is None:
        raise CheckFailed("requirements", "no-python", f"no release of {PROJECT} supports Python {request.python.version}")
    path, digest = index.download(file, request.config)
    key = hashlib.sha256(f"{digest} {request.python.executable} {request.python.version} {_CLASSIC_FLAGS}".encode())
    folder = request.cache / "zlib" / key.hexdigest()[:32]
    made = next(folder.glob("*.whl"), None)
    if made is not None:
        return made
    source = sdist.read(path, name=PROJECT, version=str(file.version))
    source = dataclasses.replace(source, requires=(*source.requires, "cmake"))
    variables = (("CFLAGS", _CLASSIC_FLAGS), ("SETUPTOOLS_SCM_PRETEND_VERSION", f"{file.version}+{_LOCAL}"))
    base = Settings(extra_environment=variables)
    request = dataclasses.replace(request, base=base, before=None, constraints=None, network=False)
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as scratch:
        build = Builder(source, request, Path(scratch)).build(())
        if build.wheel is None:
            raise CheckFailed(
                "requirements", "no-wheel-for-requirement", f"{PROJECT} does not build here: {build.message}", build.log
            )
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(build.wheel, folder))
