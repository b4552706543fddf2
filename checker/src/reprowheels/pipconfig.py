"""pip's configuration files and environment variables as a value: which index, which certificates, which proxy."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PipConfig:
    """Hold what pip is configured with; an empty `index_url` means the default index. `timeout` is in seconds."""

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    trusted_hosts: tuple[str, ...] = ()
    cert: str = ""
    client_cert: str = ""
    proxy: str = ""
    timeout: float = 30.0


def _files(environ: Mapping[str, str]) -> list[Path]:
    """Return pip's configuration files, the weakest first (pip's documentation, "Configuration files")."""
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    home = Path(environ.get("HOME", "~")).expanduser()
    site = [Path(folder, "pip", "pip.conf") for folder in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if folder]
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip", "pip.conf")
    files = [*reversed(site), Path("/etc/pip.conf"), home / ".pip" / "pip.conf", user, Path(sys.prefix, "pip.conf")]
    return [*files, Path(chosen)] if chosen else files


def read(environ: Mapping[str, str] | None = None) -> PipConfig:
    """Return pip's configuration: files first, then the section for `pip install`, then PIP_* variables."""
    environ = os.environ if environ is None else environ
    values: dict[str, str] = {}
    for path in _files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            # pip itself refuses to start on such a file and says so better than we could; ours is not to judge it.
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                values.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    for key, value in environ.items():
        if key.startswith("PIP_") and value:
            values[key[4:].lower().replace("_", "-")] = value
    try:
        timeout = float(values.get("default-timeout") or values.get("timeout") or 30)
    except ValueError:
        timeout = 30.0
    return PipConfig(
        index_url=values.get("index-url", "").strip(),
        extra_index_urls=tuple(values.get("extra-index-url", "").split()),
        find_links=tuple(values.get("find-links", "").split()),
        no_index=values.get("no-index", "").lower() in ("1", "true", "yes", "on"),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        cert=values.get("cert", ""),
        client_cert=values.get("client-cert", ""),
        proxy=values.get("proxy", ""),
        timeout=timeout,
    )


def for_uv(config: PipConfig, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for uv, which ignores pip's configuration: the caller's, with UV_* set from it."""
    result = {key: value for key, value in (os.environ if environ is None else environ).items() if not key.startswith("PYTHON")}
    result.pop("VIRTUAL_ENV", None)
    result["UV_PYTHON_DOWNLOADS"] = "never"
    result["UV_NO_CONFIG"] = "1"
    result["UV_NO_PROGRESS"] = "1"
    if config.index_url:
        result["UV_DEFAULT_INDEX"] = config.index_url
    if config.extra_index_urls:
        result["UV_INDEX"] = " ".join(config.extra_index_urls)
        result["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if config.find_links:
        result["UV_FIND_LINKS"] = ",".join(config.find_links)
    if config.trusted_hosts:
        result["UV_INSECURE_HOST"] = " ".join(config.trusted_hosts)
    if config.cert:
        result["SSL_CERT_FILE"] = config.cert
    if config.client_cert:
        result["SSL_CLIENT_CERT"] = config.client_cert
    if config.proxy:
        result["ALL_PROXY"] = result["HTTPS_PROXY"] = config.proxy
    result["UV_HTTP_TIMEOUT"] = str(int(config.timeout))
    return result
