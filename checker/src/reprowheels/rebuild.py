"""Rebuild a wheel from its recorded result alone: the same sdist, requirements and environment, and compare the SHA-256."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import environment, index, machine, pipconfig, resultfiles, sandbox, sdist, statements
from .build import Builder, Request
from .errors import CheckFailed, UsageError
from .machine import Python
from .results import Environment, Result
from .supervise import Limits
from .variations import Settings

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """Hold what came out: the recorded SHA-256, the obtained one, and in what this machine is not the recorded one."""

    name: str
    expected: str
    obtained: str
    missing: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Say whether the wheel is the recorded one, bit for bit."""
        return self.expected == self.obtained


def locate(target: str, directory: Path) -> Result:
    """Return the recorded result that a file or the name of a project stands for. Raises UsageError."""
    path = statements.locate(target, directory)
    result = resultfiles.load(path)
    if not (result.sha256 and result.sdist and result.environment):
        raise UsageError(f"{path}: records no wheel that could be rebuilt (status {result.status})")
    return result


def _python(recorded: Environment) -> Python:
    """Return the recorded Python, or the nearest one of the same minor version."""
    version = recorded.python.rpartition(" ")[2]
    own = machine.own_python()
    if own.version == version:
        return own
    for request in (version, ".".join(version.split(".")[:2])):
        try:
            return machine.find_python(request, environment.uv_program())
        except UsageError:
            continue
    raise CheckFailed(
        "environment", "no-python", f"the result was recorded with {recorded.python}, and this machine has no Python {request}"
    )


def _missing(recorded: Environment, python: Python, box: sandbox.Sandbox, *, pure: bool) -> Iterator[str]:
    """Yield in what this machine cannot provide the recorded environment, as sentences."""
    here = {"python": python.label, "platform": python.platform, "sandbox": box.kind}
    if not pure:
        here |= {"os": machine.operating_system(), "compiler": machine.compiler(rust="rustc" in recorded.compiler)}
    there = {key: getattr(recorded, key) for key in here} | dict(recorded.packages)
    here |= dict(machine.packages(name for name, _ in recorded.packages))
    for key, value in there.items():
        if here.get(key) != value:
            yield f"{key} is {here.get(key) or 'missing'} here and was {value}"


def _file(name: str, filename: str, sha256: str, config: pipconfig.PipConfig) -> index.File:
    """Return the index's entry for a file that is known by its hash."""
    for file in index.files(name, config):
        if file.filename == filename and (not file.sha256 or file.sha256 == sha256):
            return file
    raise CheckFailed("download", "not-found", f"the index no longer has {filename} with SHA-256 {sha256}")


def rebuild(result: Result, say: Say, *, limits: Limits, sandboxed: bool = True) -> Rebuilt:
    """Build the recorded wheel once more. Raises CheckFailed for what this machine or the index cannot provide."""
    recorded, source = result.environment, result.sdist
    if recorded is None or source is None:
        raise UsageError(f"{result.name}: the result records no sdist and environment")
    config, cache = pipconfig.read(), index.cache_directory()
    box = sandbox.detect(cache, wanted=sandboxed and recorded.sandbox != sandbox.NONE)
    python = _python(recorded)
    missing = tuple(_missing(recorded, python, box, pure=bool(result.pure)))
    say(f"downloading {source.filename}")
    path, found = index.download(_file(result.name, source.filename, source.sha256, config), config)
    if found != source.sha256:
        raise CheckFailed("download", "hash-mismatch", f"{source.filename} has SHA-256 {found}, recorded is {source.sha256}")
    say("installing the recorded build requirements")
    files = [(item, _file(item.name, item.filename, item.sha256, config)) for item in recorded.requires]
    pins = environment.pinned([(item, file.url) for item, file in files])
    base = Settings(source_date_epoch=recorded.source_date_epoch, build_dir=recorded.build_dir)
    request = Request(
        python=python, sandbox=box, config=config, cache=cache, limits=limits, base=base, config_settings=recorded.config_settings
    )
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as scratch:
        tree = sdist.read(path, name=result.name, version=result.version)
        say("building")
        build = Builder(tree, request, Path(scratch), pins=pins).build(())
    if not build.sha256:
        raise CheckFailed(build.phase, build.reason, build.message, build.log)
    return Rebuilt(name=result.name, expected=result.sha256, obtained=build.sha256, missing=missing)
