"""The self-test as far as it needs no build; the builds are in tests/integration/test_canary.py."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import reprowheels
from reprowheels import selftest
from reprowheels.build import Build
from reprowheels.errors import CheckFailed
from reprowheels.variations import NAMES

CANARY = Path(reprowheels.__file__).with_name("canary") / "canary_backend.py"


def test_the_canary_looks_at_each_variation() -> None:
    """A variation without a fact of its own could be dead for years."""
    tree = ast.parse(CANARY.read_text(encoding="utf-8"))
    (table,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FACTS")
    assert isinstance(table, ast.Dict)
    assert [ast.literal_eval(key) for key in table.keys if key] == list(NAMES)


def test_a_canary_that_does_not_build_is_no_silence() -> None:
    """A self-test that fails ends the check, with the log."""
    with pytest.raises(CheckFailed) as caught:
        selftest.facts(Build(varied=frozenset(), reason="timeout", message="no end", log="the log"))
    assert (caught.value.phase, caught.value.reason, caught.value.log) == ("sandbox", "sandbox-broken", "the log")
    assert "no end" in caught.value.message
