"""The page of a project says everything that its result holds, and nothing that a stranger slipped in."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from reprowheels import catalogue, results, variations
from wheelreport import figures, words

from . import building, samples, sources
from .building import page


def test_a_page_shows_what_a_wheel_depends_on(site: Path) -> None:
    found = page(site, "project/markupsafe")
    assert "it depends on build-path and umask." in found.text
    assert "Only debug information of compiled files moved" in found.text
    build_path = variations.BY_NAME["build-path"]
    assert [build_path.baseline, build_path.varied] == found.row("build-path")[1:]
    assert found.row("umask")[1:] == ["0022", "0002"]
    assert "isolate-1: some variations" in found.text
    assert catalogue.BY_ID["build-path"].sentence.replace("`", "") in found.text
    assert "../cause/build-path.html" in found.links
    assert "../project/markupsafe.html" in page(site, "cause/build-path").links
    assert "the difference goes with -ffile-prefix-map=<source tree>=." in found.text
    assert "3 more differences are not listed." in found.text
    assert "RECORD has no line for markupsafe/py.typed" in found.text
    assert samples.sha256("published") in found.text
    assert found.row("setuptools") == [
        "setuptools",
        "84.2.1",
        f"setuptools-84.2.1-py3-none-any.whl{samples.sha256('setuptools')}",
    ]
    assert found.row("locale") == ["locale", "no other locale on this machine"]
    assert found.row("2026-11-02")[2] == "reproducible"


def test_the_difference_is_shown_from_its_beginning_and_whole_as_a_file(site: Path) -> None:
    found = page(site, "project/markupsafe")
    assert (site / "data/markupsafe.diff").read_text(encoding="utf-8") == sources.DIFF
    assert "../data/markupsafe.diff" in found.links
    assert "first/markupsafe/_speedups.so > .debug_str" in found.text
    assert f"+{samples.MARKUP}" in found.text
    assert "line 52" in found.text
    assert "line 54" not in found.text
    assert "47 more lines" in found.text
    assert not (site / "data/six.diff").exists()


def test_the_verdict_says_what_would_have_to_change(site: Path) -> None:
    text = page(site, "project/markupsafe").text
    change = text.index("What would have to change")
    assert (
        text.index("environment-dependent") < change < text.index("Repeatable" if "Repeatable" in text else "repeatable", change)
    )
    assert catalogue.BY_ID["build-path"].advice.replace("`", "") in text[change : change + 600]
    assert "With setuptools: " + dict(catalogue.BY_ID["build-path"].fixes)["setuptools"].replace("`", "") in text
    assert "What would have to change" not in page(site, "project/six").text
    assert "Nothing has to change." in page(site, "project/six").text


def test_the_history_is_a_strip_of_words(site: Path) -> None:
    text = page(site, "project/many-requirements").text
    strip = text[text.rindex("History") - 2000 :] if "History" in text else ""
    order = [strip.find(f"{word} {number}.0") for number, word in enumerate(results.STATUSES[:4])]
    assert order == sorted(order)
    assert -1 not in order


def test_a_page_has_every_build_requirement(site: Path) -> None:
    found = page(site, "project/many-requirements")
    for number in range(30):
        required = samples.requirement(number)
        assert found.row(required.name)[1:] == [required.version, f"{required.filename}{required.sha256}"]


def test_a_bound_on_builds_and_failing_variations_are_told(site: Path) -> None:
    found = page(site, "project/google-cloud-aiplatform-with-a-long-name")
    assert "it depends on one of hash-seed, file-order." in found.text
    assert "Under these variations there is no wheel at all" in found.text


def test_of_many_variations_those_are_named_that_the_bytes_speak_of(tmp_path: Path) -> None:
    many = dataclasses.replace(samples.dependent(), depends_on=(), one_of=variations.NAMES)
    more = dataclasses.replace(samples.dependent("and-more"), depends_on=("umask",), one_of=("home", "user"))
    sources.write(tmp_path, [many, more], excluded=False)
    building.build(tmp_path, tmp_path / "html")
    found = page(tmp_path / "html", "project/markupsafe")
    told = f"it depends on one of {len(variations.NAMES)} variations at least, which were not tried one by one"
    assert f"{told}; the bytes speak of build-path, umask and source-mode." in found.text
    assert "#depends" in found.links
    assert "it depends on umask, and on one more of home, user." in page(tmp_path / "html", "project/and-more").text


def test_why_there_is_no_answer_follows_from_the_status(site: Path) -> None:
    assert "Not asked: two builds in the same environment differ already." in page(site, "project/frozenlist").text
    unasked = words.question("published", results.UNREPRODUCIBLE, results.NOT_CHECKED)
    assert unasked == "The published wheel was not compared.", "it is compared also where two builds differ"
    assert "The environment was not varied in this check." in page(site, "project/wrapt").text


def test_counts_of_members_make_sense() -> None:
    wheel = samples.dependent().published_wheel
    assert wheel
    assert figures.differing(wheel) == "4 of 14 members"
    # Members that only the rebuilt wheel has are none of the published one.
    assert figures.differing(dataclasses.replace(wheel, omitted=20)) == "22 members; the published wheel has 14"


def test_a_stale_answer_stands_beside_its_failure(site: Path) -> None:
    found = page(site, "project/attrs").text
    assert "This answer is stale. It is the last real one, for 26.1.0." in found
    assert "A later check of 26.2.0 came to no answer (since 2026-11-23): The index did not answer." in found
    assert "index: Ask the package index" in found
    assert "connection refused" in found


def test_a_failure_has_phase_reason_and_log(site: Path) -> None:
    found = page(site, "project/lxml")
    assert "This check came to no wheel, and so to no answer: The build took longer than 1800 s." in found.text
    assert found.text.count("There is no wheel to ask about.") == 3
    assert "timeout: The build took longer than the limit." in found.text
    assert "compiling … still" in found.text
    assert "../results.html#reason-timeout" in found.links


def test_an_excluded_project_says_why(site: Path) -> None:
    for name in ("project/tensorthing", "exclusions"):
        found = page(site, name)
        assert "needs-hardware" in found.text
        assert "The build tries its kernels on a graphics card." in found.text
        assert "2027-05-01" in found.text
        assert "https://example.invalid/issue/1" in found.links
        assert "2026-11-15" in found.text
        assert "A machine with a supported graphics card." in found.text
    assert "Kept for completeness." in page(site, "project/tensorthing").text


def test_pages_without_an_answer_say_so(site: Path) -> None:
    assert "No check of this project is recorded yet." in page(site, "project/not-yet").text
    gone = page(site, "project/gone").text
    assert "This project is no longer tracked." in gone
    assert "reproducible" in gone


def test_what_strangers_wrote_stays_text(site: Path) -> None:
    plain, found = page(site, "project/six"), page(site, "project/hostile")
    assert samples.MARKUP in found.text
    assert found.scripts == plain.scripts
    assert found.handlers == []
    assert not [link for link in found.links if link.lower().startswith("javascript:")]
    assert "set -e" not in found.text, "a value that does not fit must not get into a script"


def test_commands_repeat_a_check(site: Path) -> None:
    text = page(site, "project/markupsafe").text
    assert 'make check PKG="markupsafe==3.0.4"' in text
    assert "reprowheels check markupsafe==3.0.4 --source-date-epoch 1596163658 --python 3.11" in text
    assert f"markupsafe==3.0.4 --hash=sha256:{samples.sha256('markupsafe sdist')}" in text
    assert "apt-get install libffi-dev pkg-config" in text
    assert "libffi-dev 3.4.4-1, pkg-config 1.8.1-1" in text
