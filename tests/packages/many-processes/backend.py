"""Start 60 processes, and wait for ever."""

import subprocess


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    children = [subprocess.Popen(["sleep", "infinity"]) for _ in range(60)]
    return children[0].wait()
