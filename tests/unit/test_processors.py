"""Builds side by side get processors of their own, as long as there are any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprowheels import processors


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {2, 3, 5, 7})


def test_each_gets_its_own_and_what_was_free_again_comes_back(four: None, tmp_path: Path) -> None:
    with processors.taken(1, tmp_path) as one, processors.taken(2, tmp_path) as two:
        with processors.taken(1, tmp_path) as three:
            assert sorted(one + two + three) == [2, 3, 5, 7]
        with processors.taken(1, tmp_path) as four_:
            assert four_ == three


def test_where_none_is_free_they_are_shared(four: None, tmp_path: Path) -> None:
    with processors.taken(3, tmp_path) as one, processors.taken(3, tmp_path) as two:
        assert len(one) == len(two) == 3
        assert {2, 3, 5, 7} == {*one, *two}


def test_all_of_them_need_no_lock(four: None, tmp_path: Path) -> None:
    with processors.taken(4, tmp_path) as one, processors.taken(9, tmp_path) as two:
        assert one == two == [2, 3, 5, 7]
    assert not list(tmp_path.iterdir())


def test_another_process_leaves_out_what_is_taken_here(tmp_path: Path) -> None:
    """Each process begins to count at the same processor; without the locks both would build on it."""
    script = (
        "import sys; from pathlib import Path; from reprowheels import processors\n"
        "with processors.taken(1, Path(sys.argv[1])) as found: print(*found)"
    )
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor only")
    with processors.taken(1, tmp_path) as here:
        there = [
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
            ).stdout.split()
            for _ in range(2)
        ]
    assert all([int(number) for number in numbers] != here for numbers in there)
