"""One process under limits: its output, its answer, its end."""

from __future__ import annotations

import os
import sys

import pytest

from reprowheels import supervise
from reprowheels.errors import CheckFailed
from reprowheels.supervise import Ended, Limits


def receive(channel: int) -> bytes:
    with os.fdopen(channel, "rb") as pipe:
        return pipe.read()


def run(script: str, **limits: float) -> Ended[bytes]:
    """Run a shell script."""
    return supervise.run(["sh", "-c", script, "sh"], Limits(**limits), receive)  # type: ignore[arg-type]


def test_answer_log_and_status() -> None:
    """What goes to the descriptor is the answer; standard output and standard error are the log, in their order."""
    code = "import os, sys; os.write(1, b'one\\n'); os.write(2, b'two\\n'); os.write(int(sys.argv[1]), b'answer\\n'); sys.exit(3)"
    ended = supervise.run([sys.executable, "-c", code], Limits(), receive)
    assert (ended.received, ended.log, ended.status, ended.broken) == (b"answer\n", "one\ntwo\n", 3, None)


def test_a_process_without_an_answer() -> None:
    ended = run("exit 0")
    assert (ended.received, ended.log, ended.status) == (b"", "", 0)


def test_standard_input_is_empty() -> None:
    """A build that asks a question gets no answer, and does not wait for one."""
    assert run("cat; echo end").log == "end\n"


def test_nothing_of_our_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "secret")
    assert "secret" not in run("env").log


def test_bytes_that_are_no_text_do_not_matter() -> None:
    assert run(r"printf 'a\377b'").log == "a\N{REPLACEMENT CHARACTER}b"


def test_the_limit_that_was_broken() -> None:
    """A stable code, and a sentence that says what to do."""
    ended = run("echo begun; exec sleep infinity", wall=0.5)
    assert ended.broken is not None
    assert ended.broken[0] == "timeout"
    assert "--timeout" in ended.broken[1]
    assert ended.log == "begun\n"


def test_a_process_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Being asked to end may be ignored; being killed may not."""
    monkeypatch.setattr(supervise, "_GRACE", 0.1)
    ended = run("trap '' TERM; while :; do sleep 1; done", wall=0.5)
    assert ended.broken is not None
    assert ended.status == -9


def test_a_command_that_does_not_exist() -> None:
    with pytest.raises(CheckFailed, match="cannot be started"):
        supervise.run(["/nowhere/at/all"], Limits(), receive)
