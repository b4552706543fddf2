"""The self-test: do the variations that the table promises really arrive in a build on this machine?"""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import pytest

import reprowheels
from reprowheels import machine, pipconfig, sandbox, sdist, selftest
from reprowheels.build import Builder, Request
from reprowheels.sandbox import Limits, Sandbox
from reprowheels.variations import NAMES, Settings

from .conftest import lacks

CANARY = Path(reprowheels.__file__).with_name("canary")


def request_for(box: Sandbox, cache: Path) -> Request:
    python = machine.own_python()
    return Request(
        python=python, sandbox=box, config=pipconfig.PipConfig(), cache=cache, limits=Limits(wall=120), base=Settings()
    )


class Canaries:
    """Hold the facts that canaries saw: twice in the baseline, once with everything varied."""

    def __init__(self, box: Sandbox, cache: Path, directory: Path) -> None:
        source = sdist.read(sdist.pack(CANARY, directory), name="reprowheels-canary", version="1.0")
        builder = Builder(source, request_for(box, cache / "reprowheels"), directory / "builds")
        self.applied, self.refused = box.applicable(NAMES)
        self.first, self.again, self.varied = (selftest.facts(builder.build(varied)) for varied in ((), (), self.applied))


@pytest.fixture(scope="module")
def canaries(boxed: Sandbox, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Canaries:
    return Canaries(boxed, cache, tmp_path_factory.mktemp("canary"))


@pytest.fixture(scope="module")
def plain_canaries(plain: Sandbox, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Canaries:
    return Canaries(plain, cache, tmp_path_factory.mktemp("canary"))


@pytest.mark.parametrize("name", NAMES)
def test_a_variation_arrives(name: str, canaries: Canaries) -> None:
    """A variation changes the fact that it is named after; where it cannot, the reason is known."""
    if name in canaries.refused:
        lacks(f"{name}: {canaries.refused[name]}")
    assert canaries.first[name] != canaries.varied[name]


def test_nothing_moves_in_the_baseline(canaries: Canaries) -> None:
    """Two equal builds see the same facts, all of them."""
    assert canaries.first == canaries.again
    assert set(canaries.first) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_variation_arrives_without_a_sandbox(name: str, plain_canaries: Canaries) -> None:
    """A plain process gives fewer variations, each with its reason, and those that it gives arrive."""
    if name in plain_canaries.refused:
        assert plain_canaries.refused[name]
    else:
        assert plain_canaries.first[name] == plain_canaries.again[name] != plain_canaries.varied[name]


def test_a_plain_process_says_what_it_cannot_vary(plain_canaries: Canaries) -> None:
    """What needs a namespace is not claimed."""
    assert {"user", "hostname", "cpu-count", "file-order", "shell"} <= set(plain_canaries.refused)
    assert {"build-path", "env-path", "umask", "hash-seed", "home", "environment"} <= set(plain_canaries.applied)


def test_the_self_test_finds_nothing_to_complain_about(boxed: Sandbox, cache: Path) -> None:
    """On a machine whose sandbox works, no variation is struck off."""
    assert selftest.silent(request_for(boxed, cache / "reprowheels")) == ()


def test_the_self_test_finds_a_sandbox_that_is_deaf(boxed: Sandbox, tmp_path: Path) -> None:
    """A bubblewrap that does not do what it is told is found out, once, and not believed afterwards."""
    told = tmp_path / "told"
    deaf = tmp_path / "bwrap"
    deaf.write_text(f"""#!/bin/bash
echo once >> {shlex.quote(str(told))}
arguments=()
while [ $# -gt 0 ]; do
    if [ "$1" = --hostname ]; then arguments+=(--hostname the-same-everywhere); shift 2; else arguments+=("$1"); shift; fi
done
exec {shlex.quote(boxed.program)} "${{arguments[@]}}"
""")
    deaf.chmod(0o755)
    request = request_for(dataclasses.replace(boxed, program=str(deaf)), tmp_path / "cache")
    assert list(selftest.refused(NAMES, request)) == ["hostname"]
    assert selftest.refused(("umask",), request) == {}
    assert len(told.read_text().split()) == 2


def test_this_machine_can_do_everything_or_says_why_not(box: Sandbox) -> None:
    """What a machine lacks is told in words that name a remedy or a reason."""
    assert all(len(reason) > 10 for reason in box.lacking.values())
    assert bool(box.reason) == (box.kind == sandbox.NONE)
    if box.lacking:
        lacks("; ".join(box.lacking.values()))
