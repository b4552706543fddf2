"""The `wheel` domain: projects, statuses, variations, reasons and causes as things that a page can refer to.

Pages of projects are no documents; the domain knows them all the same, so that a role with a wrong name is a warning.
The other kinds are where the directive stands that lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder
from sphinx.domains import Domain, Index, IndexEntry, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode
from sphinx.util.typing import RoleFunction

from reprowheels import catalogue, variations

from . import lists, reasons, words
from .data import Site

# What the fixed vocabularies hold, by the kind of object.
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "status": tuple(words.STATUSES),
    "variation": variations.NAMES,
    "reason": tuple(reasons.REASONS),
    "cause": tuple(catalogue.BY_ID),
}


def page_of(name: str) -> str:
    """Return the name of the page of a project."""
    return f"project/{name}"


class ResultRole(XRefRole):
    """Refer to something of the report, and note that the page depends on what the report holds."""

    def process_link(
        self, env: BuildEnvironment, refnode: nodes.Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Note the page as a reader and leave title and target as they are; a bad target is then a warning."""
        domain_of(env).note_reader(env.current_document.docname)
        refnode["refwarn"] = True
        return title, target


class WheelIndex(Index):
    """List the lists of projects, so that it stays short however many projects there are."""

    name = "projects"
    localname = "All lists"
    shortname = "lists"

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return the lists that are not empty by their kind, each with the number of its projects."""
        assert isinstance(self.domain, WheelDomain)
        groups = []
        for kind, found in lists.of(self.domain.site).items():
            told = [IndexEntry(one.label, 0, one.page, "", str(len(one.entries)), "", "") for one in found if one.entries]
            groups += [(lists.KINDS[kind], told)] if told else []
        return groups, False


class WheelDomain(Domain):
    """Hold the objects of the report.

    `site` is read anew in every build and never stored. What is stored: the digest of the site that documents were last read
    with, the documents that depend on it, and the documents that list a vocabulary.
    """

    name = "wheel"
    label = "Wheel report"
    object_types: ClassVar[dict[str, ObjType]] = {
        "project": ObjType("project", "project"),
        "status": ObjType("status", "status"),
        "variation": ObjType("variation", "variation"),
        "reason": ObjType("reason", "reason"),
        "cause": ObjType("cause", "cause"),
    }
    roles: ClassVar[dict[str, RoleFunction | XRefRole]] = {
        "project": ResultRole(innernodeclass=nodes.inline),
        "status": ResultRole(innernodeclass=nodes.inline),
        "variation": ResultRole(),
        "reason": ResultRole(),
        "cause": ResultRole(),
    }
    indices: ClassVar[list[type[Index]]] = [WheelIndex]
    initial_data: ClassVar[dict[str, Any]] = {"digest": "", "readers": set(), "places": {}}
    data_version = 1
    dangling_warnings: ClassVar[dict[str, str]] = {
        "project": "no project is called %(target)r (docs/results and projects.toml do not have it)",
        "status": "no status on any page is called %(target)r",
        "variation": "no variation on any page is called %(target)r",
        "reason": "no reason on any page is called %(target)r",
        "cause": "no cause on any page is called %(target)r",
    }

    site = Site()

    def note_reader(self, docname: str) -> None:
        """Remember that a document has to be read again when results change."""
        self.data["readers"].add(docname)

    def note_place(self, kind: str, docname: str) -> None:
        """Remember where a vocabulary is listed."""
        self.data["places"][kind] = docname

    def place_of(self, kind: str) -> str | None:
        """Return the document that lists a vocabulary, or None."""
        found: str | None = self.data["places"].get(kind)
        return found

    def readers_to_update(self) -> list[str]:
        """Return the documents to read again because the site is another one than last time."""
        if self.data["digest"] == self.site.digest:
            return []
        self.data["digest"] = self.site.digest
        return sorted(self.data["readers"])

    def clear_doc(self, docname: str) -> None:
        """Forget a document."""
        self.data["readers"].discard(docname)
        self.data["places"] = {kind: place for kind, place in self.data["places"].items() if place != docname}

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel process noted about its documents."""
        self.data["readers"] |= {name for name in otherdata["readers"] if name in docnames}
        self.data["places"] |= {kind: place for kind, place in otherdata["places"].items() if place in docnames}

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Return the link, or None for a name that does not exist or is listed nowhere."""
        if typ == "project":
            if target not in self.site.by_name:
                return None
            return make_refnode(builder, fromdocname, page_of(target), "", contnode)
        if typ == "cause":
            known = target in VOCABULARIES[typ]
            return make_refnode(builder, fromdocname, lists.page_of(typ, target), "", contnode) if known else None
        place = self.place_of(typ)
        if place is None or target not in VOCABULARIES[typ]:
            return None
        if typ == "status":
            contnode["classes"] += ["wr-status", f"wr-{target}"]
        return make_refnode(builder, fromdocname, place, f"{typ}-{target}", contnode)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Return the project of this name, for the `any` role."""
        if target not in self.site.by_name:
            return []
        return [("wheel:project", make_refnode(builder, fromdocname, page_of(target), "", contnode))]

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """List projects and vocabularies for the inventory; priority -1 keeps projects out of the search."""
        for entry in self.site.entries:
            yield entry.name, entry.name, "project", page_of(entry.name), "", -1
        for cause in catalogue.BY_ID:
            yield cause, cause, "cause", lists.page_of("cause", cause), "", 1
        for kind, names in VOCABULARIES.items():
            if place := self.place_of(kind):
                for name in names:
                    yield name, name, kind, place, f"{kind}-{name}", 1


def domain_of(env: BuildEnvironment) -> WheelDomain:
    """Return the domain of an environment."""
    domain = env.get_domain("wheel")
    assert isinstance(domain, WheelDomain)
    return domain
