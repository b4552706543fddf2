"""Write a wheel that is no archive."""

import os


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "not_a_zip-1.0-py3-none-any.whl"
    with open(os.path.join(wheel_directory, name), "w") as file:
        file.write("no archive\n")
    return name
