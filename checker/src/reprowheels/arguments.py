"""The arguments of the command line: what there is, what it means, and what a mistake in it is called."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from . import __version__, projects, supervise, tables, variations

_EXIT_STATUS = """\
exit status:
  0  every target is reproducible (or repeatable, where no more was asked)
  1  some target is not
  2  a mistake on the command line or in a file of yours
  3  some target could not be checked (index, download, sandbox, build)
"""


def _moment(text: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO date such as 2026-11-22 or 2026-11-22T10:00:00Z") from None
    # A bare date is the beginning of that day in UTC, so that what was uploaded on it does not count.
    return moment.replace(tzinfo=moment.tzinfo or datetime.timezone.utc).astimezone(datetime.timezone.utc)


def _variations(text: str) -> tuple[str, ...]:
    if text == "all":
        return variations.NAMES
    if text == "none":
        return ()
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("an empty set of variations shows nothing; write none to ask the plain question")
    for name in names:
        if name not in variations.BY_NAME:
            hint = tables.suggestion(name, variations.NAMES)
            raise argparse.ArgumentTypeError(f"there is no variation {name!r}{hint}; there are {', '.join(variations.NAMES)}")
    return tuple(name for name in variations.NAMES if name in names)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not key or not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    return key, value


def _epoch(text: str) -> int | None:
    if text == "none":
        return None
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of seconds since 1970 nor none")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    root = argparse.ArgumentParser(
        prog="reprowheels",
        description="Check whether the wheels of Python projects can be rebuilt bit for bit from their sdists.",
        epilog=_EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"reprowheels {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "check",
        allow_abbrev=False,
        help="build wheels twice, with everything varied the second time, and say what they depend on",
        description="Build the wheel of each TARGET twice, the second time with everything varied, compare, and find out which "
        "variations matter. Results are written as TOML.",
        epilog=_EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("targets", nargs="+", metavar="TARGET", help="name, name==version, an sdist file or a source directory")
    command.add_argument(
        "--output",
        type=Path,
        default=Path("docs/results"),
        metavar="DIR",
        help="where NAME.toml is written (default: %(default)s)",
    )
    command.add_argument(
        "--variations",
        type=_variations,
        default=variations.NAMES,
        metavar="all|none|NAME,NAME",
        help="what the second build varies (default: all); none asks only whether two equal builds agree",
    )
    command.add_argument(
        "--uploaded-before",
        type=_moment,
        metavar="ISO-DATE",
        help="leave out sdists and build requirements uploaded at or after this moment",
    )
    command.add_argument(
        "--source-date-epoch",
        type=_epoch,
        default=variations.SOURCE_DATE_EPOCH,
        metavar="N|none",
        help="SOURCE_DATE_EPOCH of every build, in seconds since 1970 (default: %(default)s); none leaves it unset",
    )
    command.add_argument("--build-constraint", type=Path, metavar="FILE", help="a file of pins for the build requirements")
    command.add_argument(
        "-C",
        "--config-setting",
        action="append",
        type=_setting,
        default=[],
        metavar="KEY=VALUE",
        help="a setting for the build backend, as pip and build take it; may be repeated",
    )
    command.add_argument("--python", metavar="X.Y", help="build with this Python instead of the one that runs the checker")
    command.add_argument(
        "--jobs", type=_positive, default=2, metavar="N", help="how many builds run side by side (default: %(default)s)"
    )
    command.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help=f"limit of one build (default: {supervise.DEFAULT_TIMEOUT:g})"
    )
    text = f"how many builds one target may take (default: {projects.DEFAULT_MAX_BUILDS})"
    command.add_argument("--max-builds", type=_positive, metavar="N", help=text)
    command.add_argument(
        "--repeat", type=_positive, default=2, metavar="N", help="build the baseline N times where it is built again (default: 2)"
    )
    command.add_argument(
        "--probe-epoch", action="store_true", help="also find out whether the wheel needs SOURCE_DATE_EPOCH and honours it"
    )
    command.add_argument(
        "--verify-advice",
        action="store_true",
        help="also build with what would help, where a build can try it, and say whether the wheel becomes reproducible",
    )
    command.add_argument("--keep", type=Path, metavar="DIR", help="keep every wheel and log in this directory")
    published = command.add_mutually_exclusive_group()
    published.add_argument("--no-published", action="store_true", help="leave the published wheel alone")
    published.add_argument(
        "--only-published",
        action="store_true",
        help="look at the published wheel of the release that is recorded, and leave the rest of the result as it is",
    )
    text = f"where builds are slow, make {projects.FIRST_ANSWER} at most: a later check goes on from these and isolates"
    command.add_argument("--answer-first", action="store_true", help=text)
    command.add_argument("--no-sandbox", action="store_true", help="build in plain processes, one after the other")
    command.add_argument(
        "--projects", type=Path, metavar="FILE", help="settings of tracked projects (default: projects.toml, where there is one)"
    )
    command.add_argument("--json", action="store_true", help="print the results as JSON on standard output")
    volume = command.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_const", dest="level", const=-1, default=0, help="print nothing but errors")
    volume.add_argument(
        "-v", "--verbose", action="store_const", dest="level", const=1, help="print each phase on a line of its own"
    )

    command = commands.add_parser(
        "compare",
        allow_abbrev=False,
        help="explain how two wheels differ that somebody else built",
        description="Compare two wheels: verdict, causes with evidence and advice, every difference, diffs of what is text.",
        epilog="exit status: 0 identical, 1 different, 2 a file that is no wheel",
    )
    command.add_argument("first", type=Path, metavar="A.whl")
    command.add_argument("second", type=Path, metavar="B.whl")
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    command.add_argument(
        "--diffoscope", type=Path, metavar="FILE.html", help="also write the report of diffoscope, if it is installed"
    )

    command = commands.add_parser(
        "rebuild",
        allow_abbrev=False,
        help="rebuild a wheel from its recorded result and compare the SHA-256",
        description="Rebuild a wheel from its recorded result alone: the same sdist and build requirements by hash, the same path, the "
        "same environment.",
        epilog="exit status: 0 only when the SHA-256 is the recorded one, 1 another wheel, 2 no such result, 3 it could not be rebuilt",
    )
    command.add_argument("targets", nargs="+", metavar="RESULT.toml|NAME")
    command.add_argument(
        "--output", type=Path, default=Path("docs/results"), metavar="DIR", help="where NAME.toml lies (default: %(default)s)"
    )
    command.add_argument(
        "--timeout",
        type=_seconds,
        default=supervise.REBUILD_TIMEOUT,
        metavar="SECONDS",
        help="limit of the build (default: %(default).0f)",
    )
    command.add_argument("--no-sandbox", action="store_true", help="build in a plain process")
    command.add_argument(
        "-q", "--quiet", action="store_const", dest="level", const=-1, default=0, help="print nothing but errors"
    )
    _statements(commands.add_parser("statements", allow_abbrev=False,
        help="write what results say as in-toto statements",
        description="Write in-toto statements, unsigned, from recorded results: SLSA provenance of wheels that are repeatable, and the "
        "answers, whether they are yes or no.",
        epilog="exit status: 0 written, 2 a result that is missing or cannot be read"))  # fmt: skip
    _sweep(commands.add_parser("sweep", allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=_EXIT_STATUS,
        help="check everything that is due, and record it",
        description="Find out which tracked projects are due, check them, each in a process of its own and the longest first, and "
        "record each check as soon as it ends. What was interrupted goes on with the same command."))  # fmt: skip
    _audit(commands.add_parser("audit", allow_abbrev=False,
        help="which of my requirements are reproducible, from published data",
        description="Look up each requirement in published results. Nothing is built, and nothing is sent but the question for the data.",
        epilog="exit status: 0 all are reproducible, 1 some are not, 2 a mistake, 3 some have no answer (not tracked, other release …)"))  # fmt: skip
    for made in commands.choices.values():
        made.set_defaults(parser=made)
    return root


def _statements(command: argparse.ArgumentParser) -> None:
    command.add_argument("targets", nargs="*", metavar="RESULT.toml|NAME", help="these results (default: all)")
    command.add_argument(
        "--results", type=Path, default=Path("docs/results"), metavar="DIR", help="where NAME.toml lies (default: %(default)s)"
    )
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the statements are written")


def _sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "targets", nargs="*", metavar="NAME", help="check these, due or not (default: every project that is due)"
    )
    which = command.add_mutually_exclusive_group()
    which.add_argument("--due", action="store_true", help="check what is due (the default)")
    which.add_argument(
        "--all", action="store_true", help="check every tracked project that was not checked today in this environment"
    )
    command.add_argument("--again", action="store_true", help="with --all: also what was checked today")
    command.add_argument(
        "--jobs", type=_positive, metavar="N", help="how many checks run side by side (default: one per processor)"
    )
    command.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="check on the workers of this Dask cluster, such as tcp://host:8786"
    )
    command.add_argument("--plan", action="store_true", help="print what is due, and why, as JSON, and check nothing")
    command.add_argument("--shards", type=_positive, default=1, metavar="N", help="with --plan: divide it into N parts")
    command.add_argument(
        "--output",
        type=Path,
        default=Path("docs/results"),
        metavar="DIR",
        help="where NAME.toml is written (default: %(default)s)",
    )
    command.add_argument(
        "--runs", type=Path, default=Path("docs/runs"), metavar="DIR", help="where runs are recorded (default: %(default)s)"
    )
    command.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="record this run in another directory, beside no other (default: that of --runs)",
    )
    command.add_argument(
        "--projects", type=Path, default=Path("projects.toml"), metavar="FILE", help="the tracked projects (default: %(default)s)"
    )
    command.add_argument("--variations", type=_variations, metavar="all|none|NAME,NAME", help="as for check")
    command.add_argument("--no-published", action="store_true", help="leave the published wheels alone")
    command.add_argument("--no-sandbox", action="store_true", help="build in plain processes")
    command.add_argument(
        "-q", "--quiet", action="store_const", dest="level", const=-1, default=0, help="print nothing but errors"
    )


def _audit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-r",
        "--requirement",
        type=Path,
        action="append",
        required=True,
        metavar="FILE",
        help="a requirements file or pylock.toml",
    )
    command.add_argument(
        "--data",
        default="docs/results",
        metavar="URL|DIR|FILE",
        help="the site of the report, its index.json, or a directory of results (default: %(default)s)",
    )
    command.add_argument("--json", action="store_true", help="print the answers as JSON")
