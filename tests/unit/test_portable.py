"""Results that name no place of the machine that made them."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

from reprowheels import portable, results
from reprowheels.pipconfig import PipConfig

SOURCE = "registry+https://crates.example.org/index#asn1@0.24.1"
CONFIG = PipConfig(index_url="https://packages.example.net/simple")


def test_neither_the_index_nor_a_registry_of_crates_nor_a_directory_is_named() -> None:
    text = f"{SOURCE} from https://files.example.net/a by {Path.home()}/.venv and /opt/python-3/lib"
    finding = results.Finding(cause="build-path", evidence=text)
    result = results.Result(name="a", version="1", status=results.REPRODUCIBLE, since=datetime.date(2026, 11, 24))
    found = portable.portable(dataclasses.replace(result, findings=(finding,)), CONFIG, (), "/opt/python-3")
    shown = "registry+<index>#asn1@0.24.1 from https://files.<index>/a by ~/.venv and <python>/lib"
    assert found.findings[0].evidence == shown
    assert portable.hiding(CONFIG, (), "/opt/python-3")(text.encode()) == shown.encode()
