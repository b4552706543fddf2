"""One page for every project, made without a document: a body in the theme's page.

A page is written again only when something that it shows has changed, which keeps a build after one changed result short
however many projects there are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from reprowheels.results import Result

from . import cards, data, diffs, files, lists
from .data import Entry, Site
from .domain import domain_of, page_of
from .render import render, root

# The parts of a page in their order: the anchor, the heading, and whether a result has something to say there.
SECTIONS: tuple[tuple[str, str, Callable[[Result], bool]], ...] = (
    ("failure", "Why there is no answer", lambda result: result.failure is not None),
    ("findings", "Why it differs", lambda result: bool(result.findings)),
    ("depends", "What the wheel depends on", lambda r: bool(r.depends_on or r.one_of or r.fails_under or r.moved)),
    ("differences", "What differs", lambda result: bool(result.differences)),
    ("problems", "What is odd about the wheel itself", lambda result: bool(result.problems)),
    ("builds", "The builds that show it", lambda result: bool(result.builds)),
    ("published", "The published wheel", lambda result: result.published_wheel is not None),
    ("repeat", "Repeat this yourself", lambda result: True),
    ("environment", "The environment", lambda result: result.environment is not None),
    ("variations", "Variations in this check", lambda r: bool(r.variations.applied or r.variations.not_applied)),
    ("history", "History", lambda result: bool(result.history)),
    ("badge", "Badge and feed", lambda result: True),
)


def sections(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return anchor and heading of every section that a project's page has."""
    if not entry.result:
        return (("repeat", "Check it yourself"), ("badge", "Badge and feed"))
    found = [(anchor, heading) for anchor, heading, wanted in SECTIONS if wanted(entry.result)]
    other = {"failure": "Why there is no newer answer"} if entry.result.stale else {}
    if not (entry.result.depends_on or entry.result.one_of or entry.result.fails_under):
        other["depends"] = "What moved"
    return tuple((anchor, other.get(anchor, heading)) for anchor, heading in found)


def _contents(entry: Entry) -> Markup:
    items = Markup().join(
        Markup('<li><a class="reference internal" href="#{}">{}</a></li>').format(anchor, heading)
        for anchor, heading in sections(entry)
    )
    return Markup('<ul><li><a class="reference internal" href="#">{}</a><ul>{}</ul></li></ul>').format(entry.name, items)


def address(configured: str) -> str:
    """Return the address of the site with a slash at its end, or nothing where none is configured."""
    return f"{configured.rstrip('/')}/" if configured else ""


def _list_context(shown: lists.ListPage, site: Site, link: Callable[[str], str], base: str) -> dict[str, Any]:
    about = f"{lists.KINDS.get(shown.list.kind, 'List')}: {shown.list.label}"
    body = render("list.html", link, site=site, shown=shown, about=about)
    told = f"{about}. {len(shown.list.entries)} of {len(site.tracked)} tracked projects."
    picture = shown.list.key if shown.list.kind == "status" else "site"
    return {"title": about, "body": body, "metatags": cards.head(shown.page, about, told, base, picture=picture)}


def context(entry: Entry, link: Callable[[str], str], base: str, source: str, diff: diffs.Diff | None) -> dict[str, Any]:
    """Return what the theme's page needs to show a project."""
    shown = sections(entry)
    body = render("project.html", link, entry=entry, result=entry.result, sections=shown, base=base, source=source, diff=diff)
    return {
        "title": entry.name,
        "body": body,
        "report_contents": _contents(entry),
        "metatags": cards.of_project(entry, base, link, root(link)),
    }


def _digest_of_frame(app: Sphinx, builder: StandaloneHTMLBuilder) -> str:
    """Return what all pages have in common: titles and order of documents, configuration, programs, style sheets."""
    env = app.env
    parts = [
        repr(sorted((name, title.astext()) for name, title in env.titles.items())),
        repr(sorted(env.toctree_includes.items())),
        builder.build_info.config_hash,
        repr(sorted((name, extension.version) for name, extension in app.extensions.items())),
        # The theme adds the digest of each of these files to its address.
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(Path(app.confdir, "_static").glob("*.*"))),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield every page that has to be written, with its data beside it, and remove what belongs to projects that are gone."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    site = domain_of(app.env).site
    source = Path(app.confdir, app.config.wheelreport_results)
    frame = _digest_of_frame(app, builder)
    stamp = Path(app.doctreedir, f"wheelreport-{builder.name}.json")
    try:
        written: dict[str, str] = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        written = {}
    # Whatever ends this build early, the next one has to write all pages.
    stamp.unlink(missing_ok=True)
    output, base = Path(app.outdir), address(app.config.html_baseurl)
    shown = {page_of(entry.name): entry for entry in site.entries}
    listed = {one.page: one for one in lists.pages(site)}
    current = {page: f"{frame} {site.frame} {entry.digest}" for page, entry in shown.items()}
    current |= {page: f"{frame} {site.frame} {lists.digest(one, site)}" for page, one in listed.items()}
    for page in written.keys() - current.keys():
        Path(builder.get_output_path(page)).unlink(missing_ok=True)
        if page.startswith("project/"):
            files.remove_entry(page.removeprefix("project/"), output)
    for page, digest in current.items():
        if written.get(page) == digest and Path(builder.get_output_path(page)).exists():
            continue
        link = partial(builder.get_relative_uri, page)
        if page in shown:
            entry = data.complete(shown[page], source)
            files.publish_entry(entry, source, output, base)
            diff = diffs.read(source / f"{entry.name}.diff") if entry.diff else None
            yield page, context(entry, link, base, app.config.wheelreport_source, diff), "page.html"
        else:
            yield page, _list_context(listed[page], site, link, base), "page.html"
    files.publish_site(site, output, base, [*current, *app.env.all_docs])
    stamp.write_text(json.dumps(current), "utf-8")


def show_contents(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give every page its card, and pages of projects the list of their sections that documents have.

    This runs after the theme has looked for a document of this name and hidden the list.
    """
    context["report_source"] = app.config.wheelreport_source
    if doctree is not None or "metatags" not in context:
        found, link = domain_of(app.env), partial(app.builder.get_relative_uri, pagename)
        title = Markup(context.get("title") or "").striptags() or cards.SITE
        head = cards.of_document(pagename, title, address(app.config.html_baseurl), found.site, root(link))
        context["metatags"] = head + Markup(context.get("metatags") or "")
    if "report_contents" in context:
        context["toc"] = context["report_contents"]
        context["furo_hide_toc"] = False
