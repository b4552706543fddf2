"""Build with `setup.py bdist_wheel`, as wheels were built before there were build backends; with PEP 517's interface.

Setuptools older than 40.8 has no backend for a setup.py without pyproject.toml, and what `bdist_wheel` writes by itself
is not always what a backend makes it write.
"""

import json
import os
import subprocess
import sys
import tempfile

# Setuptools fetches what setup_requires names as soon as setup() is called, before anything else; where there is nothing
# to fetch, an option that only prints leaves the tree as it is.
_ASK = """
import json, sys
answer = open(sys.argv[1], "w")
import setuptools.dist

class Asked(BaseException):
    pass

def fetch_build_eggs(self, requires):
    lines = requires.splitlines() if isinstance(requires, str) else map(str, requires)
    json.dump([line.strip() for line in lines if line.strip()], answer)
    raise Asked

sys.argv, __file__ = ["setup.py", "--name"], "setup.py"
sys.path.insert(0, "")
setuptools.dist.Distribution.fetch_build_eggs = fetch_build_eggs
try:
    exec(compile(open("setup.py", "rb").read(), "setup.py", "exec"))
except Asked:
    answer.close()
"""


def get_requires_for_build_wheel(config_settings=None):
    """Return what setup_requires names, which setup.py would fetch by itself; a setup.py that fails tells so when it builds."""
    with tempfile.TemporaryDirectory() as directory:
        answer = os.path.join(directory, "requires.json")
        subprocess.call([sys.executable, "-c", _ASK, answer])
        with open(answer) as file:
            text = file.read()
    return json.loads(text) if text else []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Run `setup.py bdist_wheel` in the source tree and return the name of the wheel."""
    options = (config_settings or {}).get("--build-option", [])
    options = [options] if isinstance(options, str) else options
    subprocess.check_call([sys.executable, "setup.py", "bdist_wheel", "--dist-dir", wheel_directory] + list(options))
    return next(name for name in os.listdir(wheel_directory) if name.endswith(".whl"))
