"""The block "Repeat this yourself" of a package page, run as it stands there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest

from reprowheels import machine
from reprowheels.sandbox import Sandbox

from . import trees
from .indexes import OLD, Entry, LocalIndex
from .running import Runner

DOCS = Path(__file__).parents[2] / "docs"


def page_of(results: Path, directory: Path, name: str) -> Path:
    """Render the report of some results and return the page of one."""
    source, output = directory / "source", directory / "html"
    source.mkdir()
    (source / "index.md").write_text("# Report\n")
    (directory / "projects.toml").write_text(f'[[project]]\nname = "{name}"\ngroups = ["test"]\n')
    command = [sys.executable, "-m", "sphinx", "-q", "-c", str(DOCS), str(source), str(output)]
    command += ["-D", f"wheelreport_results={results}", "-D", f"wheelreport_projects={directory / 'projects.toml'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (found,) = [*output.rglob(f"{name}.html"), *output.rglob(f"{name}/index.html")] or [pytest.fail(done.stderr)]
    return found


def blocks_of(page: Path) -> dict[str, str]:
    """Return the texts to copy in the section, by their first word."""
    document = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    (section,) = [element for element in document.iter() if element.get("id") == "repeat"]
    texts = ["".join(element.itertext()).strip() for element in section.iter("pre")]
    return {" ".join(text.split()[:2]): text for text in texts}


@pytest.fixture
def repeated(index: LocalIndex, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return a directory with a recorded result, and the texts of its page."""
    tree = trees.lay_out("plain", tmp_path)
    index.add("plain", Entry(path=trees.sdist(tree, tmp_path / "sdist"), uploaded=OLD))
    place = tmp_path / "place"
    done = index.run("plain", "--variations", "none", output=place / "docs" / "results")
    assert done.status == 0, done.err
    return place, blocks_of(page_of(place / "docs" / "results", tmp_path, "plain"))


def environ(runner: Runner, scratch: Path) -> dict[str, str]:
    """Return an environment in which our command and the Python of the result are found."""
    found = runner.environment(scratch)
    programs = (Path(sys.executable).parent, Path(machine.own_python().executable).parent)
    return {**found, "PATH": ":".join((*map(str, programs), found["PATH"]))}


def test_the_command_rebuilds_the_wheel(repeated: tuple[Path, dict[str, str]], index: LocalIndex, tmp_path: Path) -> None:
    place, texts = repeated
    done = subprocess.run(
        ["sh", "-c", texts["reprowheels rebuild"]],
        cwd=place,
        env=environ(index.run, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_needs_nothing_of_ours(
    repeated: tuple[Path, dict[str, str]], index: LocalIndex, tmp_path: Path, boxed: Sandbox
) -> None:
    """It writes to fixed paths, so it gets a /tmp of its own; and it must notice a wheel that is another one."""
    place, texts = repeated
    script = texts["set -e"]
    recorded = (place / "docs" / "results" / "plain.toml").read_text()
    sha256 = recorded.partition('\nsha256 = "')[2][:64]
    assert sha256 in script
    others = {**environ(index.run, Path("/tmp")), "PIP_NO_CACHE_DIR": "1"}
    others["PATH"] = os.pathsep.join(
        folder for folder in others["PATH"].split(os.pathsep) if not shutil.which("reprowheels", path=folder)
    )
    private = [boxed.program, "--dev-bind", "/", "/", "--tmpfs", "/tmp", "--chdir", "/", "sh", "-c"]
    done = subprocess.run([*private, script], env=others, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "plain-1.0-py3-none-any.whl: OK"
    done = subprocess.run([*private, script.replace(sha256, "0" * 64)], env=others, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "FAILED" in done.stdout


@pytest.mark.network
def test_the_script_of_a_recorded_result_gives_the_recorded_wheel(boxed: Sandbox, tmp_path: Path) -> None:
    """For a real project with requirements, from the index that pip is configured with."""
    (tmp_path / "results").mkdir()
    shutil.copy(DOCS / "results" / "six.toml", tmp_path / "results")
    script = blocks_of(page_of(tmp_path / "results", tmp_path, "six"))["set -e"]
    found = {**os.environ, "PATH": f"{Path(machine.own_python().executable).parent}:{os.environ['PATH']}"}
    private = [boxed.program, "--dev-bind", "/", "/", "--tmpfs", "/tmp", "--chdir", "/", "sh", "-c", script]
    done = subprocess.run(private, env=found, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("none-any.whl: OK")
