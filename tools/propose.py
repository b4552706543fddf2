"""Commit changed files on a branch, push it, and open a pull request, unless one of this branch is open already."""

from __future__ import annotations

import argparse
import os
import subprocess

_AUTHOR = ("Reproducible Wheels", "reproducible-wheels@users.noreply.github.com")


def _run(*command: str) -> str:
    name, mail = _AUTHOR
    environ = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**environ, **os.environ})
    return done.stdout.strip()


def main() -> None:
    """Propose what has changed in the current directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("branch")
    parser.add_argument("title")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--no-request", action="store_true", help="push the branch, and open no pull request")
    chosen = parser.parse_args()
    if not _run("git", "status", "--porcelain", "--", *chosen.files):
        print("nothing has changed")
        return
    base = _run("git", "rev-parse", "--abbrev-ref", "HEAD")
    _run("git", "switch", "--quiet", "--create", chosen.branch)
    _run("git", "add", "--", *chosen.files)
    _run("git", "commit", "--quiet", "--message", chosen.title)
    # The branch is ours: an earlier proposal of the same name is replaced by this one.
    _run("git", "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{chosen.branch}")
    if chosen.no_request:
        return
    listed = _run("gh", "pr", "list", "--head", chosen.branch, "--state", "open", "--json", "number", "--jq", "length")
    if listed == "0":
        print(_run("gh", "pr", "create", "--base", base, "--head", chosen.branch, "--title", chosen.title, "--body", ""))


if __name__ == "__main__":
    main()
