"""Compile a C extension with debug information, which holds the path of its source."""

import os
import subprocess

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    source = os.path.abspath("probe.c")
    subprocess.run(["gcc", "-g", "-O1", "-shared", "-fPIC", source, "-o", "probe.so"], check=True)
    with open("probe.so", "rb") as file:
        return wheelwriter.write(
            wheel_directory, {"probe.so": file.read()}, modes={"probe.so": 0o755}, tag="cp39-abi3-linux_x86_64"
        )
