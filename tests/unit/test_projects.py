"""projects.toml: the file of this repository, and every key of a table."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

from reprowheels.projects import Exclusion, Project, load

TRACKED = Path(__file__).parents[2] / "projects.toml"

EVERY_KEY = """\
[[project]]
name = "pyarrow"
groups = ["top-100", "slow"]
version = "22.0.0"
python = "3.12"
apt = ["cmake", "ninja-build"]
timeout = 7200
max-builds = 4
network-at-build = true
notes = "Needs a library."

[project.exclude]
reason = "needs-system-package"
text = "There is no package of the library."
since = 2026-11-22
review-by = 2027-05-22
evidence = "CMake Error: could not find Arrow"
last-retry = 2026-12-01
needed = "libarrow-dev"

[[project]]
name = "attrs"
groups = []
"""


def test_every_key_arrives(tmp_path: Path) -> None:
    path = tmp_path / "projects.toml"
    path.write_text(EVERY_KEY, encoding="utf-8")
    exclusion = Exclusion(
        reason="needs-system-package",
        text="There is no package of the library.",
        since=datetime.date(2026, 11, 22),
        review_by=datetime.date(2027, 5, 22),
        evidence="CMake Error: could not find Arrow",
        last_retry=datetime.date(2026, 12, 1),
        needed="libarrow-dev",
    )
    pyarrow = Project(
        name="pyarrow",
        groups=("top-100", "slow"),
        version="22.0.0",
        python="3.12",
        apt=("cmake", "ninja-build"),
        timeout=7200,
        max_builds=4,
        network_at_build=True,
        notes="Needs a library.",
        exclude=exclusion,
    )
    assert load(path) == (Project(name="attrs"), pyarrow)


def test_the_file_of_this_repository_is_sorted_and_complete() -> None:
    projects = load(TRACKED)
    written = [line.split('"')[1] for line in TRACKED.read_text(encoding="utf-8").splitlines() if line.startswith("name = ")]
    assert written == [project.name for project in projects]
    groups = Counter(group for project in projects for group in project.groups)
    assert (groups["original"], groups["original-excluded"]) == (112, 7)
    assert groups["top-100"] >= 100
    assert all(project.groups for project in projects)
