"""Tell two facts that have nothing to do with each other."""

import os
import time

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": time.strftime("%z") + os.environ["HOME"]})
