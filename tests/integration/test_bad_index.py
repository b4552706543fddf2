"""An index that is wrong gets a clear answer, and one that is right is believed."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from reprowheels import errors, results

from . import trees
from .indexes import JSON, OLD, Entry, LocalIndex
from .running import QUICK, Done, Runner, assert_failure


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
