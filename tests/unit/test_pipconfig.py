"""pip's configuration: which file counts, and what uv is told of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reprowheels import pipconfig
from reprowheels.pipconfig import PipConfig


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".config" / "pip").mkdir(parents=True)
    (home / ".pip").mkdir()
    return home


def read(home: Path, **environ: str) -> PipConfig:
    return pipconfig.read({"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "etc"), **environ})


def test_later_files_go_before_earlier_ones(home: Path, tmp_path: Path) -> None:
    """The site, then ~/.pip, then ~/.config, then PIP_CONFIG_FILE, then variables."""
    (home / "etc" / "pip").mkdir(parents=True)
    own = tmp_path / "own.conf"
    seen = []
    for number, path in enumerate((home / "etc/pip/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf", own)):
        path.write_text(f"[global]\nindex-url = http://index-{number}.invalid/\n")
        seen.append(read(home, PIP_CONFIG_FILE=str(own) if own.exists() else "").index_url)
    assert seen == [f"http://index-{number}.invalid/" for number in range(4)]
    assert read(home, PIP_CONFIG_FILE=str(own), PIP_INDEX_URL="http://x.invalid/").index_url == "http://x.invalid/"


def test_the_section_of_install_goes_before_global(home: Path) -> None:
    (home / ".pip/pip.conf").write_text("[install]\nindex_url = http://b.invalid/\n[global]\nindex-url = http://a.invalid/\n")
    assert read(home).index_url == "http://b.invalid/"


def test_no_file_at_all(home: Path) -> None:
    """pip's own way to switch off every file."""
    (home / ".pip/pip.conf").write_text("[global]\nindex-url = http://a.invalid/\n")
    assert read(home, PIP_CONFIG_FILE=os.devnull) == PipConfig()


def test_lists_and_numbers(home: Path) -> None:
    (home / ".pip/pip.conf").write_text(
        "[global]\nextra-index-url =\n    http://a.invalid/\n    http://b.invalid/\ntrusted-host = a.invalid b.invalid\n"
        "find-links = /wheels\ntimeout = 7\nno-index = true\ncert = /ca.pem\nclient-cert = /me.pem\nproxy = http://p.invalid\n"
    )
    found = read(home)
    assert found.extra_index_urls == ("http://a.invalid/", "http://b.invalid/")
    assert found.trusted_hosts == ("a.invalid", "b.invalid")
    assert found.find_links == ("/wheels",)
    assert (found.timeout, found.no_index, found.cert, found.client_cert) == (7.0, True, "/ca.pem", "/me.pem")
    assert found.proxy == "http://p.invalid"


@pytest.mark.parametrize("text", ["no section\n", "[global\n", "\x00", "[global]\nindex-url = %(nothing)s\n"])
def test_a_file_that_pip_would_refuse(text: str, home: Path) -> None:
    """It is pip's to complain; a percent sign, as in a password, is no mistake."""
    (home / ".pip/pip.conf").write_text(text)
    assert read(home).index_url == ("%(nothing)s" if "%" in text else "")


def test_a_timeout_that_is_none(home: Path) -> None:
    assert read(home, PIP_TIMEOUT="soon").timeout == PipConfig().timeout
    assert read(home, PIP_DEFAULT_TIMEOUT="180").timeout == 180.0


def test_uv_is_told() -> None:
    """uv ignores pip's configuration, so everything of it is handed over in variables."""
    config = PipConfig(
        index_url="http://i.invalid/",
        extra_index_urls=("http://a.invalid/", "http://b.invalid/"),
        find_links=("/wheels", "/more"),
        trusted_hosts=("i.invalid",),
        cert="/ca.pem",
        client_cert="/me.pem",
        proxy="http://p.invalid",
        timeout=12.5,
    )
    found = pipconfig.for_uv(config, {"PATH": "/bin", "PYTHONPATH": "/mine", "VIRTUAL_ENV": "/venv"})
    assert found["PATH"] == "/bin"
    assert "PYTHONPATH" not in found
    assert "VIRTUAL_ENV" not in found
    assert found["UV_DEFAULT_INDEX"] == "http://i.invalid/"
    assert found["UV_INDEX"].split() == ["http://a.invalid/", "http://b.invalid/"]
    assert found["UV_FIND_LINKS"] == "/wheels,/more"
    assert found["UV_INSECURE_HOST"] == "i.invalid"
    assert (found["SSL_CERT_FILE"], found["SSL_CLIENT_CERT"]) == ("/ca.pem", "/me.pem")
    assert found["HTTPS_PROXY"] == "http://p.invalid"
    assert found["UV_HTTP_TIMEOUT"] == "12"


def test_uv_keeps_its_defaults_where_pip_has_none() -> None:
    found = pipconfig.for_uv(PipConfig(), {})
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "HTTPS_PROXY"} & set(found)
