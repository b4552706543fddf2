"""One example of every cause, and of what must stay unexplained."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprowheels import catalogue, causes, verdicts
from reprowheels.compare import compare
from reprowheels.results import Finding
from reprowheels.variations import NAMES, VARIATIONS, Settings
from reprowheels.variations import settings as varied_settings
from reprowheels.wheel import Wheel, read

from . import elves, wheels

NAME = "sample_project-1.0-py3-none-any.whl"
INFO = "sample_project-1.0.dist-info"
BASE = Settings()


def pair(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> tuple[Wheel, Wheel]:
    return read(wheels.wheel(tmp_path / "1", **first)), read(wheels.wheel(tmp_path / "2", **second))


def found(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.cause, finding.variation) for finding in findings]


def packed(moment: int, content: bytes = b"text\n", level: int = 9) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=moment, compresslevel=level) as file:
        file.write(content)
    return buffer.getvalue()


def tar(names: Sequence[str] = ("a", "b"), **fields: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info)
    return buffer.getvalue()


def bytecode(moment: int, path: bytes = b"a.py") -> bytes:
    return b"\xa7\r\r\n" + struct.pack("<LLL", 0, moment, 5) + b"\xe3code\xfa%c%b\xda\x08<module>" % (len(path), path)


WORDS = "".join(f"word {number % 97} {number % 89}\n" for number in range(3000)).encode()

EXTRAS, SARTXE = "Provides-Extra: a\nProvides-Extra: b\n", "Provides-Extra: b\nProvides-Extra: a\n"
TAG = "Tag: py2-none-any\n"


def rust(home: bytes) -> bytes:
    """Return a compiled file as Rust makes it: strings without an end, and numbers that say how far away they are."""
    crates = b"".join(home + b"/.cargo/registry/src/%s/src/lib.rs" % name for name in (b"smallvec-1.15.1", b"triomphe-0.1.16"))
    text = b"called on a value that is `None`" + crates + b"a Display implementation returned an error"
    return elves.elf(
        {".rodata": text + struct.pack("<4i", *(len(text) + n for n in (3, 70000, 9, 140000))), ".text": bytes([len(text)]) * 40}
    )


# What two wheels show of whose builds nothing is known: cause, name of the file, both contents.
INFERRED: list[tuple[str, str, str | bytes, str | bytes]] = [
    ("build-timestamp", "a.py", "BUILT = '2026-11-24T07:18:57.175543+00:00'", "BUILT = '2026-11-25T09:18:59.2+00:00'"),
    ("build-timestamp", "a.py", "DATE = '20261124'", "DATE = '20271227'"),
    ("build-timestamp", "LICENSE", "Copyright (c) 2026 Somebody", "Copyright (c) 2027 Somebody"),
    ("build-timestamp", "a.py", "STAMP = 1795504739", "STAMP = 1795504741"),
    ("build-timestamp", "a.py", "STAMP = 1795504739.125", "STAMP = 1795504741.75"),
    ("build-timestamp", "a.json", '{"time": 1795504739123}', '{"time": 1795504749321}'),
    ("build-timestamp", "a.txt", "Tue Nov 24 07:19:11 2026", "Wed Nov 25 07:20:13 2026"),
    ("build-timestamp", "a.txt", "Tue, 24 Nov 2026 07:19:11 GMT", "Wed, 25 Nov 2026 08:20:13 GMT"),
    ("build-timestamp", "a.1", '.TH A 1 "November 2026"', '.TH A 1 "December 2027"'),
    ("build-timestamp", "a.bin", b"\0built Nov 24 2026 07:19:11\0\1\2", b"\0built Nov  5 2027 09:19:13\0\1\2"),
    ("build-timestamp", "a.txt", "at 07:19:11", "at 07:19:13"),
    ("build-timestamp", "a.txt", "at 07:19:11 AM", "at 07:21:13 PM"),
    ("build-timestamp", "a.txt", "24.11.2026 07:19", "25.11.2026 09:31"),
    ("build-timestamp", "a.txt", "20261124T071911Z", "20261125T091911Z"),
    ("build-timestamp", "a.txt", "BUILD_YEAR = 2026", "BUILD_YEAR = 2027"),
    ("build-timestamp", "a.txt", "2026", "2027"),
    ("build-timestamp", "a.txt", "built on a Tuesday", "built on a Wednesday"),
    ("timezone", "a.txt", "Tue Nov 24 07:19:11 UTC 2026", "Tue Nov 24 21:19:11 +14 2026"),
    ("timezone", "a.po", "POT-Creation-Date: 2020-07-31 02:47+0000", "POT-Creation-Date: 2020-07-31 16:47+1400"),
    ("timezone", "a.txt", "2020-07-31 02:47:38", "2020-07-31 16:47:38"),
    ("locale", "a.txt", "built in August", "built in août"),
    ("locale", "a.txt", "Tuesday, 24 November 2026", "Dienstag, 24 November 2026"),
    ("encoding", "a.txt", "Müller, José", "MÃŒller, JosÃ©"),
    ("encoding", "a.txt", "Müller, José", "Müller, José".encode("iso8859-15")),
    ("encoding", "a.txt", "Müller, José", "M?ller, Jos?"),
    ("random-id", "a.json", "urn:uuid:01da281c-beaa-42ce-baee-3a70ca0bbb6c", "urn:uuid:194569de-b549-469b-8d25-1818fac330ef"),
    ("temporary-name", "a.py", "# from /tmp/tmpab12_x9z/a.pyx", "# from /tmp/tmpq812_x9z/a.pyx"),
    ("temporary-name", "a.py", "D = '/src/.mesonpy-x1y2z3ab/src'", "D = '/src/.mesonpy-9_y2z3ab/src'"),
    ("temporary-name", "a.py", "D = '/tmp/pip-req-build-x1y2z3ab/src'", "D = '/tmp/pip-req-build-9_y2z3ab/src'"),
    ("temporary-name", "a.bin", b"\0/tmp/.tmp-a-pep517-42etjuso/src\0\1", b"\0/tmp/.tmp-a-pep517-4ojky2vn/src\0\1"),
    ("temporary-name", "a.bin", b"\0ccGh12Xy.o\0\1", b"\0ccAB12Xy.o\0\1"),
    ("temporary-name", "a.bin", b"\0../../tmpnwdo6ooc/_cyutility.pyx\0\1", b"\0../../tmpftwz20tp/_cyutility.pyx\0\1"),
    ("memory-address", "a.py", "D = <object at 0x7f12ab34cd56>", "D = <object at 0x7f99ab34cd50>"),
    ("build-path", "a.py", "D = '/home/one/src/a.c'", "D = '/builds/two/a.c'"),
    ("build-path", "a.bin", b"\0/builds/one/a.c\0/builds/one\0\1", b"\0/var/lib/two/a.c\0/var/lib/two\0\1"),
    ("build-path", "a.so", elves.elf({".debug_str": b"/home/a/src\0"}), elves.elf({".debug_str": b"/builds/b\0"})),
    ("build-path", "a.pyc", bytecode(7, b"/home/a/src/a.py"), bytecode(7, b"/builds/b/longer/src/a.py")),
    ("env-path", "a.py", "I = '/venv/one/lib/site-packages/x.h'", "I = '/other/lib/site-packages/x.h'"),
    ("home", "a.py", "H = '/home/alice'", "H = '/home/bob'"),
    ("home", "a.so", rust(b"/home/alice"), rust(b"/home/somebody")),
    ("build-path", "a.json", '"ref": "path+file:///builds/one/a#a@1"', '"ref": "path+file:///home/two/a#a@1"'),
    ("kernel", "a.json", '"os": "Linux@6.1.0-18-amd64"', '"os": "Linux@5.15.0-91-generic"'),
    ("git-metadata", "a.py", "GIT_COMMIT = '" + "1a" * 20 + "'", "GIT_COMMIT = '" + "2b" * 20 + "'"),
    ("tool-version", "a.c", "/* Generated by Cython 3.0.1 */", "/* Generated by Cython 3.1.0 */"),
    ("tool-version", f"{INFO}/WHEEL", wheels.WHEEL, wheels.WHEEL.replace("sample 1.0", "sample 2.0")),
    ("wheel-tags", f"{INFO}/WHEEL", wheels.WHEEL, wheels.WHEEL.replace("py3-none", "py2-none")),
    ("hash-order", "a.py", "S = {'x', 'y', 'z', 'w'}", "S = {'z', 'x', 'w', 'y'}"),
    ("element-order", "a.py", "S = ['x', 'y', 'z', 'w']", "S = ['z', 'x', 'w', 'y']"),
    ("element-order", "a.txt", "one\ntwo\nthree\n", "three\none\ntwo\n"),
    ("element-order", "a.pickle", pickle.dumps(["one", "two", "three"]), pickle.dumps(["three", "one", "two"])),
    ("archive-timestamp", "a.gz", packed(1795504739), packed(1795504741)),
    ("archive-timestamp", "a.tar", tar(mtime=1), tar(mtime=2)),
    ("archive-owner", "a.tar", tar(uname="alice", uid=7), tar(uname="bob", uid=8)),
    ("archive-permissions", "a.tar", tar(mode=0o644), tar(mode=0o664)),
    ("archive-order", "a.tar", tar(["a", "b"]), tar(["b", "a"])),
    ("archive-compression", "a.gz", packed(0, WORDS, 1), packed(0, WORDS, 4)),
    ("link-order", "a.so", elves.elf({".strtab": b"\0a.c\0b.c\0c.c\0"}), elves.elf({".strtab": b"\0c.c\0a.c\0b.c\0"})),
    ("line-ends", "a.txt", "one\ntwo\n", "one\r\ntwo\r\n"),
    ("line-ends", f"{INFO}/METADATA", wheels.METADATA, wheels.METADATA.replace("\n", "\r\n")),
    ("element-order", f"{INFO}/METADATA", wheels.METADATA + EXTRAS, wheels.METADATA + SARTXE),
    ("element-order", f"{INFO}/WHEEL", wheels.WHEEL + TAG, wheels.WHEEL.replace("py3", "py2") + TAG.replace("py2", "py3")),
    ("bytecode-header", "a.pyc", bytecode(1795504739), bytecode(1795504741)),
]

# What must not be taken for a cause: both contents.
UNEXPLAINED: list[tuple[str | bytes, str | bytes]] = [
    ("MODE = 'fast'", "MODE = 'slow'"),
    ("N = 5", "N = 6"),
    ("ID = 'f3a9c1'", "ID = '09bb2e'"),
    ("DIGEST = '" + "1a" * 32 + "'", "DIGEST = '" + "2b" * 32 + "'"),
    ("VERSION_HEX = 0x030b07f0", "VERSION_HEX = 0x030c01f0"),
    ("N = 1234567890", "N = 1934567890"),
    ("X = 3.14159", "X = 2.71828"),
    ("D = '/data/frontend'", "D = '/data/graphics'"),
    ("CC = '/usr/bin/gcc'", "CC = '/usr/local/bin/gcc'"),
    ("a = 1\nb = 2\n", "a = 1\nb = 2\nc = 3\n"),
    (b"\x01\x02\x03\x04\x00\xff", b"\x01\x02\x09\x04\x00\xff"),
    ("id 5af1d9c6-0000-5000-8000-0242ac120002", "id 11f1d9c6-0000-5000-8000-0242ac120002"),
    ("Since 1994", "Since 2024"),
    ("naïve", "noïve"),
    # What people change by hand looks like what a build writes, but for the words around it.
    ("VERSION = '2026.1'", "VERSION = '2027.1'"),
    ("__version__ = '2026.11.24'", "__version__ = '2026.12.1'"),
    ("PORT = 2026", "PORT = 2027"),
    ("RFC 2045", "RFC 2046"),
    ("spring in Mar", "spring in Apr"),
    ("def f(a, b): pass", "def f(b, a): pass"),
    ("a - b", "b - a"),
    ("return x if y else z", "return z if y else x"),
    ("import os\nimport sys\nX = 1\n", "import sys\nimport os\nX = 1\n"),
    ("# revision 1234567", "# revision 1234568"),
    ("url = '/static/css/main.css'", "url = '/assets/css/main.css'"),
    ("@route('/api/v1/users')", "@route('/internal/v1/users')"),
    ("open('/etc/ssl/certs/ca.pem')", "open('/etc/pki/tls/certs/ca.pem')"),
    ("P = '/opt/py-3.11.9/lib/python3.11/site-packages/a'", "P = '/opt/py-3.12.4/lib/python3.12/site-packages/a'"),
    ("src='/static/a1b2c3d4'", "src='/static/z9y8x7w6'"),
    ("requires six 1.16.0", "requires six 1.17.0"),
]


@pytest.mark.parametrize(("cause", "name", "first", "second"), INFERRED)
def test_a_cause_is_inferred_from_the_bytes(tmp_path: Path, cause: str, name: str, first: Any, second: Any) -> None:
    one, two = pair(tmp_path, {"files": {name: first}}, {"files": {name: second}})
    findings = causes.find(one, two)
    assert found(findings) == [(cause, "")]
    assert findings[0].members == (name,)
    assert findings[0].evidence
    assert found(causes.find(two, one)) == [(cause, "")]


@pytest.mark.parametrize(("first", "second"), UNEXPLAINED)
def test_what_shows_no_cause_stays_unexplained(tmp_path: Path, first: Any, second: Any) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    findings = causes.find(one, two)
    assert found(findings) == [("unexplained", "")]
    assert findings[0].members == ("a.py",)
    assert verdicts.verdict(compare(one, two), findings) == ("different", ())


# What an experiment shows: the variation, both contents, and the cause.
EXPERIMENTS: list[tuple[str, str, str, str]] = [
    (
        "build-path",
        f"D = '{BASE.build_dir}/x'",
        "D = '/var/tmp/reprowheels-moved/zq-build-path-that-is-longer/build/x'",
        "build-path",
    ),
    ("env-path", f"D = '{BASE.env_dir}/bin/python'", "D = '/var/tmp/reprowheels-moved/zq-env-path/env/bin/python'", "env-path"),
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


def test_modes_go_with_the_umask_and_dates_with_the_clock(tmp_path: Path) -> None:
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": {"mode": 0o100664}}})
    findings = causes.find(one, two, BASE, varied_settings(["umask", "source-mode"]), {"umask", "source-mode"})
    assert found(findings) == [("zip-permissions", "umask")]
    one, two = pair(tmp_path, {}, {"fields": {"sample/util.py": {"date": (2021, 9, 2, 3, 4, 6)}}})
    assert found(causes.find(one, two, BASE, varied_settings(["time"]), {"time"})) == [("zip-timestamp", "time")]


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


def test_two_causes_in_one_file_are_both_found(tmp_path: Path) -> None:
    first = "BUILT = '2026-11-24 07:18' on build-host"
    second = "BUILT = '2027-12-27 07:19' on zq-other-host"
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    applied = ["hostname", "time"]
    assert found(causes.find(one, two, BASE, varied_settings(applied), applied)) == [
        ("hostname", "hostname"),
        ("build-timestamp", "time"),
    ]


def test_a_cause_beside_something_unknown_does_not_hide_it(tmp_path: Path) -> None:
    first, second = "D = '2026-11-24'\nMODE = 'fast'\n", "D = '2026-11-25'\nMODE = 'slow'\n"
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    findings = causes.find(one, two)
    assert found(findings) == [("build-timestamp", ""), ("unexplained", "")]
    assert findings[1].evidence == "MODE = 'fast' ≠ MODE = 'slow'"


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


def test_suspects_come_from_words_first(tmp_path: Path) -> None:
    one, two = pair(
        tmp_path,
        {"files": {"a.py": "H = 'build-host'", "b.py": "S = ['x', 'y', 'z']"}},
        {"files": {"a.py": "H = 'zq-other-host'", "b.py": "S = ['z', 'x', 'y']"}},
    )
    suspected = causes.suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)
    assert suspected[:2] == ("hostname", "hash-seed")
    assert causes.suspects(compare(one, two), BASE, varied_settings(["home"]), ["home"]) == ()


@pytest.mark.parametrize("read_as", ["iso8859-15", "latin-1"])
def test_a_text_in_another_encoding_is_suspected_at_once(tmp_path: Path, read_as: str) -> None:
    """Also where other lines of it differ, and where it holds characters that look like misread ones to begin with."""
    text = "Ã is a letter, and so is ü.\nWritten in Düsseldorf.\nPath: {}\n"
    other = text.encode().decode(read_as)
    one, two = pair(tmp_path, {"files": {"a.txt": text.format("/one")}}, {"files": {"a.txt": other.format("/another")}})
    assert causes.suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)[0] == "encoding"
    _, two = pair(tmp_path, {}, {"files": {"a.txt": text.format("/one").replace("ü", "ö")}})
    assert "encoding" not in causes.suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)


@pytest.mark.parametrize(("variation", "first", "second", "cause"), EXPERIMENTS)
def test_suspects_never_name_what_was_not_applied(tmp_path: Path, variation: str, first: str, second: str, cause: str) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    others = [name for name in NAMES if name != variation]
    assert variation not in causes.suspects(compare(one, two), BASE, varied_settings(others), others)
    # Values that hold a word of their own are suspected at once.
    if "zq" in second.lower():
        assert causes.suspects(compare(one, two), BASE, varied_settings(NAMES), NAMES)[0] == variation


def test_the_values_of_variations_are_words_of_their_own() -> None:
    values = [str(value) for variation in VARIATIONS for value in variation.changes.values() if "zq" in str(value).lower()]
    assert len(values) == len(set(values)) >= 8


TOKENS = (
    *("2026-11-24", "2026-11-25", "07:18:57", "07:19:03", "2026", "Tuesday", "août", "August", "built", "version", "1795504739"),
    *("/home/one/src/a.c", "/builds/two/a.c", "/tmp/tmpab12_x9z", "/tmp/tmpq812_x9z", "Generated by Cython 3.0.1", "é", "Ã©"),
    *(
        "{'a', 'b', 'c', 'd'}",
        "{'d', 'b', 'a', 'c'}",
        "a",
        "b",
        "c",
        "\0",
        "\0a.c\0",
        "commit 1a2b3c4d5e",
        "0x7f12ab34cd56",
        "\r",
        "\n",
    ),
)
SOME = st.lists(st.sampled_from(TOKENS), max_size=8).map(lambda tokens: " ".join(tokens).encode())
FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "a.py": bytes,
    "a.gz": lambda content: packed(0, content),
    "a.so": lambda content: elves.elf({".text": content[:3], ".rodata": content, ".debug_str": content[3:] + b"\0"}),
    "a.pyc": lambda content: bytecode(len(content), content[:200]),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(FORMATS)), SOME, SOME, st.sampled_from([None, BASE]))
def test_whatever_differs_has_a_finding(tmp_path: Path, name: str, first: bytes, second: bytes, known: Settings | None) -> None:
    """Either way round, and nothing that does not differ has one."""
    one, two = pair(tmp_path, {"files": {name: FORMATS[name](first)}}, {"files": {name: FORMATS[name](second)}})
    there = causes.find(one, two, known, known)
    back = causes.find(two, one, known, known)
    assert bool(there) == bool(back) == (first != second)
    assert {finding.cause for finding in there} == {finding.cause for finding in back}
