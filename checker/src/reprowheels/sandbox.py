"""Run a command of a stranger under a set of variations: in bubblewrap where that works, else as a plain process."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bubblewrap, crates, machine, plain, processors, supervise
from .crates import Rust
from .machine import Python
from .supervise import Limits
from .variations import BY_NAME, Settings

BUBBLEWRAP, NONE = "bubblewrap", "none"
_UNAME26, _NO_RANDOMIZE = 0x0020000, 0x0040000  # personality(2)
_HELPERS = "/run/reprowheels-tools/helpers"
_INSIDE = Path(__file__).with_name("_inside")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """Say how commands are run here: `kind` is "bubblewrap" or "none", `reason` why it is none.

    `lacking` gives the reason for each thing that a variation may need and this machine cannot give.
    """

    kind: str
    program: str
    reason: str
    lacking: Mapping[str, str]
    locales: str
    cache: Path

    def applicable(self, names: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return the variations that can be applied here, and the others with the reason."""
        refused = {name: self.lacking[need] for name in names for need in reversed(BY_NAME[name].needs) if need in self.lacking}
        return tuple(name for name in names if name not in refused), refused


@dataclass(frozen=True, kw_only=True)
class Run:
    """Hold what came out of a run: the answer of `_inside`, the wheel's file if there is one, and the log."""

    answer: Mapping[str, Any]
    wheel: Path | None
    log: str


def detect(cache: Path, *, wanted: bool = True) -> Sandbox:
    """Return the sandbox of this machine; it is tried, not looked for. `wanted=False` asks for a plain process."""
    program, reason = machine.bubblewrap() if wanted else ("", "switched off with --no-sandbox")
    locales, _ = machine.locale_directory(cache)
    return Sandbox(
        kind=BUBBLEWRAP if program else NONE,
        program=program,
        reason=reason,
        lacking=machine.lacking(cache, sandboxed=bool(program), why=reason),
        locales=locales,
        cache=cache,
    )


def _environ(settings: Settings, locales: str, clock: str, toolchain: str, helpers: str) -> dict[str, str]:
    """Return the complete environment of the build backend."""
    jobs = str(settings.jobs)
    tools = [f"{settings.env_dir}/bin", *([f"{toolchain}/bin"] if toolchain else [])]
    environ = {
        "PATH": ":".join((*tools, settings.path)),
        "HOME": settings.home,
        "USER": settings.user,
        "LOGNAME": settings.user,
        "SHELL": "/bin/sh",
        "LANG": settings.locale,
        "LC_ALL": settings.locale,
        "TZ": settings.timezone,
        "TMPDIR": settings.temp_dir,
        "PYTHONHASHSEED": str(settings.hash_seed),
        "MAKEFLAGS": f"-j{jobs}",
        "CMAKE_BUILD_PARALLEL_LEVEL": jobs,
        "CARGO_BUILD_JOBS": jobs,
        "MAX_JOBS": jobs,
        "NPY_NUM_BUILD_JOBS": jobs,
        **dict(settings.extra_environment),
    }
    if settings.source_date_epoch is not None:
        environ["SOURCE_DATE_EPOCH"] = str(settings.source_date_epoch)
    if settings.language != "C":
        environ["LANGUAGE"] = f"{settings.language}:{settings.language.partition('_')[0]}"
    if settings.locale in machine.LOCALE_NAMES:
        environ["LOCPATH"] = locales
    if settings.helpers:
        environ["PYTHONPATH"] = helpers
    if clock:
        environ["LD_PRELOAD"] = clock
        environ["REPROWHEELS_CLOCK"] = plain.CLOCK
    return environ


def _hooks() -> str:
    """Return the script that calls the hooks of a build backend, as pip and build do."""
    import pyproject_hooks._in_process

    return str(Path(pyproject_hooks._in_process.__file__).with_name("_in_process.py"))


def _receive(channel: int, directory: Path, limits: Limits) -> tuple[dict[str, Any], Path | None]:
    """Read the answer of `_inside`, and the wheel behind it, which never passes through a place that a build can write."""
    with os.fdopen(channel, "rb") as pipe:
        line = pipe.readline(1 << 20)
        try:
            answer = json.loads(line) if line else {}
        except ValueError:
            answer = {}
        name, size = answer.get("wheel"), answer.get("size")
        if not isinstance(name, str) or not isinstance(size, int):
            return answer, None
        if os.sep in name or name.startswith(".") or size > limits.disk:
            return {
                "phase": "build",
                "reason": "invalid-wheel",
                "message": f"the wheel has a name or size that cannot be right: {name!r}",
            }, None
        path = directory / os.fsencode(name).decode("utf-8", "replace")
        try:
            with path.open("wb") as out:
                while chunk := pipe.read(1 << 20):
                    out.write(chunk)
        except OSError as error:
            return {
                "phase": "sandbox",
                "reason": "disk-full",
                "message": f"{directory}: the wheel cannot be kept: {error.strerror}",
            }, None
        if path.stat().st_size != size:
            path.unlink()
            return {}, None
        return answer, path


def run(
    sandbox: Sandbox,
    job: Mapping[str, Any],
    settings: Settings,
    python: Python,
    env: Path,
    directory: Path,
    limits: Limits,
    *,
    network: bool = False,
    rust: Rust | None = None,
) -> Run:
    """Build once under these settings and return the answer, with the wheel in `directory`.

    `job` names what is built: sdist (a path), folder, backend, backend_path, known; `rust` is what cargo needs, where it is
    called. Nothing of the run survives it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as name, processors.taken(settings.cpus, sandbox.cache) as cpus:
        control, job = Path(name), {**job, "cpus": cpus}
        if sandbox.kind == BUBBLEWRAP:
            return _run(sandbox, job, settings, python, env, directory, limits, control, network, rust)
        with plain.places(settings, env, _hooks(), rust) as places:
            return _run(sandbox, job, places, python, env, directory, limits, control, network, rust)


def _run(
    sandbox: Sandbox,
    job: Mapping[str, Any],
    settings: Settings,
    python: Python,
    env: Path,
    directory: Path,
    limits: Limits,
    control: Path,
    network: bool,
    rust: Rust | None,
) -> Run:
    boxed = sandbox.kind == BUBBLEWRAP
    tools = {"/run/reprowheels-tools/_inside": str(_INSIDE), "/run/reprowheels-tools/hooks.py": _hooks()}
    if settings.helpers:
        tools[_HELPERS] = str(Path(__file__).with_name("helpers"))
    clock = machine.clock_library(sandbox.cache)  # in every build, also where it shows the real time: a build can tell
    if clock:
        tools["/run/reprowheels-tools/clock.so"] = clock
    toolchain = str(rust.toolchain) if rust and rust.toolchain != Path("/usr") else ""
    if rust:
        tools |= crates.places(rust, settings.home)
    if toolchain and boxed:
        tools["/run/reprowheels-rust"] = toolchain
        toolchain = "/run/reprowheels-rust"
    sdist = f"/run/reprowheels-sdist/{Path(job['sdist']).name}"
    interpreter = f"{settings.env_dir}/bin/python"
    whole_job = {
        **job,
        "sdist": sdist if boxed else str(job["sdist"]),
        "build_dir": settings.build_dir,
        "order": settings.file_order if boxed else "",
        "group_writable": settings.group_writable,
        "umask": settings.umask,
        "environ": _environ(
            settings,
            "/run/reprowheels-locales" if boxed else sandbox.locales,
            "/run/reprowheels-tools/clock.so" if boxed and clock else clock,
            toolchain,
            _HELPERS if boxed else str(Path(__file__).with_name("helpers")),
        ),
        "clock": {
            "file": plain.CLOCK,
            "shift": settings.clock * 86400 + settings.later,
            "moment": settings.moment,
            "tick": settings.tick,
        }
        if clock
        else None,
        "source_modes": settings.source_modes,
        "source_dates": settings.source_dates,
        "directories": [settings.home, settings.temp_dir, os.path.dirname(plain.CLOCK)],
        "personality": (_UNAME26 if settings.kernel != Settings.kernel else 0) | (0 if settings.aslr else _NO_RANDOMIZE),
        "git_parent": settings.git_parent,
        "limits": {"memory": limits.memory, "file": limits.disk, "processes": 0},
        "python": interpreter,
        "hooks": "/run/reprowheels-tools/hooks.py" if boxed else plain.HOOKS,
        "work": "/run/reprowheels-work" if boxed else plain.WORK,
    }
    (control / "job.json").write_text(json.dumps(whole_job))
    if boxed:
        prefix = bubblewrap.command(
            sandbox.program, sandbox.locales, settings, python, env, control, limits, {**tools, sdist: str(job["sdist"])}, network
        )
        script, file = "/run/reprowheels-tools/_inside", "/run/reprowheels-control/job.json"
    else:
        prefix, script, file = [], str(_INSIDE), str(control / "job.json")
    command = [*prefix, interpreter, "-ISB", script, file]  # what lies in the environment is for the backend
    ended = supervise.run(command, limits, lambda channel: _receive(channel, directory, limits))
    answer, wheel = ended.received or ({}, None)
    if ended.broken:
        answer, wheel = {"phase": "build", "reason": ended.broken[0], "message": ended.broken[1]}, None
    if not answer:
        lines = ended.log.strip().splitlines()
        answer = {
            "phase": "sandbox",
            "reason": "sandbox-broken",
            "message": f"the build ended with exit status {ended.status} and no answer: {lines[-1] if lines else 'it printed nothing'}",
        }
    return Run(answer=answer, wheel=wheel, log=ended.log)
