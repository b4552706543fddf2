"""A check that is ended before it has its answer: the next one takes up what it had built, once and only where it is the same."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reprowheels import check, identity, projects, results, spent, unfinished
from reprowheels.errors import CheckFailed
from reprowheels.projects import Project
from reprowheels.results import Result

from . import trees
from .test_requirements import companion

TAKING = "taking up what was built before this check was ended"
DAY = 86400.0


@pytest.fixture(autouse=True)
def kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where builds are kept, here every one, also a quick one; no other test has left any."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(unfinished, "_DEAR", 0.0)
    folder = cache / "reprowheels" / "unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return trees.lay_out("never-twice", tmp_path)


def checked(tree: Path, say: Callable[[str], None], **options: object) -> Result:
    chosen = check.Options(variations=("umask",), **options)  # type: ignore[arg-type]
    return check.check(str(tree), chosen, Project(name=tree.name), say).result


def end(tree: Path, **options: object) -> None:
    """Check a tree, and press Ctrl-C when the first two builds are made."""
    batches = 0

    def say(text: str) -> None:
        nonlocal batches
        batches += text.startswith("building")
        if batches > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checked(tree, say, **options)


def go_on(tree: Path, **options: object) -> tuple[Result, list[str]]:
    """Check a tree to the end; return the result and which builds were taken up."""
    said: list[str] = []
    result = checked(tree, said.append, **options)
    return result, sorted(text.rpartition(": ")[2] for text in said if text.startswith(TAKING))


def left(kept: Path) -> list[str]:
    """Return the SHA-256 of what is kept."""
    return sorted(unfinished.index.sha256_of(path) for path in kept.rglob("*.whl"))


def test_builds_are_taken_up_and_counted_once(tree: Path, kept: Path) -> None:
    """Both builds of the check that was ended count, those that it lacked are made, and the answer leaves nothing."""
    end(tree)
    before = left(kept)
    assert len(before) == 2
    result, taken = go_on(tree)
    assert taken == ["baseline", "umask"]
    assert (result.status, result.repeatable) == (results.UNREPRODUCIBLE, results.NO)
    assert sorted(build.sha256 for build in result.builds[:2]) == before
    assert len({build.sha256 for build in result.builds}) == len(result.builds) > 2
    assert not list(kept.iterdir())
    again, taken = go_on(tree)
    assert not taken
    assert again.sha256 not in before


def test_the_time_before_counts_where_its_builds_do(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv(spent.TOLD, str(told))
    began = time.monotonic()
    end(tree)
    once = time.monotonic() - began
    assert spent.total(told)[0] == 0
    end(tree)
    first, _ = spent.total(told)
    assert 0 < first <= once
    told.unlink()
    assert go_on(tree)[1]
    assert first <= spent.total(told)[0] <= time.monotonic() - began
    told.unlink()
    go_on(tree)
    assert spent.total(told)[0] == 0


def test_a_check_that_is_ended_twice(tree: Path, kept: Path) -> None:
    """What was taken up stays until there is an answer."""
    end(tree)
    before = left(kept)
    end(tree)
    assert left(kept) == before
    assert go_on(tree)[1] == ["baseline", "umask"]


def test_what_the_backend_asked_for_is_known(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builds were made with it, and are another's once it has a newer release."""
    links = tmp_path / "links"
    links.mkdir()
    companion(links)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    tree = trees.lay_out("never-twice", tmp_path, token="companion")
    end(tree)
    assert go_on(tree)[1] == ["baseline", "umask"]
    end(tree)
    companion(links, "1.1")
    result, taken = go_on(tree)
    assert not taken
    assert result.environment is not None
    assert [pin.version for pin in result.environment.requires] == ["1.1"]


def test_another_check_takes_nothing(tree: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other settings, another checker, another sdist."""
    end(tree)
    assert not go_on(tree, source_date_epoch=None)[1]
    assert not go_on(tree, config_settings=(("key", ("value",)),))[1]
    with monkeypatch.context() as patched:
        patched.setattr(identity, "source", lambda module="": "another")
        assert not go_on(tree)[1]
    (tree / "more.txt").write_text("another sdist")
    assert not go_on(tree)[1]
    (tree / "more.txt").unlink()
    assert len(left(kept)) == 2


def test_a_wheel_that_was_damaged_is_built_again(tree: Path, kept: Path) -> None:
    end(tree)
    for path in kept.rglob("0-*/*.whl"):
        path.write_bytes(path.read_bytes()[:-1])
    assert not go_on(tree)[1]


def test_a_build_that_was_not_kept_to_its_end(tree: Path, kept: Path) -> None:
    """Power that went away in the middle of a file leaves no entry that could be read."""
    end(tree)
    (first, _) = sorted(kept.rglob("build.json"))
    first.write_text('{"sha256": ')
    assert len(go_on(tree)[1]) == 1


def test_two_checks_at_once_share_nothing(tree: Path, kept: Path) -> None:
    """What another process is about to use, or may still write, is left to it."""
    end(tree)
    before = left(kept)
    (folder,) = kept.iterdir()
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not go_on(tree)[1]
    assert left(kept) == before
    assert go_on(tree)[1] == ["baseline", "umask"]


def test_what_nobody_takes_up_goes(tree: Path, tmp_path: Path, kept: Path) -> None:
    """Not at once, and not while somebody is at work on it; the next build that is kept makes room."""
    end(tree)
    (old,) = kept.iterdir()

    def aged(days: float) -> list[Path]:
        then = time.time() - days * DAY
        os.utime(old, (then, then))
        end(trees.lay_out("never-twice", tmp_path, name=f"other-{len(list(kept.iterdir()))}"))
        return list(kept.iterdir())

    assert old in aged(2.9)
    with (old / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert old in aged(3.1)
    assert old not in aged(3.1)


def test_a_failure_keeps_what_there_is(tree: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that comes to no answer, here for want of room, goes on where it was as well."""

    def fails(*arguments: object) -> None:
        raise CheckFailed("build", "disk-full", "no room")

    with monkeypatch.context() as patched:
        patched.setattr(check, "concluded", fails)
        result, _ = go_on(tree)
    assert result.failure is not None
    assert set(go_on(tree)[1]) == {"baseline", "baseline again", "umask"}


def test_quick_builds_are_not_kept(tree: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_DEAR", 60.0)
    end(tree)
    assert not kept.exists()


def test_a_larger_bound_goes_on_where_a_smaller_one_was_hit(tmp_path: Path, kept: Path) -> None:
    """What is not isolated yet keeps its builds for a check that may make more; the same bound once more builds afresh."""
    tree = trees.lay_out("tells-machine", tmp_path)

    def bounded(bound: int) -> tuple[Result, int]:
        said: list[str] = []
        result = check.check(str(tree), check.Options(max_builds=bound), Project(name=tree.name), said.append).result
        return result, sum(text.startswith(TAKING) for text in said)

    small, taken = bounded(3)
    assert (len(small.builds), taken) == (3, 0)
    assert small.one_of
    assert bounded(3)[1] == 0
    large, taken = bounded(20)
    assert not large.one_of
    assert large.depends_on
    assert taken >= 3  # guards are kept as well
    assert large.builds[:2] == small.builds[:2]
    assert not list(kept.iterdir())


def test_slow_builds_answer_first_and_isolate_later(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slow is told by the first two builds, so that what is quick is isolated at once."""
    tree = trees.lay_out("only-together", tmp_path)

    def found(*, answer_first: bool) -> tuple[Result, int]:
        said: list[str] = []
        options = check.Options(answer_first=answer_first)
        result = check.check(str(tree), options, Project(name=tree.name), said.append).result
        return result, sum(text.startswith(TAKING) for text in said)

    assert not found(answer_first=True)[0].one_of
    monkeypatch.setattr(check, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(check, "_GUARDS", 0)  # as where builds are slow
    small, taken = found(answer_first=True)
    assert (small.repeatable, taken) == ("yes", 0)
    assert len(small.builds) <= projects.FIRST_ANSWER
    assert small.one_of
    large, taken = found(answer_first=False)
    assert (large.repeatable, large.one_of) == ("yes", ())
    assert taken >= len(small.builds)
    assert set(large.depends_on) <= {*small.depends_on, *small.one_of}
    assert not list(kept.iterdir())


def test_what_builds_took_counts_for_whoever_takes_them_up(
    tree: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv(spent.TOLD, str(told))
    end(tree)
    took = [json.loads(path.read_bytes())["processor_seconds"] for path in kept.glob("*/*/build.json")]
    assert len(took) == 2
    assert sum(took) == pytest.approx(spent.total(told)[1])
    assert all(took)
    told.unlink()
    result, taken = go_on(tree)
    assert len(taken) == 2
    lines = [float(line.split()[1]) for line in told.read_text().splitlines() if not float(line.split()[0])]
    assert sorted(lines[:2]) == sorted(took)
    assert len(lines) == len(result.builds)
