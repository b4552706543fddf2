"""Run the command line for as long as whoever started it lives: `python -m reprowheels.tied PID ARGUMENT…`.

A sweep that is killed has no time to end its checks, nor a Nox that is ended its sweep. The kernel tells them, and they
clean up as after Ctrl-C.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from . import cli

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run the command line and return its exit status."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        return 130  # it died before the kernel knew whom to tell
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    raise SystemExit(main())
