"""Findings where builds have isolated a variation: one example of each."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from reprowheels import catalogue, causes
from reprowheels.compare import compare
from reprowheels.suspects import suspects
from reprowheels.variations import NAMES, PARENT_COMMIT
from reprowheels.variations import settings as varied_settings

from . import elves
from .pairs import BASE, found, pair
from .test_causes import INFERRED

# What an experiment shows: the variation, both contents, and the cause.
EXPERIMENTS: list[tuple[str, str, str, str]] = [
    (
        "build-path",
        f"D = '{BASE.build_dir}/x'",
        "D = '/var/tmp/reprowheels-moved/zq-build-path-that-is-longer/build/x'",
        "build-path",
    ),
    ("env-path", f"D = '{BASE.env_dir}/bin/python'", "D = '/var/tmp/reprowheels-moved/zq-env-path/env/bin/python'", "env-path"),
    (
        "env-path",
        "I = '../../../env/x.pxd'",
        "I = '../../../../../../var/tmp/reprowheels-moved/zq-env-path/env/x.pxd'",
        "env-path",
    ),
    ("build-path", "I = '../../../env/x.pxd'", "I = '../../../../../../tmp/reprowheels/env/x.pxd'", "build-path"),
    ("build-path", "I = '../../../usr/x.h'", "I = '../../../../../usr/x.h'", "build-path"),
    ("home", "H = '/home/builder'", "H = '/home/zq-other-home'", "home"),
    ("temp-dir", "T = '/tmp'", "T = '/var/tmp/zq-temp-dir'", "temp-dir"),
    ("path", f"P = '{BASE.path}'", f"P = '{BASE.path}:/opt/zq-extra-path/bin'", "path"),
    ("environment", "{}", '{"CI": "true", "BUILD_NUMBER": "27182"}', "environment"),
    ("environment", "level = 1", "level = 2", "environment"),
    ("user", "U = 'builder'", "U = 'zqother'", "user"),
    ("user", "# by Builder", "# by Zq Otheruser", "user"),
    ("hostname", "H = 'build-host'", "H = 'zq-other-host'", "hostname"),
    ("kernel", "K = '6.1.0-18-amd64'", "K = '2.6.61-18-amd64'", "kernel"),
    ("cpu-count", "N = 2", "N = 1", "cpu-count"),
    ("parallel-jobs", "J = 2", "J = 3", "parallel-jobs"),
    ("cpu-features", "C = 'Some Model'", "C = 'ZQ Plain Processor'", "cpu-features"),
    ("cpu-features", "AVX = True", "AVX = False", "cpu-features"),
    ("shell", "-e text", "text", "shell"),
    ("git-parent", "V = None", "V = 'v99.77.55'", "git-metadata"),
    ("git-parent", "H = 'unknown'", f"H = '{PARENT_COMMIT[:7]}'", "git-metadata"),
    ("git-parent", "H = ''", "H = '" + "1a" * 20 + "'", "git-metadata"),
    ("umask", "M = 0o644", "M = 0o664", "umask"),
    ("source-mode", "M = 0o644", "M = 0o664", "umask"),
    ("aslr", "A = 0x555555554040", "A = 0x7ffff7fc1040", "memory-address"),
    ("time", "D = '2026-11-24'", "D = '2027-12-27'", "build-timestamp"),
    ("timezone", "D = '2026-11-24'", "D = '2026-11-25'", "timezone"),
    ("locale", "le 3 August 2020", "le 3 août 2020", "locale"),
    ("locale", "L = 'C.UTF-8'", "L = 'fr_CH.UTF-8'", "locale"),
    ("encoding", "E = 'UTF-8'", "E = 'ISO-8859-15'", "encoding"),
    ("hash-seed", "S = ['x', 'y', 'z', 'w']", "S = ['z', 'x', 'w', 'y']", "hash-order"),
    ("file-order", "F = ['a.py', 'b.py', 'c.py']", "F = ['c.py', 'b.py', 'a.py']", "file-order"),
]


@pytest.mark.parametrize(("variation", "first", "second", "cause"), EXPERIMENTS)
def test_a_finding_names_the_variation_that_a_build_isolated(
    tmp_path: Path, variation: str, first: str, second: str, cause: str
) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    findings = causes.find(one, two, BASE, varied_settings([variation]), {variation})
    assert found(findings) == [(cause, variation)]
    assert findings[0].members == ("a.py",)


def test_every_variation_has_an_experiment_and_every_cause_an_example() -> None:
    assert {variation for variation, *_ in EXPERIMENTS} == set(NAMES)
    elsewhere = {"version", "build-id", "file-mode", "record-false", "record-order", "unexplained"}
    elsewhere |= {cause.id for cause in catalogue.CAUSES if cause.id.startswith("zip-")}
    assert {cause for cause, *_ in INFERRED} | {cause for *_, cause in EXPERIMENTS} | elsewhere == set(catalogue.BY_ID)


def test_modes_go_with_the_umask_and_dates_with_the_clock(tmp_path: Path) -> None:
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": {"mode": 0o100664}}})
    findings = causes.find(one, two, BASE, varied_settings(["umask", "source-mode"]), {"umask", "source-mode"})
    assert found(findings) == [("zip-permissions", "umask")]
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": {"date": (2021, 9, 2, 3, 4, 6)}}})
    assert found(causes.find(one, two, BASE, varied_settings(["time"]), {"time"})) == [("zip-timestamp", "time")]


def test_two_causes_in_one_file_are_both_found(tmp_path: Path) -> None:
    first = "BUILT = '2026-11-24 07:18' on build-host"
    second = "BUILT = '2027-12-27 07:19' on zq-other-host"
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    applied = ["hostname", "time"]
    assert found(causes.find(one, two, BASE, varied_settings(applied), applied)) == [
        ("hostname", "hostname"),
        ("build-timestamp", "time"),
    ]


def test_bytes_and_builds_that_disagree_are_both_shown(tmp_path: Path) -> None:
    one, two = pair(
        tmp_path,
        {"files": {"a.py": "H = 'build-host'", "b.py": "N = 2"}},
        {"files": {"a.py": "H = 'zq-other-host'", "b.py": "N = 1"}},
    )
    findings = causes.find(one, two, BASE, varied_settings(NAMES), {"cpu-count"})
    assert found(findings) == [("hostname", ""), ("cpu-count", "cpu-count")]


def test_a_date_is_no_cause_where_builds_rule_it_out(tmp_path: Path) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": "N = 2026"}}, {"files": {"a.py": "N = 2027"}})
    assert found(causes.find(one, two, BASE, varied_settings(NAMES), {"environment"})) == [("environment", "environment")]


def test_variations_that_only_work_together_are_both_named(tmp_path: Path) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": "D = 'x'"}}, {"files": {"a.py": "D = 'y'"}})
    isolated = {"timezone", "locale"}
    findings = causes.find(one, two, BASE, varied_settings(isolated), isolated)
    assert sorted(found(findings)) == [("locale", "locale"), ("timezone", "timezone")]


def test_a_relative_path_into_the_environment_depends_on_both_places(tmp_path: Path) -> None:
    """It climbs from the one and goes down to the other, neither of which it names in full."""
    first, second = "I = '../../../env/lib/x.pxd'", "I = '../../../../zq-env-path/env/lib/x.pxd'"
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    assert suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)[:2] == ("env-path", "build-path")
    both = {"build-path", "env-path"}
    for isolated in (both, set()):
        findings = causes.find(one, two, BASE, varied_settings(NAMES), isolated)
        assert {cause for cause, _ in found(findings)} == both
    assert found(causes.find(one, two)) == [("unexplained", "")]  # whoever built these may have written other paths by hand


def test_the_name_of_a_user_may_be_a_word_of_the_program(tmp_path: Path) -> None:
    """It stays as it is where the home moved, and says nothing; what follows the strings has moved with them."""

    def extension(home: str) -> bytes:
        lines = "".join(f"{home}/.cargo/registry/src/a-1.0/{number}.rs no such builder of a value" for number in range(2000))
        text = lines.encode()
        return elves.elf(
            {".rodata": text + struct.pack("<2i", len(text) + 70000, len(text)), ".text": bytes([len(text) % 251]) * 40}
        )

    varied = varied_settings(NAMES)
    sides = [{"files": {"a.so": extension(each.home), "b.json": each.build_dir}} for each in (BASE, varied)]
    one, two = pair(tmp_path, *sides)
    isolated = {"home", "build-path"}
    assert found(causes.find(one, two, BASE, varied, isolated)) == [("build-path", "build-path"), ("home", "home")]


def test_code_may_hold_a_short_string_itself(tmp_path: Path) -> None:
    """A string of seven characters is stored as two numbers of four, which overlap; what else differs is none of it."""

    def extension(commit: str, number: bytes) -> bytes:
        text = commit.encode()
        code = b"\xc7\x00" + text[:4] + b"\x4c\x89\xad\x70\xff\xc7\x45\x83" + text[3:] + b"\xc3" + number
        return elves.elf({".text": code, ".rodata": b"git\0" + text + b"\0end\0"})

    first = extension("unknown", b"\x07")
    for number, rest in ((b"\x07", []), (b"\x08", [("unexplained", "")])):
        one, two = pair(tmp_path, {"files": {"a.so": first}}, {"files": {"a.so": extension(PARENT_COMMIT[:7], number)}})
        assert found(causes.find(one, two, BASE, varied_settings(NAMES))) == [("git-metadata", ""), *rest]


def test_padding_makes_room_for_a_longer_path_and_code_follows(tmp_path: Path) -> None:
    """The section keeps its length, and so does the one piece that so many strings are, which cannot be aligned."""

    def extension(directory: str) -> bytes:
        strings = b"".join(b"%s/%d.c\0" % (directory.encode(), number) for number in range(500))
        return elves.elf({".rodata": strings.ljust(1 << 16, b"\0") + b"end", ".text": bytes([len(strings) % 251]) * 8})

    varied = varied_settings(NAMES)
    one, two = pair(tmp_path, {"files": {"a.so": extension(BASE.env_dir)}}, {"files": {"a.so": extension(varied.env_dir)}})
    assert found(causes.find(one, two, BASE, varied)) == [("env-path", "")]
