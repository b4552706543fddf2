"""What tools/bootstrap.py says and does when the system lacks something."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "tools" / "bootstrap.py"


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the script, on a Debian machine that lacks bubblewrap (optional), and a compiler (needed by the tests)."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lacks = (
        module.Need(packages=("bubblewrap",), why="isolates the builds", there=lambda: False),
        module.Need(packages=("gcc", "libc6-dev"), why="compiles", there=lambda: False, needed=("test",)),
        module.Need(packages=("git",), why="varies", there=lambda: True),
    )
    monkeypatch.setattr(module, "NEEDS", lacks)
    monkeypatch.setattr(module.shutil, "which", lambda name: None if name.endswith("-dev") else f"/usr/bin/{name}")
    monkeypatch.delenv("APT", raising=False)
    return module


@pytest.fixture
def calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note the programs that would run, all of them with success."""
    made: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        made.append([word for word in command if not word.startswith(("-", "DPkg", "Dpkg"))])
        return subprocess.CompletedProcess(command, 0, stdout="libxml2-dev installed\nzlib1g-dev config-files\n")

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    return made


def test_a_user_gets_one_command_to_type(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.system("check")
    shown = capsys.readouterr().err
    assert shown.count("sudo apt-get install --no-install-recommends bubblewrap gcc libc6-dev\n") == 1
    assert "isolates the builds (optional)" in shown
    assert "git" not in shown
    with pytest.raises(SystemExit, match=r"cannot do without gcc libc6-dev\.$"):
        bootstrap.system("test")
    assert calls == []


def test_root_gets_what_is_missing_in_one_go(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    bootstrap.system("test")
    assert calls == [["apt-get", "update"], ["apt-get", "install", "bubblewrap", "gcc", "libc6-dev"]]
    shown = capsys.readouterr()
    assert "bubblewrap" in shown.err
    assert shown.out == ""


def test_root_may_keep_apt_out(bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    monkeypatch.setenv("APT", "no")
    bootstrap.system("check")
    assert calls == []


def test_another_system_gets_the_names(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    bootstrap.system("check")
    assert "bubblewrap" in capsys.readouterr().err
    assert calls == []


def test_the_libraries_of_a_project_are_installed_once(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    bootstrap.libraries(["libxml2-dev", "zlib1g-dev", "cargo"])  # rustup's cargo is on the path
    assert calls[1:] == [["apt-get", "update"], ["apt-get", "install", "zlib1g-dev"]]
    calls.clear()
    bootstrap.libraries(["libxml2-dev"])
    assert [call[0] for call in calls] == ["dpkg-query"]
