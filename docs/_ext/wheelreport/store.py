"""What an earlier build read, so that the next one parses only what has changed.

A file is known again by its SHA-256, never by its date. Of each result only what lists and totals show is kept: a page
of a project that has to be written again reads its file again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
from dataclasses import dataclass, field
from pathlib import Path

from reprowheels import projects, results
from reprowheels.results import Finding, Result

_NAMED = 3  # so many members of a published wheel are named in lists


def outline(result: Result) -> Result:
    """Return what lists, totals, feeds and indexes show of a result; the rest is for its own page."""
    environment, published, failure = result.environment, result.published_wheel, result.failure
    if published:
        omitted = published.omitted + len(published.differing[_NAMED:])
        published = dataclasses.replace(
            published, differing=published.differing[:_NAMED], omitted=omitted, tried=(), environment=()
        )
    causes = dict.fromkeys((finding.cause, finding.variation) for finding in result.findings)
    return dataclasses.replace(
        result,
        environment=dataclasses.replace(environment, requires=()) if environment else None,
        variations=results.Applied(),
        builds=(),
        findings=tuple(Finding(cause=cause, variation=variation) for cause, variation in causes),
        differences=(),
        differences_omitted=0,
        published_wheel=published,
        failure=dataclasses.replace(failure, log="") if failure else None,
        problems=(),
        urls=(),
    )


@dataclass(kw_only=True)
class Store:
    """Hold what was read of each file: its SHA-256 and the outline of the result, or the list of projects."""

    key: str
    outlines: dict[str, tuple[bytes, Result]] = field(default_factory=dict)
    tracked: tuple[bytes, tuple[projects.Project, ...]] | None = None
    changed: bool = False

    def outline_of(self, name: str, digest: bytes) -> Result | None:
        """Return the outline of a result whose file has this digest, or None where it has to be read."""
        known = self.outlines.get(name)
        return known[1] if known and known[0] == digest else None

    def keep(self, name: str, digest: bytes, result: Result) -> None:
        """Remember a result that was read."""
        self.outlines[name] = (digest, outline(result))
        self.changed = True

    def keep_projects(self, digest: bytes, found: tuple[projects.Project, ...]) -> None:
        """Remember the list of projects."""
        self.tracked = (digest, found)
        self.changed = True

    def drop_all_but(self, names: set[str]) -> None:
        """Forget results whose files are gone."""
        gone = self.outlines.keys() - names
        for name in gone:
            del self.outlines[name]
        self.changed |= bool(gone)


def _key() -> str:
    """Return what changes when the values do that are kept."""
    sources = [module.__file__ or "" for module in (results, projects)] + [__file__]
    return hashlib.sha256(b"\n".join(Path(source).read_bytes() for source in sources)).hexdigest()


def load(path: Path) -> Store:
    """Return what an earlier build left in its own folder, or an empty store where it is missing, broken or of another kind."""
    key = _key()
    try:
        with path.open("rb") as file:
            if pickle.load(file) == key:
                outlines, tracked = pickle.load(file)
                return Store(key=key, outlines=outlines, tracked=tracked)
    except (OSError, EOFError, AttributeError, ImportError, TypeError, ValueError, pickle.UnpicklingError):
        pass
    return Store(key=key)


def save(store: Store, path: Path) -> None:
    """Write what the next build will want to know, if it has changed; a build that is stopped meanwhile leaves the old file."""
    if not store.changed:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        pickle.dump(store.key, file, protocol=pickle.HIGHEST_PROTOCOL)
        pickle.dump((store.outlines, store.tracked), file, protocol=pickle.HIGHEST_PROTOCOL)
    partial.replace(path)
    store.changed = False
