"""Build requirements: resolved once, installed by hash, built in the sandbox where they have no wheel."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from reprowheels import results
from reprowheels.results import Requirement
from reprowheels.sandbox import Sandbox

from . import trees
from .indexes import NEW, OLD, Entry, LocalIndex
from .running import Runner

QUICK = ("--variations", "umask,time", "--no-published")


def companion(directory: Path, version: str = "1.0", word: str = "hello") -> Path:
    """Write a wheel of a build requirement, which is one module."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"companion-{version}-py3-none-any.whl"
    info = f"companion-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("companion.py", f"WORD = {word!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: companion\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"companion.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def requires(result: results.Result) -> tuple[Requirement, ...]:
    assert result.environment is not None, result.failure
    return result.environment.requires


def test_what_the_backend_asks_for_is_installed_and_pinned(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """get_requires_for_build_wheel counts, the result names file and hash, and the index is asked once for both builds."""
    wheel = companion(tmp_path)
    index.add("companion", Entry(path=wheel, uploaded=OLD))
    done = index.run(trees.lay_out("asks-for-more", tmp_path), *QUICK, "--keep", tmp_path / "kept", output=output)
    assert done.status == 0, done.out
    pin = Requirement(name="companion", version="1.0", filename=wheel.name, sha256=sha256(wheel))
    assert requires(done.result("asks-for-more")) == (pin,)
    (kept, *others) = sorted((tmp_path / "kept" / "asks-for-more").glob("*/*.whl"))
    assert others
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("asks_for_more/fact.txt") == b"hello"
    assert index.asked == ["/simple/companion/"]


def greeting(tmp_path: Path) -> Path:
    """Write a tree whose wheel holds what its static build requirement says."""
    tree = trees.requiring(trees.lay_out("plain", tmp_path), "companion")
    (tree / "backend.py").write_text(
        "import companion\nimport wheelwriter\n\n\n"
        "def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):\n"
        "    return wheelwriter.write(wheel_directory, {'fact.txt': companion.WORD})\n"
    )
    return tree


def test_builds_that_began_with_the_requirements_of_the_last_time_are_made_again(
    index: LocalIndex, tmp_path: Path, output: Path
) -> None:
    """The result is that of a cache that knew nothing: requirements, wheel and builds."""
    tree = greeting(tmp_path)
    older = Entry(path=companion(tmp_path), uploaded=OLD)
    index.add("companion", older)
    first = index.run(tree, *QUICK, output=output).only
    same = index.run(tree, *QUICK, output=tmp_path / "same")
    assert same.only == first
    assert len(index.asked) == 2
    newer = companion(tmp_path / "newer", "2.0", "good day")
    index.add("companion", older, Entry(path=newer, uploaded=NEW))
    moved = index.run(tree, *QUICK, "--keep", tmp_path / "kept", output=tmp_path / "moved").only
    assert [(pin.version, pin.sha256) for pin in requires(moved)] == [("2.0", sha256(newer))]
    assert moved.sha256 != first.sha256
    for kept in (tmp_path / "kept" / "plain").glob("*/*.whl"):
        with zipfile.ZipFile(kept) as archive:
            assert archive.read("plain/fact.txt") == b"good day"
    index.cache.joinpath("reprowheels", "resolutions").rename(tmp_path / "resolutions")
    assert index.run(tree, *QUICK, output=tmp_path / "anew").only == moved


def test_requirements_of_the_last_time_that_are_gone_are_no_answer(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """What the index says now counts, also where it says less than before, and where a build with the last ones fails."""
    tree = greeting(tmp_path)
    index.add("companion", Entry(path=companion(tmp_path), uploaded=OLD))
    assert index.run(tree, *QUICK, output=output).status == 0
    index.answer("companion", "Not found", "text/plain", 404)
    failure = index.run(tree, *QUICK, output=tmp_path / "gone").only.failure
    assert failure is not None
    assert (failure.phase, failure.reason) == ("requirements", "unresolvable")
    broken = companion(tmp_path / "broken", "3.0")
    with zipfile.ZipFile(broken, "a") as archive:
        archive.writestr("companion/__init__.py", "raise RuntimeError('out of order')\n")
    index.add("companion", Entry(path=broken, uploaded=NEW))
    failure = index.run(tree, *QUICK, output=tmp_path / "fails").only.failure
    assert failure is not None
    assert "out of order" in failure.log
    index.add("companion", Entry(path=companion(tmp_path / "mended", "4.0", "again"), uploaded=NEW))
    assert requires(index.run(tree, *QUICK, output=tmp_path / "mends").only)[0].version == "4.0"


def test_a_release_that_needs_the_requirements_of_its_time_is_compared_all_the_same(
    index: LocalIndex, tmp_path: Path, output: Path
) -> None:
    """It does not build any more, which is one answer; what the published wheel is, is another one."""
    tree = greeting(tmp_path)
    older = Entry(path=companion(tmp_path), uploaded=OLD)
    index.add("companion", older)
    assert index.run(tree, *QUICK, "--keep", tmp_path / "kept", output=tmp_path / "then").status == 0
    (wheel, *_) = sorted((tmp_path / "kept" / "plain").glob("*/*.whl"))
    between = "2026-03-01T12:00:00.000000Z"
    sdist = trees.sdist(tree, tmp_path / "sdist")
    index.add("plain", Entry(path=sdist, uploaded=between), Entry(path=wheel, uploaded=between))
    broken = companion(tmp_path / "broken", "2.0")
    with zipfile.ZipFile(broken, "a") as archive:
        archive.writestr("companion/__init__.py", "raise RuntimeError('out of order')\n")
    index.add("companion", older, Entry(path=broken, uploaded=NEW))
    done = index.run("plain", "--variations", "none", output=output)
    found = done.only
    assert (done.status, found.status, found.failure and found.failure.reason) == (3, results.BUILD_FAILED, "backend-raised")
    assert found.published == "identical"
    assert found.published_wheel
    assert found.published_wheel.sha256 == sha256(wheel)
    assert found.sdist
    assert found.sdist.sha256 == sha256(sdist)
    assert "published    identical" in done.out
    alone = index.run("plain", "--variations", "none", "--no-published", output=tmp_path / "alone").only
    assert (alone.published, alone.published_wheel) == ("not-checked", None)


def test_a_backend_that_asks_for_nonsense(run: Runner, tmp_path: Path, output: Path) -> None:
    """What it asks for is quoted, as its own mistake, and the next target is checked all the same."""
    done = run(*(trees.lay_out(name, tmp_path) for name in ("asks-nonsense", "plain")), *QUICK, output=output)
    assert done.status == 3
    failure = done.result("asks-nonsense").failure
    assert failure is not None
    assert (failure.phase, failure.reason) == ("requirements", "unresolvable")
    assert "'no requirement at all!'" in failure.message
    assert done.result("plain").status == results.REPRODUCIBLE


def test_a_requirement_that_does_not_exist(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """The message names what was asked for, and the resolver's own words are kept as the log."""
    index.answer("companion", "Not found", "text/plain", 404)
    done = index.run(trees.requiring(trees.lay_out("plain", tmp_path), "companion>=2"), *QUICK, output=output)
    assert done.status == 3
    failure = done.only.failure
    assert failure is not None
    assert (failure.phase, failure.reason) == ("requirements", "unresolvable")
    assert "companion>=2" in failure.message
    assert "companion" in failure.log


def test_a_requirement_whose_hash_does_not_fit(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """It is not installed."""
    index.add("companion", Entry(path=companion(tmp_path, word="tampered with"), sha256="2" * 64))
    done = index.run(trees.lay_out("asks-for-more", tmp_path), *QUICK, output=output)
    assert done.status == 3
    failure = done.only.failure
    assert failure is not None
    assert (failure.phase, failure.reason) == ("environment", "hash-mismatch")


def sdist_of_companion(tmp_path: Path, backend: str = "") -> Path:
    """Write an sdist whose wheel holds the module that others ask for."""
    tree = trees.lay_out("plain", tmp_path / "source", name="companion")
    (tree / "backend.py").write_text(
        backend
        or "import wheelwriter\n\n\n"
        "def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):\n"
        "    return wheelwriter.write(wheel_directory, {'__init__.py': 'WORD = \"built here\"\\n'})\n"
    )
    return trees.sdist(tree, tmp_path / "dist")


def test_a_requirement_without_a_wheel_is_built(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """It is built from its sdist, and the result names the wheel that came out."""
    index.add("companion", Entry(path=sdist_of_companion(tmp_path)))
    done = index.run(trees.lay_out("asks-for-more", tmp_path), *QUICK, output=output)
    assert done.status == 0, done.out
    (pin,) = requires(done.only)
    assert (pin.name, pin.version, pin.filename) == ("companion", "1.0", "companion-1.0-py3-none-any.whl")


def test_a_requirement_without_a_wheel_is_built_in_the_sandbox(
    boxed: Sandbox, index: LocalIndex, tmp_path: Path, output: Path
) -> None:
    """It cannot write to where its own sdist lies, and its failure is that of the requirements."""
    outside = tmp_path / "outside.txt"
    backend = f"def build_wheel(*arguments, **keywords):\n    open({str(outside)!r}, 'w').close()\n"
    index.add("companion", Entry(path=sdist_of_companion(tmp_path, backend)))
    done = index.run(trees.lay_out("asks-for-more", tmp_path), *QUICK, output=output)
    assert done.status == 3
    failure = done.only.failure
    assert failure is not None
    assert (failure.phase, failure.reason) == ("requirements", "no-wheel-for-requirement")
    assert "companion" in failure.message
    assert not outside.exists()


def test_the_bound_holds_for_requirements(index: LocalIndex, tmp_path: Path, output: Path) -> None:
    """--uploaded-before picks an older build requirement, --build-constraint another one."""
    entries = [
        Entry(path=companion(tmp_path, version), uploaded=uploaded)
        for version, uploaded in (("0.9", OLD), ("1.0", OLD), ("2.0", NEW))
    ]
    index.add("companion", *entries)
    pins = tmp_path / "pins.txt"
    pins.write_text("companion==0.9\n")
    found = {}
    for name, options in {
        "newest": (),
        "bounded": ("--uploaded-before", "2026-03-01"),
        "pinned": ("--build-constraint", str(pins)),
    }.items():
        tree = trees.lay_out("asks-for-more", tmp_path / name)
        done = index.run(tree, *QUICK, *options, output=output / name)
        (pin,) = requires(done.only)
        found[name] = pin.version
    assert found == {"newest": "2.0", "bounded": "1.0", "pinned": "0.9"}


def test_the_configuration_of_pip_counts(index: LocalIndex, tmp_path: Path, output: Path, cache: Path) -> None:
    """The index of pip.conf is asked for the project and for its build requirements."""
    tree = trees.requiring(trees.lay_out("asks-for-more", tmp_path / "tree"), "companion")
    index.add("companion", Entry(path=companion(tmp_path)))
    index.add("asks-for-more", Entry(path=trees.sdist(tree, tmp_path)))
    conf = tmp_path / "pip.conf"
    conf.write_text(f"[global]\nindex-url = {index.environ['PIP_INDEX_URL']}\n")
    done = Runner(cache=cache, environ={"PIP_CONFIG_FILE": str(conf)})("asks-for-more", *QUICK, output=output)
    assert done.status == 0, done.out + done.err
    assert [pin.name for pin in requires(done.only)] == ["companion"]
    assert set(index.asked) == {"/simple/asks-for-more/", "/simple/companion/"}
