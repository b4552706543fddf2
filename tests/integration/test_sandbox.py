"""Builds that misbehave: the answer names what they did, and nothing of them survives."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from reprowheels import machine
from reprowheels.build import Build
from reprowheels.sandbox import Sandbox
from reprowheels.variations import NAMES, PARENT_COMMIT, Settings

from .conftest import Workshop, lacks
from .running import assert_none_left

PLAIN_ROOT = Path("/tmp/reprowheels")
MIB = 1 << 20


def member(build: Build, name: str) -> str:
    assert build.wheel is not None, build.message
    with zipfile.ZipFile(build.wheel) as archive:
        (path,) = (path for path in archive.namelist() if path.endswith(f"/{name}"))
        return archive.read(path).decode()


@pytest.fixture(params=["bubblewrap", "none"])
def either(request: pytest.FixtureRequest) -> Sandbox:
    """Return both kinds of sandbox, one after the other."""
    box: Sandbox = request.getfixturevalue("boxed" if request.param == "bubblewrap" else "plain")
    return box


@pytest.fixture
def token() -> str:
    return f"token-{uuid.uuid4().hex}"


NO_WHEEL = {
    "raises": ("backend-raised", "build_wheel with exit status 1"),
    "lacks-program": ("backend-raised", "exit status 1; it found no file or program zq-no-such-program: "),
    "exits-with-3": ("backend-raised", "exit status 3"),
    "exits-silently": ("backend-exited", "without an answer"),
    "kills-itself": ("backend-killed", "SIGSEGV"),
    "no-wheel-at-all": ("no-wheel", "wrote no wheel"),
    "one-wheel-too-many": ("several-wheels", "2 wheels"),
    "says-other-name": ("other-name", "another-1.0-py3-none-any.whl"),
}


@pytest.mark.parametrize("package", NO_WHEEL)
def test_a_build_without_a_wheel_is_a_result(package: str, either: Sandbox, workshop: Workshop) -> None:
    """The reason is a stable code, and the message says what the backend did."""
    reason, text = NO_WHEEL[package]
    build = workshop.builder(package, either).build(())
    assert (build.phase, build.reason) == ("build", reason)
    assert text in build.message
    assert build.wheel is None
    assert not build.sha256


def test_a_machine_without_rust_is_told_so_once(either: Sandbox, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A toolchain is more than the program that was looked for."""
    monkeypatch.setattr(machine, "rust_toolchain", lambda: None)
    message = workshop.builder("calls-cargo", either).build(()).message
    assert "there is no Rust toolchain on this machine" in message
    assert "it found no" not in message


def test_the_log_tells_the_exception_and_nothing_of_ours(either: Sandbox, workshop: Workshop) -> None:
    """What the backend printed is kept, from its first line to its last."""
    log = workshop.builder("raises", either).build(()).log
    assert log.startswith("Traceback")
    assert log.endswith("RuntimeError: the glue is missing\n")


LIMITS: dict[str, tuple[str, dict[str, float]]] = {
    "never-ends": ("timeout", {"wall": 2.0}),
    "takes-memory": ("memory-limit", {"memory": 256 * MIB}),
    "shares-memory": ("memory-limit", {"memory": 192 * MIB}),
    "many-processes": ("process-limit", {"processes": 40}),
}


@pytest.mark.parametrize("package", LIMITS)
def test_a_limit_ends_the_build(package: str, either: Sandbox, workshop: Workshop, token: str) -> None:
    """Time, memory and processes end at their limit, with a reason that names it, and with every process."""
    reason, limits = LIMITS[package]
    build = workshop.builder(package, either, token=token, **limits).build(())
    assert (build.phase, build.reason) == ("build", reason), build.log
    assert build.wheel is None
    assert_none_left(token)


def test_a_full_disk_is_a_reason_of_its_own(boxed: Sandbox, workshop: Workshop) -> None:
    """A build can fill the space that it was given, and no more."""
    build = workshop.builder("fills-disk", boxed, disk=16 * MIB).build(())
    assert (build.phase, build.reason) == ("build", "disk-full")


def test_a_file_beyond_the_limit_is_a_full_disk_without_a_sandbox_too(plain: Sandbox, workshop: Workshop) -> None:
    """A plain process has no disk of its own, but a bound on each file."""
    try:
        build = workshop.builder("fills-disk", plain, disk=16 * MIB).build(())
    finally:
        Path("/var/tmp/much").unlink(missing_ok=True)
    assert (build.phase, build.reason) == ("build", "disk-full")


def test_nothing_is_left_running(either: Sandbox, workshop: Workshop, token: str) -> None:
    """A process that a build leaves behind neither holds it up, though it keeps standard output open, nor survives it."""
    build = workshop.builder("leaves-daemon", either, token=token, wall=60.0).build(())
    assert build.wheel is not None, build.message
    assert_none_left(token)


def test_the_log_of_a_build_that_prints_much_is_capped(either: Sandbox, workshop: Workshop) -> None:
    """Its beginning and its end are kept, and how much is left out is said."""
    build = workshop.builder("prints-much", either).build(())
    assert build.wheel is not None, build.message
    assert len(build.log) < MIB
    assert build.log.startswith("the first line\n")
    assert build.log.endswith("the last line\n")
    assert "bytes left out" in build.log


def test_there_is_no_network(boxed: Sandbox, workshop: Workshop) -> None:
    """Neither this machine nor another can be reached, and the attempt is named."""
    with HTTPServer() as server:
        build = workshop.builder("calls-home", boxed, token=str(server.port)).build(())
    assert build.reason == "network-attempt"
    assert "no way out" in build.log


def test_nothing_is_written_outside(boxed: Sandbox, workshop: Workshop, token: str) -> None:
    """What a build writes into its own home and temporary files is gone; the system is read-only, and all else is not there."""
    home = Path.home()
    build = workshop.builder("writes-anywhere", boxed, token=f"{token} {home} {workshop.directory} {workshop.cache}").build(())
    worked = member(build, "worked.txt").split()
    assert set(worked) <= {"/tmp", "/var/tmp", "/dev/shm", "/home/builder", "/run"}
    assert {"/tmp", "/home/builder"} <= set(worked)
    for place in ("/tmp", "/var/tmp", "/dev/shm", "/usr/lib", "/etc", "/opt", "/run", home, workshop.directory, workshop.cache):
        assert not Path(place, token).exists()


@pytest.mark.parametrize("package", ["file-mode", "seals-directory"])
def test_one_build_leaves_nothing_to_the_next(package: str, either: Sandbox, workshop: Workshop) -> None:
    """A second build of the same builder begins in an empty place, whatever the first one left there."""
    builder = workshop.builder(package, either)
    one, two = builder.build(()), builder.build(())
    assert one.sha256 == two.sha256 != ""
    assert one.wheel != two.wheel


def test_the_commit_of_the_repository_above_is_always_the_same(boxed: Sandbox, workshop: Workshop) -> None:
    """So it can be looked for in a wheel, by its name or by the beginning of it."""
    if "git-parent" in boxed.applicable(("git-parent",))[1]:
        lacks("git")
    builder = workshop.builder("tells-commit", boxed)
    assert member(builder.build(()), "fact.txt") == "unknown"
    for varied in (["git-parent"], NAMES):
        assert member(builder.build(varied), "fact.txt") == PARENT_COMMIT


def test_a_build_sees_nothing_of_its_caller(
    boxed: Sandbox, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """No variable, home, process or network of the user who checks; and not his rights."""
    monkeypatch.setenv("SECRET_OF_THE_CALLER", token)
    seen = json.loads(member(workshop.builder("looks-around", boxed, token=str(Path.home())).build(()), "seen.json"))
    assert token not in json.dumps(seen)
    assert {"PATH", "HOME", "SOURCE_DATE_EPOCH", "PYTHONHASHSEED"} <= set(seen["environ"])
    assert not {name for name in seen["environ"] if name.startswith(("PIP_", "UV_", "XDG_", "VIRTUAL_ENV"))}
    assert seen["uid"] == 1000
    assert seen["interfaces"] == ["lo"]
    assert len(seen["processes"]) <= 4
    assert seen["home"] == []
    assert seen["homes"] == ["builder"]
    # Nothing but the way to the interpreter, where that lies in somebody's home.
    assert set(seen["outside"]) <= set(Path(machine.own_python().prefix).parts)
    assert not seen["environment-writable"]


def test_two_builds_are_at_the_same_path_at_the_same_time(boxed: Sandbox, workshop: Workshop) -> None:
    """Neither waits for the other to leave it."""
    builder = workshop.builder("tells-path", boxed)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(builder.build, [(), ()]))
    assert [member(build, "fact.txt") for build in both] == [f"{Settings.build_dir}/tells-path"] * 2


@pytest.mark.parametrize("tick", [0.0, 0.001])
def test_make_comes_to_an_end_where_the_clock_goes_back(tick: float, workshop: Workshop, either: Sandbox) -> None:
    """The system is not younger than what the build makes: else a Makefile that depends on it is made again for ever."""
    if not (machine.compiler() and shutil.which("make")):
        lacks("no C compiler or no make")
    builder = workshop.builder("makes-again", either, wall=30)
    build = builder.build((), Settings(moment=1_000_000_000.0, tick=tick))
    assert member(build, "fact.txt") == "once in 2001"


def held(action: Callable[[], object]) -> None:
    """Do something while no other process of this machine builds at the fixed paths."""
    PLAIN_ROOT.mkdir(mode=0o700, exist_ok=True)
    with open(PLAIN_ROOT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        action()


def test_a_plain_process_cleans_up(plain: Sandbox, workshop: Workshop) -> None:
    """The fixed paths are empty again, in the baseline and with everything varied."""
    builder = workshop.builder("plain", plain)
    applied, _ = plain.applicable(["build-path", "env-path", "home", "temp-dir", "time"])
    for varied in ((), applied):
        assert builder.build(varied).sha256

    def look() -> None:
        assert os.listdir(PLAIN_ROOT) == ["lock"]
        assert not [path for path in Path("/var/tmp").glob("reprowheels-moved/**/*") if path.is_file()]
        assert not Path("/var/tmp/zq-temp-dir").exists()

    held(look)
