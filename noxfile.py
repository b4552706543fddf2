"""Every command of the project, for people and for CI alike; `nox -l` is the help."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import nox
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent
# Where Python may not keep what it has compiled, each command of ours would compile a hundred modules before it begins.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.path.insert(0, str(ROOT / "checker" / "src"))

# The one reader of projects.toml, and of pip's configuration; they need no more than Nox does.
from reprowheels import errors, pipconfig, projects  # noqa: E402

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
if not {"-l", "--list", "--list-sessions"} & set(sys.argv):
    nox.options.sessions = ["lint", "tests"]  # of plain `nox`; but a list has every session: the nightly run reads it

# Options of `reprowheels check` that are followed by a value; without this list the value would look like a target.
VALUED = frozenset(
    "--output --variations --uploaded-before --source-date-epoch --build-constraint -C --config-setting --python --jobs --timeout "
    "--max-builds --repeat --keep --projects".split()
)
ACTIONLINT = "v1.7.12"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def targets_and_options(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Separate what is to be checked from the options that are passed on to each check."""
    targets: list[str] = []
    options: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-"):
            targets.append(argument)
            continue
        options.append(argument)
        if argument in VALUED:
            options.extend(itertools.islice(rest, 1))
    return list(dict.fromkeys(targets)), options


def identifier(target: str) -> str:
    """Return how a session is named after its target: a file or directory by the last part of its path."""
    return Path(target).resolve().name if os.sep in target or target == "." else target


def install(session: nox.Session, lock: str, *, checker: bool = True) -> None:
    """Install a lock file with its hashes, then the checker as it is in this checkout."""
    no_index = ["--no-index"] if PIP.no_index else []
    session.install(*no_index, "--require-hashes", "-r", f"requirements/{lock}.txt", env=INDEX)
    if checker:
        session.install("--no-deps", "--no-build-isolation", "-e", "./checker")


def system_packages(session: nox.Session, chosen: Iterable[projects.Project]) -> None:
    """Install the Debian packages that the builds of projects need and this machine lacks."""
    if packages := projects.packages(chosen):
        session.run(sys.executable, "tools/bootstrap.py", "--apt", *packages, external=True)


# uv ignores pip's configuration: hand it over, but let uv's own variables win.
PIP = pipconfig.read()
INDEX = {key: value for key, value in pipconfig.for_uv(PIP, {}).items() if key != "UV_NO_CONFIG" and key not in os.environ}

try:
    TRACKED = {project.name: project for project in projects.load(ROOT / "projects.toml")}
except errors.FileError as error:
    print(error, file=sys.stderr)
    raise SystemExit(error.exit_status) from error
TARGETS, OPTIONS = targets_and_options(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else [])
CHECKED = TARGETS or [name for name, project in TRACKED.items() if not project.exclude]


@nox.session
@nox.parametrize("target", [nox.param(target, id=identifier(target)) for target in CHECKED])
def check(session: nox.Session, target: str) -> None:
    """Check each target in a clean environment: `-- TARGET… [OPTIONS]`; without targets every tracked project."""
    project = TRACKED.get(canonicalize_name(target.partition("==")[0]))
    system_packages(session, [project] if project else [])
    install(session, "check")
    # "Not reproducible" (1) is an answer like any other; only a check that could not be made fails the session.
    # Standard output is left to the answer, and Ctrl-C to the checker, which removes what it has begun.
    session.run(
        "reprowheels", "check", target, *OPTIONS,
        success_codes=[errors.OK, errors.NOT_REPRODUCIBLE], stderr=None, interrupt_timeout=30, terminate_timeout=10,
    )  # fmt: skip


@nox.session
def sweep(session: nox.Session) -> None:
    """Check everything that is due and record it in docs/runs: `-- [NAME…] [--all] [--jobs N] [OPTIONS]`."""
    named = [TRACKED[argument] for argument in session.posargs if argument in TRACKED]
    chosen = named or [project for project in TRACKED.values() if not project.exclude]
    if "--plan" not in session.posargs:
        system_packages(session, chosen)
    install(session, "check")
    # It lasts for hours, often out of sight: whoever ends Nox, by whatever signal, ends it as well, and it cleans up.
    session.run(
        "python", "-P", "-m", "reprowheels.tied", str(os.getpid()), "sweep", *session.posargs,
        success_codes=[errors.OK, errors.NOT_REPRODUCIBLE], stderr=None, interrupt_timeout=60, terminate_timeout=10,
    )  # fmt: skip


@nox.session
def nightly(session: nox.Session) -> None:
    """Do one step of a night, as the workflow does: `-- plan|shard|merge|commit …`."""
    install(session, "check")
    session.run("python", "tools/nightly.py", *session.posargs, interrupt_timeout=60, terminate_timeout=10)


@nox.session(name="nightly-rehearsal")
def nightly_rehearsal(session: nox.Session) -> None:
    """Play a whole night on this machine, in scratch clones: `-- [NAME…] [--shards N] [--directory DIR]`."""
    install(session, "check")
    session.run(
        "python", "tools/rehearsal.py", "--nox", sys.executable, *session.posargs, interrupt_timeout=60, terminate_timeout=10
    )


@nox.session
def refresh(session: nox.Session) -> None:
    """Take the list of the most downloaded projects over into projects.toml: `-- [ADDRESS|FILE]`."""
    install(session, "check")
    session.run("python", "tools/refresh.py", *session.posargs)


@nox.session
def request(session: nox.Session) -> None:
    """Answer the request in ISSUE_BODY to track a project: check the name and add it to projects.toml."""
    install(session, "check")
    session.run("python", "tools/request.py", *session.posargs)


@nox.session
def statements(session: nox.Session) -> None:
    """Write what results say as in-toto statements: `-- [NAME…] --output DIR`."""
    install(session, "check")
    session.run("reprowheels", "statements", *session.posargs)


@nox.session(venv_backend="none")
def propose(session: nox.Session) -> None:
    """Push changed files as a branch and open a pull request: `-- BRANCH TITLE FILE…`."""
    session.run(sys.executable, "tools/propose.py", *session.posargs)


@nox.session
def rebuild(session: nox.Session) -> None:
    """Rebuild recorded results and say whether the SHA-256 is the recorded one: `-- NAME… [OPTIONS]`."""
    names = [Path(argument).stem if argument.endswith(".toml") else argument for argument in session.posargs]
    system_packages(session, [TRACKED[name] for name in names if name in TRACKED])
    install(session, "check")
    session.run("reprowheels", "rebuild", *session.posargs, stderr=None, interrupt_timeout=30, terminate_timeout=10)


@nox.session
def hashes(session: nox.Session) -> None:
    """Derive hashes again that somebody has published: `-- FILE.toml`."""
    install(session, "check")
    session.run("python", "tools/hashes.py", *session.posargs, stderr=None, interrupt_timeout=30, terminate_timeout=10)


@nox.session
def lint(session: nox.Session) -> None:
    """Run ruff, mypy and the linters of the workflows."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy", "checker/src", "docs/_ext", "noxfile.py", "tools", "benchmarks")
    session.run("zizmor", "--offline", "--no-progress", "--quiet", ".github")
    workflows = sorted(str(path) for path in Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    session.run(
        "check-jsonschema", "--builtin-schema", "vendor.github-actions", *map(str, Path(".github/actions").glob("*/action.yml"))
    )
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    # It has no package on the index; Go's checksum database vouches for the version.
    if shutil.which("actionlint"):
        session.run("actionlint", external=True)
    elif shutil.which("go"):
        session.run("go", "run", f"github.com/rhysd/actionlint/cmd/actionlint@{ACTIONLINT}", external=True)
    else:
        session.warn("neither actionlint nor Go is installed: the workflows are checked without it")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; what follows `--` goes to pytest."""
    install(session, "test")
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), "")
    if not browser:
        # Debian has a package; Ubuntu's needs snapd, which containers lack.
        session.run("playwright", "install", *(["--with-deps"] if os.geteuid() == 0 else []), "chromium")
    session.run("pytest", *session.posargs, env={"CHROMIUM": browser})


@nox.session
def site(session: nox.Session) -> None:
    """Build the report from docs/results into docs/_build/html."""
    install(session, "docs")
    common = ["-n", "-W", "-j", "auto", "-b", "html", "-d", "docs/_build/doctrees"]
    session.run("sphinx-build", *common, *session.posargs, "docs", "docs/_build/html")


@nox.session
def bench(session: nox.Session) -> None:
    """Compare the time of a check with that of bare builds, and time sweeps: `-- [NAME…] [--rounds N]`."""
    install(session, "bench")
    session.run("python", "benchmarks/bench.py", *session.posargs, interrupt_timeout=30, terminate_timeout=10)
    session.run("python", "benchmarks/sweep.py", interrupt_timeout=30, terminate_timeout=10)


@nox.session(name="bench-compare")
def bench_compare(session: nox.Session) -> None:
    """Measure comparisons beside diffoscope, where it is installed: `-- [--rounds N]`."""
    install(session, "bench")
    session.run("python", "benchmarks/compare.py", *session.posargs, interrupt_timeout=30, terminate_timeout=10)


@nox.session(name="bench-site")
def bench_site(session: nox.Session) -> None:
    """Measure how the report grows: `-- [NUMBER…]`."""
    install(session, "docs")
    session.run("python", "benchmarks/site.py", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements/*.txt anew from requirements/*.in and checker/pyproject.toml."""
    install(session, "check", checker=False)
    sources = sorted(path.name for path in Path("requirements").glob("*.in"))
    common = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--only-binary=:all:"]
    common += ["--no-header", "--no-annotate", "--no-emit-index-url", "--generate-hashes"]
    # All of them together first, so that every lock file has the same versions.
    everything = f"{session.create_tmp()}/all.txt"
    inputs = [f"requirements/{name}" for name in sources]
    session.run(*common, "--upgrade", "--output-file", everything, "checker/pyproject.toml", *inputs, env=INDEX)
    for name in sources:
        own = [] if name in ("nox.in",) else ["checker/pyproject.toml"]
        output = f"requirements/{name.removesuffix('.in')}.txt"
        source = f"requirements/{name}"
        session.run(*common, "--constraint", everything, "--output-file", output, source, *own, env=INDEX)
        if "://" in Path(output).read_text(encoding="utf-8"):
            session.error(f"{output} names a download address")
