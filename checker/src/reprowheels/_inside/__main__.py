"""Run one build inside the sandbox. Standard library only; this folder is executed by the build environment's Python.

Usage: python -ISB _inside JOB FD. JOB is a JSON file:

    sdist, folder           the archive and the one directory at its top
    build_dir               where to unpack: the tree is build_dir/folder
    order                   "sorted" or "reversed": how directories of the tree list their files (on a tmpfs)
    group_writable          unpack with group write permission
    source_modes, _dates    "umask", "archive" or "filtered"; "exact", "rounded" or seconds since 1970: see variations.Settings
    umask                   of the whole build
    environ                 the complete environment of the build backend
    clock                   null, or {"file": where the preloaded clock looks, "shift": seconds, "moment": when it begins,
                            in seconds since 1970, or null to shift it, "tick": seconds per opened file, 0: real ones}
    directories             directories to make before (home, temporary files)
    personality             flags for personality(2), or 0
    cpus                    processors that the build may use
    git_parent              make a git repository above the tree
    limits                  {"memory": bytes or 0, "file": bytes, "processes": number or 0}
    python, hooks           the interpreter of the build environment; pyproject-hooks' in-process script
    backend, backend_path   as in PEP 517
    config_settings         as in PEP 517, or null
    known                   requirements of get_requires_for_build_wheel that the environment fulfils already; null: all
    work                    a directory of our own for the hooks' control files and the wheel

The answer goes to the file descriptor FD, which the backend does not inherit: one line of JSON, then the bytes of the
wheel. The line holds either "reason", "phase" and "message", or "needs" (further build requirements: nothing was
built), or "wheel" (its file name) and "size". What the backend prints goes to standard output.
"""

import ctypes
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

from backend import PR_SET_PDEATHSIG, Stop, call
from source_tree import make_parents, run_git, unpack

PR_SET_CHILD_SUBREAPER = 36


def build(job):
    """Unpack and build; return the answer and the path of the wheel, or None where there is none."""
    os.umask(job["umask"])
    for directory in job["directories"]:
        make_parents(directory, 0o777)
    try:
        unpack(job)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        reason = "disk-full" if getattr(error, "errno", None) in (28, 27) else "not-an-archive"
        raise Stop("unpack", reason, "the sdist cannot be unpacked: %s" % error)
    if job["git_parent"]:
        run_git(job)
    if job["clock"]:
        now = int(time.time() * 1e6)
        clock = job["clock"]
        offset = int(clock["shift"] * 1e6) if clock["moment"] is None else int(clock["moment"] * 1e6) - now
        with open(clock["file"], "w") as file:
            file.write("%d000 %d000 %d" % (offset, now, clock["tick"] * 1e9))
        with open(clock["file"] + "-ticks", "wb") as file:
            file.truncate(1 << 21)
    needed = call(job, "get_requires_for_build_wheel", {"config_settings": job["config_settings"]})
    if not isinstance(needed, list) or not all(isinstance(item, str) for item in needed):
        raise Stop("build", "backend-raised", "get_requires_for_build_wheel returned %.200r, no list of requirements" % (needed,))
    if job["known"] is not None and set(needed) - set(job["known"]):
        return {"needs": sorted(set(needed))}, None
    out = os.path.join(job["work"], "wheel")
    os.makedirs(out)
    name = call(
        job, "build_wheel", {"wheel_directory": out, "config_settings": job["config_settings"], "metadata_directory": None}
    )
    wheels = [item for item in sorted(os.listdir(out)) if item.endswith(".whl")]
    if not wheels:
        raise Stop("build", "no-wheel", "the build backend says that it built %r, but wrote no wheel" % (name,))
    if len(wheels) > 1:
        raise Stop("build", "several-wheels", "the build backend wrote %d wheels: %s" % (len(wheels), ", ".join(wheels[:3])))
    if name != wheels[0]:
        raise Stop("build", "other-name", "the build backend says that it built %r, but wrote %r" % (name, wheels[0]))
    path = os.path.join(out, wheels[0])
    mode = os.lstat(path)
    if not stat.S_ISREG(mode.st_mode):
        raise Stop("build", "invalid-wheel", "the wheel is not a regular file")
    return {"wheel": wheels[0], "size": mode.st_size}, path


def end_descendants():
    """Kill what the build left behind; matters only where no PID namespace does it."""
    own = os.getpid()
    for _ in range(100):
        children = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open("/proc/%s/stat" % entry) as file:
                        parent = int(file.read().rpartition(")")[2].split()[1])
                except (OSError, ValueError, IndexError):
                    continue
                if parent == own:
                    children.append(int(entry))
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except OSError:
                continue


def leave(number, frame):
    """End with all that was started, when the parent asks for it or dies."""
    end_descendants()
    os._exit(1)


def main():
    """Read the job, build, and send the answer."""
    with open(sys.argv[1]) as file:
        job = json.load(file)
    channel = int(sys.argv[2])
    os.set_inheritable(channel, False)
    libc = ctypes.CDLL(None)
    # Orphans of the build become our children, so that none outlives us even without a PID namespace.
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, leave)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    path = None
    try:
        answer, path = build(job)
    except Stop as stop:
        answer = stop.answer
    except (OSError, subprocess.SubprocessError) as error:
        reason = "disk-full" if getattr(error, "errno", None) == 28 else "sandbox-broken"
        answer = {"phase": "sandbox", "reason": reason, "message": "%s: %s" % (type(error).__name__, error)}
    answer["processor_seconds"] = round(sum(os.times()[:4]), 2)
    sys.stdout.flush()
    with os.fdopen(channel, "wb") as out:
        out.write(json.dumps(answer).encode("utf-8", "backslashreplace") + b"\n")
        if path:
            with open(path, "rb") as wheel:
                shutil.copyfileobj(wheel, out, 1 << 20)
    end_descendants()


if __name__ == "__main__":
    main()
