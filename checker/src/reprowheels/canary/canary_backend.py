"""A build backend that writes what it sees of each fact of its environment into one member of the wheel per fact."""

import getpass
import hashlib
import locale
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

TREE = os.path.dirname(os.path.abspath(__file__))


def _output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode(
        "utf-8", "replace"
    )


def _created_mode():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        open(path, "w").close()
        return oct(os.stat(path).st_mode)


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _language():
    locale.setlocale(locale.LC_ALL, "")
    return locale.nl_langinfo(locale.MON_1)


def _same_addresses():
    heads = {_output("cat", "/proc/self/maps").partition("\n")[0] for _ in range(3)}
    return len(heads) == 1


def _charset():
    locale.setlocale(locale.LC_ALL, "")
    return locale.nl_langinfo(locale.CODESET)


FACTS = {
    "build-path": lambda: TREE,
    "env-path": lambda: sys.prefix,
    "umask": _created_mode,
    "source-mode": lambda: oct(os.stat(os.path.join(TREE, "pyproject.toml")).st_mode & 0o020),
    "hash-seed": lambda: hash("canary"),
    "file-order": lambda: os.listdir(os.path.join(TREE, "files")),
    "time": lambda: time.gmtime().tm_year,
    "timezone": lambda: time.strftime("%z") + (_digest("/etc/localtime") if os.path.exists("/etc/localtime") else ""),
    "locale": _language,
    "encoding": _charset,
    "home": lambda: os.path.expanduser("~"),
    "path": lambda: os.environ["PATH"].partition(":")[2],
    "environment": lambda: [os.environ.get(name) for name in ("BUILD_NUMBER", "CAPTURE_ENVIRONMENT", "CI")],
    "user": lambda: [getpass.getuser(), os.getuid(), pwd.getpwuid(os.getuid()).pw_gecos],
    "hostname": socket.gethostname,
    "kernel": lambda: os.uname().release,
    "cpu-count": lambda: [os.cpu_count(), len(os.sched_getaffinity(0))],
    "parallel-jobs": lambda: os.environ.get("MAKEFLAGS"),
    "cpu-features": lambda: "flags" in open("/proc/cpuinfo").read() and _digest("/proc/cpuinfo"),
    "aslr": _same_addresses,
    "temp-dir": tempfile.gettempdir,
    "shell": lambda: _output("/bin/sh", "-c", "echo $BASH_VERSION"),
    "git-parent": lambda: _output("git", "describe", "--always", "--tags"),
}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel, with one member for each fact."""
    name = "reprowheels_canary-1.0-py3-none-any.whl"
    info = "reprowheels_canary-1.0.dist-info"
    members = {info + "/facts/" + fact: ascii(see()) for fact, see in FACTS.items()}
    members[info + "/METADATA"] = "Metadata-Version: 2.1\nName: reprowheels-canary\nVersion: 1.0\n"
    members[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: canary\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    members[info + "/RECORD"] = ""
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), text)
    return name
