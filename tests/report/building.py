"""Build the report from results that a test wrote, and look into what came out."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def build(data: Path, output: Path, *options: str, source: Path = DOCS, strict: bool = True) -> subprocess.CompletedProcess[str]:
    """Build a site with `results`, `runs` and `projects.toml` of a directory, as the session of Nox does it."""
    command = [sys.executable, "-m", "sphinx", "-n", "-q", "-j", "auto", "-c", str(DOCS), "-d", f"{output}.doctrees"]
    command += ["-D", f"wheelreport_results={data / 'results'}", "-D", f"wheelreport_projects={data / 'projects.toml'}"]
    command += ["-D", f"wheelreport_runs={data / 'runs'}"]
    command += ["-W", "--keep-going"] if strict else []
    done = subprocess.run([*command, *options, str(source), str(output)], capture_output=True, text=True, check=False)
    if strict and not options:
        assert done.returncode == 0, done.stderr
    return done


def build_committed(output: Path) -> None:
    """Build the site of the results in this checkout, as `make site` does it."""
    command = [sys.executable, "-m", "sphinx", "-n", "-q", "-W", "--keep-going", "-j", "auto", "-d", f"{output}.doctrees"]
    done = subprocess.run([*command, str(DOCS), str(output)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Page(HTMLParser):
    """Hold what a test asks of a page: its text, its links and the elements that could run something."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.resources: list[str] = []
        self.ids: set[str] = set()
        self.rows: list[list[str]] = []
        self.handlers: list[str] = []
        self.scripts = 0
        self._text: list[str] = []
        self._cell = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        self.handlers += [name for name in found if name.startswith("on")]
        self.scripts += tag == "script"
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag in ("script", "img", "iframe", "source"):
            self.resources += [found["src"]] if "src" in found else []
        elif tag == "link" and found.get("rel") != "canonical":
            self.resources.append(found["href"])
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = True
            if self.rows:
                self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        if self._cell and self.rows:
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._text))

    def row(self, first: str) -> list[str]:
        """Return the cells of the row that begins with a word."""
        return [" ".join(cell.split()) for cell in next(row for row in self.rows if row and row[0].split()[:1] == [first])]


def page(site: Path, name: str) -> Page:
    return Page(site / f"{name}.html")


def contents(site: Path) -> dict[Path, bytes]:
    """Return every file of a site, as bytes."""
    return {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
