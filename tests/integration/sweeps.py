"""Sweep over projects of an index on this machine, each of which is put there by a test."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from reprowheels import resultfiles, results, runs

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .running import Runner

# One variation keeps these checks short; what all of them find is tested elsewhere.
FEW = ("--variations", "umask")


@dataclass(kw_only=True)
class Sweeps:
    """Sweep over a projects.toml and an index of a test's own."""

    folder: Path
    index: LocalIndex
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    @property
    def runner(self) -> Runner:
        """Return a runner with a cache that no other test knows."""
        return Runner(cache=self.folder / "cache", environ=self.index.environ)

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start a sweep."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        return self.runner.start(("sweep", "--output", "results", "--runs", "runs", *options), scratch, self.folder)

    def __call__(self, *options: str, status: int = 0) -> str:
        """Sweep to the end and return what it printed; no temporary file may be left."""
        with self.start(*options) as process:
            out, err = process.communicate()
        assert process.returncode == status, out + err
        assert os.listdir(self.folder / "scratch") == []
        return out

    def track(self, *names: str, settings: str = "") -> None:
        """Write the file of tracked projects."""
        tables = [f'[[project]]\nname = "{name}"\ngroups = []\n{settings}' for name in names]
        (self.folder / "projects.toml").write_text("\n".join(tables) or "project = []\n")

    def release(self, name: str, version: str = "1.0", package: str = "plain", *, token: str = "", requires: str = "") -> None:
        """Put one more release of a project on the index."""
        place = self.folder / "trees" / version
        tree = trees.set_version(trees.lay_out(package, place, name=name, token=token), version)
        if requires:
            trees.requiring(tree, requires)
        known = self.entries.setdefault(name, [])
        known.append(Entry(path=trees.sdist(tree, place / "sdists", version), uploaded=NEW if known else OLD))
        self.index.add(name, *known)

    @property
    def record(self) -> runs.Run:
        """Return the one record that there is."""
        (path,) = (self.folder / "runs").iterdir()
        return runs.load(path)

    def recorded(self) -> list[str]:
        """Return the names that are recorded so far."""
        return [one.name for path in (self.folder / "runs").glob("*.toml") for one in runs.load(path).checked]

    def due(self, *options: str) -> dict[str, list[str]]:
        """Return what is due, with the codes of the reasons."""
        told = json.loads(self("--plan", *options))["due"]
        return {one["name"]: [reason["code"] for reason in one["why"]] for one in told}

    def result(self, name: str) -> results.Result:
        """Return a result."""
        return resultfiles.load(self.folder / "results" / f"{name}.toml")

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return the result files with the moment in which they were written, and what they hold."""
        return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted((self.folder / "results").iterdir())}
