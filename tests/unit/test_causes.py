"""One example of every cause that bytes show by themselves, and of what must stay unexplained."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprowheels import causes, verdicts
from reprowheels.compare import compare
from reprowheels.variations import Settings

from . import elves, wheels
from .pairs import BASE, INFO, bytecode, found, packed, pair


def tar(names: Sequence[str] = ("a", "b"), **fields: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info)
    return buffer.getvalue()


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


def test_a_guess_says_the_same_either_way_round(tmp_path: Path) -> None:
    """The file in another directory, beside something else that differs: what of it is a move cannot be told."""
    texts = "/home/one/src/a.c /builds/two/a.c", "/tmp/tmpab12_x9z /home/one/src/a.c"
    one, two = pair(tmp_path, *({"files": {"a.txt": text}} for text in texts))
    assert found(causes.find(one, two)) == found(causes.find(two, one)) == [("unexplained", "")]


@pytest.mark.parametrize(("first", "second"), UNEXPLAINED)
def test_what_shows_no_cause_stays_unexplained(tmp_path: Path, first: Any, second: Any) -> None:
    one, two = pair(tmp_path, {"files": {"a.py": first}}, {"files": {"a.py": second}})
    findings = causes.find(one, two)
    assert found(findings) == [("unexplained", "")]
    assert findings[0].members == ("a.py",)
    assert verdicts.verdict(compare(one, two), findings) == ("different", ())


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
