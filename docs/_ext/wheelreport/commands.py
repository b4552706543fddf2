"""The commands that repeat a check, as text to copy.

Results may hold anything that a stranger's project made a tool print, and people paste these lines into a shell: every value
is quoted, and where a value does not look like what it should be, there is no script at all.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Sequence

from reprowheels.results import Environment, Requirement, Result, as_config
from reprowheels.variations import Settings

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9.!+_-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BACKEND = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(?::[A-Za-z_][A-Za-z0-9_.]*)?")
_SDIST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|zip)")
_WHEEL = re.compile(r"[A-Za-z0-9._+!-]+\.whl")
_DIRECTORY = re.compile(r"/[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")

# Calls the hook that every build frontend calls, in the recorded environment and with nothing else installed there.
_HOOK = """\
import functools, importlib, json, pathlib, sys, tomllib
project = pathlib.Path("pyproject.toml")
text = project.read_text("utf-8") if project.exists() else ""
inside_tree = tomllib.loads(text).get("build-system", {}).get("backend-path", [])
sys.path[:1] = [str(pathlib.Path(place).resolve()) for place in inside_tree]
module, _, path = sys.argv[1].partition(":")
destination, settings = sys.argv[2], json.loads(sys.argv[3])
backend = importlib.import_module(module)
backend = functools.reduce(getattr, filter(None, path.split(".")), backend)
print(backend.build_wheel(destination, settings))
"""


def target(name: str, version: str) -> str:
    """Return what to give to a command that checks this release: `name==version`, or the name alone."""
    return f"{name}=={version}" if version else name


def make_check(name: str, version: str) -> str:
    """Return the line for a checkout of this repository."""
    return f'make check PKG="{target(name, version)}"' if _safe(name, version) else ""


def packages(names: Sequence[str]) -> str:
    """Return the line that installs the Debian packages which a build needs, or nothing."""
    return shlex.join(["apt-get", "install", *names]) if names else ""


def check(result: Result) -> str:
    """Return the line that checks the release again, resolving its build requirements anew."""
    if not _safe(result.name, result.version):
        return ""
    words = ["reprowheels", "check", target(result.name, result.version)]
    if result.environment and result.environment.source_date_epoch is not None:
        words += ["--source-date-epoch", str(result.environment.source_date_epoch)]
    if result.environment and (python := _python(result.environment)):
        words += ["--python", python]
    for key, values in result.environment.config_settings if result.environment else ():
        words += [word for value in values for word in ("--config-setting", f"{key}={value}")]
    return shlex.join(words)


def rebuild(result: Result) -> str:
    """Return the line that rebuilds a recorded result, or nothing where no wheel is recorded."""
    return f"reprowheels rebuild {result.name}" if result.sha256 and _safe(result.name, result.version) else ""


def script(result: Result) -> str:
    """Return a shell script that builds the wheel with no tool of ours, or nothing where the result does not say enough."""
    environment, sdist = result.environment, result.sdist
    if not environment or not sdist or not result.sha256 or not _fits(result):
        return ""
    base = Settings()
    python = f"python{_python(environment)}"
    place = environment.build_dir
    parent = posixpath.dirname(place)
    pip = f"{python} -m pip --python {base.env_dir}/bin/python"
    exported = {
        "PATH": f"{base.env_dir}/bin:{base.path}",
        "HOME": base.home,
        "USER": base.user,
        "LOGNAME": base.user,
        "SHELL": "/bin/sh",
        "LANG": base.locale,
        "LC_ALL": base.locale,
        "TZ": base.timezone,
        "TMPDIR": base.temp_dir,
        "PYTHONHASHSEED": str(base.hash_seed),
        "MAKEFLAGS": f"-j{base.jobs}",
        **dict.fromkeys(("CMAKE_BUILD_PARALLEL_LEVEL", "CARGO_BUILD_JOBS", "MAX_JOBS", "NPY_NUM_BUILD_JOBS"), str(base.jobs)),
    }
    if environment.source_date_epoch is not None:
        exported["SOURCE_DATE_EPOCH"] = str(environment.source_date_epoch)
    unpack = f"unzip -q ../{sdist.filename}" if sdist.filename.endswith(".zip") else f"tar -xf ../{sdist.filename}"
    settings = as_config(environment.config_settings) or None
    lines = [
        "set -e",
        f"umask {base.umask:04o}",
        f"rm -rf {base.env_dir} {place}",
        f"mkdir -p {place}",
        f"cd {parent}",
        "",
        f"# the build environment: {environment.python}, and these files only",
        f"{python} -m venv --without-pip {base.env_dir}",
        *_install(pip, environment.requires),
        "",
        "# the sdist; its SHA-256 is compared while it is fetched",
        f"{pip} download \\",
        "  --no-deps --no-build-isolation --no-binary :all: --require-hashes -r /dev/stdin <<'EOF'",
        f"{result.name}=={result.version} --hash=sha256:{sdist.sha256}",
        "EOF",
        f"cd {place}",
        unpack,
        "chmod -R u=rwX,go=rX .",
        "",
        "# the wheel, built by the backend's own hook",
        "cd */",
        "cat >../../build_wheel.py <<'EOF'",
        *_HOOK.splitlines(),
        "EOF",
        "env -i \\",
        *(f"  {name}={shlex.quote(value)} \\" for name, value in exported.items()),
        f"  {base.env_dir}/bin/python ../../build_wheel.py {environment.backend} {parent} {shlex.quote(json.dumps(settings))}",
        "",
        "# the recorded SHA-256: says OK when the wheel is the same file",
        f"cd {parent}",
        f"echo '{result.sha256}  {result.wheel}' | sha256sum --check",
    ]
    return "\n".join(lines) + "\n"


def _install(pip: str, requires: tuple[Requirement, ...]) -> list[str]:
    if not requires:
        return ["# (nothing has to be installed)"]
    return [
        f"{pip} install \\",
        "  --no-deps --only-binary :all: --require-hashes -r /dev/stdin <<'EOF'",
        *(f"{required.name}=={required.version} --hash=sha256:{required.sha256}" for required in requires),
        "EOF",
    ]


def _python(environment: Environment) -> str:
    """Return the feature version of the interpreter, such as 3.11, or nothing where the result does not give it."""
    found = re.match(r"CPython (\d+\.\d+)\b", environment.python)
    return found[1] if found else ""


def _safe(name: str, version: str) -> bool:
    return bool(_NAME.fullmatch(name)) and (not version or bool(_VERSION.fullmatch(version)))


def _fits(result: Result) -> bool:
    """Return whether every value that goes into a script is of the form that it should have."""
    environment, sdist = result.environment, result.sdist
    if not environment or not sdist:
        return False
    return (
        _safe(result.name, result.version)
        and bool(result.version)
        and bool(_python(environment))
        and bool(_SHA256.fullmatch(result.sha256))
        and bool(_SHA256.fullmatch(sdist.sha256))
        and bool(_SDIST.fullmatch(sdist.filename))
        and bool(_BACKEND.fullmatch(environment.backend))
        and bool(_DIRECTORY.fullmatch(environment.build_dir))
        and ".." not in environment.build_dir
        and bool(_WHEEL.fullmatch(result.wheel))
        and environment.python.isprintable()
        and all(
            _safe(required.name, required.version) and bool(required.version) and bool(_SHA256.fullmatch(required.sha256))
            for required in environment.requires
        )
    )
