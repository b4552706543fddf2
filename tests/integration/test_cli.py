"""The command line as a whole: exit status, output, files, and what happens when it is run twice."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

from reprowheels import results
from reprowheels.sandbox import Sandbox

from . import trees
from .conftest import lacks
from .indexes import Entry, LocalIndex
from .running import Done, Runner

# Where the clock is varied, nothing has to wait for the next second.
QUICK = ("--variations", "umask,build-path,time", "--no-published")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cli")
    for package in ("plain", "tells-path", "raises"):
        trees.lay_out(package, directory)
    return directory


MIXTURE = ("./plain", "./tells-path", "./raises", "./missing")


@pytest.fixture(scope="module")
def mixture(run: Runner, directory: Path) -> Done:
    """Check one of each kind; two are answered, one fails, and one does not exist."""
    return run(*MIXTURE, *QUICK, "--keep", directory / "kept", output=directory / "results", cwd=directory)


@pytest.fixture(scope="module")
def as_json(run: Runner, directory: Path, mixture: Done) -> Done:
    """Check the same again, and print JSON."""
    return run(*MIXTURE, *QUICK, "--json", output=directory / "results-of-json", cwd=directory)


class TestMixture:
    def test_one_that_fails_does_not_stop_the_others(self, mixture: Done) -> None:
        """Each target that exists has its result, and no other file is there."""
        found = {path.name: results.load(path).status for path in mixture.output.glob("*.toml")}
        assert {path.name for path in mixture.output.iterdir()} == {*found, "tells-path.diff"}
        assert found == {
            "plain.toml": "reproducible",
            "tells-path.toml": "environment-dependent",
            "raises.toml": "build-failed",
        }
        assert "./missing: there is no such file or directory" in mixture.err

    def test_the_exit_status_is_that_of_the_worst(self, mixture: Done) -> None:
        assert mixture.status == 3

    def test_the_summary(self, mixture: Done) -> None:
        """Status, the variation with both values, the tail of the log and the place of the file are printed."""
        for text in (
            "plain 1.0: reproducible\n",
            "tells-path 1.0: environment-dependent\n",
            "depends on   build-path (/tmp/reprowheels/build → ",
            "in phase build, backend-raised: ",
            "| RuntimeError: the glue is missing\n",
            f"written to   {mixture.output / 'plain.toml'}\n",
        ):
            assert text in mixture.out

    def test_progress_in_plain_lines(self, mixture: Done) -> None:
        """Piped, each phase is a line on standard error, with the number of the target."""
        assert "[1/4] ./plain: looking at this machine …\n" in mixture.err
        assert "[2/4] ./tells-path: building" in mixture.err

    def test_no_escape_codes_in_a_pipe(self, mixture: Done) -> None:
        assert "\x1b" not in mixture.out + mixture.err

    def test_the_log_of_a_failure_is_kept(self, mixture: Done) -> None:
        """The summary names the file that holds the whole log."""
        (line,) = (line for line in mixture.out.splitlines() if "whole log" in line)
        assert "the glue is missing" in Path(line.split()[-1]).read_text()

    def test_what_was_built_is_kept(self, mixture: Done, directory: Path) -> None:
        """--keep has the wheel, the log and the variations of each build, also of those that fail."""
        result = mixture.result("tells-path")
        kept = sorted((directory / "kept" / "tells-path").iterdir())
        builds = {}
        for folder in kept:
            (wheel,) = folder.glob("*.whl")
            assert (folder / "log.txt").is_file()
            names = tuple((folder / "variations.txt").read_text().split())
            builds[names] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        assert builds.items() >= {build.variations: build.sha256 for build in result.builds}.items()
        assert "the glue is missing" in (directory / "kept" / "raises" / "01" / "log.txt").read_text()

    def test_json_is_the_toml(self, as_json: Done) -> None:
        """Standard output is one JSON array that holds what the files hold, and nothing else."""
        assert as_json.status == 3
        found = json.loads(as_json.out)
        files = [tomllib.loads((as_json.output / f"{name}.toml").read_text()) for name in ("plain", "tells-path", "raises")]
        assert found == json.loads(json.dumps(files, default=str))

    def test_the_same_check_writes_the_same_bytes(self, mixture: Done, as_json: Done) -> None:
        """Nothing in a result says when or how fast it was found, or where the sources lay."""
        for path in mixture.output.iterdir():
            assert path.read_bytes() == (as_json.output / path.name).read_bytes()

    def test_no_directory_of_the_machine_is_in_a_result(self, mixture: Done, directory: Path, cache: Path) -> None:
        text = "".join(path.read_text() for path in mixture.output.iterdir())
        for place in (directory, cache, Path.home() if len(str(Path.home())) > 4 else cache, sys.prefix):
            assert str(place) not in text


def test_a_difference_that_was_not_asked_for_is_none(run: Runner, directory: Path, output: Path) -> None:
    """--variations none asks only whether two equal builds agree: exit status 0, and robustness is not claimed."""
    done = run(directory / "tells-path", "--variations", "none", "--no-published", output=output)
    assert done.status == 0
    result = done.only
    assert (result.status, result.repeatable, result.robust) == ("repeatable", "yes", "not-checked")
    assert result.variations.applied == ()


def test_not_reproducible_is_exit_status_1(run: Runner, directory: Path, output: Path) -> None:
    """Nothing is printed with -q; the exit status and the file tell it."""
    done = run(directory / "tells-path", "--variations", "build-path,time", "-q", output=output)
    assert done.status == 1
    assert done.out == done.err == ""
    assert done.only.depends_on == ("build-path",)


def test_an_error_is_printed_even_when_quiet(run: Runner, directory: Path, output: Path) -> None:
    done = run(directory / "raises", *QUICK, "-q", output=output)
    assert done.status == 3
    assert done.out == ""
    assert "raises: backend-raised: " in done.err
    assert len(done.err.splitlines()) == 1


def test_a_failure_keeps_the_last_answer(run: Runner, tmp_path: Path, output: Path) -> None:
    """The answer stays and is marked as stale, with the failure beside it, until it builds again."""
    tree = trees.lay_out("plain", tmp_path)
    first = run(tree, *QUICK, output=output).only
    (tree / "backend.py").rename(tmp_path / "aside.py")
    shutil.copy(trees.PACKAGES / "raises" / "backend.py", tree)
    failed = run(tree, *QUICK, output=output)
    assert failed.status == 3
    assert "(from an earlier check; this one failed)" in failed.out
    stale = failed.only
    assert stale.stale
    assert (stale.status, stale.sha256, stale.builds) == (first.status, first.sha256, first.builds)
    assert stale.failure is not None
    assert stale.failure.reason == "backend-raised"
    (tmp_path / "aside.py").rename(tree / "backend.py")
    assert run(tree, *QUICK, output=output).status == 0
    again = results.load(output / "plain.toml")
    # A directory in which files were renamed is another sdist.
    assert dataclasses.replace(again, sdist=first.sdist) == first


def test_a_damaged_result_is_not_overwritten(run: Runner, directory: Path, output: Path) -> None:
    """A file that cannot be read may hold what somebody wants to mend."""
    output.mkdir()
    (output / "plain.toml").write_text("status = reproducible\n")
    done = run(directory / "plain", *QUICK, output=output)
    assert done.status == 2
    assert "plain.toml: is not valid TOML" in done.err
    assert (output / "plain.toml").read_text() == "status = reproducible\n"


def test_the_directory_is_named_after_what_its_wheel_says(run: Runner, tmp_path: Path, output: Path) -> None:
    """A tree that leaves its name to the backend is not taken for the project of its directory."""
    tree = trees.lay_out("plain", tmp_path, name="my-checkout")
    text = (tree / "pyproject.toml").read_text().partition("[project]")[0]
    (tree / "pyproject.toml").write_text(text)
    (tree / "about.toml").write_text('[project]\nname = "the-project"\nversion = "3.0"\n')
    (tree / "backend.py").write_text((tree / "backend.py").read_text().replace("    return", "    _as_about()\n    return"))
    with (tree / "backend.py").open("a") as file:
        file.write("\n\ndef _as_about():\n    import shutil\n\n    shutil.copy('about.toml', 'pyproject.toml')\n")
    done = run(".", *QUICK, output=output, cwd=tree)
    assert (done.only.name, done.only.version) == ("the-project", "3.0")
    assert [path.name for path in output.iterdir()] == ["the-project.toml"]


def test_without_a_sandbox(run: Runner, directory: Path, output: Path) -> None:
    """The result says so, with the reason, and names what could not be varied."""
    done = run(directory / "plain", "--no-sandbox", "--no-published", output=output)
    assert done.status == 0, done.out
    environment = done.only.environment
    assert environment is not None
    assert (environment.sandbox, environment.sandbox_reason) == ("none", "switched off with --no-sandbox")
    refused = dict(done.only.variations.not_applied)
    assert {"user", "hostname", "file-order"} <= set(refused)
    assert all("--no-sandbox" in reason for name, reason in refused.items() if name in ("user", "hostname"))
    assert "no sandbox   switched off with --no-sandbox" in done.out


def test_a_machine_without_bubblewrap(run: Runner, directory: Path, output: Path, tmp_path: Path) -> None:
    """It is tried, not looked for: one that does not work is as good as none, and the reason is in the result."""
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\n[ \"$1\" = --help ] && echo --size && exit\necho 'bwrap: No permissions' >&2\nexit 1\n")
    broken.chmod(0o755)
    runner = Runner(cache=run.cache, environ={**run.environ, "PATH": f"{broken.parent}:{os.environ['PATH']}"})
    done = runner(directory / "plain", "--variations", "umask,hostname,time", output=output)
    assert done.status == 0
    environment = done.only.environment
    assert environment is not None
    assert environment.sandbox == "none"
    assert "bwrap: No permissions" in environment.sandbox_reason
    assert set(done.only.variations.applied) >= {"umask"}
    assert "hostname" in dict(done.only.variations.not_applied)


def test_nothing_that_can_be_varied_is_no_answer(run: Runner, directory: Path, output: Path) -> None:
    """An empty set of variations shows nothing, and is never green."""
    done = run(directory / "plain", "--variations", "hostname,user", "--no-sandbox", output=output)
    assert done.status == 3
    assert done.only.failure is not None
    assert (done.only.failure.phase, done.only.failure.reason) == ("sandbox", "no-variation")


def test_a_broken_list_of_projects(run: Runner, tmp_path: Path, output: Path) -> None:
    """Every problem is named with file and key, and nothing is checked."""
    (tmp_path / "projects.toml").write_text('[[project]]\nname = "plain"\ngroups = ["a"]\ntimeuot = 3\npython = 3\n')
    trees.lay_out("plain", tmp_path)
    done = run("./plain", output=output, cwd=tmp_path)
    assert done.status == 2
    assert "projects.toml: project[0].timeuot: unknown key (did you mean 'timeout'?)" in done.err
    assert "projects.toml: project[0].python: " in done.err
    assert not output.exists()


def test_the_settings_of_a_tracked_project_count(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """A limit of projects.toml holds, and one of the command line goes before it."""
    tree = trees.lay_out("never-ends", tmp_path, token="unused")
    index.add("never-ends", Entry(path=trees.sdist(tree, tmp_path)))
    listed = tmp_path / "listed.toml"
    listed.write_text('[[project]]\nname = "never-ends"\ngroups = ["a"]\ntimeout = 1\n')
    for options, limit in (((), "1 seconds"), (("--timeout", "0.5"), "0.5 seconds")):
        done = index.run("never-ends", "--projects", listed, *options, output=output)
        assert done.status == 3
        failure = done.only.failure
        assert failure is not None
        assert (failure.reason, failure.version) == ("timeout", "1.0")
        assert f"no end after {limit}" in failure.message


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_results_that_cannot_be_written(place: str, run: Runner, directory: Path, tmp_path: Path) -> None:
    """The message names the place, and what is there stays."""
    (tmp_path / "file").write_text("mine")
    output = tmp_path / place
    done = run(directory / "plain", *QUICK, output=output)
    assert done.status == 3
    assert f"{output / 'plain.toml'}: the result cannot be written: " in done.err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk(run: Runner, directory: Path, tmp_path: Path, boxed: Sandbox) -> None:
    """The message says so, the earlier result stays whole, and no part of the new one is left."""
    mount = tmp_path / "mount"
    mount.mkdir()
    script = """
mount -t tmpfs -o size=16k none "$1" && cd "$1" || exit 77
mkdir results && echo 'earlier = "whole"' > results/other.toml
head -c 16384 /dev/zero > filler 2> /dev/null
shift
"$@"
echo "status $?"
ls -A results && cat results/other.toml
"""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(mount)]
    command += [sys.executable, "-m", "reprowheels", "check", str(directory / "plain"), *QUICK, "--no-sandbox"]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [*command, "--output", f"{mount}/results"],
            env=run.environment(Path(scratch)),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 77:
        lacks(f"no file system of our own: {done.stderr}")
    assert f"{mount}/results/plain.toml: the result cannot be written: No space left on device" in done.stderr
    assert done.stdout.splitlines()[-3:] == ["status 3", "other.toml", 'earlier = "whole"']


def test_a_cache_that_cannot_be_made(run: Runner, directory: Path, output: Path) -> None:
    done = Runner(cache=Path("/proc/none"), environ=run.environ)(directory / "plain", output=output)
    assert done.status == 2
    assert "/proc/none/reprowheels: the directory cannot be made" in done.err
    assert "XDG_CACHE_HOME" in done.err


def test_a_reader_that_has_gone(run: Runner, directory: Path, tmp_path: Path) -> None:
    """Like any program in a pipe, and no traceback."""
    read, write = os.pipe()
    os.close(read)
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "reprowheels",
                "check",
                str(directory / "raises"),
                *QUICK,
                "--output",
                str(tmp_path / "results"),
            ],
            env=run.environment(Path(scratch)),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    os.close(write)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert (tmp_path / "results" / "raises.toml").is_file()


def on_terminal(run: Runner, target: Path, output: Path, **environ: str) -> str:
    """Check a target in a terminal and return what it shows."""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**run.environment(Path(scratch)), "TERM": "xterm", "COLUMNS": "200", **environ}
        command = [sys.executable, "-m", "reprowheels", "check", str(target), *QUICK, "--output", str(output)]
        process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # the other end was closed
            pass
        os.close(ours)
        process.wait()
    return shown.decode()


def test_a_terminal(run: Runner, directory: Path, output: Path) -> None:
    """The status is coloured, and a live line shows project and phase."""
    shown = on_terminal(run, directory / "raises", output)
    assert "\x1b[1;31mbuild-failed\x1b[0m" in shown
    assert "resolving the build requirements" in shown or "building" in shown
    assert "[1/1]" in shown


def test_a_terminal_without_colours(run: Runner, directory: Path, output: Path) -> None:
    """NO_COLOR is respected, by the summary and by the live line."""
    shown = on_terminal(run, directory / "raises", output, NO_COLOR="1")
    assert "raises 1.0: build-failed" in shown
    assert "\x1b[31m" not in shown
    assert "\x1b[1;31m" not in shown
    assert "\x1b[32m" not in shown


def test_a_failure_without_a_sandbox_is_written_the_same_each_time(run: Runner, directory: Path, tmp_path: Path) -> None:
    """The log in a result names no directory that is this machine's, or another one each time."""
    written = []
    for name in ("one", "two"):
        done = run(directory / "raises", *QUICK, "--no-sandbox", output=tmp_path / name)
        assert done.only.failure is not None
        assert "the glue is missing" in done.only.failure.log
        assert sys.prefix not in done.only.failure.log
        written.append((tmp_path / name / "raises.toml").read_bytes())
    assert written[0] == written[1]
