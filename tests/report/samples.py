"""Results that nobody measured, for the tests of the site: one of each kind, and one that is full of markup."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib

from reprowheels import results, variations
from reprowheels.results import Build, Difference, Environment, Event, Failure, Finding, Requirement, Result, Sdist

MARKUP = "<script>alert(1)</script>"


def sha256(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def day(number: int) -> datetime.date:
    return datetime.date(2026, 11, number)


ENVIRONMENT = Environment(
    python="CPython 3.11.7",
    platform="linux-x86_64",
    os="Debian GNU/Linux 12",
    compiler="gcc 12.2.0",
    source_date_epoch=variations.SOURCE_DATE_EPOCH,
    build_dir="/tmp/reprowheels/build",
    backend="setuptools.build_meta",
    sandbox="bubblewrap",
    requires=(
        Requirement(
            name="setuptools", version="84.2.1", filename="setuptools-84.2.1-py3-none-any.whl", sha256=sha256("setuptools")
        ),
        Requirement(name="wheel", version="0.48.0", filename="wheel-0.48.0-py3-none-any.whl", sha256=sha256("wheel")),
    ),
)
NOT_APPLIED = {"locale": "no other locale on this machine", "time": "libfaketime is not installed"}
APPLIED = results.Applied(
    applied=tuple(name for name in variations.NAMES if name not in NOT_APPLIED), not_applied=tuple(sorted(NOT_APPLIED.items()))
)


def result(name: str, version: str, status: str, **changes: object) -> Result:
    """Return a result in which two builds gave the same wheel, changed as told."""
    wheel = sha256(name)
    values: dict[str, object] = {
        "name": name,
        "version": version,
        "status": status,
        "repeatable": results.YES,
        "robust": results.YES,
        "published": "identical",
        "since": day(20),
        "sha256": wheel,
        "wheel": f"{name.replace('-', '_')}-{version}-py3-none-any.whl",
        "pure": True,
        "summary": f"What {name} is for, in one line",
        "urls": (("Homepage", f"https://example.invalid/{name}"),),
        "purl": f"pkg:pypi/{name}@{version}",
        "sdist": Sdist(
            filename=f"{name.replace('-', '_')}-{version}.tar.gz",
            sha256=sha256(f"{name} sdist"),
            uploaded=datetime.datetime(2026, 9, 27, 18, 37, 40, tzinfo=datetime.timezone.utc),
        ),
        "environment": ENVIRONMENT,
        "variations": APPLIED,
        "builds": (Build(label="first", sha256=wheel), Build(label="second", variations=APPLIED.applied, sha256=wheel)),
        "history": (Event(date=day(20), version=version, status=status, sha256=wheel, why="first check"),),
    }
    return Result(**(values | changes))  # type: ignore[arg-type]


def reproducible(name: str = "six", version: str = "1.17.0") -> Result:
    return result(name, version, results.REPRODUCIBLE)


def dependent(name: str = "markupsafe", version: str = "3.0.4") -> Result:
    first, second = sha256(name), sha256(f"{name} elsewhere")
    member = "markupsafe/_speedups.cpython-311-x86_64-linux-gnu.so"
    return result(
        name,
        version,
        results.ENVIRONMENT_DEPENDENT,
        robust=results.NO,
        depends_on=("build-path", "umask"),
        moved="debug",
        published="different",
        pure=False,
        wheel=f"{name}-{version}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.linux_x86_64.whl",
        environment=dataclasses.replace(
            ENVIRONMENT,
            config_settings=(("--quiet", ("",)), ("setup-args", ("-Done=true", "-Dtwo=false"))),
            packages=(("libffi-dev", "3.4.4-1"), ("pkg-config", "1.8.1-1")),
        ),
        builds=(
            Build(label="first", sha256=first),
            Build(label="second", variations=APPLIED.applied, sha256=second),
            Build(label="again", sha256=first),
            Build(label="isolate-1", variations=("build-path", "umask"), sha256=second),
            Build(label="isolate-2", variations=("file-order",), failure="The build took longer than 1800 s."),
        ),
        findings=(
            Finding(
                cause="build-path",
                members=(member,),
                variation="build-path",
                evidence="/tmp/reprowheels/build against /var/tmp/reprowheels-moved/zq-build-path-that-is-longer/build",
                remedy="-ffile-prefix-map=<source tree>=.",
                remedy_works=True,
            ),
            Finding(cause="umask", members=tuple(f"markupsafe/part_{number}.py" for number in range(8))),
        ),
        differences=(
            Difference(member=member, field="content", first="size 44072", second="size 44120"),
            Difference(member="", field="order", first="as sorted", second="reversed"),
        ),
        differences_omitted=3,
        problems=("RECORD has no line for markupsafe/py.typed",),
        epoch_probe=results.EpochProbe(needed="yes", honoured="yes"),
        published_wheel=results.PublishedWheel(
            filename="markupsafe-3.0.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            sha256=sha256("published"),
            verdict="different",
            normalizations=("dates", "member order"),
            differing=(member, "markupsafe-3.0.4.dist-info/WHEEL"),
            omitted=2,
            members=14,
            repaired=True,
            reasons=("_speedups.so: other compiler, gcc 10.2 there and gcc 12.2 here",),
            environment=(("python", "3.13"), ("umask", "0022")),
            tried=("umask 0022: different", f"python 3.13: different {MARKUP}"),
        ),
        history=(
            Event(date=day(2), version="3.0.3", status=results.REPRODUCIBLE, sha256=sha256("old"), why="first check"),
            Event(date=day(20), version=version, status=results.ENVIRONMENT_DEPENDENT, sha256=first, why="new release"),
        ),
    )


def failed(name: str = "lxml", **changes: str) -> Result:
    values = {"phase": "build", "reason": "timeout", "message": "The build took longer than 1800 s.", "log": "compiling …\nstill"}
    failure = Failure(**(values | changes), since=day(21), version="6.1.0")
    return result(
        name,
        "6.1.0",
        results.BUILD_FAILED,
        repeatable=results.NOT_CHECKED,
        robust=results.NOT_CHECKED,
        published=results.NOT_CHECKED,
        sha256="",
        wheel="",
        since=day(21),
        failure=failure,
        builds=(Build(label="first", failure="The build took longer than 1800 s."),),
        history=(),
    )


def stale(name: str = "attrs") -> Result:
    failure = Failure(
        phase="index",
        reason="index-unreachable",
        message="The index did not answer.",
        since=day(23),
        version="26.2.0",
        log="connection refused",
    )
    return result(name, "26.1.0", results.REPRODUCIBLE, stale=True, failure=failure)


def hostile(name: str = "hostile") -> Result:
    """Return a result in which everything that a stranger can choose is markup or a trap for a shell."""
    changes: dict[str, object] = {
        "summary": MARKUP,
        "problems": (MARKUP,),
        "wheel": f'{MARKUP}"; rm -rf ~.whl',
        "urls": ((MARKUP, "javascript:alert(1)"), ("quoted", 'https://example.invalid/"onmouseover="alert(1)')),
        "findings": (Finding(cause="unexplained", variation=MARKUP, members=(MARKUP,), evidence=MARKUP, remedy=MARKUP),),
        "differences": (Difference(member=MARKUP, field=MARKUP, first=MARKUP, second="</code>" + MARKUP),),
        "environment": Environment(
            python="CPython 3.11.7",
            platform=MARKUP,
            os=MARKUP,
            compiler=MARKUP,
            source_date_epoch=1,
            build_dir="/tmp/x; rm -rf ~",
            backend="$(reboot)",
            sandbox="none",
            sandbox_reason=MARKUP,
            requires=(Requirement(name=MARKUP, version="1\nEOF\nreboot", filename=MARKUP, sha256=MARKUP),),
        ),
        "failure": Failure(phase="build", reason="backend-raised", message=MARKUP, log=f"{MARKUP}\n</pre>{MARKUP}"),
        "stale": True,
        "history": (Event(date=day(3), version=MARKUP, status=results.REPRODUCIBLE, sha256=MARKUP, why=MARKUP),),
    }
    return result(name, "1.0", results.REPRODUCIBLE, **changes)


def requirement(number: int) -> Requirement:
    name = f"build-requirement-with-a-name-{number}"
    filename = f"{name.replace('-', '_')}-{number}.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    return Requirement(name=name, version=f"{number}.0", filename=filename, sha256=sha256(name))


def many() -> list[Result]:
    """Return one result of each status and some with special traits."""
    return [
        reproducible(),
        dependent(),
        failed(),
        stale(),
        hostile(),
        result("wrapt", "2.5.2", results.REPEATABLE, robust=results.NOT_CHECKED, published="no-wheel"),
        result(
            "frozenlist",
            "1.8.0",
            results.UNREPRODUCIBLE,
            repeatable=results.NO,
            robust=results.NOT_CHECKED,
            published="equivalent",
            builds=(
                Build(label="first", sha256=sha256("a")),
                Build(label="second", variations=APPLIED.applied, sha256=sha256("b")),
                Build(label="again", sha256=sha256("c")),
            ),
        ),
        result(
            "google-cloud-aiplatform-with-a-long-name",
            "1.2.3.post20261122",
            results.ENVIRONMENT_DEPENDENT,
            robust=results.NO,
            one_of=("hash-seed", "file-order"),
            fails_under=("encoding",),
            moved="metadata",
        ),
        result("gone", "0.1", results.REPRODUCIBLE),
        result(
            "many-requirements",
            "2026.11.22.dev0+local.version.that.is.long",
            results.REPRODUCIBLE,
            wheel=f"many_requirements-2026.11.22.dev0+local-cp311-cp311-{'.'.join(f'manylinux_2_{minor}_x86_64' for minor in range(5, 36))}.whl",
            environment=dataclasses.replace(ENVIRONMENT, requires=tuple(requirement(number) for number in range(30))),
            summary="A summary that goes on " + "and on " * 40,
            history=tuple(
                Event(
                    date=day(1 + number), version=f"{number}.0", status=status, sha256=sha256(f"many {number}"), why="new release"
                )
                for number, status in enumerate((*results.STATUSES[:4], results.REPRODUCIBLE))
            ),
        ),
    ]
