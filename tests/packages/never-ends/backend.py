"""Wait for ever, and so does a process of a session of its own that carries the words of token.txt."""

import signal
import subprocess
import sys


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()", file.read().strip()], start_new_session=True)
    signal.pause()
