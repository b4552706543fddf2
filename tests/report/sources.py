"""Write what a site is built from: results, projects.toml, the text of a difference, records of runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reprowheels import resultfiles
from reprowheels.results import Result

from .samples import MARKUP

RUN = """
schema = 1
date = 2026-11-24
elapsed = 9000.0
seconds = 12000.0
[environment]
python = "3.12"
[[events]]
what = "setuptools 84.0 → 85.0"
projects = ["markupsafe"]
[[changed]]
name = "markupsafe"
why = "toolchain"
before = "reproducible"
after = "environment-dependent"
moved = ["setuptools 84.0 → 85.0"]
[[checked]]
name = "markupsafe"
at = 2026-11-24T03:00:00Z
seconds = 1200.0
outcome = "changed"
[[checked]]
name = "other"
at = 2026-11-24T03:01:00Z
seconds = 1.6
outcome = "same"
[[checked]]
name = "attrs"
at = 2026-11-24T03:01:00Z
seconds = 0.6
outcome = "failed"
"""
EARLIER = 'date = 2026-11-20\nchecked = ["a", "b"]\n[environment]\npython = "3.11"\n'
DIFF = f"""\
# first: the first build
# second: the second build
--- first/markupsafe/_speedups.so > .debug_str
+++ second/markupsafe/_speedups.so > .debug_str
@@ -1 +1 @@
-/tmp/reprowheels/build{"/and-so-on" * 40}
+{MARKUP}
""" + "".join(f" line {number}\n" for number in range(100))
EXCLUDED = """
[[project]]
name = "tensorthing"
groups = ["sample"]
notes = "Kept for completeness."

[project.exclude]
reason = "needs-hardware"
text = "The build tries its kernels on a graphics card."
since = 2026-11-01
review-by = 2027-05-01
evidence = "https://example.invalid/issue/1"
last-retry = 2026-11-15
needed = "A machine with a supported graphics card."
"""


def write_runs(directory: Path, **more: str) -> None:
    """Write the records of two runs, four days apart, and more by their day."""
    (directory / "runs").mkdir(exist_ok=True)
    for day, text in ({"2026-11-20": EARLIER, "2026-11-24": RUN} | more).items():
        (directory / f"runs/{day}.toml").write_text(text, encoding="utf-8")


def write(directory: Path, found: Iterable[Result], *more: str, excluded: bool = True) -> None:
    """Write results and a projects.toml that tracks them (all but `gone`), more names and an excluded project."""
    names = sorted({one.name for one in found if one.name != "gone"} | set(more))
    for one in found:
        resultfiles.save(one, directory / "results")
    (directory / "results").mkdir(exist_ok=True)
    for one in found:
        if one.name == "markupsafe":
            (directory / "results/markupsafe.diff").write_text(DIFF, encoding="utf-8")
    packages = {"markupsafe": 'apt = ["libffi-dev", "pkg-config"]\n'}
    tables = [f'[[project]]\nname = "{name}"\ngroups = ["sample"]\n{packages.get(name, "")}' for name in names]
    text = "\n".join([*tables, EXCLUDED if excluded else ""])
    (directory / "projects.toml").write_text(text, encoding="utf-8")
