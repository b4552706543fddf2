"""What this machine offers to a build: bubblewrap that works, locales, interpreters, compilers, a clock."""

from __future__ import annotations

import functools
import glob
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import variations
from .errors import UsageError

LOCALE_NAMES = ("fr_CH.UTF-8", "en_US.ISO-8859-15", "fr_CH.ISO-8859-15")
_FACTS = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(), "implementation": platform.python_implementation(),
    "platform": sysconfig.get_platform(), "prefix": sys.base_prefix, "executable": sys.executable,
}))
"""


@dataclass(frozen=True, kw_only=True)
class Python:
    """Hold an interpreter: its real executable, its version such as "3.11.7", its prefix and its platform."""

    executable: str
    version: str
    implementation: str
    prefix: str
    platform: str

    @property
    def label(self) -> str:
        """Return implementation and version, as results name them."""
        return f"{self.implementation} {self.version}"


def _output(*command: str, env: Mapping[str, str] | None = None, cwd: str | None = None, timeout: float = 30) -> str:
    """Return what a program of this machine prints, or nothing when it cannot be run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, env=env, cwd=cwd, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@functools.lru_cache(maxsize=64)
def python_facts(executable: str) -> Python | None:
    """Return what an interpreter says of itself, or None when it does not run."""
    text = _output(executable, "-I", "-S", "-c", _FACTS)
    if not text:
        return None
    facts = json.loads(text)
    return Python(
        executable=os.path.realpath(facts["executable"]),
        version=facts["version"],
        implementation=facts["implementation"],
        prefix=facts["prefix"],
        platform=facts["platform"],
    )


def own_python() -> Python:
    """Return the interpreter that runs the checker, outside its virtual environment."""
    return Python(
        executable=os.path.realpath(sys.executable),
        version=platform.python_version(),
        implementation=platform.python_implementation(),
        prefix=sys.base_prefix,
        platform=sysconfig.get_platform(),
    )


def find_python(request: str, uv: str) -> Python:
    """Return an installed interpreter for a request such as "3.9" or ">=3.12"; raises UsageError."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    for candidate in (_output(uv, "python", "find", "--no-project", "--system", request, env=env), *_pyenv(request)):
        found = python_facts(os.path.realpath(candidate)) if candidate else None
        if found:
            return found
    raise UsageError(
        f"no Python {request} on this machine; install it (Debian: apt-get install python{request}) or leave --python out"
    )


def _pyenv(request: str) -> list[str]:
    """Return interpreters that pyenv keeps, which are on no PATH; the newest first."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    found = [Path(path) for path in glob.glob(f"{root}/{request}*/bin/python")]
    return [
        str(path)
        for path in sorted(
            found, key=lambda path: [int(n) if n.isdigit() else 0 for n in path.parts[-3].split(".")], reverse=True
        )
    ]


def _is_program(path: str) -> bool:
    """Say whether a file holds a program and no script."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def all_pythons() -> list[Python]:
    """Return every CPython 3 of this machine, the newest first.

    Scripts are passed over: those that lie on a search path stand for interpreters that are found themselves (pyenv, asdf).
    """
    names = {os.path.realpath(path) for path in _pyenv("3.")}
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        names |= {os.path.realpath(path) for path in glob.glob(f"{folder}/python3.[0-9]*") if "-" not in os.path.basename(path)}
    found = {
        facts for facts in map(python_facts, sorted(filter(_is_program, names))) if facts and facts.implementation == "CPython"
    }
    return sorted(found, key=lambda facts: [int(part) for part in facts.version.split(".")[:2]], reverse=True)


@functools.lru_cache(maxsize=1)
def operating_system() -> str:
    """Return the name and release of the operating system."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return f"{release.get('NAME', 'Linux')} {release.get('VERSION_ID', '')}".strip()


@functools.lru_cache(maxsize=2)
def compiler(*, rust: bool = False) -> str:
    """Return name and version of the C compiler, with that of Rust where it is used; nothing where there is none."""
    version = _output("gcc", "-dumpfullversion")
    other = rust_toolchain() if rust else None
    return ", ".join([*([f"gcc {version}"] if version else []), *([other[1]] if other else [])])


@functools.lru_cache(maxsize=1)
def rust_toolchain() -> tuple[Path, str] | None:
    """Return the directory of the Rust toolchain and what it calls itself, such as "rustc 1.95.0"; None without cargo."""
    # Asked in the root directory, where no rust-toolchain file makes rustup change its mind.
    version, sysroot = (_output("rustc", *arguments, cwd="/") for arguments in (["--version"], ["--print", "sysroot"]))
    if not sysroot or not Path(sysroot, "bin", "cargo").exists():
        return None
    return Path(sysroot), " ".join(version.split()[:2])


@functools.lru_cache(maxsize=1)
def clock_library(cache: Path) -> str:
    """Return the path of our own clock, compiled once, or nothing where there is no C compiler."""
    source = Path(__file__).with_name("clock.c")
    library = cache / "clock" / f"{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
            made = os.path.join(scratch, "clock.so")
            command = ["gcc", "-O2", "-shared", "-fPIC", "-o", made, str(source), "-ldl"]
            try:
                subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError):
                return ""
            os.replace(made, library)
    return str(library)


@functools.lru_cache(maxsize=1)
def locale_directory(cache: Path) -> tuple[str, str]:
    """Return a directory for LOCPATH that holds the varied locales, or "" and the reason why there is none.

    They are compiled from the machine's sources where it has them: a locale that is missing would silently be "C".
    """
    directory = cache / "locales"
    missing = [name for name in LOCALE_NAMES if not (directory / name / "LC_TIME").exists()]
    if missing and not shutil.which("localedef"):
        return "", "localedef is not installed"
    for name in missing:
        language, _, charset = name.partition(".")
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            made = os.path.join(scratch, name)
            # localedef exits with 1 after mere warnings, so what it made is looked at instead of its status.
            subprocess.run(
                ["localedef", "-c", "--no-archive", "-i", language, "-f", charset, made], capture_output=True, check=False
            )
            if not os.path.exists(os.path.join(made, "LC_TIME")):
                return "", f"localedef cannot compile {name} (Debian: apt-get install locales)"
            if not (directory / name).exists():
                os.rename(made, directory / name)
    return str(directory), ""


def packages(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return those of some packages of the operating system that are installed, sorted, each with its version.

    Nothing is known where the system is none of Debian's kind.
    """
    wanted = sorted(set(names))
    # For what it does not know, dpkg-query tells of the others all the same and fails.
    told = (_output("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name) for name in wanted)
    found = (line.partition(" ")[::2] for line in told)
    return tuple((name, version) for name, (status, version) in zip(wanted, found, strict=True) if status == "installed")


@functools.lru_cache(maxsize=1)
def bubblewrap() -> tuple[str, str]:
    """Return the path of a bubblewrap that works here, or "" and the reason: installed is not the same as working."""
    program = shutil.which("bwrap")
    if not program:
        return "", "bubblewrap is not installed (Debian: apt-get install bubblewrap)"
    if "--size" not in _output(program, "--help"):
        return "", "bubblewrap is older than 0.7 and cannot limit the size of a tmpfs"
    probe = [program, "--unshare-all", "--uid", "1000", "--gid", "1000", "--hostname", "probe", "--ro-bind", "/", "/"]
    probe += ["--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/tmp", "--cap-drop", "ALL", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"bubblewrap does not run: {error}"
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return "", f"bubblewrap does not work here: {lines[-1] if lines else 'no message'}"
    return program, ""


def zone_file(name: str) -> str:
    """Return the compiled file of a time zone, or nothing."""
    path = f"/usr/share/zoneinfo/{name}"
    return path if os.path.isfile(path) else ""


def lacking(cache: Path, *, sandboxed: bool, why: str) -> dict[str, str]:
    """Return, for each thing that a variation may need and this machine lacks, the reason."""
    found: dict[str, str] = {}
    if not sandboxed:
        found[variations.NAMESPACES] = why
        found[variations.OWN_TREE] = f"no tmpfs of its own for the build tree: {why}"
    if not clock_library(cache):
        found[variations.CLOCK] = (
            "there is no C compiler to make the clock of the build with (Debian: apt-get install gcc libc6-dev)"
        )
    directory, reason = locale_directory(cache)
    if not directory:
        found[variations.LOCALES] = reason
    if not zone_file(variations.BY_NAME["timezone"].changes["timezone"]):
        found[variations.ZONES] = "the time zone database is not installed (Debian: apt-get install tzdata)"
    if not shutil.which("bash") or os.path.basename(os.path.realpath("/bin/sh")) == "bash":
        found[variations.BASH] = "no other shell than the one behind /bin/sh"
    if not shutil.which("git"):
        found[variations.GIT] = "git is not installed"
    if len(os.sched_getaffinity(0)) < 2:
        found[variations.TWO_CPUS] = "this machine has one processor"
    return found
