"""End the process without a word."""

import os


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    os._exit(0)
