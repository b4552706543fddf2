"""The words of the report: one label and one sentence for every value that a result can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reprowheels import results

NOT_CHECKED = results.NOT_CHECKED


@dataclass(frozen=True, kw_only=True)
class Word:
    """Hold one value of the schema: how it is written on a page, and what it means in one sentence."""

    key: str
    label: str
    sentence: str


def _words(**sentences: str) -> Mapping[str, Word]:
    """Return words by key; the label is the key with spaces."""
    found = {}
    for name, sentence in sentences.items():
        key = name.replace("_", "-")
        found[key] = Word(key=key, label=key.replace("-", " ") if key in ("not-checked", "no-wheel") else key, sentence=sentence)
    return found


# In the order in which totals are shown; `not-checked` is no status of a result but the lack of one.
STATUSES = _words(
    reproducible="Two builds gave the same file, although the second one had every variation switched on.",
    repeatable="Two builds in the same environment gave the same file; nothing was varied in this check.",
    environment_dependent="The same environment gives the same file; another environment, named on the page, gives another one.",
    unreproducible="Two builds in the same environment gave two different files.",
    build_failed="This check came to no wheel; the page says in which phase and why.",
    excluded="Tracked but not built, for a reason that is given with its evidence.",
    not_checked="There is no result yet, or its file could not be read.",
)

REPEATABLE = _words(
    yes="Built again in the same environment, the wheel is the same file.",
    no="Built again in the same environment, the wheel is another file.",
    not_checked="No build came far enough to tell.",
)
ROBUST = _words(
    yes="With every applied variation switched on, the wheel is still the same file.",
    no="When the environment varies, the wheel varies with it.",
    not_checked="The environment was not varied in this check.",
)
PUBLISHED = _words(
    identical="The wheel on the package index is, byte for byte, what its sdist builds.",
    equivalent="The wheel on the package index equals the rebuilt one after the normalizations that are named.",
    different="The wheel on the package index is not what its sdist built here, in the environment that was inferred.",
    no_wheel="The package index has no wheel of this release that fits.",
    not_checked="The published wheel was not compared.",
)
ANSWERS: Mapping[str, Mapping[str, Word]] = {"repeatable": REPEATABLE, "robust": ROBUST, "published": PUBLISHED}

QUESTIONS: Mapping[str, str] = {
    "repeatable": "Built twice in the same environment, is the wheel the same file?",
    "robust": "Is it still the same file when the environment varies?",
    "published": "Is the wheel on the package index what this sdist builds?",
}

# Why there is no answer, where the status tells more than the answer does.
UNASKED: Mapping[str, str] = {
    results.UNREPRODUCIBLE: "Not asked: two builds in the same environment differ already.",
    results.BUILD_FAILED: "There is no wheel to ask about.",
}

MOVED = _words(
    container="Only the container moved: order, dates or permission bits in the archive. Every file inside is the same.",
    debug="Only debug information of compiled files moved; the code that runs is the same.",
    metadata="Only files that describe the project moved; the installed code is the same.",
    content="The content of installed files moved.",
)

PURE, COMPILED = "pure", "compiled"
KINDS: Mapping[str, str] = {PURE: "pure Python", COMPILED: "with compiled code"}

# Backends by the top of their module; any other one comes with the project that it builds.
BACKENDS: Mapping[str, str] = {
    "flit_core": "flit-core",
    "hatchling": "hatchling",
    "jupyter_packaging": "jupyter-packaging",
    "maturin": "maturin",
    "mesonpy": "meson-python",
    "pbr": "pbr",
    "pdm": "pdm-backend",
    "poetry": "poetry-core",
    "scikit_build_core": "scikit-build-core",
    "setuptools": "setuptools",
    "sipbuild": "sip",
    "uv_build": "uv-build",
}
OWN_BACKEND = "own or other"

CHANGES: Mapping[str, str] = {
    "regression": "Regressions",
    "fleet": "One change of the toolchain",
    "fix": "Fixes",
    "release": "New releases, same status",
    "other": "Same status, another wheel or another cause",
    "first": "Checked for the first time",
}

TOLD = ("first check", "new release")  # reasons that the heading of such changes says already

# How the checks of a run ended, and why results changed, as a record of a run has them.
OUTCOMES: Mapping[str, str] = {
    "same": "the result file is the same",
    "changed": "a new result file",
    "failed": "no answer",
    "crashed": "broken off",
}
MOVES: Mapping[str, str] = {
    "first check": "checked for the first time",
    "new release": "new release",
    "isolated": "same wheel, now isolated",
    "toolchain": "same release, other toolchain",
    "checker": "same release, other version of our checker",
    "flaky": "same release, same environment, another answer",
    "no answer": "no answer this time",
    "it builds again": "builds again",
}

EXCLUSIONS: Mapping[str, str] = {
    "no-sdist": "The project publishes wheels only, so there is nothing to build from.",
    "needs-newer-python": "No interpreter that the run can have is new enough to build it.",
    "needs-older-python": "No interpreter that the run can have is old enough to build it.",
    "needs-hardware": "The build needs a graphics card, an accelerator or another processor.",
    "needs-network": "The build downloads something that cannot be fetched before.",
    "needs-system-package": "The build needs a library that the operating system does not offer.",
    "too-large": "The build needs more memory or disk than the run has.",
    "broken-upstream": "The release does not build for anybody.",
}

EPOCH_NEEDED: Mapping[str, str] = {
    "yes": "Two builds at different moments give different files: the variable is needed.",
    "no": "Two builds at different moments give the same file: the variable is not needed.",
}
EPOCH_HONOURED: Mapping[str, str] = {
    "yes": "The build gives another file: the value reaches the wheel.",
    "no": "The build gives the same file: the value does not reach the wheel.",
}
LAYERS: Mapping[str, str] = {
    "project": "the project itself",
    "backend": "the build backend",
    "compiler": "the compiler",
    "frontend": "whatever starts the build",
    "environment": "the environment of the build",
}

# What `label` of a build stands for; numbered labels are looked up without their number.
BUILDS: Mapping[str, str] = {
    "first": "the baseline",
    "second": "every variation switched on",
    "again": "the baseline once more",
    "isolate": "some variations, to find out which ones matter",
    "guard": "some variations, to see that no two of them cancel out",
    "confirm": "every variation but those that were found",
}


def answer(question: str, value: str) -> Word:
    """Return the word for one of the three answers; a value that is not known stands for itself."""
    return ANSWERS[question].get(value) or Word(key=value, label=value, sentence="")


def question(name: str, entry_status: str, value: str) -> str:
    """Return what one of the three answers means for a project of some status; why there is none follows from the status."""
    # The published wheel is compared also where two builds differ.
    if value == NOT_CHECKED and entry_status in UNASKED and (entry_status, name) != (results.UNREPRODUCIBLE, "published"):
        return UNASKED[entry_status]
    return answer(name, value).sentence or QUESTIONS[name]


def event(what: str) -> tuple[str, str]:
    """Return what kind of change moved many projects at once, and from what to what."""
    changed = what.removeprefix("checker ")
    if changed == what:
        return "One change of the toolchain", what
    before, _, now = changed.rpartition(" → ")
    return "One change of our checker", f"now {now}" if before == "that no run recorded" else changed


def build(label: str) -> str:
    """Return what a build was made for, or nothing where its label says enough."""
    return BUILDS.get(label) or BUILDS.get(label.rpartition("-")[0], "")


def backend(module: str) -> str:
    """Return the name of the project that a build backend comes from."""
    return BACKENDS.get(module.partition(":")[0].partition(".")[0], OWN_BACKEND)
