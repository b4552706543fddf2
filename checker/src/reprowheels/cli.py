"""The command line: arguments, signals, and what a command that does not end well says."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from . import arguments, supervise, tables, terminal
from .errors import BUG, CLOSED, ReproWheelsError


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments of a command line, or end with a message that names what a misspelt option may be meant for."""
    chosen, unknown = arguments.parser().parse_known_args(argv)
    if unknown:
        known = re.findall(r"--[a-z-]+", chosen.parser.format_help())
        near = tables.suggestion(unknown[0].partition("=")[0], known)
        chosen.parser.error(f"unrecognized arguments: {' '.join(unknown)}{near}")
    return chosen


def _compare(chosen: argparse.Namespace) -> int:
    """Compare two wheels of somebody else's."""
    from . import comparison_report

    colour = terminal.colours(sys.stdout)
    return comparison_report.run(chosen.first, chosen.second, as_json=chosen.json, html=chosen.diffoscope, colour=colour)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    signal.signal(signal.SIGTERM, _interrupted)
    chosen = parse(argv)
    try:
        if chosen.command == "compare":
            return _compare(chosen)
        # What all the others need takes longer to import than a comparison takes.
        from . import commands

        return commands.COMMANDS[chosen.command](chosen)
    except ReproWheelsError as error:
        print(f"reprowheels: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        supervise.stop_all()
        print("reprowheels: interrupted; nothing is left running, and results written so far are whole", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever reads our output has had enough, as `head` does; nothing more can be said there, not at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except Exception:
        # Python would end with 1, which is an answer here; this is a mistake of ours and looks like one.
        traceback.print_exc()
        print("reprowheels: this is a bug of reprowheels; please report it with the lines above", file=sys.stderr)
        return BUG
