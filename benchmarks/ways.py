"""The ways to build a project that are timed: that of pip, bare hooks, reprotest, and our own check."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pyproject_hooks import BuildBackendHookCaller

from reprowheels import environment, index, machine, pipconfig, sdist
from reprowheels.results import Result

ROOT = Path(__file__).resolve().parent.parent
# What both can vary without a second machine: reprotest's names and ours.
PEER_VARIATIONS = {
    "build_path": "build-path",
    "environment": "environment",
    "exec_path": "path",
    "home": "home",
    "locales": "locale",
    "timezone": "timezone",
    "umask": "umask",
}
ANSWERED = (0, 1)  # exit statuses of a check that came to an answer
NEVER = float("nan")


def say(text: str) -> None:
    """Say on standard error how far it is."""
    print(text, file=sys.stderr, flush=True)


def _run(command: Sequence[str], success: Sequence[int] = (0,), **environ: str) -> None:
    """Run a command to its end; show what it printed only if it failed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode not in success:
        say(f"{' '.join(command)}\n{done.stdout[-2000:]}")
        raise subprocess.CalledProcessError(done.returncode, command)


def _timed(action: Callable[[], None]) -> float:
    """Return the seconds that an action takes, or NaN when a program in it fails."""
    started = time.perf_counter()
    try:
        action()
    except subprocess.CalledProcessError:
        return NEVER
    return time.perf_counter() - started


def with_pip(name: str, scratch: Path) -> float:
    """Build twice from nothing, as pip does when it may use no wheel at all."""

    def twice() -> None:
        for number in ("first", "second"):
            wheels = str(scratch / number)
            _run([sys.executable, "-m", "pip", "wheel", name, "--no-binary", ":all:", "--no-cache-dir", "--wheel-dir", wheels])

    return _timed(twice)


def checked(name: str, output: Path, cache: Path, *options: str) -> float:
    """Check with what a cache directory holds, and leave the result in `output`."""
    path = output / f"{name}.toml"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "reprowheels", "check", name, "--no-published", "--quiet", "--output", str(output), *options]
    seconds = _timed(lambda: _run(command, ANSWERED, XDG_CACHE_HOME=str(cache)))
    return seconds if path.exists() else NEVER


class Bare:
    """Call the build backend directly, in an environment with the versions that a result names."""

    def __init__(self, result: Result, scratch: Path) -> None:
        """Download the sdist and install its build requirements: that is not part of what is measured."""
        config, python = pipconfig.read(), machine.own_python()
        listed = index.files(result.name, config)
        file = index.fitting(index.choose(result.name, listed, version=result.version), python.version)
        if file is None or result.environment is None:
            raise SystemExit(f"{result.name} {result.version} cannot be built with {python.label}")
        path, _ = index.download(file, config)
        self._source = sdist.read(path, name=result.name, version=result.version)
        pins = environment.resolve([f"{r.name}=={r.version}" for r in result.environment.requires], python, config)
        self._environment = environment.create(pins, python, config, scratch / "cache")
        self._scratch = scratch

    def _run(self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        path = f"{self._environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environ = {**os.environ, **(extra_environ or {}), "PATH": path}
        subprocess.run(cmd, cwd=cwd, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _unpacked(self, number: int) -> BuildBackendHookCaller:
        tree = self._scratch / f"tree-{number}"
        if zipfile.is_zipfile(self._source.path):
            shutil.unpack_archive(self._source.path, tree, "zip")
        else:
            with tarfile.open(self._source.path) as archive:
                archive.extractall(tree, filter="data")
        (self._scratch / f"wheel-{number}").mkdir()
        return BuildBackendHookCaller(
            str(tree / self._source.folder),
            self._source.backend,
            self._source.backend_path or None,
            runner=self._run,
            python_executable=str(self._environment / "bin" / "python"),
        )

    def reprotest(self) -> float:
        """Let reprotest build twice from a fresh tree, with the same things varied as in our check."""
        tree = self._scratch / "tree-reprotest"
        with tarfile.open(self._source.path) as archive:
            archive.extractall(tree, filter="data")
        build = f"{self._environment / 'bin' / 'python'} -c \"import setuptools.build_meta as b; b.build_wheel('dist')\""
        varied = ",".join(f"+{name}" for name in PEER_VARIATIONS)
        command = ["reprotest", f"--variations=-all,{varied}", "-c", build, str(tree / self._source.folder), "dist/*.whl"]
        seconds = _timed(lambda: _run(command, ANSWERED))
        shutil.rmtree(tree)
        return seconds

    def twice(self) -> float:
        """Build two fresh trees, one after the other."""
        trees = [self._unpacked(number) for number in (1, 2)]

        def build() -> None:
            # What a backend warns about is for the project's maintainers.
            with warnings.catch_warnings(action="ignore"):
                for number, tree in enumerate(trees, 1):
                    tree.build_wheel(str(self._scratch / f"wheel-{number}"))

        seconds = _timed(build)
        for number in (1, 2):
            shutil.rmtree(self._scratch / f"tree-{number}")
            shutil.rmtree(self._scratch / f"wheel-{number}")
        return seconds
