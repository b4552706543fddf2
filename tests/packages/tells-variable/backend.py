"""Tell in the wheel the number that a CI service gives."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": os.environ.get("BUILD_NUMBER", "none")})
