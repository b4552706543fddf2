"""The pipeline for one project: choose and pin the sdist, build it twice, compare, judge, and say what is known."""

from __future__ import annotations

import dataclasses
import datetime
import errno
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import (
    advice,
    compare,
    files,
    fulldiff,
    history,
    index,
    isolate,
    pipconfig,
    portable,
    published,
    resultfiles,
    results,
    sandbox,
    selftest,
    suspects,
    targets,
)
from .batches import Batches, Say
from .build import Build, Builder, Request
from .conclusion import concluded, failed, read
from .errors import CheckFailed, UsageError
from .isolate import Verdict
from .laboratory import Step
from .projects import DEFAULT_MAX_BUILDS, Project
from .results import Result
from .supervise import DEFAULT_TIMEOUT, Limits
from .targets import Subject
from .variations import NAMES, SOURCE_DATE_EPOCH, Settings, settings

_GUARD_SECONDS = 0.5  # what may be spent on builds that nothing but luck could make necessary
_GUARDS = 8  # a wheel that is random half of the time passes as robust once in five hundred checks
_CHEAP_SECONDS = 3.0
SLOW_SECONDS = 120.0  # of processors, for one of the first two builds
# What the build requirements of today may do to an old release, while it still builds with those of its own time.
_OF_TODAY = ("unresolvable", "no-wheel-for-requirement", "unknown-backend", "backend-raised", "backend-exited")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Hold what a user can choose for a check; `variations` empty asks the plain question."""

    variations: tuple[str, ...] = NAMES
    before: datetime.datetime | None = None
    source_date_epoch: int | None = SOURCE_DATE_EPOCH
    python: str | None = None
    jobs: int = 2
    timeout: float | None = None
    max_builds: int | None = None
    keep: Path | None = None
    sandboxed: bool = True
    constraints: Path | None = None
    config_settings: results.ConfigSettings = ()
    repeat: int = 2
    probe_epoch: bool = False
    verify_advice: bool = False
    published: bool = True
    answer_first: bool = False  # leave most of the isolation to a later check, where a build is slow


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Hold a fresh result; where wheels differ, the text of the difference; where there is no answer, the log of what failed."""

    result: Result
    diff: str = ""
    log: str = ""


def check(target: str, options: Options, project: Project, say: Say) -> Checked:
    """Check one target; what goes wrong with the target is a result as well.

    Raises UsageError for a target that cannot exist.
    """
    say("looking at this machine")
    config = pipconfig.read()
    cache = index.cache_directory()
    _make(cache, "XDG_CACHE_HOME names another place")
    if options.keep:
        _make(options.keep, "--keep needs another place")
    box = sandbox.detect(cache, wanted=options.sandboxed)
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as name:
        subject = builds = request = None
        try:
            subject = targets.locate(target, project, config, Path(name), say, python=options.python, before=options.before)
            applied, refused = box.applicable(options.variations)
            request = _request(subject, box, config, options, project)
            silent = selftest.refused(applied, request)
            applied = tuple(item for item in applied if item not in silent)
            if options.variations and not applied:
                raise CheckFailed("sandbox", "no-variation", "none of the variations can be applied on this machine")
            say("resolving the build requirements")
            builder = Builder(subject.source, request, Path(name, "builds"), eager=True)
            builds = Batches(builder, applied, options.jobs, say)
            bound = options.max_builds or project.max_builds or DEFAULT_MAX_BUILDS
            builds.unfinished.within(bound)
            verdict = _settled(builds, applied, options, bound)
            variation = results.Applied(applied=applied, not_applied=tuple(sorted({**refused, **silent}.items())))
            found = concluded(subject, builder, builds, verdict, variation)
            result = found.result
            if options.verify_advice:
                result = advice.verified(result, builds, Path(name), options.jobs, say)
            if options.probe_epoch and verdict.repeatable == results.YES:
                result = dataclasses.replace(result, epoch_probe=advice.epoch_probe(builder, result.sha256, box, say))
            if options.published and subject.listed:
                result = _published(result, subject, request, Path(name, "published"), say)
            if options.keep:
                _keep(options.keep / result.name, builds.all)
            hide = portable.hiding(config, *_places(subject))
            checked = Checked(
                result=portable.portable(result, config, *_places(subject)),
                diff=fulldiff.text(found.comparison, found.varied, hide) if found.comparison else "",
            )
            if verdict.one_of:
                builds.unfinished.hit(_bound(builds.all, options, bound))
            else:
                builds.unfinished.forget()
            return checked
        except (CheckFailed, OSError) as error:
            failure = _failure(error)
            known = subject.source if subject else None
            named, version = (known.name, known.version) if known else targets.named(target)
            if options.keep and builds:
                _keep(options.keep / named, builds.all)
            result = failed(named, version, failure)
            if options.published and subject and subject.listed and request and failure.reason in _OF_TODAY:
                result = _published_of_failed(result, subject, request, Path(name, "published"), say)
            return Checked(result=portable.portable(result, config, *_places(subject)), log=failure.log)
        finally:
            if builds:
                builds.unfinished.release()


def published_alone(recorded: Result, options: Options, project: Project, say: Say) -> Result:
    """Return a recorded result with what the published wheel of its release is now; whatever else it says stays.

    Raises UsageError for a result that is of no release, CheckFailed for what cannot be had any more.
    """
    if not (recorded.sdist and recorded.purl):
        raise UsageError(f"{recorded.name}: the recorded result is of no release on the index (status {recorded.status})")
    config, cache = pipconfig.read(), index.cache_directory()
    box = sandbox.detect(cache, wanted=options.sandboxed)
    with tempfile.TemporaryDirectory(prefix="reprowheels-") as name:
        target = f"{recorded.name}=={recorded.version}"
        subject = targets.locate(target, project, config, Path(name), say, python=options.python, before=options.before)
        if subject.source.sha256 != recorded.sdist.sha256:
            found = f"{subject.source.path.name} has SHA-256 {subject.source.sha256}"
            raise CheckFailed("download", "hash-mismatch", f"{found}, recorded is {recorded.sdist.sha256}")
        request = _request(subject, box, config, options, project)
        result = _published(recorded, subject, request, Path(name, "published"), say)
        return portable.portable(result, config, *_places(subject))


def _request(subject: Subject, box: sandbox.Sandbox, config: pipconfig.PipConfig, options: Options, project: Project) -> Request:
    """Return what all builds of one check share."""
    return Request(
        python=subject.python,
        sandbox=box,
        config=config,
        cache=index.cache_directory(),
        limits=Limits(wall=options.timeout or project.timeout or DEFAULT_TIMEOUT),
        base=Settings(source_date_epoch=options.source_date_epoch),
        network=project.network_at_build,
        before=options.before,
        constraints=options.constraints,
        config_settings=tuple(sorted({**dict(project.config_settings), **dict(options.config_settings)}.items())),
        packages=project.apt,
    )


def _published(result: Result, subject: Subject, request: Request, directory: Path, say: Say) -> Result:
    """Return a result with what the published wheel is. Raises CheckFailed."""
    seen = published.examine(subject.source, subject.listed, request, directory, say, pure=result.pure)
    return dataclasses.replace(result, published=seen.verdict, published_wheel=seen if seen.filename else None)


def _published_of_failed(result: Result, subject: Subject, request: Request, directory: Path, say: Say) -> Result:
    """Return the result of a check whose builds fail with what the published wheel is: it was built with other requirements.

    What keeps the wheel from being examined is not told: the failure of the check itself is.
    """
    try:
        seen = _published(result, subject, request, directory, say)
    except (CheckFailed, OSError) as error:
        _failure(error)
        return result
    file = results.Sdist(filename=subject.source.path.name, sha256=subject.source.sha256, uploaded=subject.uploaded)
    return dataclasses.replace(seen, sdist=file)


def _failure(error: CheckFailed | OSError) -> CheckFailed:
    """Return what ends a check; a full disk does so wherever it is met, and any other error of the system is raised."""
    if isinstance(error, CheckFailed):
        return error
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        raise error
    return CheckFailed("sandbox", "disk-full", f"{error.filename or tempfile.gettempdir()}: {error.strerror}")


def _make(directory: Path, hint: str) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory}: the directory cannot be made: {error.strerror}; {hint}") from error


def _places(subject: Subject | None) -> tuple[Sequence[index.File], str]:
    """Return the files on the index and the prefix of the interpreter, as far as they are known."""
    return (subject.listed, subject.python.prefix) if subject else ((), "")


def _settled(builds: Batches, applied: tuple[str, ...], options: Options, bound: int) -> Verdict:
    """Judge, and once more where the build requirements are others now than those of the last time, which it began with."""
    while True:
        try:
            verdict = _judge(builds, applied, options, bound)
        except CheckFailed:
            if builds.builder.settle():
                raise
        else:
            if builds.builder.settle():
                builds.builder.remember(builds.seconds)
                return verdict
        builds.forget()


def _bound(made: Sequence[Build], options: Options, bound: int) -> int:
    """Return how many builds may be made, by those that are: of slow ones no more than an answer needs."""
    slow = options.answer_first and any(build.processor_seconds > SLOW_SECONDS for build in made[:2])
    return min(bound, isolate.enough([build.sha256 for build in made])) if slow else bound


def _judge(builds: Batches, applied: tuple[str, ...], options: Options, bound: int) -> Verdict:
    base = builds.builder.request.base

    def suspected(first: Step, second: Step) -> tuple[str, ...]:
        one, two = read(builds.first.get(first.variations)), read(builds.first.get(second.variations))
        if one is None or two is None:
            return ()
        return suspects.suspects(compare.compare(one, two), base, settings(second.variations, base), second.variations)

    def guards() -> int:
        """Return how many more builds are worth their while where all were equal: many for cheap ones, else none."""
        if not builds.builder.pins.requires and builds.seconds < _CHEAP_SECONDS:
            return _GUARDS  # a backend of the project's own: quick to start, and nobody else has tried it
        return min(_GUARDS, int(_GUARD_SECONDS * options.jobs / max(builds.seconds, 0.01)) // 2 * 2)

    return isolate.judge(
        builds,
        applied,
        suspects=suspected,
        max_builds=lambda: _bound(builds.all, options, bound),
        guards=guards,
        repeat=options.repeat,
    )


def _keep(directory: Path, builds: Sequence[Build]) -> None:
    """Copy the wheels and logs of all builds to where the user wants them, in place of those of an earlier check."""
    for folder in directory.glob("[0-9][0-9]*"):
        shutil.rmtree(folder)
    for number, build in enumerate(builds, 1):
        folder = directory / f"{number:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "variations.txt").write_text("".join(f"{name}\n" for name in sorted(build.varied)))
        (folder / "log.txt").write_text(build.log, encoding="utf-8")
        if build.wheel:
            shutil.copy(build.wheel, folder)


def record(fresh: Checked, directory: Path, checker: str | None = None) -> tuple[Result, Path]:
    """Write a result beside what was known before, and its difference beside it; return the result as it was written.

    See `history.merge`, also for `checker`. Where the last answer stays, its difference stays, too.

    Raises FileError when the earlier file cannot be read, and CheckFailed when the new one cannot be written.
    """
    result = fresh.result
    path = directory / f"{result.name}.toml"
    merged = history.merge(result, resultfiles.load(path) if path.exists() else None, checker)
    try:
        if not merged.stale:
            files.write(path.with_suffix(".diff"), fresh.diff)
        return merged, resultfiles.save(merged, directory)
    except OSError as error:
        raise CheckFailed("build", "disk-full", f"{path}: the result cannot be written: {error.strerror}") from error
