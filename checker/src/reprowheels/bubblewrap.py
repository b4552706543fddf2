"""The command line of bubblewrap for a build: what it sees of this machine, and the facts that are made up for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from . import machine
from .machine import Python
from .supervise import Limits
from .variations import Settings

_ETC = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "nsswitch.conf",
    "protocols",
    "services",
    "mime.types",
    "fonts",
)


def _fact_files(settings: Settings, control: Path) -> dict[str, str]:
    """Write the files that tell a build who and where it is; return {path inside: file outside}."""
    user = f"{settings.user}:x:{settings.uid}:{settings.uid}:{settings.full_name}:{settings.home}:/bin/sh\n"
    texts = {
        "/etc/passwd": f"root:x:0:0:root:/root:/bin/sh\n{user}nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
        "/etc/group": f"root:x:0:\n{settings.user}:x:{settings.uid}:\nnogroup:x:65534:\n",
        "/etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {settings.hostname}\n::1 localhost\n",
        "/etc/hostname": f"{settings.hostname}\n",
    }
    if len(os.sched_getaffinity(0)) > 1:
        texts["/sys/devices/system/cpu/online"] = "0\n" if settings.cpus == 1 else f"0-{settings.cpus - 1}\n"
    if settings.cpu_model != Settings.cpu_model:
        one = f"vendor_id\t: ZQ\nmodel name\t: {settings.cpu_model}\ncpu MHz\t\t: 1000.000\nflags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2\n"
        texts["/proc/cpuinfo"] = "".join(f"processor\t: {number}\n{one}\n" for number in range(settings.cpus))
    files = {}
    for index, (inside, text) in enumerate(texts.items()):
        path = control / f"fact-{index}"
        path.write_text(text)
        files[inside] = str(path)
    return files


def command(
    program: str,
    locales: str,
    settings: Settings,
    python: Python,
    env: Path,
    control: Path,
    limits: Limits,
    binds: Mapping[str, str],
    network: bool,
) -> list[str]:
    """Return the command line up to the command that bubblewrap runs; `binds` are further {path inside: file outside}."""
    size = ["--size", str(limits.disk)]
    arguments = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    arguments += ["--uid", str(settings.uid), "--gid", str(settings.uid), "--hostname", settings.hostname]
    if network:
        arguments += ["--share-net"]
        for name in ("resolv.conf", "ssl", "ca-certificates", "pki"):
            arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    arguments += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in _ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    arguments += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    arguments += ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    for name in ("/tmp", "/var/tmp", "/home", "/run"):
        arguments += [*size, "--tmpfs", name]
    if not python.prefix.startswith("/usr/") and python.prefix != "/usr":
        arguments += ["--ro-bind", python.prefix, python.prefix]
    for inside, outside in _fact_files(settings, control).items():
        arguments += ["--ro-bind", outside, inside]
    arguments += ["--ro-bind-try", machine.zone_file(settings.timezone) or "/nonexistent", "/etc/localtime"]
    if settings.shell != Settings.shell:
        arguments += ["--ro-bind", os.path.realpath(shutil.which(settings.shell) or "/bin/bash"), os.path.realpath("/bin/sh")]
    if locales and settings.locale in machine.LOCALE_NAMES:
        arguments += ["--ro-bind", locales, "/run/reprowheels-locales"]
    arguments += ["--ro-bind", str(env), settings.env_dir, "--ro-bind", str(control), "/run/reprowheels-control"]
    for inside, outside in binds.items():
        arguments += ["--ro-bind", outside, inside]
    return [*arguments, "--remount-ro", "/", "--chdir", "/tmp"]
