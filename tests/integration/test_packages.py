"""Check the projects of tests/packages as a user does: is the answer the one that their backends deserve?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from reprowheels import check, machine, results
from reprowheels.projects import Project
from reprowheels.results import Result
from reprowheels.sandbox import Sandbox
from reprowheels.variations import NAMES

from . import trees
from .conftest import lacks
from .running import Done, Runner


@dataclass(frozen=True)
class Expected:
    """Hold what a check must find."""

    status: str
    depends_on: tuple[str, ...] = ()
    fails_under: tuple[str, ...] = ()
    moved: str = ""


def depends(*names: str, moved: str = "content") -> Expected:
    return Expected(results.ENVIRONMENT_DEPENDENT, names, moved=moved)


EXPECTED = {
    "plain": Expected(results.REPRODUCIBLE),
    "prints-much": Expected(results.REPRODUCIBLE),
    "tells-path": depends("build-path"),
    "tells-year": depends("time"),
    "tells-offset": depends("timezone"),
    "tells-month": depends("locale"),
    "tells-user": depends("user"),
    "tells-machine": depends("hostname"),
    "tells-commit": depends("git-parent"),
    "tells-processors": depends("cpu-count"),
    "tells-variable": depends("environment"),
    "set-order": depends("hash-seed"),
    "directory-order": depends("file-order"),
    "file-mode": depends("umask", moved="container"),
    "only-together": depends("environment", "timezone"),
    "two-facts": depends("home", "timezone"),
    "compiled": depends("build-path", moved="debug"),
    "ascii-only": Expected(results.ENVIRONMENT_DEPENDENT, fails_under=("encoding",)),
    "tells-second": Expected(results.UNREPRODUCIBLE, moved="content"),
}


@pytest.fixture(scope="module")
def checks(
    request: pytest.FixtureRequest, run: Runner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Done]]]:
    """Check those of the projects that are asked for, a few side by side: most of the time a check waits for the next second."""
    wanted = {
        item.callspec.params["package"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "checks" in item.fixturenames
    }
    directory = tmp_path_factory.mktemp("packages")

    def one(package: str) -> Done:
        return run(trees.lay_out(package, directory), output=directory / "results" / package)

    with ThreadPoolExecutor(3) as pool:
        yield {package: pool.submit(one, package) for package in EXPECTED if package in wanted}


@pytest.mark.parametrize("package", EXPECTED)
def test_answer(package: str, checks: dict[str, Future[Done]], boxed: Sandbox) -> None:
    """The one answer is right, and so is the exit status."""
    expected = EXPECTED[package]
    missing = set(boxed.applicable((*expected.depends_on, *expected.fails_under))[1].values())
    if missing:
        lacks("; ".join(sorted(missing)))
    if package == "compiled" and not machine.compiler():
        lacks("no C compiler")
    done = checks[package].result()
    result = done.only
    found = Expected(result.status, result.depends_on, result.fails_under, result.moved)
    assert found == expected, done.out
    assert done.status == (0 if expected.status == results.REPRODUCIBLE else 1)
    assert result.failure is None
    assert result.name == package
    assert result.environment is not None
    assert result.environment.sandbox == "bubblewrap"
    assert proof(result)


@pytest.mark.parametrize("package", ["tells-path"])
def test_all_that_differs_is_in_a_file(package: str, checks: dict[str, Future[Done]]) -> None:
    """It names the wheels, and the fact that the two builds saw differently."""
    done = checks[package].result()
    text = (done.output / f"{package}.diff").read_text(encoding="utf-8")
    assert done.only.sha256 in text.splitlines()[0]
    assert "\n-/tmp/reprowheels/build/" in text
    assert "\n+/var/tmp/reprowheels-moved/" in text


@pytest.mark.parametrize(("package", "most", "depends_on"), [("tells-path", 4, "build-path"), ("file-mode", 6, "umask")])
def test_few_builds_are_enough_where_the_bytes_speak(
    package: str, most: int, depends_on: str, run: Runner, boxed: Sandbox, tmp_path: Path
) -> None:
    if missing := boxed.applicable((depends_on,))[1]:
        lacks(missing[depends_on])
    done = run(trees.lay_out(package, tmp_path), "--max-builds", most, output=tmp_path / "results")
    result = done.only
    assert (result.status, result.repeatable) == (results.ENVIRONMENT_DEPENDENT, results.YES)
    assert (result.depends_on, result.one_of) == ((depends_on,), ())
    assert len(result.builds) <= most


def proof(result: Result) -> bool:
    """Say whether the builds that a result shows prove its answer."""
    outcome = {build.variations: build.sha256 for build in result.builds}
    if result.repeatable == results.NO:
        same = [build.sha256 for build in result.builds if not build.variations]
        return len(set(same)) > 1
    culprits = {*result.depends_on, *result.fails_under}
    rest = tuple(sorted(set(result.variations.applied) - culprits))
    return outcome[()] == outcome[rest] == result.sha256 and (not culprits or outcome[tuple(sorted(culprits))] != result.sha256)


def checked(tree: Path, **options: object) -> Result:
    return check.check(str(tree), check.Options(jobs=2, **options), Project(name=tree.name), lambda text: None).result  # type: ignore[arg-type]


@pytest.fixture
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.mark.usefixtures("own_cache")
def test_two_variations_that_cancel_each_other_out_do_not_pass(
    tmp_path: Path, boxed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All varied gives the wheel of the baseline, and yet it is not robust."""
    if boxed.applicable(("environment", "timezone"))[1]:
        lacks("no time zones")
    # A slow machine would leave these builds out.
    monkeypatch.setattr(check, "_CHEAP_SECONDS", 3600.0)
    result = checked(trees.lay_out("cancels-out", tmp_path), variations=("time", "timezone", "environment"))
    assert (result.repeatable, result.robust, result.depends_on) == ("yes", "no", ("environment", "timezone"))


@pytest.mark.usefixtures("own_cache")
def test_a_coin_does_not_pass_for_luck(tmp_path: Path) -> None:
    """With as many repetitions, two equal builds at first are not believed."""
    result = checked(trees.lay_out("coin", tmp_path), variations=(), repeat=24)
    assert (result.status, result.repeatable) == (results.UNREPRODUCIBLE, "no")


@pytest.mark.usefixtures("own_cache")
def test_the_bound_on_builds_is_kept(tmp_path: Path, boxed: Sandbox) -> None:
    """Where the builds do not suffice, the answer is "one of", and no guess."""
    result = checked(trees.lay_out("set-order", tmp_path), max_builds=3)
    assert result.robust == "no"
    assert not result.depends_on
    assert "hash-seed" in result.one_of
    assert len(result.builds) <= 3


@pytest.mark.usefixtures("own_cache")
def test_only_the_variations_that_were_asked_for(tmp_path: Path, boxed: Sandbox) -> None:
    """What was not asked for is neither varied nor mentioned."""
    result = checked(trees.lay_out("tells-path", tmp_path), variations=("umask", "time", "home"))
    assert result.status == results.REPRODUCIBLE
    assert result.variations.applied == ("umask", "time", "home")
    assert result.variations.not_applied == ()


@pytest.mark.parametrize("package", ["plain"])
def test_everything_is_varied_or_the_reason_is_given(package: str, checks: dict[str, Future[Done]], boxed: Sandbox) -> None:
    """No variation is lost silently."""
    variations = checks[package].result().only.variations
    assert {*variations.applied, *dict(variations.not_applied)} == set(NAMES)
    assert all(reason for _, reason in variations.not_applied)
    assert set(dict(variations.not_applied)) == set(boxed.applicable(NAMES)[1])
