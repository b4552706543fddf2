"""The phases of a check and the codes that say why one ended without a wheel; shown on results.md and on project pages."""

from __future__ import annotations

from collections.abc import Mapping

PHASES: Mapping[str, str] = {
    "index": "Ask the package index which releases and files there are.",
    "download": "Fetch the chosen sdist.",
    "unpack": "Unpack the sdist.",
    "requirements": "Find out what the build needs and resolve it, once.",
    "environment": "Install the resolved files, with their hashes, into a fresh environment.",
    "sandbox": "Start the sandbox.",
    "build": "Ask the build backend for a wheel.",
}

# code: (phase in which it usually occurs, what it means)
REASONS: Mapping[str, tuple[str, str]] = {
    "not-found": ("index", "The index does not know a project of this name."),
    "no-sdist": ("index", "The release has no source distribution; it consists of wheels only."),
    "yanked": ("index", "The release was withdrawn by its maintainers."),
    "no-such-version": ("index", "The project has no release with this version."),
    "index-unreachable": ("index", "The index did not answer, or answered with an error of its own."),
    "index-garbage": ("index", "The index answered with something that is not a list of files."),
    "no-python": ("index", "The release needs a Python that this machine does not have."),
    "hash-mismatch": ("download", "A downloaded file does not have the SHA-256 that was promised."),
    "too-new": ("index", "Every release is newer than the cut-off that was asked for."),
    "not-an-archive": ("unpack", "The sdist is not an archive that can be read."),
    "no-project-file": ("unpack", "The sdist holds neither pyproject.toml nor setup.py where they belong."),
    "escapes": ("unpack", "The sdist has a member that would be written outside of its own folder."),
    "bad-pyproject": ("requirements", "The pyproject.toml does not follow the specification."),
    "unknown-backend": ("requirements", "The build backend that pyproject.toml names cannot be imported."),
    "backend-raised": ("build", "The build backend ended with an exception."),
    "backend-exited": ("build", "The build backend ended its process itself, without an answer."),
    "backend-killed": ("build", "The process of the build backend was ended by a signal."),
    "timeout": ("build", "The build took longer than the limit."),
    "output-limit": ("build", "The build printed more than the limit."),
    "memory-limit": ("build", "The build used more memory than the limit."),
    "process-limit": ("build", "The build started more processes than the limit."),
    "disk-full": ("build", "The build wrote more than the limit."),
    "no-wheel": ("build", "The build backend said that it was done, but there is no wheel."),
    "several-wheels": ("build", "The build backend left more than one wheel."),
    "other-name": ("build", "The wheel belongs to another project or release than its sdist."),
    "invalid-wheel": ("build", "The file that was built is not a valid wheel."),
    "unresolvable": ("requirements", "No set of releases satisfies all build requirements."),
    "crates-unavailable": (
        "requirements",
        "The crates of a project with Rust code could not be fetched, or are not those of its Cargo.lock.",
    ),
    "no-wheel-for-requirement": ("requirements", "A build requirement has no wheel for this platform."),
    "sandbox-broken": ("sandbox", "The sandbox could not be started."),
    "no-variation": ("sandbox", "None of the variations that were asked for can be applied on this machine."),
    "interrupted": ("sandbox", "Somebody stopped the check."),
    "network-attempt": ("build", "The build tried to reach the network, which it cannot."),
}


def sentence(reason: str) -> str:
    """Return what a reason code means, or nothing for a code that is not known."""
    return REASONS[reason][1] if reason in REASONS else ""
