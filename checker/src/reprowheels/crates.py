"""Crates for an sdist with Rust code: fetched before the builds, which have no network, by cargo, which runs none of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from . import machine
from .errors import CheckFailed
from .sdist import Sdist

_VENDOR, _CONFIG = "vendor", "config.toml"
_TIMEOUT = 1800.0
_BRIDGES = ("maturin", "rust")  # what calls cargo from a build backend


@dataclass(frozen=True, kw_only=True)
class Rust:
    """Hold what a build with Rust gets: the toolchain's directory, and the crates.

    `crates` is a directory with `vendor` and the `config.toml` that makes cargo look there; both belong into `~/.cargo`.
    """

    toolchain: Path
    crates: Path


def wanted(source: Sdist, requirements: Iterable[str]) -> bool:
    """Say whether the build of an sdist may call cargo: it has a Cargo.toml, and a backend that knows what to do with it."""
    known = any(bridge in item.lower() for item in requirements for bridge in _BRIDGES)
    return source.rust and (known or bool(source.backend_path))


def fetch(source: Sdist, cache: Path) -> Rust | None:
    """Return toolchain and crates for an sdist, or None where this machine has no Rust; crates are kept for the next check.

    cargo compares each crate with the checksum in the sdist's Cargo.lock. Raises CheckFailed: crates-unavailable.
    """
    toolchain = machine.rust_toolchain()
    if toolchain is None:
        return None
    sysroot, _ = toolchain
    final = cache / "crates" / source.sha256
    if not final.is_dir():
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=final.parent) as scratch:
            made = _vendored(source, sysroot / "bin" / "cargo", Path(scratch))
            try:
                os.rename(made, final)
            except OSError:
                if not final.is_dir():  # else another check was quicker
                    raise
    return Rust(toolchain=sysroot, crates=final)


def _vendored(source: Sdist, cargo: Path, scratch: Path) -> Path:
    tree, made, empty = scratch / "tree", scratch / "made", scratch / "empty"
    for folder in (tree, made, empty):
        folder.mkdir()
    try:
        # The names were looked at when the sdist was read.
        shutil.unpack_archive(source.path, tree, filter="data")
    except (OSError, ValueError, shutil.ReadError) as error:
        raise CheckFailed("unpack", "not-an-archive", f"the sdist cannot be unpacked: {error}") from error
    manifests = _manifests(tree)
    command = [str(cargo), "vendor", "--versioned-dirs", "--respect-source-config"]
    command += ["--locked"] if all((path.parent / "Cargo.lock").exists() for path in manifests) else []
    command += ["--manifest-path", str(manifests[0])]
    for path in manifests[1:]:
        command += ["--sync", str(path)]
    try:
        # In a folder of ours: cargo would obey the configuration of a stranger's tree, and rustup its toolchain file.
        done = subprocess.run(
            [*command, str(made / _VENDOR)],
            cwd=empty,
            env={**os.environ, "RUSTC": str(cargo.with_name("rustc")), "CARGO_TERM_COLOR": "never"},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckFailed("requirements", "crates-unavailable", f"the crates cannot be fetched: {error}") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise CheckFailed("requirements", "crates-unavailable", f"the crates cannot be fetched: {last[0].strip()}", done.stderr)
    (made / _VENDOR).mkdir(exist_ok=True)  # there may be nothing to fetch
    (made / _CONFIG).write_text(tomli_w.dumps(_config(done.stdout)), encoding="utf-8")
    return made


def _manifests(tree: Path) -> list[Path]:
    """Return the manifests that a lock file belongs to, without those of crates that the sdist brings along; else all outermost ones."""
    found = [path for path in sorted(tree.rglob("Cargo.toml")) if not (path.parent / ".cargo-checksum.json").exists()]
    locked = [path for path in found if (path.parent / "Cargo.lock").exists()]
    outermost = [path for path in found if not any(other.parent in path.parent.parents for other in found)]
    return locked or outermost


def _config(printed: str) -> dict[str, Any]:
    """Return cargo's configuration for the fetched crates, with a path that holds in whichever home they are put."""
    sources = dict(tomllib.loads(printed).get("source", {}))
    for name, table in sources.items():
        if "directory" in table:
            # cargo reads it as relative to the folder above the one that holds its configuration.
            sources[name] = {**table, "directory": f".cargo/{_VENDOR}"}
    return {"source": sources, "net": {"offline": True}}


def places(rust: Rust, home: str) -> dict[str, str]:
    """Return what goes where in a build with this home directory: {path inside: path outside}."""
    return {f"{home}/.cargo/{name}": str(rust.crates / name) for name in (_VENDOR, _CONFIG)}
