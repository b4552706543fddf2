"""What a result says, as in-toto statements: a pure function of the committed file, unsigned.

Specifications: https://github.com/in-toto/attestation (Statement v1, test-result v0.1) and
https://slsa.dev/spec/v1.0/provenance. A negative answer is a statement like a positive one, because silence is no signal.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from . import files, resultfiles, results, tables
from .errors import UsageError
from .results import Environment, Result

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
BUILD_TYPE = "urn:reprowheels:build-wheel:1"  # described in docs/statements.md
BUILDER = "urn:reprowheels:builder:1"
KINDS = ("provenance", "built", "published")
PASSED, WARNED, FAILED = "PASSED", "WARNED", "FAILED"
_PUBLISHED = {"identical": PASSED, "equivalent": WARNED, "different": FAILED}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Hold one statement: the name of its file and its content."""

    filename: str
    content: Mapping[str, Any]

    def text(self) -> str:
        """Return the statement as JSON; equal results give equal text."""
        return json.dumps(self.content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _file(filename: str, sha256: str, purl: str = "", **annotations: Any) -> dict[str, Any]:
    """Return a file as a resource descriptor."""
    told = {key.replace("_", "-"): value for key, value in tables.filled(annotations).items()}
    return {
        "name": filename,
        "digest": {"sha256": sha256},
        **({"uri": purl} if purl else {}),
        **({"annotations": told} if told else {}),
    }


def _purl(name: str, version: str, filename: str) -> str:
    return str(PackageURL(type="pypi", name=name, version=version, qualifiers={"file_name": filename}))


def _moment(moment: datetime.datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _materials(result: Result) -> list[dict[str, Any]]:
    """Return the sdist and the build requirements as resource descriptors."""
    found = []
    if result.sdist:
        purl = _purl(result.name, result.version, result.sdist.filename) if result.purl else ""
        found.append(_file(result.sdist.filename, result.sdist.sha256, purl, uploaded=_moment(result.sdist.uploaded)))
    for item in result.environment.requires if result.environment else ():
        found.append(_file(item.filename, item.sha256, _purl(item.name, item.version, item.filename)))
    return found


def _parameters(environment: Environment) -> dict[str, Any]:
    """Return the environment of the builds, all but the files in it."""
    return {key: value for key, value in resultfiles.described(environment).items() if key != "sandbox-reason"}


def _statement(filename: str, subject: Mapping[str, Any], kind: str, predicate: Mapping[str, Any]) -> Statement:
    content = {"_type": STATEMENT, "subject": [subject], "predicateType": kind, "predicate": predicate}
    return Statement(filename=f"{filename}.intoto.json", content=content)


def _tests(answers: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a test result that lists tests by their outcome."""
    keys = {PASSED: "passedTests", WARNED: "warnedTests", FAILED: "failedTests"}
    worst = next(kind for kind in (FAILED, WARNED, PASSED) if kind in answers.values())
    listed = {key: sorted(name for name, found in answers.items() if found == kind) for kind, key in keys.items()}
    return {"result": worst, **{key: names for key, names in listed.items() if names}}


def _built(result: Result) -> Iterator[Statement]:
    """Yield what is known of the wheel that was built: its provenance if it is repeatable, and the answers."""
    if not (result.sha256 and result.environment and result.sdist):
        return
    purl = _purl(result.name, result.version, result.wheel) if result.purl else ""
    subject = _file(result.wheel, result.sha256, purl)
    materials = _materials(result)
    if result.repeatable == results.YES:
        definition = {
            "buildType": BUILD_TYPE,
            "externalParameters": {"sdist": result.sdist.filename, "environment": _parameters(result.environment)},
            "resolvedDependencies": materials,
        }
        details = {"builder": {"id": BUILDER}}
        yield _statement(f"{result.name}.provenance", subject, PROVENANCE, {"buildDefinition": definition, "runDetails": details})
    outcome = {results.YES: PASSED, results.NO: FAILED}
    answers = {"repeatable": result.repeatable, "robust": result.robust}
    known = {name: outcome[answer] for name, answer in answers.items() if answer in outcome}
    if known:
        told = {
            "status": result.status,
            "depends-on": list(result.depends_on),
            "variations": list(result.variations.applied),
            "causes": sorted({finding.cause for finding in result.findings}),
        }
        configuration = [*materials, _environment(_parameters(result.environment)), _environment(told, "answers")]
        yield _statement(f"{result.name}.built", subject, TEST_RESULT, {**_tests(known), "configuration": configuration})


def _environment(parameters: Mapping[str, Any], name: str = "environment") -> dict[str, Any]:
    """Return facts as a resource descriptor, which has to have a name and content of some kind."""
    return {"name": name, "uri": f"urn:reprowheels:{name}", "annotations": tables.filled(parameters)}


def _published(result: Result) -> Iterator[Statement]:
    """Yield whether the wheel on the index is what its sdist builds."""
    found = result.published_wheel
    outcome = _PUBLISHED.get(result.published)
    if not (found and outcome and result.sdist):
        return
    subject = _file(found.filename, found.sha256, _purl(result.name, result.version, found.filename) if result.purl else "")
    told = {
        "verdict": found.verdict,
        "normalizations": list(found.normalizations),
        "differing": list(found.differing),
        "differing-not-named": found.omitted or None,
        "members": found.members or None,
        "repaired": found.repaired or None,
    }
    configuration = [*_materials(result)[:1], _environment(dict(found.environment)), _environment(told, "comparison")]
    predicate = {**_tests({"published": outcome}), "configuration": configuration}
    yield _statement(f"{result.name}.published", subject, TEST_RESULT, predicate)


def of(result: Result) -> Sequence[Statement]:
    """Return the statements of a result; none for one that has no wheel, or whose answer is stale."""
    return () if result.stale else (*_built(result), *_published(result))


def locate(target: str, directory: Path) -> Path:
    """Return the file of the result that a file or the name of a project stands for. Raises UsageError."""
    path = Path(target) if target.endswith(".toml") else directory / f"{canonicalize_name(target)}.toml"
    if not path.is_file():
        raise UsageError(f"{path}: there is no recorded result; check the project first: reprowheels check {target}")
    return path


def save(result: Result, directory: Path) -> list[Path]:
    """Write the statements of a result into a directory and return their paths."""
    paths = []
    for statement in of(result):
        paths.append(directory / statement.filename)
        files.write(paths[-1], statement.text())
    return paths
