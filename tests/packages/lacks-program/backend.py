"""Call a program that no machine has."""

import subprocess


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    subprocess.run(["zq-no-such-program"], check=True)
