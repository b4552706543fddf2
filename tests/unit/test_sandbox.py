"""The sandbox as a value: which variations it can give, and why not the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprowheels import sandbox, variations
from reprowheels.sandbox import Sandbox
from reprowheels.variations import BY_NAME, NAMES


def box(**lacking: str) -> Sandbox:
    return Sandbox(kind=sandbox.NONE, program="", reason="", lacking=lacking, locales="", cache=Path("/nowhere"))


def test_a_machine_that_lacks_nothing_can_vary_everything() -> None:
    assert box().applicable(NAMES) == (NAMES, {})


@pytest.mark.parametrize("name", [name for name in NAMES if BY_NAME[name].needs])
def test_a_variation_whose_need_is_not_met_has_the_reason(name: str) -> None:
    """And what does not need it is not affected."""
    for need in BY_NAME[name].needs:
        applied, refused = box(**{need: "because"}).applicable(NAMES)
        assert refused[name] == "because"
        assert set(applied) == {other for other in NAMES if need not in BY_NAME[other].needs}


def test_only_what_was_asked_for_is_refused() -> None:
    applied, refused = box(**{variations.NAMESPACES: "because"}).applicable(("umask", "hostname"))
    assert (applied, refused) == (("umask",), {"hostname": "because"})


def test_a_sandbox_that_is_not_wanted(tmp_path: Path) -> None:
    """The reason names the option, for the result and for the variations that are lost."""
    found = sandbox.detect(tmp_path, wanted=False)
    assert (found.kind, found.program) == (sandbox.NONE, "")
    assert "--no-sandbox" in found.reason
    assert found.lacking[variations.NAMESPACES] == found.reason
