from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels.results import Requirement, Sdist
from wheelreport import commands

from . import samples

RESULT = samples.dependent()
assert RESULT.environment
assert RESULT.sdist


def test_the_script_has_everything_that_the_result_recorded(tmp_path: Path) -> None:
    script = commands.script(RESULT)
    for word in (
        RESULT.sha256,
        samples.sha256("setuptools"),
        samples.sha256("wheel"),
        "SOURCE_DATE_EPOCH=1596163658",
        "umask 0022",
    ):
        assert word in script
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_the_script_leaves_out_an_epoch_that_was_not_set() -> None:
    environment = dataclasses.replace(samples.ENVIRONMENT, source_date_epoch=None, requires=())
    script = commands.script(dataclasses.replace(RESULT, environment=environment))
    assert "SOURCE_DATE_EPOCH" not in script
    assert "(nothing has to be installed)" in script


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "1.0; reboot"},
        {"version": "1.0\nEOF"},
        {"sha256": "$(reboot)"},
        {"wheel": "a'; reboot; '.whl"},
        {"sdist": Sdist(filename="a b.tar.gz", sha256=RESULT.sdist.sha256)},
        {"sdist": Sdist(filename="../a.tar.gz", sha256=RESULT.sdist.sha256)},
        {"environment": dataclasses.replace(RESULT.environment, backend="os; reboot")},
        {"environment": dataclasses.replace(RESULT.environment, build_dir="/tmp/$(reboot)")},
        {"environment": dataclasses.replace(RESULT.environment, build_dir="/tmp/../etc")},
        {"environment": dataclasses.replace(RESULT.environment, build_dir="/etc")},
        {"environment": dataclasses.replace(RESULT.environment, python="CPython 3.11.7\nreboot")},
        {
            "environment": dataclasses.replace(
                RESULT.environment, requires=(Requirement(name="a", version="1\nEOF", filename="a", sha256="0" * 64),)
            )
        },
    ],
)
def test_there_is_no_script_with_a_value_that_does_not_fit(changes: dict[str, object]) -> None:
    assert commands.script(dataclasses.replace(RESULT, **changes)) == ""  # type: ignore[arg-type]


def test_a_version_that_is_none_gets_into_no_command() -> None:
    assert commands.make_check("six", '1"; reboot') == ""
    assert commands.check(dataclasses.replace(RESULT, version="1; reboot")) == ""


def test_the_hook_of_the_script_builds_with_a_backend_inside_the_tree(tmp_path: Path) -> None:
    script = commands.script(RESULT)
    hook = script.partition("build_wheel.py <<'EOF'\n")[2].partition("EOF\n")[0]
    (tmp_path / "hook.py").write_text(hook)
    tree = tmp_path / "tree"
    (tree / "tools").mkdir(parents=True)
    (tree / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own:Backend"\nbackend-path = ["tools"]\n'
    )
    (tree / "tools/own.py").write_text(
        "class Backend:\n    @staticmethod\n    def build_wheel(where, settings):\n"
        "        return f'{where}/own-{settings}-py3-none-any.whl'\n"
    )
    done = subprocess.run(
        [sys.executable, "../hook.py", "own:Backend", "../..", "null"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert done.stdout == "../../own-None-py3-none-any.whl\n"
