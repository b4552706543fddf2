"""Findings on whole wheels: the archive, names, RECORD, and the verdict that follows from them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from reprowheels import catalogue, causes, verdicts
from reprowheels.compare import compare
from reprowheels.variations import settings as varied_settings
from reprowheels.wheel import read

from . import wheels
from .pairs import BASE, INFO, found, pair

NAME = "sample_project-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("zip-timestamp", {"date": (2021, 1, 2, 3, 4, 6)}),
        ("zip-permissions", {"mode": 0o100664}),
        ("zip-permissions", {"mode": 0o100600}),
        ("zip-permissions", {"mode": 0o000644}),
        ("file-mode", {"mode": 0o104644}),
        ("file-mode", {"mode": 0o120644}),
        ("file-mode", {"mode": 0o100755}),
        ("zip-compression", {"compress_type": zipfile.ZIP_STORED}),
        ("zip-creator", {"create_system": 0}),
        ("zip-extra", {"comment": b"a comment"}),
    ],
)
def test_fields_of_the_archive_are_causes(tmp_path: Path, cause: str, change: dict[str, Any]) -> None:
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": change}})
    findings = causes.find(one, two)
    assert [finding.cause for finding in findings] == [cause]
    assert findings[0].members == ("sample/util.py",)
    folds = catalogue.BY_ID[cause].folds
    assert verdicts.verdict(compare(one, two), findings) == (("equivalent", (cause,)) if folds else ("different", ()))


def test_flags_order_and_directories_of_the_archive(tmp_path: Path) -> None:
    one = wheels.wheel(tmp_path / "1", {"é.py": ""})
    two = wheels.wheel(tmp_path / "2", {"é.py": ""})
    data = two.read_bytes()
    central = data.find(b"PK\x01\x02")
    changed = bytearray(data)
    changed[6:8] = changed[central + 8 : central + 10] = b"\0\0"
    two.write_bytes(changed)
    findings = causes.find(read(one), read(two))
    assert "zip-flags" in {finding.cause for finding in findings}
    every = wheels.contents()
    one = wheels.write(tmp_path / "1" / NAME, every)
    two = wheels.write(tmp_path / "2" / NAME, {"sample/": b"", **every}, order=["sample/", *list(every)[::-1]])
    findings = causes.find(read(one), read(two), BASE, varied_settings(["file-order"]), {"file-order"})
    assert found(findings) == [("zip-order", "file-order"), ("zip-directories", "file-order")]
    assert verdicts.verdict(compare(read(one), read(two)), findings)[0] == "equivalent"


HEADERS = (
    'Requires-Dist: a\nRequires-Dist: b; extra == "all"\nRequires-Dist: c; extra == "all"\nClassifier: One\nClassifier: Two\n'
)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ('b; extra == "all"\nRequires-Dist: c', 'c; extra == "all"\nRequires-Dist: b', ("equivalent", ("element-order",))),
        ('b; extra == "all"\nRequires-Dist: c', 'c; extra == "all"\nRequires-Dist: d', ("different", ())),
        ("a\nRequires-Dist: b;", "b\nRequires-Dist: a;", ("different", ())),
        ("One\nClassifier: Two", "Two\nClassifier: One", ("different", ())),
        ("In text:\nRequires-Dist: x\nRequires-Dist: y", "In text:\nRequires-Dist: y\nRequires-Dist: x", ("different", ())),
    ],
    ids=[
        "dependencies in another order",
        "another dependency",
        "another condition",
        "other lines in another order",
        "in the text",
    ],
)
def test_only_the_order_of_dependencies_is_ignored(
    tmp_path: Path, old: str, new: str, verdict: tuple[str, tuple[str, ...]]
) -> None:
    """Installers take them for a set; RECORD follows."""
    head = wheels.METADATA.replace("\n\n", f"\n{HEADERS}\n", 1) + "In text:\nRequires-Dist: x\nRequires-Dist: y\n"
    assert old in head
    name = "sample_project-1.0.dist-info/METADATA"
    one, two = pair(tmp_path, *({"files": {**wheels.PACKAGE, name: text}} for text in (head, head.replace(old, new))))
    comparison = compare(one, two)
    assert verdicts.verdict(comparison, causes.explained(comparison)) == verdict


def test_record_is_a_finding_only_when_it_is_out_of_order_or_lies(tmp_path: Path) -> None:
    every = wheels.contents()
    rows = str(every[f"{INFO}/RECORD"]).splitlines(keepends=True)
    one = read(wheels.write(tmp_path / "1" / NAME, every))
    other = read(wheels.write(tmp_path / "2" / NAME, {**every, f"{INFO}/RECORD": "".join(rows[::-1])}))
    findings = causes.find(one, other)
    assert found(findings) == [("record-order", "")]
    assert verdicts.verdict(compare(one, other), findings)[0] == "equivalent"
    false = read(wheels.write(tmp_path / "3" / NAME, {**every, f"{INFO}/RECORD": "".join(rows[1:])}))
    findings = causes.find(one, false)
    assert found(findings) == [("record-false", "")]
    assert verdicts.verdict(compare(one, false), findings)[0] == "different"


def test_a_version_from_the_clock(tmp_path: Path) -> None:
    names = ("sample_project-1.0.dev1795504739-py3-none-any.whl", "sample_project-1.0.dev1795504741-py3-none-any.whl")
    one, two = pair(tmp_path, {"name": names[0]}, {"name": names[1]})
    findings = causes.find(one, two)
    assert found(findings) == [("version", "")]
    assert findings[0].evidence == "1.0.dev1795504739 ≠ 1.0.dev1795504741"


def test_what_two_interpreters_call_an_extension_is_one_file(tmp_path: Path) -> None:
    names = [f"sample_project-1.0-cp{minor}-cp{minor}-linux_x86_64.whl" for minor in ("311", "312")]
    modules = [f"sample/fast.cpython-{minor}-x86_64-linux-gnu.so" for minor in ("311", "312")]
    first, second = (
        {"name": name, "files": {module: module, **more}}
        for name, module, more in zip(names, modules, ({}, {"sample/new.py": ""}), strict=True)
    )
    findings = causes.find(*pair(tmp_path, first, second))
    assert found(findings) == [("wheel-tags", ""), ("unexplained", "")]
    assert findings[0].members == tuple(modules)
    assert findings[1].members == ("sample/new.py",)


def test_between_two_releases_people_change_dates_and_orders(tmp_path: Path) -> None:
    names = [f"sample_project-{version}-py3-none-any.whl" for version in ("1.0", "1.1")]
    first, second = (
        {"name": name, "files": {"a.py": text}}
        for name, text in zip(
            names, ("X = 'a', 'b', 'c', 'd'\n# built 2026-11-24\n", "X = 'd', 'c', 'a', 'b'\n# built 2027-01-05\n"), strict=True
        )
    )
    assert found(causes.find(*pair(tmp_path, first, second))) == [("version", ""), ("unexplained", "")]


def test_a_cause_beside_something_unknown_does_not_hide_it(tmp_path: Path) -> None:
    first, second = "D = '2026-11-24'\nMODE = 'fast'\n", "D = '2026-11-25'\nMODE = 'slow'\n"
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    findings = causes.find(one, two)
    assert found(findings) == [("build-timestamp", ""), ("unexplained", "")]
    assert findings[1].evidence == "MODE = 'fast' ≠ MODE = 'slow'"


def test_members_named_after_something_random_are_one_cause(tmp_path: Path) -> None:
    names = [f"sample/{word}.bin" for word in ("01da281c-beaa-42ce-baee-3a70ca0bbb6c", "194569de-b549-469b-8d25-1818fac330ef")]
    one, two = pair(tmp_path, {"files": {names[0]: "x"}}, {"files": {names[1]: "x"}})
    findings = causes.find(one, two)
    assert found(findings) == [("random-id", "")]
    assert set(findings[0].members) == set(names)


def test_identical_wheels_have_no_findings(tmp_path: Path) -> None:
    one, two = pair(tmp_path, {}, {})
    assert causes.find(one, two) == ()
    assert verdicts.verdict(compare(one, two), ()) == ("identical", ())
