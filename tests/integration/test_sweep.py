"""Sweeps over projects of an index on this machine: what is due, interrupted, killed and continued, and side by side."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from reprowheels import resultfiles, results, runs

from .indexes import NEW, OLD, Entry
from .running import assert_none_left, processes_with, wait_until
from .sweeps import FEW, Sweeps
from .test_requirements import companion


@pytest.mark.slow
def test_what_was_checked_is_not_due_until_something_is_new(sweeps: Sweeps) -> None:
    """Never checked, nothing new, a new release, asked for; a result that says the same is not written again."""
    for name in ("one", "two"):
        sweeps.release(name)
    sweeps.track("one", "two")
    assert sweeps.due() == {"one": ["never checked"], "two": ["never checked"]}
    sweeps(*FEW)
    run = sweeps.record
    assert sorted(one.name for one in run.checked) == ["one", "two"]
    assert {(change.name, change.why) for change in run.changed} == {("one", "first check"), ("two", "first check")}
    assert all(one.seconds > 0 and one.processor_seconds for one in run.checked)
    assert {"python", "os", "checker", "uv", "sandbox"} <= dict(run.environment).keys()
    before = sweeps.files()
    asked = len(sweeps.index.asked)
    assert "nothing was due" in sweeps()
    assert len(sweeps.index.asked) == asked + 2
    sweeps.release("two", "1.1")
    assert sweeps.due() == {"two": ["new release"]}
    assert "new release" in sweeps(*FEW)
    assert sweeps.due() == {}
    assert sweeps.due("--all") == {}
    assert sweeps.due("--all", "--again") == {"one": ["asked for"], "two": ["asked for"]}
    sweeps("one", *FEW)
    after = sweeps.files()
    assert after["one.toml"] == before["one.toml"]
    assert after["two.toml"] != before["two.toml"]
    outcomes = {one.name: (one.outcome, one.version) for one in sweeps.record.checked}
    assert outcomes == {"one": ("same", "1.0"), "two": ("changed", "1.1")}


@pytest.mark.slow
def test_one_that_fails_stops_no_other(sweeps: Sweeps) -> None:
    """A project that the index does not know, one that does not build, one whose check is killed; each is tried again later."""
    sweeps.release("good")
    sweeps.release("raises", package="raises")
    sweeps.index.answer("nowhere", "nothing", "text/plain", 404)
    token = f"token-{uuid.uuid4().hex}"
    sweeps.release("endless", package="never-ends", token=token)
    sweeps.track("endless", "good", "nowhere", "raises")
    with sweeps.start("--jobs", "4", *FEW) as process:
        wait_until(lambda: processes_with(token) and len(sweeps.recorded()) == 3, process)
        for number in processes_with("reprowheels.tied"):
            if "check endless" in Path("/proc", str(number), "cmdline").read_text().replace("\0", " "):
                os.kill(number, signal.SIGKILL)
        out, err = process.communicate()
    assert process.returncode == 3, err
    assert_none_left(token)
    found = {one.name: one.outcome for one in sweeps.record.checked}
    assert found == {"good": "changed", "raises": "failed", "nowhere": "failed", "endless": "crashed"}
    assert sorted(path.name for path in (sweeps.folder / "results").glob("*.toml")) == [
        "good.toml",
        "nowhere.toml",
        "raises.toml",
    ]
    assert "endless: the check broke off" in out
    assert sweeps.due() == {"endless": ["never checked"]}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_sweep_goes_on_where_it_was(sweeps: Sweeps, number: signal.Signals) -> None:
    """At any moment: what was recorded is whole and is not checked again, and nothing is left running."""
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    names = [f"project-{n}" for n in range(5)]
    for name in names:
        sweeps.release(name)
    sweeps.track(*names)
    before = chance.randrange(len(names))
    with sweeps.start("--jobs", "2", *FEW) as process:
        wait_until(lambda: len(sweeps.recorded()) >= before, process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=chance.random())
        process.send_signal(number)
        process.communicate()
    message = f"seed {seed}"
    scratch = str(sweeps.folder / "cache")
    assert_none_left(scratch)
    done = {one.name: one.at for path in (sweeps.folder / "runs").glob("*.toml") for one in runs.load(path).checked}
    assert len(done) >= before, message
    for path in (sweeps.folder / "results").glob("*.toml"):
        assert resultfiles.load(path).status == results.REPRODUCIBLE, message
    sweeps(*FEW)
    run = sweeps.record
    assert sorted(one.name for one in run.checked) == names, message
    again = {one.name: one.at for one in run.checked}
    assert {name: again[name] for name in done} == done, message
    assert sweeps.due() == {}, message


@pytest.mark.slow
def test_two_sweeps_share_the_work(sweeps: Sweeps) -> None:
    """What one process checks, the other leaves to it; the record has each project once."""
    names = [f"project-{n}" for n in range(4)]
    for name in names:
        sweeps.release(name)
    sweeps.track(*names)
    with sweeps.start("--jobs", "2", *FEW) as one, sweeps.start("--jobs", "2", *FEW) as two:
        outs = [process.communicate()[0] for process in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0), outs
    assert sorted(checked.name for checked in sweeps.record.checked) == names


def test_a_project_that_another_process_checks_is_left_to_it(sweeps: Sweeps) -> None:
    sweeps.release("one")
    sweeps.track("one")
    locks = sweeps.folder / "cache" / "reprowheels" / "locks"
    locks.mkdir(parents=True)
    with (locks / "one.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another process is checking it" in sweeps(*FEW)
    assert not (sweeps.folder / "runs").exists()
    assert "first check" in sweeps(*FEW)


@pytest.mark.slow
def test_a_new_build_requirement_makes_those_due_that_would_pick_it(sweeps: Sweeps) -> None:
    """Two projects take it and change together, which is one event; one is bound to the older release, and stays."""
    wheel = Entry(path=companion(sweeps.folder / "wheels"), uploaded=OLD)
    sweeps.index.add("companion", wheel)
    for name in ("takes-one", "takes-two"):
        sweeps.release(name, package="asks-for-more")
    sweeps.release("bound", requires="companion<2")
    sweeps.release("alone")
    sweeps.track("alone", "bound", "takes-one", "takes-two")
    sweeps(*FEW)
    assert sweeps.due() == {}
    before = sweeps.files()
    newer = companion(sweeps.folder / "wheels", "2.0", "good day")
    sweeps.index.add("companion", wheel, Entry(path=newer, uploaded=NEW))
    assert sweeps.due() == {"takes-one": ["new build requirement"], "takes-two": ["new build requirement"]}
    out = sweeps(*FEW)  # fails as well where somebody edits the checker meanwhile, which then has moved, too
    assert "companion 1.0 → 2.0 moved 2 projects: takes-one, takes-two" in out
    (event,) = sweeps.record.events
    assert (event.what, event.projects) == ("companion 1.0 → 2.0", ("takes-one", "takes-two"))
    last = sweeps.result("takes-one").history[-1]
    assert last.why == "another wheel from the same release: companion 1.0 → 2.0"
    assert {name for name, held in sweeps.files().items() if before[name] != held} == {"takes-one.toml", "takes-two.toml"}
    assert sweeps.due() == {}
    sweeps("bound", *FEW)
    assert {one.name: one.passed_over for one in sweeps.record.checked}["bound"] == ("companion 2.0",)
    assert sweeps.due() == {}


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified", ""])
def test_pages_that_are_as_before_are_not_sent_again(sweeps: Sweeps, validator: str) -> None:
    sweeps.index.validator = validator
    sweeps.release("one")
    sweeps.release("two")
    sweeps.track("one", "two")
    assert len(sweeps.due()) == 2
    assert sweeps.index.sent == 2
    assert len(sweeps.due()) == 2
    assert sweeps.index.sent == (2 if validator else 4)
    sweeps.release("two", "2.0")
    told = json.loads(sweeps("--plan"))["due"]
    assert {one["name"]: one["version"] for one in told} == {"one": "1.0", "two": "2.0"}
    assert sweeps.index.sent == (3 if validator else 6)


def test_a_page_that_was_damaged_in_the_cache_is_fetched_anew(sweeps: Sweeps) -> None:
    sweeps.index.validator = "ETag"
    sweeps.release("one")
    sweeps.track("one")
    sweeps.due()
    for path in (sweeps.folder / "cache" / "reprowheels" / "pages").iterdir():
        path.write_bytes(path.read_bytes()[:-7])
    assert sweeps.due() == {"one": ["never checked"]}
    assert sweeps.index.sent == 2


def test_a_plan_in_shards_names_everything_once(sweeps: Sweeps) -> None:
    names = [f"project-{n}" for n in range(5)]
    for name in names:
        sweeps.release(name)
    sweeps.track(*names)
    plan = json.loads(sweeps("--plan", "--shards", "2"))
    assert sorted(name for shard in plan["shards"] for name in shard["names"]) == names
    assert [len(shard["names"]) for shard in plan["shards"]] == [3, 2]
    assert len(json.loads(sweeps("--plan", "--shards", "9"))["shards"]) == 5
    assert not (sweeps.folder / "results").exists()
    assert all(one["answer-first"] for one in plan["due"])
    named = json.loads(sweeps("--plan", names[0]))["due"][0]
    assert not named["answer-first"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--again",), "--again goes with --all"),
        (("--all", "one"), "name projects or write --all"),
        (("./one",), "is not the name of a project"),
        (("--scheduler", "tcp://127.0.0.1:9"), "--scheduler"),
        (("--projects", "nowhere.toml"), "nowhere.toml: cannot be read"),
    ],
)
def test_a_mistake_on_the_command_line(sweeps: Sweeps, options: tuple[str, ...], message: str) -> None:
    sweeps.release("one")
    sweeps.track("one")
    with sweeps.start(*options) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert message in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_sweep_on_a_cluster(sweeps: Sweeps) -> None:
    """A scheduler and a worker of Dask in processes of their own; what comes back is written and recorded here."""
    for name in ("one", "two"):
        sweeps.release(name)
    sweeps.release("raises", package="raises")
    sweeps.track("one", "raises", "two")
    place = sweeps.folder / "scheduler.json"
    environ = sweeps.runner.environment(sweeps.folder)
    shared = {"env": environ, "cwd": sweeps.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    begin = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(place)]
    with subprocess.Popen(begin, **shared) as scheduler:
        try:
            wait_until(place.exists, scheduler)
            address = json.loads(place.read_text())["address"]
            join = [*dask, "worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard"]
            with subprocess.Popen(join, **shared) as worker:
                try:
                    sweeps("--scheduler", address, *FEW, status=3)
                finally:
                    worker.terminate()
        finally:
            scheduler.terminate()
    found = {one.name: one.outcome for one in sweeps.record.checked}
    assert found == {"one": "changed", "two": "changed", "raises": "failed"}
    assert sweeps.result("one").status == results.REPRODUCIBLE
    assert sweeps.due() == {}
