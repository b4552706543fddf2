"""Render the results of checks as a site: a domain, a page per project, and tables for the pages that are written by hand.

Settings say where the files are, relative to conf.py: `wheelreport_results`, `wheelreport_projects`, `wheelreport_runs`,
`wheelreport_benchmark`, `wheelreport_growth` and `wheelreport_comparison`. `wheelreport_source` is the address of the repository, where there is one.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from reprowheels import catalogue, variations

from . import data, pages, store
from .directives import DIRECTIVES, report, skip_report, visit_report
from .domain import WheelDomain, domain_of

_LOGGER = logging.getLogger(__name__)
_SKIP = (skip_report, None)


def _benchmark(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return what a benchmark wrote, with the bytes of the file; nothing where it was never run."""
    if not path.exists():
        return {}, b""
    content = path.read_bytes()
    return tomllib.loads(content.decode("utf-8")), content


def _own_content() -> bytes:
    """Return what every page depends on too: the templates and modules of this extension and the tables of the checker."""
    here = Path(__file__).parent
    files = sorted((*here.rglob("*.py"), *here.rglob("*.html")))
    tables = repr((variations.VARIATIONS, catalogue.CAUSES))
    return b"".join(path.read_bytes() for path in files) + tables.encode()


def read_site(app: Sphinx) -> None:
    """Read everything that the report shows, and log what cannot be used as warnings."""
    confdir = Path(app.confdir)
    measured = {
        "": _benchmark(confdir / app.config.wheelreport_benchmark),
        "site": _benchmark(confdir / app.config.wheelreport_growth),
        "comparison": _benchmark(confdir / app.config.wheelreport_comparison),
    }
    stored = Path(app.doctreedir, "wheelreport-results.pickle")
    known = store.load(stored)
    site, problems = data.read(
        confdir / app.config.wheelreport_results,
        confdir / app.config.wheelreport_projects,
        confdir / app.config.wheelreport_runs,
        known,
        _own_content() + b"".join(content for _, content in measured.values()),
    )
    store.save(known, stored)
    checks, _ = measured.pop("")
    others = {name: table for name, (table, _) in measured.items() if table}
    domain_of(app.env).site = dataclasses.replace(site, benchmark=checks | others)
    for problem in problems:
        place = os.path.relpath(problem.path, confdir)
        _LOGGER.warning("%s", problem.message, type="wheelreport", subtype=problem.kind, location=place)


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Return the documents to read again because a result, projects.toml or this extension has changed."""
    return [name for name in domain_of(env).readers_to_update() if name not in removed]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the domain, its directives and the pages."""
    app.add_config_value("wheelreport_results", "results", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_projects", "../projects.toml", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_runs", "runs", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_benchmark", "bench.toml", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_growth", "bench-site.toml", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_comparison", "bench-compare.toml", "env", types=frozenset({str}))
    app.add_config_value("wheelreport_source", "", "html", types=frozenset({str}))
    app.add_domain(WheelDomain)
    app.add_node(report, html=(visit_report, None), latex=_SKIP, text=_SKIP, man=_SKIP, texinfo=_SKIP)
    for name, directive in DIRECTIVES.items():
        app.add_directive_to_domain("wheel", name, directive)
    app.connect("builder-inited", read_site)
    app.connect("env-get-outdated", outdated)
    app.connect("html-collect-pages", pages.collect)
    app.connect("html-page-context", pages.show_contents, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
