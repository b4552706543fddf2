"""Leave a directory behind that nobody may write to, as a cache of modules does."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    os.makedirs("sealed/inner")
    with open("sealed/inner/file.txt", "w") as file:
        file.write("sealed\n")
    os.chmod("sealed/inner", 0o500)
    os.chmod("sealed", 0o500)
    return wheelwriter.write(wheel_directory, {})
