from __future__ import annotations

from pathlib import Path

from reprowheels import resultfiles

from . import samples, sources
from .building import build, page


def test_a_result_that_does_not_fit_is_a_warning_that_names_file_and_key(tmp_path: Path) -> None:
    sources.write(tmp_path, [samples.reproducible(), samples.dependent()], excluded=False)
    path = tmp_path / "results/six.toml"
    path.write_text(path.read_text().replace('"reproducible"', '"reproducable"').replace('robust = "yes"', "robust = 1"))
    done = build(tmp_path, tmp_path / "html", strict=False)
    assert done.returncode == 0
    assert "six.toml: status: 'reproducable' is none of" in done.stderr
    assert "six.toml: robust: expected a string, got 1" in done.stderr
    assert "[wheelreport.result]" in done.stderr
    assert page(tmp_path / "html", "index").row("six")[1] == "not checked"
    assert "its result file could not be read" in page(tmp_path / "html", "project/six").text
    assert page(tmp_path / "html", "index").row("markupsafe")[1] == "environment-dependent"
    again = build(tmp_path, tmp_path / "html", "-W", strict=False)
    assert again.returncode != 0, "the warning must come again although nothing has changed"


def test_a_file_that_is_no_result_does_not_end_the_build(tmp_path: Path) -> None:
    sources.write(tmp_path, [samples.reproducible("good")], "six", excluded=False)
    for name, content in (("schema", b"schema = 2\n"), ("syntax", b"schema = \n"), ("bytes", b"\xff"), ("empty", b"")):
        (tmp_path / f"results/{name}.toml").write_bytes(content)
    (tmp_path / "results/folder.toml").mkdir()
    resultfiles.save(samples.reproducible("seven"), tmp_path / "results").rename(tmp_path / "results/eight.toml")
    done = build(tmp_path, tmp_path / "html", "-b", "text", strict=False)
    assert done.returncode == 0
    for message in (
        "schema.toml: schema: this program reads schema 1, the file has 2",
        "syntax.toml: is not valid TOML",
        "bytes.toml: is not UTF-8",
        "folder.toml: cannot be read: Is a directory",
        "empty.toml: schema: is missing",
        "eight.toml: name: expected 'eight', the normalized name that the file has, got 'seven'",
    ):
        assert message in done.stderr
    assert "good.toml" not in done.stderr


def test_without_projects_there_is_a_warning(tmp_path: Path) -> None:
    done = build(tmp_path, tmp_path / "html", "-b", "text", strict=False)
    assert "projects.toml: cannot be read" in done.stderr
    assert "[wheelreport.projects]" in done.stderr


def test_a_wrong_name_in_a_role_is_a_warning(tmp_path: Path) -> None:
    sources.write(tmp_path, [samples.reproducible()], excluded=False)
    source = tmp_path / "source"
    source.mkdir()
    roles = ["{wheel:project}`sixx`", "{wheel:status}`green`", "{wheel:variation}`moon-phase`", "{wheel:reason}`bad-luck`"]
    good = ["{wheel:project}`six`", "{wheel:status}`reproducible`", "{wheel:variation}`umask`", "{wheel:project}`title <six>`"]
    (source / "index.md").write_text(
        "# Title\n\n" + "\n\n".join([*roles, *good]) + "\n\n```{wheel:statuses}\n```\n\n```{wheel:variations}\n```\n"
    )
    done = build(tmp_path, tmp_path / "html", source=source, strict=False)
    warned = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert len(warned) == 4, done.stderr
    for name in ("sixx", "green", "moon-phase", "bad-luck"):
        assert any(f"'{name}'" in line and "index.md:" in line for line in warned), done.stderr
    links = page(tmp_path / "html", "index").links
    assert links.count("project/six.html") == 2
    assert "#status-reproducible" in links
