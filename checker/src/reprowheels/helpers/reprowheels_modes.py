"""Let Python see other permission bits than those that the files have."""

import os


def _told(real, mode):
    """Return a function of `os` that asks for the state of a file, with the mode that `mode` makes of it and the path."""

    def ask(path, *arguments, **named):
        found = real(path, *arguments, **named)
        kind, (values, more) = found.__reduce__()
        return kind((mode(found.st_mode, path),) + values[1:], more)

    return ask


def show(mode):
    """Show the modes that a function makes of a mode and a path."""
    os.stat, os.lstat, os.fstat = _told(os.stat, mode), _told(os.lstat, mode), _told(os.fstat, mode)
