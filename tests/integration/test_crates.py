"""Projects with Rust code: their crates are fetched before the builds, by their checksums."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels import crates, resultfiles, results, sdist
from reprowheels.errors import CheckFailed
from reprowheels.sandbox import Sandbox

from . import trees
from .conftest import lacks

pytestmark = pytest.mark.network


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a project that calls cargo, with its lock file."""
    if not shutil.which("cargo"):
        lacks("cargo is not installed")
    found = trees.lay_out("calls-cargo", tmp_path)
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=found, check=True)
    return found


def check(tree: Path, cache: Path, *options: str) -> tuple[int, results.Result]:
    output = tree.parent / "results"
    command = [sys.executable, "-m", "reprowheels", "check", str(tree), "--no-published", "--output", str(output), *options]
    environ = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tree.parent, env=environ, check=False)
    return done.returncode, resultfiles.load(output / f"{tree.name}.toml")


def test_a_build_without_a_network_has_its_crates(tree: Path, cache: Path, boxed: Sandbox, tmp_path: Path) -> None:
    """The toolchain is there, the crate is, and the result names the compiler."""
    kept = tmp_path / "kept"
    status, found = check(tree, cache, "--variations", "umask,time,user", "--keep", str(kept))
    assert (status, found.status) == (0, results.REPRODUCIBLE), found.failure
    assert found.environment is not None
    assert re.fullmatch(r"gcc \S+, rustc \S+", found.environment.compiler)


def test_where_cargo_is_a_plain_process(tree: Path, cache: Path) -> None:
    status, found = check(tree, cache, "--variations", "umask", "--no-sandbox")
    assert (status, found.status) == (0, results.REPRODUCIBLE), found.failure


def test_a_crate_that_is_not_the_one_of_the_lock_file(tree: Path, cache: Path) -> None:
    """The wrong checksum ends the check before anything is built."""
    lock = tree / "Cargo.lock"
    lock.write_text(re.sub(r'checksum = "\w{8}', 'checksum = "00000000', lock.read_text()))
    status, found = check(tree, cache)
    assert status == 3
    assert found.failure is not None
    assert (found.failure.phase, found.failure.reason) == ("requirements", "crates-unavailable")
    assert "checksum" in found.failure.message + found.failure.log


def test_the_tree_does_not_tell_cargo_what_to_do_while_crates_are_fetched(tree: Path, tmp_path: Path) -> None:
    """Its configuration would run a program of its own; its toolchain file would install another compiler."""
    (tree / ".cargo").mkdir()
    config = '[registry]\nglobal-credential-providers = ["/nonexistent"]\n[source.crates-io]\nreplace-with = "nowhere"\n'
    (tree / ".cargo" / "config.toml").write_text(config + '[source.nowhere]\ndirectory = "/nonexistent"\n')
    (tree / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.0.0"\n')
    source = sdist.read(sdist.pack(tree, tmp_path))
    found = crates.fetch(source, tmp_path / "cache")
    assert found is not None
    assert [path.name for path in (found.crates / "vendor").iterdir()] == ["itoa-1.0.11"]


def test_what_was_fetched_is_kept(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second check of the same sdist asks nobody."""
    source = sdist.read(sdist.pack(tree, tmp_path))
    first = crates.fetch(source, tmp_path / "cache")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")
    assert crates.fetch(source, tmp_path / "cache") == first
    with pytest.raises(CheckFailed, match="cannot be fetched"):
        crates.fetch(source, tmp_path / "other-cache")
