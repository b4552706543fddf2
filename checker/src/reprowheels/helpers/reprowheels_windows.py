"""Let Python write files as it does on Windows: line ends, permission bits, and the creator in ZIP archives.

Nothing else of Windows is here. What a build writes with these ways is what the same build writes there, as long as it
does not ask for the platform.
"""

import builtins
import importlib
import io
import os
import stat
import zipfile

_PROGRAMS = (".bat", ".cmd", ".com", ".exe")  # what Windows calls executable, by name


def _mode(mode, path):
    if stat.S_ISDIR(mode):
        return stat.S_IFDIR | 0o777
    if not stat.S_ISREG(mode):
        return mode
    executable = isinstance(path, str) and path.lower().endswith(_PROGRAMS)
    return stat.S_IFREG | (0o666 if mode & 0o200 else 0o444) | (0o111 if executable else 0)


def _open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *arguments, **named):
    if newline is None and "b" not in mode and "+" not in mode and set(mode) & set("wax"):
        newline = "\r\n"
    return _real_open(file, mode, buffering, encoding, errors, newline, *arguments, **named)


class ZipInfo(zipfile.ZipInfo):
    """Describe a member that was made on Windows."""

    __slots__ = ()

    def __init__(self, *arguments, **named):  # noqa: D107
        super().__init__(*arguments, **named)
        self.create_system = 0


_real_open = builtins.open
builtins.open = io.open = _open
importlib.import_module("reprowheels_modes").show(_mode)
os.linesep = "\r\n"
vars(zipfile).update(ZipInfo=ZipInfo)
