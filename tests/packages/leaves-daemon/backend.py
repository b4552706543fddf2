"""Leave a process behind that keeps standard output open, and carries the words of token.txt."""

import subprocess
import sys

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()", file.read().strip()], start_new_session=True)
    return wheelwriter.write(wheel_directory, {})
