"""The table of variations: what differs between the first build and the varied one.

`Settings` holds every fact of the environment that can be varied. The first build has the defaults; a variation
replaces one field. Values are fixed, never random, so that a check gives the same answer tomorrow, and each varied
value holds a word that occurs nowhere else, so that it can be found again in the bytes of a wheel.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SOURCE_DATE_EPOCH = 1596163658  # the constant of the tracker that we succeed: 2020-07-31

# What a variation may need; a sandbox says which of these it can give.
NAMESPACES = "namespaces"  # bubblewrap that works
OWN_TREE = "tmpfs"  # a build tree on a file system whose listing order can be chosen
CLOCK = "a clock of its own"  # our library that is preloaded; compiled where there is a C compiler
ZONES = "zoneinfo"  # the time zone database
LOCALES = "locales"  # the varied locales, compiled or installed
PERSONALITY = "personality"  # the personality(2) system call
BASH = "bash"
GIT = "git"
TWO_CPUS = "two processors"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold the environment of one build, fact by fact; the defaults are those of the first build.

    Paths are absolute; `clock` is in days from now; `extra_environment` holds pairs. The last seven are no variations:
    `later` is in seconds, so that a build sees another second than the one before; the others are what a published wheel may
    betray: `moment` is when the clock of the build begins (seconds since 1970, to the microsecond), `tick` how many
    seconds pass with each file that is opened (0: as many as really do), `helpers` puts our own modules for other ways of building on Python's path;
    `source_modes` says whether unpacked files have permission bits by the umask (as pip unpacks), of the archive, or of the
    archive without write permission for group and others (as tarfile's data filter leaves them), `source_dates` whether
    their dates are those of the archive ("exact"), those of its plain header ("rounded"), or one moment (seconds since 1970).
    """

    build_dir: str = "/tmp/reprowheels/build"
    env_dir: str = "/tmp/reprowheels/env"
    umask: int = 0o022
    group_writable: bool = False
    hash_seed: int = 0
    file_order: str = "sorted"
    clock: int = 0
    timezone: str = "UTC"
    language: str = "C"
    encoding: str = "UTF-8"
    home: str = "/home/builder"
    path: str = "/usr/local/bin:/usr/bin:/bin"
    extra_environment: tuple[tuple[str, str], ...] = ()
    uid: int = 1000
    user: str = "builder"
    full_name: str = "Builder"
    hostname: str = "build-host"
    kernel: str = "as it is"
    cpus: int = 2
    jobs: int = 2
    cpu_model: str = "as it is"
    aslr: bool = True
    temp_dir: str = "/tmp"
    shell: str = "dash"
    git_parent: bool = False
    source_date_epoch: int | None = SOURCE_DATE_EPOCH
    later: int = 0
    moment: float | None = None
    tick: float = 0.0
    helpers: bool = False
    source_modes: str = "umask"
    source_dates: str = "exact"

    @property
    def locale(self) -> str:
        """Return the name of the locale: C.UTF-8, fr_CH.UTF-8, en_US.ISO-8859-15 or fr_CH.ISO-8859-15."""
        language = "en_US" if self.language == "C" and self.encoding != "UTF-8" else self.language
        return f"{language}.{self.encoding}"


@dataclass(frozen=True, kw_only=True)
class Variation:
    """Hold one variation: the field of Settings that it replaces, by what, and what it needs to be applied."""

    name: str
    changes: Mapping[str, Any]
    baseline: str
    varied: str
    needs: tuple[str, ...]
    sentence: str


def _variation(name: str, sentence: str, *needs: str, baseline: str = "", varied: str = "", **changes: Any) -> Variation:
    """Make a variation of one or more fields; the values shown are those of the first field unless given."""
    field = next(iter(changes))
    return Variation(
        name=name,
        changes=changes,
        baseline=baseline or str(getattr(Settings, field)),
        varied=varied or str(changes[field]),
        needs=needs,
        sentence=sentence,
    )


VARIATIONS: tuple[Variation, ...] = (
    _variation(
        "build-path",
        "The directory in which the sdist is unpacked and built.",
        build_dir="/var/tmp/reprowheels-moved/zq-build-path-that-is-longer/build",
    ),
    _variation(
        "env-path",
        "The directory of the virtual environment that holds the build requirements.",
        env_dir="/var/tmp/reprowheels-moved/zq-env-path/env",
    ),
    _variation("umask", "The file mode creation mask of the build.", baseline="0022", varied="0002", umask=0o002),
    _variation(
        "source-mode",
        "The permission bits of the unpacked source tree.",
        baseline="group may read",
        varied="group may read and write",
        group_writable=True,
    ),
    _variation("hash-seed", "The seed of str and bytes hashes (PYTHONHASHSEED), hence the order of sets.", hash_seed=31415),
    _variation(
        "file-order", "The order in which a directory of the source tree lists its files.", OWN_TREE, file_order="reversed"
    ),
    _variation("time", "The clock of the build.", CLOCK, baseline="now", varied="398 days later", clock=398),
    _variation("timezone", "The time zone (TZ and /etc/localtime).", ZONES, timezone="Pacific/Kiritimati"),
    _variation(
        "locale",
        "The language of messages, month names and collation (LANG, LC_ALL, LANGUAGE).",
        LOCALES,
        baseline="C.UTF-8",
        varied="fr_CH.UTF-8",
        language="fr_CH",
    ),
    _variation(
        "encoding",
        "The character encoding of the locale.",
        LOCALES,
        baseline="C.UTF-8",
        varied="en_US.ISO-8859-15",
        encoding="ISO-8859-15",
    ),
    _variation("home", "The home directory (HOME).", home="/home/zq-other-home"),
    _variation("path", "The search path of programs (PATH).", path="/usr/local/bin:/usr/bin:/bin:/opt/zq-extra-path/bin"),
    _variation(
        "environment",
        "Variables that a build has no reason to look at (CI, BUILD_NUMBER and one with a made-up name).",
        baseline="not set",
        varied="CI=true BUILD_NUMBER=27182 CAPTURE_ENVIRONMENT=zq-captured",
        extra_environment=(("BUILD_NUMBER", "27182"), ("CAPTURE_ENVIRONMENT", "zq-captured"), ("CI", "true")),
    ),
    _variation(
        "user",
        "The user who builds: number, name and full name.",
        NAMESPACES,
        baseline="1000 builder (Builder)",
        varied="4242 zqother (Zq Otheruser)",
        user="zqother",
        uid=4242,
        full_name="Zq Otheruser",
    ),
    _variation("hostname", "The name of the machine (and /etc/hosts).", NAMESPACES, hostname="zq-other-host"),
    _variation("kernel", "The release of the kernel (uname -r).", PERSONALITY, varied="2.6.x", kernel="2.6"),
    _variation("cpu-count", "The number of processors that a build can see and use.", NAMESPACES, TWO_CPUS, cpus=1),
    _variation(
        "parallel-jobs",
        "The number of parallel jobs that build tools are told to use (MAKEFLAGS, CMAKE_BUILD_PARALLEL_LEVEL, MAX_JOBS …).",
        jobs=3,
    ),
    _variation(
        "cpu-features",
        "The model and the features of the processor in /proc/cpuinfo.",
        NAMESPACES,
        varied="a processor without AVX",
        cpu_model="ZQ Plain Processor",
    ),
    _variation("aslr", "The randomization of memory addresses.", PERSONALITY, baseline="on", varied="off", aslr=False),
    _variation("temp-dir", "The directory for temporary files (TMPDIR).", temp_dir="/var/tmp/zq-temp-dir"),
    _variation("shell", "The program behind /bin/sh.", NAMESPACES, BASH, shell="bash"),
    _variation(
        "git-parent",
        "A git repository of somebody else above the source tree.",
        GIT,
        baseline="none",
        varied="one commit, tag v99.77.55",
        git_parent=True,
    ),
)
# What git calls that commit: its words, its author and its moment are always the same, see source_tree.run_git.
PARENT_COMMIT = "27b241fea18d8d321346cf740504f43f42ce3b99"
NAMES: tuple[str, ...] = tuple(variation.name for variation in VARIATIONS)
BY_NAME: Mapping[str, Variation] = {variation.name: variation for variation in VARIATIONS}


def settings(varied: Iterable[str], base: Settings = Settings()) -> Settings:
    """Return the settings of a build in which these variations are switched on.

    Raises KeyError for a name that is not in the table.
    """
    changes: dict[str, Any] = {}
    for name in varied:
        changes.update(BY_NAME[name].changes)
    return dataclasses.replace(base, **changes)
