"""Compile a library of Rust with debug information, which holds the path of its source."""

import subprocess

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    subprocess.run(["cargo", "build", "--locked", "--quiet"], check=True)
    with open("target/debug/libcompiled_rust.so", "rb") as file:
        return wheelwriter.write(wheel_directory, {"probe.so": file.read()}, tag="cp39-abi3-linux_x86_64")
