"""The result of one check and everything in it, as values; docs/results.md tells what each of them means."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from .tables import ConfigSettings as ConfigSettings
from .tables import as_config as as_config

REPRODUCIBLE = "reproducible"
REPEATABLE = "repeatable"
ENVIRONMENT_DEPENDENT = "environment-dependent"
UNREPRODUCIBLE = "unreproducible"
BUILD_FAILED = "build-failed"
EXCLUDED = "excluded"
STATUSES = (REPRODUCIBLE, REPEATABLE, ENVIRONMENT_DEPENDENT, UNREPRODUCIBLE, BUILD_FAILED, EXCLUDED)

YES, NO, NOT_CHECKED = "yes", "no", "not-checked"
ANSWERS = (YES, NO, NOT_CHECKED)
PUBLISHED = ("identical", "equivalent", "different", "no-wheel", NOT_CHECKED)
MOVED = ("container", "debug", "metadata", "content")  # from harmless to serious
PHASES = ("index", "download", "unpack", "requirements", "environment", "sandbox", "build")


@dataclass(frozen=True, kw_only=True)
class Sdist:
    """Name the sdist that was built; `uploaded` is when the index says that it came."""

    filename: str
    sha256: str
    uploaded: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Name one file that was installed into the build environment."""

    name: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Hold all that a stranger needs to get the same wheel; `sandbox_reason` says why there is no sandbox.

    `packages` are those of the operating system that projects.toml names for the project, each with its version.
    """

    python: str
    platform: str
    os: str
    compiler: str
    source_date_epoch: int | None
    build_dir: str
    backend: str
    sandbox: str
    sandbox_reason: str = ""
    config_settings: ConfigSettings = ()
    packages: tuple[tuple[str, str], ...] = ()
    requires: tuple[Requirement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Applied:
    """Name the variations that the varied build had, and those that it could not have with the reason."""

    applied: tuple[str, ...] = ()
    not_applied: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Build:
    """Hold one build that was made: its variations and the wheel's SHA-256, or why there is no wheel."""

    label: str
    variations: tuple[str, ...] = ()
    sha256: str = ""
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Hold one cause that was found in the bytes; `variation` is set where a build proved it.

    `remedy` says what was tried against it and `remedy_works` whether builds gave equal wheels with it; None: not tried.
    """

    cause: str
    members: tuple[str, ...] = ()
    variation: str = ""
    evidence: str = ""
    remedy: str = ""
    remedy_works: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Hold one field of one member (or of the archive, for member "") that differs; the values are short texts."""

    member: str
    field: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class PublishedWheel:
    """Say how the wheel on the index compares with the wheel that its sdist builds.

    `differing` names members whose contents differ, of `members` in all; `omitted` more are not named. `environment`
    holds pairs of what was inferred, `tried` a line per rebuild; `repaired` one that auditwheel has been over, `reasons` why it differs.
    """

    filename: str
    sha256: str
    verdict: str
    normalizations: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    omitted: int = 0
    members: int = 0
    repaired: bool = False
    reasons: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EpochProbe:
    """Say what SOURCE_DATE_EPOCH does: whether two builds at different times differ without it, and another value shows.

    `causes` and `members` say why two builds without it differ, and where.
    """

    needed: str
    honoured: str
    causes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Say what went wrong in a check: the phase, a stable code, one sentence and the tail of the log."""

    phase: str
    reason: str
    message: str
    since: datetime.date | None = None
    version: str = ""
    log: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Hold one line of a project's history: what changed on a day, and why."""

    date: datetime.date
    version: str
    status: str
    sha256: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """Hold what is known of one project: the last real answer, and beside it a failure that came later.

    `stale` is true where the answer is from an earlier check than `failure`. `one_of` holds the variations among
    which the cause lies where the bound on builds was hit before it was isolated. `problems` says what is odd about
    the wheel itself, such as a RECORD that does not fit, whether or not it is reproducible.
    """

    name: str
    version: str = ""
    status: str
    repeatable: str = NOT_CHECKED
    robust: str = NOT_CHECKED
    depends_on: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    fails_under: tuple[str, ...] = ()
    moved: str = ""
    published: str = NOT_CHECKED
    since: datetime.date
    stale: bool = False
    sha256: str = ""
    wheel: str = ""
    pure: bool | None = None
    summary: str = ""
    urls: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    purl: str = ""
    sdist: Sdist | None = None
    environment: Environment | None = None
    variations: Applied = Applied()
    builds: tuple[Build, ...] = ()
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()
    differences_omitted: int = 0
    published_wheel: PublishedWheel | None = None
    epoch_probe: EpochProbe | None = None
    failure: Failure | None = None
    history: tuple[Event, ...] = ()
