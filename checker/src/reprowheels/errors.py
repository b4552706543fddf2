"""Every exception that a user can meet, with the exit status that it ends in."""

from __future__ import annotations

OK = 0
NOT_REPRODUCIBLE = 1
USAGE = 2
NOT_CHECKED = 3
CLOSED = 141  # as the shell tells of a program that SIGPIPE has ended
BUG = 70  # EX_SOFTWARE of sysexits.h: no answer of ours


class ReproWheelsError(Exception):
    """Carry a message that says what happened, then what to do."""

    exit_status = NOT_CHECKED


class UsageError(ReproWheelsError):
    """Report a mistake on the command line."""

    exit_status = USAGE


class FileError(ReproWheelsError):
    """Report every problem of one file of the user's, each line starting with the file's name."""

    exit_status = USAGE

    def __init__(self, problems: list[str]) -> None:
        """Take one message per problem."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class CheckFailed(ReproWheelsError):
    """End the check of one project, as a result: which phase failed, why, and what the log said last.

    `reason` is a stable code (see docs/results.md), `message` one sentence for people, `log` the tail of the
    failing command's output or nothing.
    """

    def __init__(self, phase: str, reason: str, message: str, log: str = "") -> None:
        """Take the phase (index, download, unpack, requirements, environment, sandbox, build), the code and the words."""
        super().__init__(message)
        self.phase = phase
        self.reason = reason
        self.message = message
        self.log = log


class WheelError(ReproWheelsError):
    """Report a file that is not a wheel that can be read safely."""

    exit_status = USAGE
