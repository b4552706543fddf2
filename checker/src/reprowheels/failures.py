"""Why a build gave no wheel, as far as the end of its log tells more than the backend does. Pure."""

from __future__ import annotations

import re
from collections import deque

_END = 20_000  # characters of a log; what ended a build stands there
_UNCLEAR = ("backend-raised", "backend-killed", "backend-exited", "no-wheel")  # what may be told more precisely
_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|Network is unreachable|Could not resolve host"
    r"|nodename nor servname|NameResolutionError|Failed to establish a new connection|getaddrinfo"
    r"|dns error|failed to lookup address"
)
_DISK = re.compile(r"No space left on device|File too large|\[Errno (28|27)\]|Disk quota exceeded")
_MEMORY = re.compile(r"MemoryError|Cannot allocate memory|out of memory|virtual memory exhausted", re.IGNORECASE)
_LIMITS = (
    (_NETWORK, "network-attempt", "the build tried to reach the network, which a sandboxed build does not have"),
    (_DISK, "disk-full", "the build filled the disk space that it may use"),
    (_MEMORY, "memory-limit", "the build needs more memory than it may use"),
)
# What compilers, linkers, pkg-config, meson, CMake, setuptools and shells say of what they do not find.
_ABSENT = (
    (re.compile(r"fatal error: '?([^\s':]+)'?(?:: No such file or directory| file not found)"), "header {}"),
    (re.compile(r"cannot find -l([^\s:]+)"), "library {}"),
    (re.compile(r"[Dd]ependency ['\"]([^'\"\s]+)['\"] (?:is required but )?not found"), "library {}"),
    (
        re.compile(r"No package '([^'\s]+)' found|Package '?([^',\s]+)'?(?:, required by '[^']*',)? (?:was )?not found"),
        "library {}",
    ),
    (re.compile(r"shared or static library ['\"]([^'\"\s]+)['\"] not found"), "library {}"),
    (re.compile(r"Could NOT find ([^\s(]+) \(missing:"), "library {}"),
    (re.compile(r"[Pp]rogram ['\"]([^'\"\s/]+)['\"] not found"), "program {}"),
    (re.compile(r"(?:command|execute) '([^'\s/]+)'(?: failed)?: No such file or directory"), "program {}"),
    (re.compile(r"No such file or directory: '([^'\s/.]+)'"), "file or program {}"),
    (re.compile(r"^(?:/bin/)?(?:sh|bash): (?:line )?\d+: ([^\s:/]+): (?:command )?not found", re.MULTILINE), "program {}"),
)


def absent(log: str) -> str:
    """Return what a failed build did not find on the machine, such as "header ffi.h", or nothing where its log tells of nothing."""
    end = log[-_END:]
    for pattern, words in _ABSENT:
        for found in deque(pattern.finditer(end), maxlen=1):  # the last one: before it may stand what only was tried
            return words.format(next(filter(None, found.groups())))
    return ""


def hint(reason: str, log: str) -> str:
    """Return what may help a build that gave no wheel, or nothing."""
    what = absent(log) if reason in _UNCLEAR else ""
    return (
        what and f"it found no {what}: if that is of the operating system, install its package (`apt` in projects.toml names it)"
    )


def told(reason: str, message: str, log: str) -> tuple[str, str]:
    """Return the reason and the message of a build that gave no wheel, in the light of its log."""
    if reason not in _UNCLEAR:
        return reason, message
    for pattern, code, text in _LIMITS:
        if pattern.search(log[-_END:]):
            return code, f"{text} ({message})"
    return reason, message
