"""The catalogue of causes tells each of them in full."""

from __future__ import annotations

import pytest

from reprowheels import catalogue
from reprowheels.variations import NAMES

BACKENDS = {
    *("setuptools", "hatchling", "flit", "poetry-core", "pdm-backend"),
    *("meson-python", "scikit-build-core", "maturin"),
}


@pytest.mark.parametrize("cause", catalogue.CAUSES, ids=lambda cause: cause.id)
def test_a_cause_is_told_in_full(cause: catalogue.Cause) -> None:
    assert cause.layer in catalogue.LAYERS
    assert all(text.endswith(".") for text in (cause.sentence, cause.advice, cause.explanation, *dict(cause.fixes).values()))
    assert {backend for backend, _ in cause.fixes} <= BACKENDS
    assert cause.link.startswith("https://")
    assert set(cause.variations) <= set(NAMES)
    assert "pin your" not in "".join((cause.advice, *dict(cause.fixes).values()))
