"""Bad input gets a clear answer: an index that is wrong, an sdist that is wrong, a target that is wrong."""

from __future__ import annotations

import hashlib
import io
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from reprowheels import errors, results

from . import trees
from .indexes import JSON, NEW, OLD, Entry, LocalIndex
from .running import Done, Runner
from .test_requirements import companion

QUICK = ("--variations", "umask,time", "--no-published")


def assert_failure(done: Done, name: str, phase: str, reason: str, text: str) -> None:
    """Assert that a check came to no answer, and says so in its file and to a person."""
    result = done.result(name)
    assert (result.status, result.name, result.sha256) == (results.BUILD_FAILED, name, "")
    assert result.failure is not None
    assert (result.failure.phase, result.failure.reason) == (phase, reason), result.failure
    assert text in result.failure.message
    assert f"in phase {phase}, {reason}: {result.failure.message}" in done.out


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    """Return the sdist of a project that builds."""
    return trees.sdist(trees.lay_out("plain", tmp_path), tmp_path / "dist")


def test_a_project_of_the_index(index: LocalIndex, sdist: Path, output: Path) -> None:
    """The sdist is taken from the index, and pinned by its hash; what PyPI calls it is in the result."""
    done = index.add("plain", Entry(path=sdist, uploaded=OLD)).run("Plain", *QUICK, output=output)
    assert done.status == 0, done.err
    result = done.only
    assert result.status == results.REPRODUCIBLE
    assert result.purl == "pkg:pypi/plain@1.0"
    assert result.sdist is not None
    assert result.sdist.sha256 == hashlib.sha256(sdist.read_bytes()).hexdigest()
    assert result.sdist.uploaded is not None
    assert f"{result.sdist.uploaded:%Y-%m-%d}" == OLD[:10]


GARBAGE: dict[str, tuple[str, str, int, str, str]] = {
    "broken-json": ('{"files": [', JSON, 200, "index-garbage", "is not JSON"),
    "json-of-another-shape": ('{"message": "hello"}', JSON, 200, "index-garbage", "lists no files"),
    "json-that-is-a-list": ("[1, 2]", JSON, 200, "index-garbage", "pip's index-url"),
    "plain-text": ("hello", "text/plain", 200, "index-garbage", "text/plain"),
    "nothing-at-all": ("", "", 200, "index-garbage", "not given"),
    "login-page": (
        "<html><body><form action='/login'></form></body></html>",
        "text/html",
        200,
        "index-garbage",
        "lists no files",
    ),
    "server-error": ("oops", "text/html", 500, "index-unreachable", "HTTP status 500"),
    "forbidden": ("go away", "text/html", 403, "index-unreachable", "HTTP status 403"),
    "unknown": ("Not found", "text/plain", 404, "not-found", "check the spelling"),
    "removed": ("Gone", "text/plain", 410, "not-found", "check the spelling"),
    "without-files": ('{"files": []}', JSON, 200, "not-found", "no file of without-files"),
    "empty-page": ('<meta name="pypi:repository-version" content="1.0">', "text/html", 200, "not-found", "no file of empty-page"),
}
# What is asked for, how it ends, and what the message says.
ASKED: dict[str, tuple[str, str, str, str]] = {
    **{name: (name, "index", reason, text) for name, (_, _, _, reason, text) in GARBAGE.items()},
    "only-wheels": ("Only.Wheels", "index", "no-sdist", "only-wheels 1.0 has no sdist"),
    "all-yanked": ("all-yanked", "index", "yanked", "all-yanked==VERSION"),
    "old-one": ("old-one==9.9", "index", "no-such-version", "no release 9.9; the newest is 1.0"),
    "another-old-one": ("another-old-one == banana", "index", "no-such-version", "'banana' is not a version"),
    "tampered": ("tampered", "download", "hash-mismatch", "0" * 64),
    "vanished": ("vanished", "download", "index-unreachable", "vanished-1.0.tar.gz: HTTP status 410"),
    "damaged": ("damaged", "unpack", "not-an-archive", "damaged-1.0.tar.gz"),
    "too-old": ("too-old", "index", "no-python", "needs Python <3.2"),
}


@pytest.fixture(scope="module")
def asked(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Ask for everything that an index can get wrong, in one go: one that fails never stops the others."""
    directory = tmp_path_factory.mktemp("asked")

    def file(name: str, data: bytes = b"no archive", suffix: str = ".tar.gz") -> Path:
        path = directory / f"{name.replace('-', '_')}-1.0{suffix}"
        path.write_bytes(data)
        return path

    good = trees.sdist(trees.lay_out("plain", directory), directory)
    with HTTPServer(threaded=True) as server:
        index = LocalIndex(server, cache)
        for name, (text, content_type, status, _, _) in GARBAGE.items():
            index.answer(name, text, content_type, status)
        index.add("only-wheels", Entry(path=file("only-wheels", suffix="-py3-none-any.whl")))
        index.add("all-yanked", Entry(path=file("all-yanked"), yanked=True))
        index.add("old-one", Entry(path=file("old-one")))
        index.add("another-old-one", Entry(path=file("another-old-one")))
        index.add("tampered", Entry(path=file("tampered", good.read_bytes()), sha256="0" * 64))
        index.add("vanished", Entry(path=file("vanished"), gone=True))
        index.add("damaged", Entry(path=file("damaged")))
        index.add("too-old", Entry(path=file("too-old"), requires_python="<3.2"))
        index.add("plain", Entry(path=good, yanked=True))
        targets = [target for target, *_ in ASKED.values()]
        return index.run(*targets, "plain==1.0", *QUICK, output=directory / "results")


@pytest.mark.parametrize("name", ASKED)
def test_an_index_that_does_not_give_what_was_asked_for(name: str, asked: Done) -> None:
    """Each target has a result of its own with the phase, a stable reason, and a message that says what to do."""
    _, phase, reason, text = ASKED[name]
    assert_failure(asked, name, phase, reason, text)


def test_a_release_that_does_not_exist_takes_nothing_from_what_is_known(index: LocalIndex, sdist: Path, output: Path) -> None:
    index.add("plain", Entry(path=sdist))
    assert index.run("plain", *QUICK, output=output).status == errors.OK
    before = (output / "plain.toml").read_bytes()
    done = index.run("plain==99", *QUICK, output=output)
    assert done.status == errors.NOT_CHECKED
    assert "plain 99: build-failed (before anything was built)" in done.out
    assert "no release 99; the newest is 1.0" in done.out
    assert "unchanged    " in done.out
    assert (output / "plain.toml").read_bytes() == before


def test_one_that_fails_does_not_stop_the_others(asked: Done) -> None:
    """The last one is checked, and a yanked release that was named is built; the exit status is that of the worst."""
    assert asked.result("plain").status == results.REPRODUCIBLE
    assert asked.status == 3
    assert {path.stem for path in asked.output.iterdir()} == {*ASKED, "plain"}


def test_what_does_not_fit_its_hash_is_not_kept(asked: Done, cache: Path) -> None:
    """No partial download is left in the cache, and nothing under the hash that was promised."""
    files = cache / "reprowheels" / "files"
    assert not [*files.glob("*.part"), *files.glob("**/tampered*")]


def test_nobody_listens(cache: Path, output: Path) -> None:
    """The message names what to look at, and not the password in the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://somebody:pass-word@127.0.0.1:{free.getsockname()[1]}/simple"
        done = Runner(cache=cache, environ={"PIP_INDEX_URL": url})("plain", output=output)
    assert_failure(done, "plain", "index", "index-unreachable", "pip's index-url")
    assert "pass-word" not in done.out + done.err
    assert done.status == 3


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> Callable[[Path], None]:
    """Return a function that writes an archive with these members beside those of a project."""

    def write(path: Path) -> None:
        with tarfile.open(path, "w:gz") as tar:
            for name in ("pyproject.toml", "setup.py"):
                tar.addfile(tarfile.TarInfo(f"plain-1.0/{name}"), io.BytesIO())
            for info, data in members:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))

    return write


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def of_pyproject(text: str) -> Callable[[Path], None]:
    """Return a function that writes an sdist with this pyproject.toml."""

    def write(path: Path) -> None:
        with tarfile.open(path, "w:gz") as tar:
            info = tarfile.TarInfo("plain-1.0/pyproject.toml")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))

    return write


def empty_archive(path: Path) -> None:
    with tarfile.open(path, "w:gz"):
        pass


def device() -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo("plain-1.0/device")
    info.type = tarfile.CHRTYPE
    return info, b""


SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
SDISTS: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    "text": (lambda path: path.write_text("no archive\n"), "unpack", "not-an-archive", "not a readable"),
    "cut-off": (
        lambda path: (packed()(path), path.write_bytes(path.read_bytes()[:-30])),
        "unpack",
        "not-an-archive",
        "not a readable",
    ),
    "empty-file": (lambda path: path.write_bytes(b""), "unpack", "not-an-archive", "not a readable"),
    "empty-archive": (empty_archive, "unpack", "no-project-file", "neither pyproject.toml nor setup.py"),
    "two-folders": (packed((tarfile.TarInfo("other-1.0/file"), b"")), "unpack", "no-project-file", "one top folder"),
    "parent-directory": (packed((tarfile.TarInfo("plain-1.0/../../escaped"), b"x")), "unpack", "escapes", "escaped"),
    "absolute-path": (packed((tarfile.TarInfo("/tmp/escaped"), b"x")), "unpack", "escapes", "/tmp/escaped"),
    "absolute-link": (packed(link("plain-1.0/link", "/etc/passwd")), "unpack", "escapes", "/etc/passwd"),
    "link-outside": (packed(link("plain-1.0/link", "../../etc/passwd")), "unpack", "escapes", "etc/passwd"),
    "hard-link-outside": (packed(link("plain-1.0/link", "/etc/passwd", tarfile.LNKTYPE)), "unpack", "escapes", "/etc/passwd"),
    "device": (packed(device()), "unpack", "escapes", "device or a pipe"),
    "broken-toml": (of_pyproject("[build-system\n"), "unpack", "bad-pyproject", "not valid TOML"),
    "requires-of-another-type": (of_pyproject('[build-system]\nrequires = "setuptools"\n'), "unpack", "bad-pyproject", "PEP 517"),
    "requirement-that-is-none": (
        of_pyproject('[build-system]\nrequires = ["not one!"]\n'),
        "unpack",
        "bad-pyproject",
        "'not one!'",
    ),
    "name-that-is-a-path": (
        of_pyproject('[project]\nname = "/tmp/a"\n'),
        "unpack",
        "bad-pyproject",
        "'/tmp/a', which is no valid name",
    ),
    "backend-path-outside": (of_pyproject(SYSTEM.replace('"."', '".."')), "unpack", "escapes", "backend-path"),
    "backend-that-is-missing": (of_pyproject(SYSTEM), "build", "unknown-backend", "'backend' cannot be imported"),
}


@pytest.fixture(scope="module")
def wrong(run: Runner, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Check all of them in one go."""
    directory = tmp_path_factory.mktemp("wrong")
    paths = [directory / f"{name}-1.0.tar.gz" for name in SDISTS]
    for path, (write, _, _, _) in zip(paths, SDISTS.values(), strict=True):
        write(path)
    other = trees.lay_out("builds-other-project", directory / "trees")
    done = run(*paths, other, *QUICK, output=directory / "results")
    assert {path.name for path in directory.iterdir()} == {*(path.name for path in paths), "trees", "results"}
    return done


@pytest.mark.parametrize("name", SDISTS)
def test_an_sdist_that_is_wrong(name: str, wrong: Done) -> None:
    """The answer names the phase and what is wrong with the file; nothing is unpacked."""
    _, phase, reason, text = SDISTS[name]
    assert_failure(wrong, name, phase, reason, text)
    assert wrong.status == 3


def test_a_wheel_of_another_project(wrong: Done) -> None:
    assert_failure(wrong, "builds-other-project", "build", "other-name", "somebody_else-1.0-py3-none-any.whl")


def test_a_wheel_that_is_no_archive(run: Runner, tmp_path: Path, output: Path) -> None:
    """Its bytes can be compared all the same, and what is odd about it is said."""
    done = run(trees.lay_out("not-a-zip", tmp_path), *QUICK, output=output)
    assert done.only.status == results.REPRODUCIBLE
    assert any("no archive" in problem for problem in done.only.problems)
    assert "no archive" in done.out


NO_TARGETS = {
    "missing/tree": "missing/tree: there is no such file or directory",
    "missing-1.0.tar.gz": "missing-1.0.tar.gz: there is no such file or directory",
    "empty/.": "holds neither pyproject.toml nor setup.py; name a source tree, an sdist file or a project",
    "two words": "'two words': is neither a name such as six",
    "six[extra]": "'six[extra]': is neither a name such as six",
    "six>=1": "'six>=1': is neither a name such as six",
    "==1.0": "'==1.0': is neither a name such as six",
    "": "'': is neither a name such as six",
}


def test_a_target_that_cannot_be_checked(run: Runner, tmp_path: Path) -> None:
    """A mistake on the command line is no result, and no index is asked."""
    (tmp_path / "empty").mkdir()
    done = run(*NO_TARGETS, output=tmp_path / "results", cwd=tmp_path)
    assert done.status == 2
    messages = [line for line in done.err.splitlines() if line.startswith("reprowheels: ")]
    assert len(messages) == len(NO_TARGETS)
    for message, text in zip(messages, NO_TARGETS.values(), strict=True):
        assert text in message
    assert not done.output.exists()


class TestUploadedBefore:
    """The moment bounds sdists and build requirements, and what was resolved is looked at."""

    BEFORE = ("--uploaded-before", "2026-03-01")

    def releases(self, tmp_path: Path) -> list[Entry]:
        entries = []
        for version, uploaded in (("1.0", OLD), ("2.0", NEW)):
            tree = trees.set_version(trees.lay_out("plain", tmp_path / version), version)
            entries.append(Entry(path=trees.sdist(tree, tmp_path / "dist", version), uploaded=uploaded))
        return entries

    def test_picks_the_older_release(self, index: LocalIndex, tmp_path: Path, output: Path) -> None:
        index.add("plain", *self.releases(tmp_path))
        assert index.run("plain", *QUICK, *self.BEFORE, output=output).only.version == "1.0"
        assert index.run("plain", *QUICK, output=output).only.version == "2.0"

    def test_a_release_that_is_too_new(self, index: LocalIndex, tmp_path: Path, output: Path) -> None:
        index.add("plain", *self.releases(tmp_path))
        done = index.run("plain==2.0", *self.BEFORE, output=output)
        assert_failure(done, "plain", "index", "no-such-version", "no release 2.0 uploaded before 2026-03-01")

    def test_an_index_that_does_not_say_when(self, index: LocalIndex, sdist: Path, output: Path) -> None:
        index.add_html("plain", Entry(path=sdist))
        done = index.run("plain", *self.BEFORE, output=output)
        assert_failure(done, "plain", "index", "too-new", "does not say when")

    def test_a_requirement_of_unknown_age(self, index: LocalIndex, tmp_path: Path, output: Path) -> None:
        """A directory of wheels slips past the bound of the resolver, and is found out."""
        links = tmp_path / "links"
        companion(links)
        tree = trees.requiring(trees.lay_out("plain", tmp_path), "companion")
        runner = Runner(cache=index.cache, environ={**index.environ, "PIP_FIND_LINKS": str(links)})
        index.answer("companion", "Not found", "text/plain", 404)
        assert runner(tree, *QUICK, output=output).status == 0
        done = runner(tree, *QUICK, *self.BEFORE, output=tmp_path / "bounded")
        assert_failure(done, "plain", "requirements", "too-new", "companion 1.0")
