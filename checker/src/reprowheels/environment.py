"""A pinned build environment: requirements resolved once, installed by hash into a virtual environment that is kept.

uv resolves and installs; only wheels are accepted, so nothing of a stranger is executed here.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import tomli_w
from packaging.markers import Marker
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from unearth.evaluator import TargetPython

from . import sdist
from .errors import CheckFailed
from .machine import Python
from .pipconfig import PipConfig, for_uv
from .results import Requirement

# uv's own words for a requirement that exists as an sdist only.
_WHEEL_WANTED = re.compile(r"Wheels are required for `([A-Za-z0-9._-]+)`")
_KEPT = 60  # environments in the cache; the oldest go first
_IN_USE = 6 * 3600.0  # seconds after the start of a build in which its environment may still be needed


@dataclass(frozen=True, kw_only=True)
class Pins:
    """Hold a resolution: which file of each requirement is installed, and the lock file (PEP 751) that says so."""

    requires: tuple[Requirement, ...]
    lock: str


@functools.lru_cache(maxsize=1)
def uv_program() -> str:
    """Return the path of uv, which comes with the checker."""
    from uv import find_uv_bin

    return os.fsdecode(find_uv_bin())


def _uv(arguments: Sequence[str], config: PipConfig, directory: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Run uv in a directory of ours: elsewhere it would read a stranger's [tool.uv]."""
    command = [uv_program(), *arguments, "--no-config", "--color", "never", "--quiet"]
    if config.no_index and arguments[:2] in (["pip", "compile"], ["pip", "sync"]):
        command.append("--no-index")
    return subprocess.run(
        command,
        cwd=directory,
        env=_uv_environ(config),
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _uv_environ(config: PipConfig) -> dict[str, str]:
    environ = for_uv(config)
    # A find-links directory that does not exist is nothing to pip and an error to uv.
    links = [link for link in environ.get("UV_FIND_LINKS", "").split(",") if link and ("://" in link or os.path.exists(link))]
    environ["UV_FIND_LINKS"] = ",".join(links)
    if not links:
        del environ["UV_FIND_LINKS"]
    return environ


@functools.lru_cache(maxsize=8)
def _tags(version: str) -> dict[Any, int]:
    """Return the wheel tags that a CPython of this machine accepts, with their rank."""
    major, minor = version.split(".")[:2]
    return {tag: rank for rank, tag in enumerate(TargetPython(py_ver=(int(major), int(minor))).supported_tags())}


def _filename(entry: dict[str, Any]) -> str:
    return str(entry.get("name") or unquote(os.path.basename(urlparse(str(entry.get("url") or entry.get("path"))).path)))


def rank(filename: str, python: Python) -> tuple[int, int] | None:
    """Return how well a wheel fits an interpreter, less is better, or None when it does not."""
    tags = _tags(python.version)
    try:
        _, _, build, supported = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    best = min((tags[tag] for tag in supported if tag in tags), default=None)
    return None if best is None else (best, -build[0] if build else 1)


def _best_wheel(package: dict[str, Any], python: Python) -> dict[str, Any] | None:
    """Return the wheel that an installer would take, so that it is known before anything is installed."""
    ranked = [(rank(_filename(entry), python), _filename(entry), entry) for entry in package.get("wheels", ())]
    fitting = [(found, name, entry) for found, name, entry in ranked if found is not None]
    return min(fitting, key=lambda row: row[:2])[2] if fitting else None


def _markers(python: Python) -> dict[str, str]:
    """Return what environment markers say of an interpreter, which may be another one than ours; the machine is the same."""
    return {
        "python_version": ".".join(python.version.split(".")[:2]),
        "python_full_version": python.version,
        "implementation_name": python.implementation.lower(),
        "implementation_version": python.version,
        "platform_python_implementation": python.implementation,
    }


def _pins(path: Path, python: Python, before: datetime.datetime | None, local: Path | None) -> Pins:
    lock = tomllib.loads(path.read_text())
    requires = []
    packages = []
    for package in lock.get("packages", ()):
        if "marker" in package and not Marker(package["marker"]).evaluate(_markers(python)):
            continue
        wheel = _best_wheel(package, python)
        name = f"{package['name']} {package.get('version', '')}".strip()
        if wheel is None:
            raise CheckFailed(
                "requirements", "no-wheel-for-requirement", f"the build requirement {name} has no wheel for {python.label}"
            )
        uploaded = wheel.get("upload-time")
        ours = local is not None and (local / _filename(wheel)).is_file()
        if "path" in wheel:
            wheel = {**wheel, "path": str((path.parent / str(wheel["path"])).resolve())}
        if before and not ours and (uploaded is None or uploaded >= before):
            when = (
                f"was uploaded {uploaded:%Y-%m-%dT%H:%M:%SZ}"
                if uploaded
                else "comes from a place that does not say when it was uploaded"
            )
            raise CheckFailed(
                "requirements",
                "too-new",
                f"the build requirement {name} {when}, and --uploaded-before says {before:%Y-%m-%dT%H:%M:%SZ}",
            )
        digest = wheel.get("hashes", {}).get("sha256")
        if not digest:
            raise CheckFailed("requirements", "hash-mismatch", f"the index gives no SHA-256 for {_filename(wheel)}")
        packages.append({**{key: value for key, value in package.items() if key != "sdist"}, "wheels": [wheel]})
        requires.append(
            Requirement(
                name=canonicalize_name(package["name"]), version=str(package["version"]), filename=_filename(wheel), sha256=digest
            )
        )
    return Pins(
        requires=tuple(sorted(requires, key=lambda requirement: requirement.name)),
        lock=tomli_w.dumps({**lock, "packages": packages}),
    )


def resolve(
    requirements: Sequence[str],
    python: Python,
    config: PipConfig,
    *,
    before: datetime.datetime | None = None,
    constraints: Path | None = None,
    local: Path | None = None,
) -> Pins:
    """Return the pins of build requirements (PEP 508 strings), each with one wheel and its SHA-256.

    `before` bounds the upload times, and what uv resolved is looked at, not trusted; `local` is a directory of wheels
    that we built ourselves; `constraints` a file of further pins. Raises CheckFailed: unresolvable, too-new.
    """
    if not requirements:
        return Pins(requires=(), lock="")
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as directory:
        Path(directory, "requirements.in").write_text("".join(f"{sdist.mended(item)}\n" for item in sorted(set(requirements))))
        arguments = ["pip", "compile", "requirements.in", "--output-file", "pylock.toml", "--format", "pylock.toml"]
        arguments += [
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--only-binary",
            ":all:",
            "--python",
            python.executable,
        ]
        if before:
            arguments += ["--exclude-newer", before.strftime("%Y-%m-%dT%H:%M:%SZ")]
        if constraints:
            arguments += ["--constraints", str(constraints.resolve())]
        if local:
            arguments += ["--find-links", str(local)]
        try:
            done = _uv(arguments, config, directory)
        except subprocess.TimeoutExpired as error:
            raise CheckFailed("requirements", "index-unreachable", "resolving the build requirements took too long") from error
        if done.returncode:
            text = " ".join(done.stderr.split())
            reason = "unresolvable"
            if _WHEEL_WANTED.search(text):
                reason = "no-wheel-for-requirement"
            elif re.search(r"error sending request|Failed to fetch|Could not connect|timed out", text):
                reason = "index-unreachable"
            raise CheckFailed(
                "requirements",
                reason,
                f"the build requirements ({', '.join(requirements)}) cannot be resolved",
                done.stderr.strip(),
            )
        return _pins(Path(directory, "pylock.toml"), python, before, local)


def pinned(files: Sequence[tuple[Requirement, str]]) -> Pins:
    """Return the pins of files that are known by hash, each with the URL that the index gives it; nothing is resolved."""
    packages = [
        {
            "name": item.name,
            "version": item.version,
            "wheels": [{"name": item.filename, "url": url.partition("#")[0], "hashes": {"sha256": item.sha256}}],
        }
        for item, url in files
    ]
    lock = {"lock-version": "1.0", "created-by": "reprowheels", "packages": packages}
    return Pins(requires=tuple(item for item, _ in files), lock=tomli_w.dumps(lock))


def without_wheel(failure: CheckFailed) -> str:
    """Return the name of the requirement that a failed resolution wanted a wheel of, or nothing."""
    found = _WHEEL_WANTED.search(" ".join(failure.log.split()))
    return canonicalize_name(found.group(1)) if found else ""


def create(pins: Pins, python: Python, config: PipConfig, cache: Path) -> Path:
    """Return a virtual environment that holds exactly these pins, made once and kept under the digest of its contents.

    It is relocatable and must not be written to: builds get it read-only or as a copy. Raises CheckFailed.
    """
    key = json.dumps([python.executable, python.version, [(r.filename, r.sha256) for r in pins.requires]])
    root = cache / "environments"
    final = root / hashlib.sha256(key.encode()).hexdigest()[:32]
    if final.is_dir():
        os.utime(final)
        return final
    root.mkdir(parents=True, exist_ok=True)
    # The name is not for strangers, but uv puts it into the prompt, and two processes may make the same one.
    scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=root))
    try:
        made = scratch / "env"
        done = _uv(
            ["venv", "--relocatable", "--no-project", "--prompt", "build", "--python", python.executable, str(made)],
            config,
            str(scratch),
        )
        if done.returncode == 0 and pins.requires:
            lock = scratch / "pylock.toml"
            lock.write_text(pins.lock)
            arguments = ["pip", "sync", "--preview-features", "pylock", "--require-hashes", "--only-binary", ":all:"]
            # What uv compiles with does not run on Python 3.6; without it each build compiles for itself.
            arguments += [] if python.version.startswith("3.6.") else ["--compile-bytecode"]
            done = _uv(
                [*arguments, "--link-mode", "copy", "--python", str(made / "bin" / "python"), str(lock)], config, str(scratch)
            )
        if done.returncode:
            text = done.stderr.strip()
            reason = "hash-mismatch" if "ash mismatch" in text else "index-unreachable"
            raise CheckFailed(
                "environment", reason, f"the build environment cannot be installed: {text.splitlines()[-1] if text else ''}", text
            )
        try:
            os.rename(made, final)
        except OSError:
            if not final.is_dir():
                raise
    except OSError as error:
        raise CheckFailed(
            "environment", "disk-full", f"the build environment cannot be made: {error.strerror}: {root}"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _prune(root)
    return final


def _prune(root: Path) -> None:
    """Delete the environments that were not used for longest, but none that another check may be building in."""
    kept = sorted(
        (path for path in root.iterdir() if not path.name.startswith(".")), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in kept[_KEPT:]:
        if time.time() - path.stat().st_mtime > _IN_USE:
            shutil.rmtree(path, ignore_errors=True)
