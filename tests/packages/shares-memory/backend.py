"""Take memory in four processes, 64 MiB in each, and wait for ever."""

import subprocess
import sys


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    code = "import signal; held = bytearray(b'x') * (64 << 20); signal.pause()"
    children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    return children[0].wait()
