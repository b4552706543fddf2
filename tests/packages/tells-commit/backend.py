"""Tell in the wheel which commit git says that it is built from."""

import subprocess

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    told = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return wheelwriter.write(wheel_directory, {"fact.txt": told.stdout.strip() or "unknown"})
