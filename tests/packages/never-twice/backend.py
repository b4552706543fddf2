"""Write what no other build writes; ask for the build requirements that token.txt names."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": os.urandom(16).hex()})


def get_requires_for_build_wheel(config_settings=None):
    try:
        with open("token.txt") as file:
            return file.read().split()
    except FileNotFoundError:
        return []
