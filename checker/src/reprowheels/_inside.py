"""Run one build inside the sandbox. Standard library only; executed as a script by the build environment's Python.

Usage: python -IS _inside.py JOB FD. JOB is a JSON file:

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
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SIGNAL_REASONS = {signal.SIGXFSZ: "disk-full", signal.SIGXCPU: "timeout"}


class Stop(Exception):
    """End the build with a reason."""

    def __init__(self, phase, reason, message):
        super().__init__(message)
        self.answer = {"phase": phase, "reason": reason, "message": message}


def make_parents(path, mode):
    """Make the missing directories above a path, and the path."""
    if not os.path.isdir(path):
        make_parents(os.path.dirname(path), mode)
        os.mkdir(path, mode)


def entries(path):
    """Yield (name, kind, mode, mtime, link target, read) for each member of the archive, in the archive's order."""
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        for info in archive.infolist():
            mode = info.external_attr >> 16
            kind = "dir" if info.filename.endswith("/") else "file"
            yield info.filename.rstrip("/"), kind, mode & 0o777, None, "", lambda info=info: archive.open(info)
        return
    archive = tarfile.open(path, "r:*")
    for info in archive:
        name = info.name[2:] if info.name.startswith("./") else info.name
        kind = "dir" if info.isdir() else "link" if info.issym() else "hard" if info.islnk() else "file"
        yield name, kind, info.mode & 0o777, info.mtime, info.linkname, lambda info=info: archive.extractfile(info)


def unpack(job):
    """Unpack the sdist as pip does: modes from the umask plus the executable bit, dates from the archive.

    A tmpfs lists a directory in the reverse order of creation, so all names are created first, in the order wanted,
    and filled afterwards in the archive's order, which needs one pass over the compressed data only.
    """
    base = job["build_dir"]
    make_parents(base, 0o777)
    archive = job["sdist"]
    listed = [(name, kind) for name, kind, _, _, _, _ in entries(archive)] if job["order"] else []
    group = 0o020 if job["group_writable"] else 0
    seen = set()
    for name, kind in sorted(set(listed), reverse=job["order"] == "sorted"):
        # Directories appear where the first of their files is created; a link is made when its target is known.
        folder = os.path.join(base, os.path.dirname(name) if kind != "dir" else name)
        make_parents(folder, 0o777)
        if kind == "file":
            seen.add(name)
            os.close(os.open(os.path.join(base, name), os.O_CREAT | os.O_WRONLY, 0o666))
    dates = []
    for name, kind, mode, mtime, target, read in entries(archive):
        path = os.path.join(base, name)
        make_parents(path if kind == "dir" else os.path.dirname(path), 0o777)
        if kind == "link":
            if not os.path.lexists(path):
                os.symlink(target, path)
            continue
        if kind == "hard":
            if not os.path.lexists(path):
                os.link(os.path.join(base, target[2:] if target.startswith("./") else target), path)
            continue
        if kind == "file":
            with read() as source, open(path, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            if job["source_modes"] != "umask":
                os.chmod(path, mode & (0o777 if job["source_modes"] == "archive" else 0o755))
            elif mode & 0o111:
                os.chmod(path, 0o777 & ~job["umask"])
        if mtime is not None:
            dates.append((path, float({"exact": mtime, "rounded": round(mtime)}.get(job["source_dates"], job["source_dates"]))))
    if group:
        for folder, _, names in os.walk(base):
            for path in [folder] + [os.path.join(folder, name) for name in names]:
                if not os.path.islink(path):
                    os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | group)
    for path, mtime in reversed(dates):
        os.utime(path, (mtime, mtime))


def run_git(job):
    """Make somebody else's repository above the source tree, with one commit and a tag."""
    dates = {"GIT_AUTHOR_DATE": "2001-02-03T04:05:06Z", "GIT_COMMITTER_DATE": "2001-02-03T04:05:06Z"}
    identity = ["-c", "user.name=Zq Parent", "-c", "user.email=zq-parent@localhost"]
    base = job["build_dir"]
    with open(os.path.join(base, "ZQ-PARENT"), "w") as file:
        file.write("Somebody else's project.\n")
    for arguments in (
        ["init", "-q", "-b", "zq-parent"],
        ["add", "ZQ-PARENT"],
        ["commit", "-q", "-m", "zq-parent"],
        ["tag", "v99.77.55"],
    ):
        subprocess.run(["git"] + identity + arguments, cwd=base, env=dict(job["environ"], **dates), check=True)


def limited(job):
    """Return what to do in the child before the backend starts: limits, processors, personality, end with the parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    limits = job["limits"]

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.umask(job["umask"])
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for kind, value in (
            (resource.RLIMIT_FSIZE, limits["file"]),
            (resource.RLIMIT_DATA, limits["memory"]),
            (resource.RLIMIT_NPROC, limits["processes"]),
        ):
            _, hard = resource.getrlimit(kind)
            if value and (hard == resource.RLIM_INFINITY or value < hard):
                resource.setrlimit(kind, (value, value))
        if job["cpus"]:
            os.sched_setaffinity(0, job["cpus"])
        if job["personality"] and libc.personality(job["personality"]) < 0:
            os._exit(97)

    return prepare


def call(job, hook, arguments):
    """Call a hook of the backend in a process of its own and return what it returns; raises Stop."""
    control = os.path.join(job["work"], hook)
    os.makedirs(control)
    with open(os.path.join(control, "input.json"), "w") as file:
        json.dump({"kwargs": arguments}, file)
    environ = dict(job["environ"], _PYPROJECT_HOOKS_BUILD_BACKEND=job["backend"])
    tree = os.path.join(job["build_dir"], job["folder"])
    if job["backend_path"]:
        environ["_PYPROJECT_HOOKS_BACKEND_PATH_JSON"] = json.dumps([os.path.join(tree, p) for p in job["backend_path"]])
    command = [job["python"], job["hooks"], hook, control]
    process = subprocess.Popen(command, cwd=tree, env=environ, stdin=subprocess.DEVNULL, preexec_fn=limited(job))
    status = process.wait()
    try:
        with open(os.path.join(control, "output.json")) as file:
            answer = json.load(file)
    except (OSError, ValueError):
        answer = None
    if status < 0:
        name = signal.Signals(-status).name
        reason = SIGNAL_REASONS.get(-status, "backend-killed")
        raise Stop("build", reason, "the build backend was killed by %s in %s" % (name, hook))
    if answer and answer.get("no_backend"):
        text = (answer.get("backend_error") or answer.get("traceback") or "").strip().splitlines()
        print(answer.get("traceback") or "", flush=True)
        raise Stop(
            "build", "unknown-backend", "the build backend %r cannot be imported: %s" % (job["backend"], text[-1] if text else "")
        )
    if answer and answer.get("hook_missing"):
        raise Stop("build", "unknown-backend", "the build backend %r has no %s" % (job["backend"], hook))
    if status:
        raise Stop("build", "backend-raised", "the build backend failed in %s with exit status %d" % (hook, status))
    if answer is None or "return_val" not in answer:
        raise Stop("build", "backend-exited", "the build backend ended in %s without an answer" % hook)
    return answer["return_val"]


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
