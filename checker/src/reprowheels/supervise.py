"""Run one process to its end under limits: its output is drained, its answer received, and nothing of it survives."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

from .errors import CheckFailed

T = TypeVar("T")
DEFAULT_TIMEOUT = 1800.0  # seconds of one build
REBUILD_TIMEOUT = 7200.0  # … that is known to come to an end
_HEAD, _TAIL = 64 << 10, 256 << 10  # bytes of output that are kept
_GRACE = 5.0  # seconds to clean up in
_stopping = threading.Event()
_live: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bound a build: `wall` in seconds; `disk` and `memory` in bytes; `processes` as their number at one time."""

    wall: float = DEFAULT_TIMEOUT
    disk: int = 8 << 30
    memory: int = 16 << 30
    processes: int = 2000


@dataclass(frozen=True, kw_only=True)
class Ended(Generic[T]):
    """Hold what came out of a run: what was received, the limit that it broke with a sentence, its log and its status."""

    received: T | None
    broken: tuple[str, str] | None
    log: str
    status: int


class _Log:
    """Drain a pipe for as long as it is open, keeping its beginning and its end, so that the build never waits for us."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._head, self._tail, self._total = b"", b"", 0
        self._pipe = pipe
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), 1 << 16):
                self._total += len(chunk)
                room = _HEAD - len(self._head)
                self._head += chunk[:room]
                self._tail = (self._tail + chunk[room:])[-_TAIL:] if len(chunk) > room else self._tail

    def text(self) -> str:
        """Return what was kept, with a line in the middle that says how much was left out."""
        self._thread.join(timeout=2)
        left_out = self._total - len(self._head) - len(self._tail)
        middle = f"\n[… {left_out} bytes left out …]\n".encode() if left_out > 0 else b""
        return (self._head + middle + self._tail).decode("utf-8", "replace")


def _usage(root: int) -> tuple[int, int]:
    """Return the number of processes below one process and the bytes of memory that they hold."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(entry))
            except (OSError, ValueError, IndexError):
                continue  # the process ended while we looked
    count = memory = 0
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            waiting.append(child)
            count += 1
            try:
                with open(f"/proc/{child}/statm") as file:
                    memory += int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except (OSError, ValueError, IndexError):
                continue
    return count, memory


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of a process, but not for longer than this, and say whether it came.

    Popen.wait looks again and again, with longer and longer pauses; the kernel tells at once, where it is not too old for that.
    """
    try:
        watched = os.pidfd_open(process.pid)
    except OSError:
        watched = -1
    if watched >= 0:
        try:
            poll = select.poll()
            poll.register(watched, select.POLLIN)
            if not poll.poll(seconds * 1000):
                return False
        finally:
            os.close(watched)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _wait(process: subprocess.Popen[bytes], limits: Limits) -> tuple[str, str] | None:
    """Wait for the end of a run; kill it when it breaks a limit and return which one."""
    deadline = time.monotonic() + limits.wall
    while True:
        if _ends_within(process, max(0.01, min(1.0, deadline - time.monotonic()))):
            return None
        count, memory = _usage(process.pid)
        reason, text = "", ""
        if time.monotonic() >= deadline:
            reason, text = "timeout", f"no end after {limits.wall:g} seconds; --timeout sets another limit"
        elif count > limits.processes:
            reason, text = "process-limit", f"more than {limits.processes} processes at one time"
        elif memory > limits.memory:
            reason, text = "memory-limit", f"more than {limits.memory >> 20} MiB of memory"
        if reason:
            _kill(process)
            return reason, f"the build was ended: {text}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a run and everything that it started.

    Whoever runs it is asked first: only that process finds what has left its process group (see `_inside`).
    """
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def stop_all() -> None:
    """End every run that is under way; for Ctrl-C."""
    _stopping.set()
    for process in list(_live):
        _kill(process)


def run(command: Sequence[str], limits: Limits, receive: Callable[[int], T]) -> Ended[T]:
    """Run a command, which gets the number of a file descriptor as its last argument, and receive what it writes there.

    `receive` reads the descriptor to its end and closes it. Raises CheckFailed when the command cannot be started.
    """
    if _stopping.is_set():
        raise CheckFailed("sandbox", "interrupted", "interrupted")
    receiving, sending = os.pipe()
    try:
        process = subprocess.Popen(
            [*command, str(sending)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            pass_fds=(sending,),
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        os.close(receiving)
        raise CheckFailed("sandbox", "sandbox-broken", f"the build cannot be started: {error}") from error
    finally:
        os.close(sending)
    _live.add(process)
    try:
        assert process.stdout is not None
        log = _Log(process.stdout)
        received: list[T] = []
        reader = threading.Thread(target=lambda: received.append(receive(receiving)), daemon=True)
        reader.start()
        broken = _wait(process, limits)
        reader.join(timeout=60)
        text = log.text()
    finally:
        _kill(process)
        _live.discard(process)
    return Ended(received=received[0] if received else None, broken=broken, log=text, status=process.returncode)
