"""Tell in the wheel how many processors the machine has."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": str(os.cpu_count())})
