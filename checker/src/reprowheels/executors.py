"""Run checks, each in a process of its own, on the threads of this machine or on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import files, index, outlook, spent
from .errors import BUG, UsageError
from .runs import Pairs

_GRACE = 40.0  # seconds in which an interrupted check removes what it has begun
_ANSWER = 10  # seconds to wait for the scheduler of a cluster
_PATIENCE = 60  # seconds to wait for its first worker
_TAIL = 4000  # bytes of what a check that crashed said last

_live: set[subprocess.Popen[bytes]] = set()
_stopping = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Job:
    """Name one project to check; `projects` is the text of projects.toml, `options` are those of `reprowheels check`."""

    name: str
    projects: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Done:
    """Hold what came of a job: the result and its difference as text, "" where the check wrote none.

    `seconds` are those of the check, with what it had taken before it was ended and taken up again;
    `processor_seconds` those that its builds took of all processors.
    `busy` tells that another process is at work on this project; `said` holds the last lines of a check that crashed with
    `status`, and `environment` where it ran.
    """

    name: str
    at: datetime.datetime
    seconds: float = 0.0
    processor_seconds: float | None = None
    result: str = ""
    diff: str = ""
    busy: bool = False
    status: int = 0
    said: str = ""
    environment: Pairs = ()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def run(job: Job) -> Done:
    """Check one project to the end and return what came of it; never two processes at once for one name on one machine."""
    cache = index.cache_directory()
    (cache / "locks").mkdir(parents=True, exist_ok=True)
    lock = files.lock(cache / "locks" / f"{job.name}.lock")
    if lock is None:
        return Done(name=job.name, at=_now(), busy=True)
    # The check inherits the lock, which so lives for as long as anything of it does.
    with lock:
        scratch = cache / "sweep" / job.name
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        try:
            return _checked(job, scratch, lock.fileno())
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _checked(job: Job, scratch: Path, lock: int) -> Done:
    settings, log = scratch / "projects.toml", scratch / "log"
    settings.write_text(job.projects, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "reprowheels.tied", str(os.getpid()), "check", job.name, "--output", str(scratch)]
    began = time.monotonic()
    # Its temporary files are in here, too: what a check leaves that was killed goes with the rest.
    temporary = scratch / "tmp"
    temporary.mkdir()
    told = scratch / "spent"
    with log.open("wb") as out:
        # In a session of its own, so that Ctrl-C reaches it through us and once only.
        process = subprocess.Popen(
            [*command, "--projects", str(settings), *job.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=out,
            env={**os.environ, "TMPDIR": str(temporary), spent.TOLD: str(told)},
            pass_fds=(lock,),
            start_new_session=True,
        )
    _live.add(process)
    try:
        if _stopping.is_set():
            process.terminate()
        status = process.wait()
    finally:
        _live.discard(process)
    result = _text(scratch / f"{job.name}.toml")
    earlier, processor_seconds = spent.total(told)
    return Done(
        name=job.name,
        at=_now(),
        seconds=round(time.monotonic() - began + earlier, 1),
        processor_seconds=round(processor_seconds, 1) or None,
        result=result,
        diff=_text(scratch / f"{job.name}.diff"),
        status=status,
        said="" if result else log.read_bytes()[-_TAIL:].decode("utf-8", "replace").strip(),
        environment=tuple(outlook.surroundings().items()),
    )


def outcome(name: str, future: Future[Done]) -> Done:
    """Return what came of a job, also where whatever ran it broke down: a worker that was lost, a disk that is full."""
    error = future.exception()
    return Done(name=name, at=_now(), status=BUG, said=f"{type(error).__name__}: {error}") if error else future.result()


def stop() -> None:
    """End every check that runs in this process's threads, and wait until they have cleaned up."""
    _stopping.set()
    for process in list(_live):
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + _GRACE
    for process in list(_live):
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def executor(jobs: int, scheduler: str = "") -> Iterator[Executor]:
    """Give what runs jobs: so many threads, or where a scheduler's address is given, the workers of its cluster.

    Raises UsageError when Dask is not installed or the cluster cannot be used.
    """
    if not scheduler:
        pool = ThreadPoolExecutor(max_workers=jobs)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError("--scheduler needs Dask: install the extra, reprowheels[distributed]") from error
    try:
        client = distributed.Client(scheduler, timeout=_ANSWER)
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler {scheduler}: {str(error) or type(error).__name__}; is it running, with workers?"
        ) from error
    with client:
        yield client.get_executor(pure=False, retries=0)
