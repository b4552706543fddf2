"""End the process with a status."""

import sys


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    sys.exit(3)
