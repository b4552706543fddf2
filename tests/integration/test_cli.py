"""The command line as a whole: exit status, output, files, and what happens when it is run twice."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from reprowheels import resultfiles

from . import trees
from .indexes import Entry, LocalIndex
from .running import QUICK, Done, Runner

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
        found = {path.name: resultfiles.load(path).status for path in mixture.output.glob("*.toml")}
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
    again = resultfiles.load(output / "plain.toml")
    # A directory in which files were renamed is another sdist.
    assert dataclasses.replace(again, sdist=first.sdist) == first


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


NO_TARGETS = {
    "missing/tree": "missing/tree: there is no such file or directory",
    "missing-1.0.tar.gz": "missing-1.0.tar.gz: there is no such file or directory",
    "empty/.": "holds neither pyproject.toml nor setup.py; name a source tree, an sdist file or a project",
    "two words": "'two words': is neither a name such as six",
    "six[extra]": "'six[extra]': is neither a name such as six",
    "six>=1": "'six>=1': is neither a name such as six",
    "==1.0": "'==1.0': is neither a name such as six",
    "": "'': is neither a name such as six",
}


def test_a_target_that_cannot_be_checked(run: Runner, tmp_path: Path) -> None:
    """A mistake on the command line is no result, and no index is asked."""
    (tmp_path / "empty").mkdir()
    done = run(*NO_TARGETS, output=tmp_path / "results", cwd=tmp_path)
    assert done.status == 2
    messages = [line for line in done.err.splitlines() if line.startswith("reprowheels: ")]
    assert len(messages) == len(NO_TARGETS)
    for message, text in zip(messages, NO_TARGETS.values(), strict=True):
        assert text in message
    assert not done.output.exists()
