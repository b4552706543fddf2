"""The package index: which sdist a release has, and its download by hash. Nothing of a stranger is executed here."""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
import json
import logging
import os
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import unearth
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from unearth.collector import LinkCollectError
from unearth.fetchers.sync import PyPIClient
from unearth.link import Link

from . import listing, pages
from .errors import CheckFailed
from .listing import File as File
from .pipconfig import PipConfig

_CHUNK = 1 << 20
# unearth logs each file that it passes over; what matters of that is in our own messages.
logging.getLogger("unearth").setLevel(logging.ERROR)


def default_index() -> str:
    """Return the URL of the index that is used where none is configured."""
    return str(unearth.PackageFinder().sources[0]["url"])


def domains(config: PipConfig, listed: Sequence[File] = ()) -> tuple[str, ...]:
    """Return the domains of the index and of the hosts that its files come from, without their subdomains."""
    urls = (config.index_url, default_index(), *(file.url for file in listed[:1]))
    hosts = {urlsplit(url).hostname or "" for url in urls if "://" in url}
    return tuple(
        sorted(host if host.replace(".", "").isdigit() else ".".join(host.split(".")[-2:]) for host in hosts if "." in host)
    )


@functools.lru_cache(maxsize=4)
def _session(config: PipConfig) -> PyPIClient:
    """Return one HTTP client per configuration; safe to share between threads."""
    cafile = config.cert or os.environ.get("SSL_CERT_FILE") or None
    context = ssl.create_default_context(cafile=cafile if cafile and os.path.isfile(cafile) else None)
    if config.client_cert:
        context.load_cert_chain(config.client_cert)
    session = PyPIClient(
        trusted_hosts=config.trusted_hosts,
        verify=context,
        timeout=config.timeout,
        follow_redirects=True,
        proxy=config.proxy or None,
    )
    session.auth = unearth.auth.MultiDomainBasicAuth(index_urls=[config.index_url or default_index()], prompting=False)
    return session


def files(name: str, config: PipConfig) -> tuple[File, ...]:
    """Return every file that the index lists for a project, in the index's order.

    Only the default index is asked: another one may lack upload times and hide files. Raises CheckFailed.
    """
    url = (config.index_url or default_index()).rstrip("/") + "/" + canonicalize_name(name) + "/"
    folder = cache_directory() / "pages"
    try:
        answer = pages.fetch(_session(config), url, folder)
    except (OSError, ValueError) + _http_errors() as error:
        raise CheckFailed(
            "index",
            "index-unreachable",
            f"the index cannot be reached: {type(error).__name__}: {_redacted(str(error), url)}; check the network and pip's index-url",
        ) from error
    if answer.status in (404, 410):
        raise CheckFailed("index", "not-found", f"the index knows no project named {name!r}; check the spelling")
    if answer.status >= 400:
        raise CheckFailed("index", "index-unreachable", f"the index answers with HTTP status {answer.status}; try again later")
    try:
        return listing.read(name, answer, folder)
    except (LinkCollectError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        text = "is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise CheckFailed(
            "index", "index-garbage", f"the index answers with something that is no project page ({text}); check pip's index-url"
        ) from error


def text(url: str, config: PipConfig) -> str:
    """Return a text from an address that the user names; raises CheckFailed."""
    try:
        response = _session(config).get(url)
        response.raise_for_status()
        return str(response.text)
    except (OSError, ValueError) + _http_errors() as error:
        raise CheckFailed("index", "index-unreachable", f"{url} cannot be read: {type(error).__name__}: {error}") from error


def _http_errors() -> tuple[type[Exception], ...]:
    import httpx2

    return (httpx2.HTTPError, httpx2.InvalidURL)


def _redacted(text: str, url: str) -> str:
    """Return a message without the credentials that the index's URL may hold."""
    return text.replace(url, Link(url).redacted)


@functools.lru_cache(maxsize=4096)
def _allows(requires_python: str, python: str) -> bool:
    try:
        return SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True


def supports(file: File, python: str) -> bool:
    """Say whether a file's Requires-Python allows a Python version such as "3.11.7"."""
    return not file.requires_python or _allows(file.requires_python, python)


def _bounded(name: str, listed: Sequence[File], before: datetime.datetime | None) -> list[File]:
    """Return the files that were uploaded before a moment; an index that does not say when is an error."""
    if before is None:
        return list(listed)
    if listed and not any(file.uploaded for file in listed):
        raise CheckFailed(
            "index",
            "too-new",
            f"the index does not say when the files of {name} were uploaded, so --uploaded-before cannot be kept; leave it out",
        )
    return [file for file in listed if file.uploaded and file.uploaded < before]


def _later(listed: Sequence[File], version: str) -> str:
    """Return what to do about a release that came to the index too late, or came again, as all of atomicwrites did in 2022."""
    found = min((file.uploaded for file in listed if file.uploaded and str(file.version) == version), default=None)
    if found is None:
        return ""
    return f"; {version} was uploaded {found:%Y-%m-%dT%H:%M:%SZ}: to build it as of the earlier time, check its sdist as a file"


def choose(
    name: str, listed: Sequence[File], *, version: str | None = None, before: datetime.datetime | None = None
) -> tuple[File, ...]:
    """Return the sdists that answer a request, the newest release first: one for a given version.

    The release is chosen first, whether or not it has an sdist: a newest release without one is an answer
    (`no-sdist`), and no reason to check an older one. Raises CheckFailed.
    """
    known = _bounded(name, listed, before)
    when = f" uploaded before {before:%Y-%m-%dT%H:%M:%SZ}" if before else ""
    later = _later(listed, version) if before and version else ""
    if not known:
        raise CheckFailed("index", "not-found", f"the index has no file of {name}{when}{later}")
    if version is not None:
        try:
            wanted = Version(version)
        except InvalidVersion:
            raise CheckFailed("index", "no-such-version", f"{version!r} is not a version") from None
        known = [file for file in known if file.version == wanted]
        if not known:
            newest = max((file.version for file in listed if not file.yanked), default=None)
            hint = later or (f"; the newest is {newest}" if newest else "")
            raise CheckFailed("index", "no-such-version", f"{name} has no release {version}{when}{hint}")
    else:
        known = [file for file in known if not file.yanked]
        if not known:
            raise CheckFailed("index", "yanked", f"every release of {name}{when} was yanked; name one: {name}==VERSION")
        known = [file for file in known if not file.version.is_prerelease] or known
    sdists: dict[Version, list[File]] = {}
    for file in known:
        sdists.setdefault(file.version, []).extend([] if file.is_wheel else [file])
    versions = sorted(sdists, reverse=True)
    if not sdists[versions[0]]:
        raise CheckFailed("index", "no-sdist", f"{name} {versions[0]} has no sdist on the index, only wheels")
    # .tar.gz is the one format that PEP 625 allows; a .zip beside it is the same release for another audience.
    return tuple(
        min(sdists[candidate], key=lambda file: (not file.filename.endswith(".tar.gz"), file.filename))
        for candidate in versions
        if sdists[candidate]
    )


def fitting(chosen: Sequence[File], python: str) -> File | None:
    """Return the newest of the chosen sdists that says it supports a Python version such as "3.11.7", or None."""
    return next((file for file in chosen if supports(file, python)), None)


def cache_directory() -> Path:
    """Return the directory for what may be thrown away."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "reprowheels")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(file: File, config: PipConfig) -> tuple[Path, str]:
    """Return the path of a downloaded file and its SHA-256, which is the one that the index gives.

    A file is downloaded once: the cache is addressed by hash. Raises CheckFailed on a hash mismatch.
    """
    if file.sha256:
        cached = cache_directory() / "files" / file.sha256 / file.filename
        if cached.is_file() and sha256_of(cached) == file.sha256:
            return cached, file.sha256
    folder = cache_directory() / "files"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out, _session(config).stream("GET", file.url.partition("#")[0]) as response:
            if response.status_code >= 400:
                raise CheckFailed(
                    "download", "index-unreachable", f"{file.filename}: HTTP status {response.status_code}; try again later"
                )
            for chunk in response.iter_bytes(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
        found = digest.hexdigest()
        if file.sha256 and found != file.sha256:
            raise CheckFailed(
                "download",
                "hash-mismatch",
                f"{file.filename}: the index promises SHA-256 {file.sha256}, the download has {found}; do not trust it",
            )
        path = folder / found / file.filename
        path.parent.mkdir(exist_ok=True)
        os.replace(temporary, path)
        return path, found
    except _http_errors() as error:
        raise CheckFailed(
            "download", "index-unreachable", f"{file.filename}: the download broke off: {type(error).__name__}; try again"
        ) from error
    except OSError as error:
        raise CheckFailed("download", "disk-full", f"{file.filename}: {error.strerror}: {folder}") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
