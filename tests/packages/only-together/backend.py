"""Differ where two facts come together, and never for one alone."""

import os
import time

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": str("BUILD_NUMBER" in os.environ and time.strftime("%z") != "+0000")})
