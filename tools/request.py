"""Answer a request to track a project: check the name, and add it to projects.toml.

The name comes from a stranger, in an environment variable: the text of the issue, as its form puts it together. What is said back
is printed, in Markdown; the exit status is 0 when the project was added, 1 when it was not.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import tracking
from packaging.utils import canonicalize_name

from reprowheels import files, index, pipconfig, projects, sdist
from reprowheels.errors import CheckFailed

PROJECTS = Path("projects.toml")
BODY = "ISSUE_BODY"
GROUP = "requested"
_ANSWER = re.compile(r"^### Name[^\n]*\n+([^\n#]+)$", re.MULTILINE)


def named(body: str) -> str:
    """Return the normalized name that was asked for, or "" where there is none."""
    found = _ANSWER.search(body.replace("\r\n", "\n"))
    name = found.group(1).strip().strip("`") if found else ""
    return canonicalize_name(name) if sdist.is_name(name) and len(name) <= 100 else ""


def answer(body: str) -> tuple[str, str]:
    """Return the name that can be added, or "", and what to say."""
    name = named(body)
    if not name:
        return "", "This is not the name of a project. Please edit the issue: one name, such as `markupsafe`."
    known = {project.name: project for project in projects.load(PROJECTS)}
    if name in known:
        excluded = " and excluded, with the reason on its page" if known[name].exclude else ""
        return "", f"`{name}` is tracked already{excluded}."
    try:
        index.choose(name, index.files(name, pipconfig.read()))
    except CheckFailed as failure:
        return "", f"`{name}` cannot be tracked: {failure.message}."
    return name, f"`{name}` is on the index, with an sdist. A pull request adds it to the list."


def main() -> None:
    """Answer one request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answer", type=Path, metavar="FILE", help="write what is said back to a file, too")
    chosen = parser.parse_args()
    name, text = answer(os.environ.get(BODY, ""))
    print(text)
    if chosen.answer:
        chosen.answer.write_text(f"{text}\n", encoding="utf-8")
    if name:
        files.write(PROJECTS, tracking.grouped(PROJECTS.read_text(encoding="utf-8"), {name: [GROUP]}))
    if path := os.environ.get("GITHUB_OUTPUT"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"name={name}\n")
    sys.exit(0 if name else 1)


if __name__ == "__main__":
    main()
