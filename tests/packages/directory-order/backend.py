"""Write the names of files in the order in which the directory lists them."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": " ".join(name for name in os.listdir() if not name.startswith("_"))})
