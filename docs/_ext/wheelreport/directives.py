"""The directives of the report.

Each leaves one small node in the document; the HTML is made when the page is written. So the root document stays small however
many projects there are, and addresses fit the builder that writes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from .domain import domain_of
from .render import render


class report(nodes.General, nodes.Element):
    """Stand for one part of the report; `template` names what is put in its place."""


class Report(SphinxDirective):
    """Put a part of the report into a page; what it lists becomes what roles refer to."""

    template: ClassVar[str]
    vocabulary: ClassVar[str] = ""

    def run(self) -> list[nodes.Node]:
        """Return the node and note that the page depends on results."""
        domain = domain_of(self.env)
        domain.note_reader(self.env.current_document.docname)
        if self.vocabulary:
            domain.note_place(self.vocabulary, self.env.current_document.docname)
        return [report("", template=self.template)]


def _directive(name: str, listed: str = "") -> type[Report]:
    return type(name.title(), (Report,), {"template": f"{name}.html", "vocabulary": listed})


DIRECTIVES: dict[str, type[Report]] = {
    "totals": _directive("totals"),
    "overview": _directive("overview"),
    "changes": _directive("changes"),
    "trend": _directive("trend"),
    "backends": _directive("backends"),
    "matches": _directive("matches"),
    "runs": _directive("runs"),
    "figures": _directive("figures"),
    "benchmark": _directive("benchmark"),
    "growth": _directive("growth"),
    "comparison": _directive("comparison"),
    "source": _directive("source"),
    "exclusions": _directive("exclusions"),
    "statuses": _directive("statuses", "status"),
    "variations": _directive("variations", "variation"),
    "causes": _directive("causes"),
    "reasons": _directive("reasons", "reason"),
}


def visit_report(self: HTML5Translator, node: report) -> None:
    """Write a part of the report."""
    builder = self.builder
    here = builder.current_docname

    def link(page: str) -> str:
        return builder.get_relative_uri(here, page)

    self.body.append(render(node["template"], link, site=domain_of(builder.env).site, source=builder.config.wheelreport_source))
    raise nodes.SkipNode


def skip_report(self: Any, node: report) -> None:
    """Leave a part of the report out of formats that are no web pages."""
    raise nodes.SkipNode
