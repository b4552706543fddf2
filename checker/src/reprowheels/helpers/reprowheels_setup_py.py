"""Build with `setup.py bdist_wheel`, as wheels were built before there were build backends; with PEP 517's interface.

Setuptools older than 40.8 has no backend for a setup.py without pyproject.toml, and what `bdist_wheel` writes by itself
is not always what a backend makes it write.
"""

import os
import subprocess
import sys


def get_requires_for_build_wheel(config_settings=None):
    """Return nothing: the requirements are those of the caller."""
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Run `setup.py bdist_wheel` in the source tree and return the name of the wheel."""
    options = (config_settings or {}).get("--build-option", [])
    options = [options] if isinstance(options, str) else options
    subprocess.check_call([sys.executable, "setup.py", "bdist_wheel", "--dist-dir", wheel_directory] + list(options))
    return next(name for name in os.listdir(wheel_directory) if name.endswith(".whl"))
