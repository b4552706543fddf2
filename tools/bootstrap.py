"""Prepare this checkout: Nox in .venv, pinned by hash, and the system packages that a command needs.

Runs before anything is installed, with whatever Python there is, so it needs nothing beyond the standard library.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "reprowheels-bootstrap"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOCK = ROOT / "requirements" / "nox.txt"
PURPOSES = ("check", "test", "bench", "bench-compare", "site", "lint", "lock")
BUILDS = ("check", "test", "bench")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Need:
    """Hold one thing that the system has to offer.

    `wanted` names the commands that use it, `needed` those that cannot do without.
    """

    packages: tuple[str, ...]
    why: str
    there: Callable[[], bool]
    wanted: tuple[str, ...] = BUILDS
    needed: tuple[str, ...] = ()


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _file(*patterns: str) -> Callable[[], bool]:
    return lambda: any(next(Path("/").glob(pattern), None) for pattern in patterns)


def _needs_chromium() -> bool:
    """Say whether Chromium has to come from the system: Ubuntu's package needs snapd, so Playwright brings its own there."""
    release = Path("/etc/os-release")
    return not (release.exists() and "ubuntu" in release.read_text(encoding="utf-8").lower())


NEEDS = (
    Need(
        packages=(f"python{VERSION}-venv",),
        why="makes virtual environments",
        there=lambda: all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
        wanted=PURPOSES,
        needed=PURPOSES,
    ),
    Need(
        packages=(f"python{VERSION}-dev",),
        why="Python's headers, for projects with C extensions",
        there=lambda: Path(sysconfig.get_path("include"), "Python.h").exists(),
        needed=("test", "bench"),
    ),
    Need(
        packages=("gcc", "libc6-dev"),
        why="compiles C extensions, and the clock that builds get",
        there=lambda: _program("gcc")() and _file("usr/include/stdio.h")(),
        wanted=(*BUILDS, "bench-compare"),
        needed=("test", "bench"),
    ),
    Need(packages=("reprotest",), why="is measured beside our check", there=_program("reprotest"), wanted=("bench",)),
    Need(
        packages=("diffoscope-minimal",),
        why="is measured beside our comparisons",
        there=_program("diffoscope"),
        wanted=("bench-compare",),
    ),
    Need(packages=("g++",), why="compiles C++ extensions", there=_program("c++", "g++")),
    Need(packages=("git",), why="puts a repository above the source tree, which is one of the variations", there=_program("git")),
    Need(packages=("bubblewrap",), why="isolates the builds and lets more of their environment vary", there=_program("bwrap")),
    Need(
        packages=("locales",),
        why="varies language and encoding",
        there=lambda: _program("localedef")() and _file("usr/share/i18n/locales/fr_CH")(),
    ),
    Need(
        packages=("chromium",),
        why="opens the report in the tests",
        there=lambda: _program(os.environ.get("CHROMIUM", ""), *CHROMIUM)() or not _needs_chromium(),
        wanted=("test",),
        needed=("test",),
    ),
)


def _say(text: str) -> None:
    """Print to standard error: standard output belongs to the command that follows."""
    print(text, file=sys.stderr, flush=True)


def _install(packages: list[str]) -> bool:
    """Install Debian packages in one go and say whether that worked."""
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        if subprocess.run([*apt, *arguments], stdout=sys.stderr, env=environment).returncode:
            return False
    return True


def _provide(missing: dict[str, str], needed: set[str]) -> None:
    """Install missing packages when that is possible, else name the command; end when one is needed and stays missing."""
    if not missing:
        return
    _say("Missing on this machine:")
    for package, why in missing.items():
        _say(f"  {package:<18} {why}{'' if package in needed else ' (optional)'}")
    if not shutil.which("apt-get"):
        _say("Install them with the package manager of this system; the names above are Debian's.")
    elif os.geteuid() or os.environ.get("APT") == "no":
        _say(f"Install them with:\n  sudo apt-get install --no-install-recommends {' '.join(missing)}")
    else:
        _say(f"Installing with apt-get (APT=no leaves that to you): {' '.join(missing)}")
        if _install(list(missing)):
            return
        _say("apt-get failed; its message is above.")
    if needed:
        sys.exit(f"This command cannot do without {' '.join(sorted(needed))}.")


def system(purpose: str) -> None:
    """Look for what a command uses of the system."""
    absent = [need for need in NEEDS if purpose in need.wanted and not need.there()]
    missing = {package: need.why for need in absent for package in need.packages}
    _provide(missing, {package for need in absent if purpose in need.needed for package in need.packages})


def libraries(packages: list[str]) -> None:
    """Look for the Debian packages that projects.toml names for a project."""
    if not shutil.which("dpkg-query"):
        _say(f"The build of this project may need {' '.join(packages)} (Debian's names).")
        return
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    # A package that dpkg has never heard of makes the status non-zero, and is missing from the output.
    known = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
    # A tool may also be there without its package, such as the cargo of rustup.
    absent = [name for name in packages if f"{name} installed" not in known and not shutil.which(name)]
    _provide(dict.fromkeys(absent, "the project's build uses it"), set())


@contextmanager
def _alone() -> Iterator[None]:
    """Hold off a second bootstrap of the same checkout."""
    with LOCK.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def virtual_environment() -> None:
    """Make .venv with Nox, unless it is there already and made from the same lock file, Python and place."""
    state = "\n".join((hashlib.sha256(LOCK.read_bytes()).hexdigest(), sys.version, sys.base_prefix, str(VENV)))
    with _alone():
        if STAMP.exists() and STAMP.read_text(encoding="utf-8") == state:
            return
        _say("Setting up Nox in .venv (once) …")
        python = str(VENV / "bin" / "python")
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        steps = (
            ([sys.executable, "-m", "venv", "--clear", str(VENV)], "the virtual environment .venv could not be made"),
            ([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], "pip could not install Nox"),
        )
        for command, failure in steps:
            # PIP_USER would make pip refuse to install into a virtual environment.
            if subprocess.run(command, stdout=sys.stderr, env={**os.environ, "PIP_USER": "0"}).returncode:
                sys.exit(f"{failure}; the message above says why.")
        STAMP.write_text(state, encoding="utf-8")


def main() -> None:
    """Prepare for one command, or install the packages that one project needs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("purpose", nargs="?", default="check", choices=PURPOSES, help="the command to prepare for")
    parser.add_argument("--system-only", action="store_true", help="look for system packages only, leave .venv alone")
    parser.add_argument("--apt", nargs="+", metavar="PACKAGE", help="look for these Debian packages, and do nothing else")
    arguments = parser.parse_args()
    if arguments.apt:
        libraries(arguments.apt)
        return
    system(arguments.purpose)
    if not arguments.system_only:
        virtual_environment()


if __name__ == "__main__":
    main()
