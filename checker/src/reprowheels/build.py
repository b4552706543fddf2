"""Build an sdist under a set of variations: the builder of one check, which resolves the build requirements once."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import itertools
import os
import shutil
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import crates, environment, failures, index, resolutions, sandbox, sdist, spent
from .crates import Rust
from .environment import Pins
from .errors import CheckFailed
from .machine import Python
from .pipconfig import PipConfig
from .results import ConfigSettings, as_config
from .sandbox import Sandbox
from .sdist import Sdist
from .supervise import Limits
from .variations import Settings, settings

_NO_RUST = "there is no Rust toolchain on this machine, which it may need (Debian: apt-get install cargo; or rustup)"
_DEPTH = 4  # build requirements that have no wheel may themselves need one that has none


@dataclass(frozen=True, kw_only=True)
class Build:
    """Hold one build: the wheel's file and SHA-256, or the reason why there is none; the log and the seconds either way.

    `processor_seconds` are those of all processors, 0 where a build did not live to say them.
    """

    varied: frozenset[str]
    wheel: Path | None = None
    sha256: str = ""
    phase: str = ""
    reason: str = ""
    message: str = ""
    log: str = ""
    seconds: float = 0.0
    processor_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """Hold what all builds of one check share, apart from the sdist.

    `before` bounds upload times, `network` lets builds have one, `packages` names those of the system that they need.
    """

    python: Python
    sandbox: Sandbox
    config: PipConfig
    cache: Path
    limits: Limits
    base: Settings
    network: bool = False
    before: datetime.datetime | None = None
    constraints: Path | None = None
    config_settings: ConfigSettings = ()
    packages: tuple[str, ...] = ()


class Builder:
    """Build one sdist as often as asked, always with the same build requirements.

    They are the static ones at first; where the backend asks for more (get_requires_for_build_wheel), these are
    resolved together with the static ones and the build begins again, once for all builds.

    With `eager`, builds begin with what the requirements came to the last time, while they are resolved; `settle` says
    whether that was right, and whoever builds has to ask before it takes anything for an answer.
    """

    def __init__(
        self,
        source: Sdist,
        request: Request,
        directory: Path,
        depth: int = 0,
        pins: Pins | None = None,
        *,
        eager: bool = False,
    ) -> None:
        """Take the sdist, the request, a directory for the wheels and, where all is known already, the pins.

        Raises CheckFailed when the build requirements cannot be resolved or installed.
        """
        self.source = source
        self.request = request
        self._directory = directory
        self._depth = depth
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._known: tuple[str, ...] = source.requires
        self._local = directory / "requirements"
        self._complete = pins is not None
        self.rust: Rust | None = None
        self._guess: Pins | None = None
        self._asking: Future[tuple[Pins, Path]] | None = None
        if pins is not None:
            self.pins, self._env = pins, environment.create(pins, request.python, request.config, request.cache)
        elif not (eager and self._begin()):
            self.pins, self._env = self._install(self._known)
        self._fetch()

    def key(self) -> str:
        """Return the name for what the static requirements come to, as far as anything but the index decides it."""
        request = self.request
        constraints = request.constraints.read_text(encoding="utf-8") if request.constraints else None
        own = (self.source.sha256, request.python.executable, request.python.version, repr(request.config))
        return resolutions.key(*own, *sorted(self.source.requires), str(request.before), constraints)

    def _begin(self) -> bool:
        """Take the requirements of the last time, where they are known and still to be had, and resolve them beside the builds."""
        guess = resolutions.recall(self.request.cache, self.key())
        if guess is None:
            return False
        try:
            env = environment.create(guess, self.request.python, self.request.config, self.request.cache)
        except CheckFailed:
            return False  # a file of the last time is gone; what the index has now is asked first
        self.pins, self._env, self._guess = guess, env, guess
        pool = ThreadPoolExecutor(max_workers=1)
        self._asking = pool.submit(self._install, self._known)
        pool.shutdown(wait=False)
        return True

    def settle(self) -> bool:
        """Wait for what the requirements come to now and say whether the builds so far were made with that.

        Where they were not, what is built from now on is. Raises CheckFailed when they cannot be resolved or installed.
        """
        asking, self._asking = self._asking, None
        if asking is None:
            return True
        pins, env = asking.result()
        assert self._guess is not None
        if pins.requires == self._guess.requires:
            return True
        with self._lock:
            if self._known == self.source.requires:  # else the backend asked for more, and all was resolved for that
                self.pins, self._env = pins, env
        return False

    def remember(self, seconds: float) -> None:
        """Keep what the static requirements came to for the next time; `seconds` is how long a build takes."""
        if self._known == self.source.requires:
            resolutions.keep(self.request.cache, self.key(), self.pins, seconds)

    @property
    def env(self) -> Path:
        """Return the directory of the build environment."""
        return self._env

    @property
    def known(self) -> tuple[str, ...]:
        """Return the build requirements as far as they are known: the static ones, and what the backend asked for."""
        return self._known

    def expect(self, requirements: Sequence[str]) -> None:
        """Install what the backend is known to ask for, before it does. Raises CheckFailed."""
        with self._lock:
            self._extend([item for item in requirements if item not in self._known])

    def _extend(self, missing: Sequence[str]) -> None:
        if missing:
            sdist.check_requirements(missing)
            self._known = (*self._known, *missing)
            self.pins, self._env = self._install(self._known)
            self._fetch()

    def inside(self, env: Path) -> Builder:
        """Return a builder of the same that uses another directory, in which the same is installed, as the environment."""
        other = copy.copy(self)
        other._env = env
        return other

    def _fetch(self) -> None:
        """Fetch the crates as soon as it is known that cargo will be called."""
        if self.rust is None and self._calls_cargo():
            self.rust = crates.fetch(self.source, self.request.cache)

    def _calls_cargo(self) -> bool:
        return crates.wanted(self.source, (*self._known, *(requirement.name for requirement in self.pins.requires)))

    def _install(self, requirements: Sequence[str]) -> tuple[Pins, Path]:
        request = self.request
        built: set[str] = set()
        while True:
            try:
                pins = environment.resolve(
                    requirements,
                    request.python,
                    request.config,
                    before=request.before,
                    constraints=request.constraints,
                    local=self._local if self._local.is_dir() else None,
                )
                return pins, environment.create(pins, request.python, request.config, request.cache)
            except CheckFailed as failure:
                name = environment.without_wheel(failure)
                if not name or name in built or self._depth >= _DEPTH:
                    raise
                built.add(name)
                self._build_requirement(name, requirements)

    def _build_requirement(self, name: str, requirements: Sequence[str]) -> None:
        """Build a requirement that has no wheel from its sdist, in the same isolation as the project itself."""
        request = self.request
        listed = index.files(name, request.config)
        wanted = sdist.specifier_for(name, requirements)
        chosen = [
            file for file in index.choose(name, listed, before=request.before) if wanted.contains(file.version, prereleases=True)
        ]
        file = index.fitting(chosen, request.python.version)
        if file is None:
            raise CheckFailed(
                "requirements",
                "no-wheel-for-requirement",
                f"the build requirement {name} has neither a wheel nor a fitting sdist",
            )
        path, _ = index.download(file, request.config)
        source = sdist.read(path, name=name, version=str(file.version))
        base = dataclasses.replace(request, base=Settings(), constraints=None, config_settings=())
        build = Builder(source, base, self._directory / f"for-{name}", self._depth + 1).build(())
        if build.wheel is None:
            raise CheckFailed(
                "requirements",
                "no-wheel-for-requirement",
                f"the build requirement {name} has no wheel and does not build: {build.message}",
                build.log,
            )
        self._local.mkdir(parents=True, exist_ok=True)
        shutil.copy(build.wheel, self._local)

    def build(self, varied: Collection[str], base: Settings | None = None, config: Mapping[str, str] | None = None) -> Build:
        """Build once under these variations of the request's settings, or of others; `config` holds further config_settings.

        A build that yields no wheel is a value with a reason, too. May be called from several threads.
        """
        directory = self._directory / f"build-{next(self._numbers)}"
        took = 0.0
        while True:
            with self._lock:
                known, env = self._known, self._env
            os.utime(env)  # it is in use
            job = {
                "sdist": str(self.source.path),
                "folder": self.source.folder,
                "backend": self.source.backend,
                "backend_path": list(self.source.backend_path),
                "known": None if self._complete else list(known),
                "config_settings": {**as_config(self.request.config_settings), **(config or {})} or None,
            }
            request = self.request
            chosen = settings(varied, base or request.base)
            run = sandbox.run(
                request.sandbox,
                job,
                chosen,
                request.python,
                env,
                directory,
                request.limits,
                network=request.network,
                rust=self.rust,
            )
            took += float(run.answer.get("processor_seconds", 0))
            needs = run.answer.get("needs")
            if not isinstance(needs, list):
                spent.tell(processor_seconds=took)
                build = dataclasses.replace(_build(varied, run), processor_seconds=took)
                hint = "" if build.wheel else failures.hint(build.reason, build.log)
                if not build.wheel and self.rust is None and self._calls_cargo():
                    hint = _NO_RUST
                return dataclasses.replace(build, message=f"{build.message}; {hint}") if hint else build
            with self._lock:
                self._extend([item for item in needs if item not in self._known])


def _build(varied: Collection[str], run: sandbox.Run) -> Build:
    if run.wheel is not None:
        return Build(varied=frozenset(varied), wheel=run.wheel, sha256=index.sha256_of(run.wheel), log=run.log)
    phase, reason, message = (str(run.answer.get(key, "")) for key in ("phase", "reason", "message"))
    reason, message = failures.told(reason, message, run.log)
    return Build(varied=frozenset(varied), phase=phase, reason=reason, message=message, log=run.log)
