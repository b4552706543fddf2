"""What the builds of one check amount to: a result, with the differences and their causes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from . import archive, binaries, causes, compare, machine, results, wheel
from .batches import Batches
from .build import Build, Builder
from .compare import Comparison
from .errors import CheckFailed, WheelError
from .isolate import Verdict
from .results import Result
from .targets import Subject
from .variations import settings

_LOG_LINES = 40
_PRECAUTIONS = ("guard", "again-")  # labels of builds that are made against luck


def read(build: Build | None) -> wheel.Wheel | None:
    """Return the wheel of a build, or None where there is none that can be read."""
    try:
        return wheel.read(build.wheel) if build and build.wheel else None
    except WheelError:
        return None


def _native(one: wheel.Wheel) -> Iterator[str]:
    """Yield a sentence for each member that another processor would have got another code for.

    No variation shows that: a compiler asks the processor itself, for which no other one can be put.
    """
    for member in one.members if not one.pure else ():
        if ".so" in member.name and member.size <= archive.MAX_OPENED:
            try:
                processor = binaries.native(one.archive.content(member, archive.MAX_OPENED))
            except WheelError:
                continue
            if processor:
                yield f"{member.name}: is compiled for the processor of the machine that built it (-march=native: {processor})"


def _status(verdict: Verdict) -> str:
    if verdict.repeatable == results.NO:
        return results.UNREPRODUCIBLE
    if verdict.robust == results.NO:
        return results.ENVIRONMENT_DEPENDENT
    return results.REPRODUCIBLE if verdict.robust == results.YES else results.REPEATABLE


def failed(name: str, version: str, failure: CheckFailed) -> Result:
    """Return the result of a check that came to no answer."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    log = "\n".join(failure.log.rstrip().splitlines()[-_LOG_LINES:])
    return Result(
        name=name,
        version=version,
        status=results.BUILD_FAILED,
        since=today,
        failure=results.Failure(
            phase=failure.phase,
            reason=failure.reason,
            message=failure.message,
            log=log,
            since=today,
            version=version,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """Hold the result of a check and, where two of its wheels differ and can be read, the comparison of these two.

    `varied` names the variations of the second of the two.
    """

    result: Result
    comparison: Comparison | None
    varied: frozenset[str] = frozenset()


def concluded(subject: Subject, builder: Builder, builds: Batches, verdict: Verdict, applied: results.Applied) -> Conclusion:
    """Return what the builds of one check amount to.

    Raises CheckFailed when the wheel is that of another project.
    """
    source, python, request = subject.source, subject.python, builder.request
    first = builds.first[frozenset()]
    one = read(first)
    name = canonicalize_name(one.name) if one and not source.named else source.name
    if one is not None and canonicalize_name(one.name) != name:
        raise CheckFailed(
            "build", "other-name", f"the sdist of {source.name} builds a wheel of another project: {one.filename}", first.log
        )
    # What moves without any variation shows best between two builds of the baseline.
    others = [build for build in builds.all if build.sha256 and build.sha256 != first.sha256]
    other = min(others, key=lambda build: bool(build.varied) if verdict.repeatable == results.NO else 0, default=None)
    two = read(other)
    comparison = compare.compare(one, two) if one and two else None
    kept, omitted = compare.short(comparison.differences) if comparison else ((), 0)
    findings: tuple[results.Finding, ...] = ()
    if comparison and other:
        findings = causes.explained(comparison, request.base, settings(other.varied, request.base), verdict.depends_on)
    proofs = {s.outcome for s in verdict.steps if not s.label.startswith(_PRECAUTIONS)}
    status = _status(verdict)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    version = source.version or (one.version if one else "")
    unreadable = () if one else ("the wheel is no archive that can be read safely",)
    result = Result(
        name=name,
        version=version,
        status=status,
        repeatable=verdict.repeatable,
        robust=verdict.robust,
        depends_on=tuple(sorted(verdict.depends_on)),
        one_of=tuple(sorted(verdict.one_of)),
        fails_under=tuple(sorted(verdict.fails_under)),
        moved=comparison.moved if comparison else "",
        since=today,
        sha256=first.sha256,
        wheel=first.wheel.name if first.wheel else "",
        pure=one.pure if one else None,
        summary=one.metadata.summary if one else "",
        urls=one.metadata.urls if one else (),
        problems=(*one.container_problems, *one.record_problems, *_native(one)) if one else unreadable,
        purl=str(PackageURL(type="pypi", name=source.name, version=version)) if subject.listed else "",
        sdist=results.Sdist(filename=source.path.name, sha256=source.sha256, uploaded=subject.uploaded),
        environment=results.Environment(
            python=python.label,
            platform=python.platform,
            os=machine.operating_system(),
            compiler=machine.compiler(rust=builder.rust is not None),
            source_date_epoch=request.base.source_date_epoch,
            build_dir=request.base.build_dir,
            backend=source.backend,
            sandbox=request.sandbox.kind,
            sandbox_reason=request.sandbox.reason,
            config_settings=request.config_settings,
            packages=machine.packages(request.packages),
            requires=builder.pins.requires,
        ),
        variations=applied,
        builds=tuple(
            results.Build(
                label=s.label, variations=tuple(sorted(s.variations)), sha256=s.outcome.sha256, failure=s.outcome.failure
            )
            for s in verdict.steps
            # How many of these are built depends on how fast the machine is; they say no more than that all is well.
            if verdict.repeatable == results.NO or not s.label.startswith(_PRECAUTIONS) or s.outcome not in proofs
        ),
        findings=findings,
        differences=kept,
        differences_omitted=omitted,
        history=(results.Event(date=today, version=version, status=status, sha256=first.sha256, why="first check"),),
    )
    return Conclusion(result=result, comparison=comparison, varied=other.varied if other else frozenset())
