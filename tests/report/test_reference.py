"""The pages about the method explain every word that the checker uses."""

from __future__ import annotations

import ast
import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reprowheels import catalogue, errors, projects, results, variations
from wheelreport import reasons, words

from .building import ROOT, page


def test_words_are_complete() -> None:
    assert set(words.LAYERS) == set(catalogue.LAYERS)
    assert tuple(words.STATUSES) == (*results.STATUSES, "not-checked")
    assert set(words.REPEATABLE) == set(words.ROBUST) == set(results.ANSWERS)
    assert set(words.PUBLISHED) == set(results.PUBLISHED)
    assert set(words.MOVED) == set(results.MOVED)
    assert set(words.EXCLUSIONS) == set(projects.EXCLUSION_REASONS)
    assert set(reasons.PHASES) == set(results.PHASES)
    assert {phase for phase, _ in reasons.REASONS.values()} <= set(results.PHASES)


def test_every_reason_that_the_checker_gives_is_explained() -> None:
    used = set()
    for path in (ROOT / "checker/src/reprowheels").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("CheckFailed", "Stop"):
                used |= {argument.value for argument in node.args[1:2] if isinstance(argument, ast.Constant)}
    assert used
    assert used <= set(reasons.REASONS)


def test_the_pages_about_the_method_are_complete(site: Path) -> None:
    found = page(site, "variations")
    for variation in variations.VARIATIONS:
        assert found.row(f"{variation.name}")[1:3] == [" ".join(variation.baseline.split()), " ".join(variation.varied.split())]
        assert f"variation-{variation.name}" in found.ids
    assert {f"reason-{code}" for code in reasons.REASONS} <= page(site, "results").ids
    assert {f"cause-{cause}" for cause in catalogue.BY_ID} <= page(site, "causes").ids
    assert {f"status-{status}" for status in words.STATUSES} <= page(site, "reading").ids
    for cause in catalogue.CAUSES:
        text = page(site, f"cause/{cause.id}").text
        assert cause.advice.replace("`", "") in text
        assert all(said in text for said in (cause.explanation, *(fix for _, fix in cause.fixes)))
    text = page(site, "projects").text
    assert all(reason in text for reason in projects.EXCLUSION_REASONS)
    assert all(str(status) in page(site, "commands").text for status in (errors.OK, errors.USAGE, errors.NOT_CHECKED))


def test_every_option_of_the_checker_is_explained(site: Path) -> None:
    command = [sys.executable, "-m", "reprowheels", "check", "--help"]
    usage = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}).stdout
    options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", usage, re.MULTILINE)) - {"--help"}
    assert "--output" in options
    text = page(site, "commands").text
    assert [option for option in sorted(options) if option not in text] == []


@pytest.mark.parametrize("known", [results.Result, results.Failure, results.Environment, results.EpochProbe])
def test_every_key_of_the_schema_is_explained(site: Path, known: type) -> None:
    text = page(site, "results").text
    for field in dataclasses.fields(known):
        assert field.name.replace("_", "-") in text


def test_what_was_measured_is_shown_in_tables(committed: Path) -> None:
    found = page(committed, "speed")
    for file, tables, name in (
        ("bench", "project", "name"),
        ("bench-compare", "pair", "pair"),
        ("bench-site", "size", "projects"),
    ):
        measured = tomllib.loads((ROOT / f"docs/{file}.toml").read_text(encoding="utf-8"))
        for row in measured[tables]:
            assert found.row(str(row[name])), (file, row)
        assert measured["command"] in found.text
