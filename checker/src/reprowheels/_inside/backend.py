"""Call the hooks of a build backend within limits, and say why one gives no answer. Standard library only."""

import ctypes
import json
import os
import resource
import signal
import subprocess

PR_SET_PDEATHSIG = 1
SIGNAL_REASONS = {signal.SIGXFSZ: "disk-full", signal.SIGXCPU: "timeout"}


class Stop(Exception):
    """End the build with a reason."""

    def __init__(self, phase, reason, message):
        """Take where the build was, a stable reason, and a sentence for people."""
        super().__init__(message)
        self.answer = {"phase": phase, "reason": reason, "message": message}


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
