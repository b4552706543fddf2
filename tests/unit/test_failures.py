"""What the log of a build that failed says of why."""

from __future__ import annotations

import pytest

from reprowheels import failures

RAISED = "the build backend failed in build_wheel with exit status 1"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("src/device_api.c:9:10: fatal error: portaudio.h: No such file or directory", "header portaudio.h"),
        ("sound.c:1:10: fatal error: 'sys/sound.h' file not found", "header sys/sound.h"),
        ("/usr/bin/ld: cannot find -lsnappy: No such file or directory", "library snappy"),
        ('../cairo/meson.build:31:12: ERROR: Dependency "cairo" not found (tried pkg-config and cmake)', "library cairo"),
        ('meson.build:4:0: ERROR: Dependency "x11" is required but not found.', "library x11"),
        ("meson.build:7:6: ERROR: C shared or static library 'qhull_r' not found", "library qhull_r"),
        ("meson.build:7:6: ERROR: Program 'swig' not found or not executable", "program swig"),
        ("No package 'libpq' found", "library libpq"),
        ("Package 'openblas', required by 'virtual:world', not found", "library openblas"),
        ("Package libffi was not found in the pkg-config search path.", "library libffi"),
        ("  Could NOT find ZLIB (missing: ZLIB_LIBRARY ZLIB_INCLUDE_DIR)", "library ZLIB"),
        ("error: command 'swig' failed: No such file or directory", "program swig"),
        ("unable to execute 'gfortran': No such file or directory", "program gfortran"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "file or program cmake"),
        ("/bin/sh: 1: autoreconf: not found", "program autoreconf"),
        ("sh: line 1: bison: command not found", "program bison"),
    ],
)
def test_what_is_not_found_is_named(line: str, expected: str) -> None:
    assert failures.absent(f"running build_ext\n{line}\nerror: it did not work") == expected
    assert failures.hint("backend-raised", line).startswith(f"it found no {expected}: ")
    assert failures.told("backend-raised", RAISED, line) == ("backend-raised", RAISED)


@pytest.mark.parametrize(
    "line",
    [
        "FileNotFoundError: [Errno 2] No such file or directory: 'README.rst'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/version'",
        "ModuleNotFoundError: No module named 'numpy'",
        "Run-time dependency cairo found: NO (tried pkg-config and cmake)",  # it may do without
    ],
)
def test_nothing_is_guessed(line: str) -> None:
    assert not failures.hint("backend-raised", line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>", "network-attempt"),
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("cc1plus: out of memory allocating 65536 bytes", "memory-limit"),
    ],
)
def test_what_the_limits_of_a_build_ended_is_told_by_its_own_code(line: str, expected: str) -> None:
    reason, message = failures.told(
        "backend-killed", "killed by signal 9", f"{line}\nfatal error: a.h: No such file or directory"
    )
    assert (reason, message.endswith("(killed by signal 9)")) == (expected, True)
    assert not failures.hint(reason, line)


def test_what_is_clear_stays() -> None:
    log = "fatal error: a.h: No such file or directory"
    assert failures.told("timeout", "after 5 s", log) == ("timeout", "after 5 s")
    assert not failures.hint("timeout", log)
