"""In-toto statements: what results say, in a form that the specification's own library accepts."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

from reprowheels import cli, resultfiles, statements
from reprowheels.results import Result

RESULTS = Path(__file__).parents[2] / "docs" / "results"
TEXT = """
schema = 1
name = "six"
version = "1.17.0"
status = "reproducible"
repeatable = "yes"
robust = "yes"
published = "identical"
since = 2026-11-22
sha256 = "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"
wheel = "six-1.17.0-py2.py3-none-any.whl"
purl = "pkg:pypi/six@1.17.0"
[sdist]
filename = "six-1.17.0.tar.gz"
sha256 = "ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81"
uploaded = 2024-12-04T17:35:28Z
[environment]
python = "CPython 3.11.7"
platform = "linux-x86_64"
os = "Debian GNU/Linux 12"
compiler = "gcc 12.2.0"
source-date-epoch = 1596163658
build-dir = "/tmp/reprowheels/build"
backend = "setuptools.build_meta"
sandbox = "bubblewrap"
[[environment.requires]]
name = "setuptools"
version = "75.6.0"
filename = "setuptools-75.6.0-py3-none-any.whl"
sha256 = "aaaa70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a"
[published-wheel]
filename = "six-1.17.0-py2.py3-none-any.whl"
sha256 = "bbbb70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a"
verdict = "identical"
members = 6
"""


@pytest.fixture
def six(tmp_path: Path) -> Result:
    path = tmp_path / "six.toml"
    path.write_text(TEXT)
    return resultfiles.load(path)


def contents(result: Result) -> dict[str, Any]:
    """Return the statements of a result by the middle of their names, each accepted by the library."""
    found = {}
    for statement in statements.of(result):
        text = statement.text()
        Statement.copy_from_pb(json_format.Parse(text, StatementMessage())).validate()
        content = json.loads(text)
        predicates = {statements.PROVENANCE: Provenance, statements.TEST_RESULT: test_result_pb2.TestResult}
        json_format.ParseDict(content["predicate"], predicates[content["predicateType"]]())
        found[statement.filename.removeprefix(f"{result.name}.").removesuffix(".intoto.json")] = content
    return found


def test_a_reproducible_wheel_has_provenance(six: Result) -> None:
    found = contents(six)["provenance"]
    assert found["predicateType"] == "https://slsa.dev/provenance/v1"
    (subject,) = found["subject"]
    assert subject["digest"] == {"sha256": six.sha256}
    definition = found["predicate"]["buildDefinition"]
    assert [item["uri"].partition("?")[0] for item in definition["resolvedDependencies"]] == [
        "pkg:pypi/six@1.17.0",
        "pkg:pypi/setuptools@75.6.0",
    ]
    assert all(len(item["digest"]["sha256"]) == 64 for item in definition["resolvedDependencies"])
    assert definition["externalParameters"]["environment"]["source-date-epoch"] == 1596163658


@pytest.mark.parametrize(
    ("verdict", "outcome", "key"),
    [
        ("identical", "PASSED", "passedTests"),
        ("equivalent", "WARNED", "warnedTests"),
        ("different", "FAILED", "failedTests"),
    ],
)
def test_every_verdict_on_the_published_wheel_is_a_statement_about_that_wheel(
    six: Result, verdict: str, outcome: str, key: str
) -> None:
    assert six.published_wheel
    wheel = dataclasses.replace(six.published_wheel, verdict=verdict, differing=("six.py",))
    found = contents(dataclasses.replace(six, published=verdict, published_wheel=wheel))["published"]
    assert found["subject"][0]["digest"]["sha256"] == wheel.sha256
    assert (found["predicate"]["result"], found["predicate"][key]) == (outcome, ["published"])
    assert found["predicate"]["configuration"][-1]["annotations"]["differing"] == ["six.py"]


def test_an_unreproducible_wheel_has_a_failed_test_and_no_provenance(six: Result) -> None:
    found = contents(dataclasses.replace(six, status="unreproducible", repeatable="no", robust="not-checked"))
    assert "provenance" not in found
    assert found["built"]["predicate"]["failedTests"] == ["repeatable"]


def test_a_wheel_that_depends_on_its_environment_is_told_with_the_variations(six: Result) -> None:
    found = contents(dataclasses.replace(six, status="environment-dependent", robust="no", depends_on=("umask",)))
    predicate = found["built"]["predicate"]
    assert (predicate["result"], predicate["passedTests"], predicate["failedTests"]) == ("FAILED", ["repeatable"], ["robust"])
    assert predicate["configuration"][-1]["annotations"]["depends-on"] == ["umask"]


def test_what_is_not_known_is_not_stated(six: Result) -> None:
    assert contents(dataclasses.replace(six, stale=True)) == {}
    assert "published" not in contents(dataclasses.replace(six, published="not-checked"))
    assert contents(Result(name="six", status="build-failed", since=six.since)) == {}


def test_a_local_sdist_is_not_said_to_be_on_an_index(six: Result) -> None:
    found = contents(dataclasses.replace(six, purl="", published_wheel=None, published="not-checked"))
    assert "uri" not in found["provenance"]["subject"][0]
    assert "uri" not in found["provenance"]["predicate"]["buildDefinition"]["resolvedDependencies"][0]


def test_every_recorded_result_gives_valid_statements() -> None:
    recorded = [resultfiles.load(path) for path in sorted(RESULTS.glob("*.toml"))]
    assert recorded
    for result in recorded:
        found = contents(result)
        assert bool(found) == bool(result.sha256 and not result.stale)


def test_the_command_writes_one_file_per_statement(tmp_path: Path, six: Result, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert cli.main(["statements", "six", "--results", str(tmp_path), "--output", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(out / f"six.{kind}.intoto.json") for kind in ("provenance", "built", "published")
    ]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert cli.main(["statements", "--results", str(tmp_path), "--output", str(out)]) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert cli.main(["statements", "seven", "--results", str(tmp_path), "--output", str(out)]) == 2
    assert "no recorded result" in capsys.readouterr().err
