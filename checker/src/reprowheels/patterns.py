"""What causes look like in bytes: patterns, and judges that say which cause a pair of matches shows, if any.

A judge is given two different matches of a pattern and returns the id of a cause or nothing; in doubt nothing. Where
nothing is known of the builds, what people change by hand must not be taken for what a build does: there a judge asks
for words around a match that speak of a build.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from . import moments
from .catalogue import BY_ID, BY_VARIATION, CAUSES
from .traces import Trace
from .variations import Settings

UUID = re.compile(rb"(?<![0-9A-Fa-f])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9A-Fa-f])")
TEMPORARY = re.compile(
    rb"(?:pip-(?:req-build|build-env|build-tracker|wheel|install|ephem-wheel-cache|standalone-pip|modern-metadata)-|build-env-"
    rb"|build-via-sdist-|\.mesonpy-|\.tmp-?|(?<![A-Za-z])tmp|(?<![A-Za-z])cc(?=[A-Za-z0-9]{6}\.(?:o|s|c|cc|ltrans|res|le|ld)\b))"
    rb"[A-Za-z0-9_]{6,8}(?![A-Za-z0-9_])"
    rb"|(?<=/)[\w.+-]*[a-z0-9_]{8}(?![\w.+-])"
)
_KNOWN_TEMPORARY = re.compile(rb"pip-|build-|\.mesonpy-|\.tmp|tmp|cc")
_RANDOM = re.compile(rb"[a-z0-9_]{8}")  # what tempfile appends to a prefix
RELEASE = re.compile(rb"(?<![\w.])\d+\.\d+\.\d+[\w.+-]*")
PATH = re.compile(rb"(?:(?<![\w/.:>])|(?<=file://))(?:/[\w.+@~%=-]+){2,}|(?<!\w)[A-Za-z]:(?:\\{1,2}[\w.+@~ -]+){2,}")
COMMIT = re.compile(rb"(?<![0-9A-Za-z])g?[0-9a-f]{7,40}(?![0-9A-Za-z])")
TOOL = re.compile(
    rb"(?i)(?:generat\w+|creat\w+|produc\w+|built|compiled|translated) (?:automatically )?(?:by|with|using) "
    rb"[\w.+ /-]{1,30}?[ /(v=]\d+(?:\.\d+)+[\w.+-]*"
)
MOMENT = moments.ANY
SHOWN = tuple((cause.id, re.compile(cause.shows.encode())) for cause in CAUSES if cause.shows)
_TOOL_LINE = re.compile(
    rb"\s*Generator: |Metadata-Version: |GCC: \(|GNU (?:C|Fortran|AS)|(?:Debian |Ubuntu |Apple )?(?:clang|LLD|rustc) version |Linker: "
)
_KERNEL = re.compile(
    rb"\d\.\d+\.\d+-[\w.+-]*(?:generic|amd64|arm64|azure|aws|gcp|cloud|WSL2|linuxkit|el\d|fc\d\d|arch\d)[\w.+-]*"
)
_DATED = re.compile(
    rb"(?i)copyright|\(c\)|\xc2\xa9|built|build|dat(?:e|um|ed)\b|date_|_date|time|stamp|year|generat|creat|compil|updat|modifi|today|now\b|\bat\b"
)
_PLACES = re.compile(
    rb"(?:/(?:home|Users|root|tmp|var|private|builds?|srv|mnt|media|data|work(?:space|spaces|dir)?|github|runner|__w|project|projects|src|io|host"
    rb"|croot|feedstock_root|buildkite|drone|code|app|nix/store|Volumes|opt/build|usr/src)|[A-Za-z]:\\)"
)
_SOURCE = re.compile(rb"\.(?:c|cc|cpp|cxx|h|hh|hpp|pyx|pxd|pxi|pyi?|f|f90|rs|go|o|obj|so|a|s|S|m|mm|cu)$")
_NEAR = 200  # bytes
_END = re.compile(rb"[\0\n]")
_VERSION = re.compile(rb"\d+(?:\.\d+)+")
_KEYED = re.compile(rb"[A-Z][A-Za-z-]+: ")
_GIT_WORDS = re.compile(rb"(?i)\bgit|commit|revision|\brev\b|describe|\bhead\b")
_ELEMENT = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|[^\s,;:(){}\[\]]+")
_IN_HOME = re.compile(rb"[/\\]\.(?:cargo|rustup|cache|local|pyenv|conda)[/\\]")
_TEXT = re.compile(rb"[\x20-\x7e]{8,}")
_EDGE = 4
_BARE_SET = re.compile(rb"(?:frozenset|set)\(|\{\s*(?:'[^']*'|\"[^\"]*\"|\d+),")


@dataclass(frozen=True, kw_only=True)
class Context:
    """Hold what is known of two builds: their settings, the words to look for, and the variations that builds proved.

    `versions` are those of the two wheels; the settings are None for wheels that somebody else built.
    """

    first: Settings | None = None
    second: Settings | None = None
    traces: tuple[Trace, ...] = ()
    isolated: frozenset[str] = frozenset()
    versions: tuple[str, str] = ("", "")

    @property
    def known(self) -> bool:
        """Say whether the environments of both builds are known."""
        return self.first is not None and self.second is not None

    @property
    def releases(self) -> bool:
        """Say whether the wheels are of two releases, between which people have changed things by hand."""
        return not self.known and self.versions[0] != self.versions[1]

    def allows(self, cause: str) -> bool:
        """Say whether builds leave room for a cause that only looks like it: what they isolated is all there is."""
        return not self.isolated or bool(self.isolated & set(BY_ID[cause].variations))


def cause_of(variation: str) -> str:
    """Return the id of the cause that a variation has where nothing says it better."""
    return BY_VARIATION.get(variation, variation)


def line_around(match: re.Match[bytes]) -> bytes:
    """Return the line, or the string, that a match lies in, as far as it is near."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    return _END.split(before)[-1] + match.group() + _END.split(after)[0]


def header_cause(path: str, one: bytes, two: bytes) -> str:
    """Judge two lines of a header, such as the opened parts have, which show the same field."""
    label = one.partition(b":")[0].decode("ascii", "replace")
    if not two.startswith(label.encode()):
        return ""
    if label == "mode":
        modes = [int(line.rpartition(b" ")[2], 8) if line.rpartition(b" ")[2].isdigit() else 0 for line in (one, two)]
        return "archive-permissions" if not (modes[0] ^ modes[1]) & 0o111 else "file-mode"
    if label == "time":
        return "bytecode-header" if path.endswith("bytecode header") else "archive-timestamp"
    causes = {"owner": "archive-owner"}
    causes |= dict.fromkeys(("level", "method", "system"), "archive-compression")
    return causes.get(label, "")


def uuid_cause(one: bytes, two: bytes) -> str:
    """Judge two UUIDs: those of versions 3 and 5 follow from their content."""
    return "" if one[14:15] in b"35" or two[14:15] in b"35" else "random-id"


def temporary_cause(one: bytes, two: bytes, around: bytes) -> str:
    """Judge two names of temporary files: only their last six to eight characters differ, and these look random."""
    if _KNOWN_TEMPORARY.match(one):
        end = -6 if one.startswith(b"cc") else -8
        return "temporary-name" if one[:end] == two[:end] else ""
    left, right = one[-8:], two[-8:]
    if not _PLACES.search(around):
        return ""  # a name of the web, which has such names for other reasons
    if one[:-8] != two[:-8] or one[-9:-8].isalnum() or not (_RANDOM.fullmatch(left) and _RANDOM.fullmatch(right)):
        return ""
    differing = sum(a != b for a, b in zip(left, right, strict=True))
    mixed = all(re.search(rb"[0-9_]", name) and re.search(rb"[a-z]", name) for name in (left, right))
    return "temporary-name" if differing > 4 and mixed else ""


def kernel_cause(one: bytes, two: bytes, second: Settings | None) -> str:
    """Judge two versions: releases of a kernel where one was set, or where they have the names of kernels."""
    if second is not None and second.kernel == "2.6":
        return "kernel" if two.startswith(b"2.6.") and not one.startswith(b"2.6.") else ""
    return "kernel" if _KERNEL.fullmatch(one) and _KERNEL.fullmatch(two) else ""


def built_in(one: bytes, two: bytes) -> bool:
    """Say whether two absolute paths are where somebody builds, and not addresses of the web or files of the system."""
    return all(_PLACES.match(path) for path in (one, two))


def moved_directory(one: bytes, two: bytes) -> Trace | None:
    """Judge two absolute paths that nothing is known of: the same file below two directories, which are returned."""
    separator = b"\\" if b"\\" in one else b"/"
    if found := _IN_HOME.search(one):  # where tools keep what they fetch: the path ends with another file, or with more
        homes_of_both = one[: found.start()], two.partition(found.group())[0]
        same = homes_of_both[0] == homes_of_both[1] or found.group() not in two
        return None if same else Trace(variation="home", first=homes_of_both[0], varied=homes_of_both[1])
    parts = one.split(separator), two.split(separator)
    if len(parts[0]) == len(parts[1]) and all(a == b or temporary_cause(a, b, one) for a, b in zip(*parts, strict=True)):
        return None  # equal, or a random name, which is a cause of its own
    common = 0
    while common < min(map(len, parts)) - 1 and parts[0][-1 - common] == parts[1][-1 - common]:
        common += 1
    homes = all(path[1:2] in ([b"home"], [b"Users"]) and len(path) - common == 3 for path in parts)
    if not common and not homes:
        return None
    installed = any(word in path for path in parts for word in (b"site-packages", b"dist-packages"))
    if not (installed or _SOURCE.search(one) or built_in(one, two)):
        return None  # not where anybody builds: an address of the web, a file of the system
    first, varied = (separator.join(path[: len(path) - common]) for path in parts)
    if {b"usr", b"opt", b"Program Files", b""} & {parts[0][1], parts[1][1]} and not installed:
        return None  # the same tool in two places of the system tells nothing of the build
    if _VERSION.sub(b"", first) == _VERSION.sub(b"", varied):
        return None  # another version of the same tool or interpreter
    name = "home" if homes else "env-path" if installed else "build-path"
    return Trace(variation=name, first=first, varied=varied)


def commit_cause(one: re.Match[bytes], two: re.Match[bytes]) -> str:
    """Judge two names of commits: only where the words around them speak of version control, and they are no numbers."""
    lines = line_around(one), line_around(two)
    numbers = one.group().isdigit() and two.group().isdigit()
    return "git-metadata" if not numbers and all(map(_GIT_WORDS.search, lines)) else ""


def _dated(one: re.Match[bytes], left: moments.Moment, context: Context) -> bool:
    """Say whether what is spelled like a date is one that a build writes: alone, in full, or where words speak of dates."""
    line = line_around(one)
    if context.releases or re.search(rb"(?i)version", line):
        return False
    spoken = bool(_DATED.search(line)) or line.strip() == one.group() or line.startswith(b".TH ")
    return spoken or (left.year is not None and len(one.group()) > len("2026.11"))


def moment_cause(one: re.Match[bytes], two: re.Match[bytes], context: Context) -> str:
    """Judge two dates or times: the same instant in two time zones, or the clock of the build."""
    left, right = moments.parse(one.group()), moments.parse(two.group())
    if left is None or right is None or left.spelling != right.spelling or not moments.plausible(left, right):
        return ""
    if not context.known and not (_dated(one, left, context) and _dated(two, right, context)):
        return ""
    chosen = context.isolated & {"time", "timezone"}
    if moments.same_instant(left, right) or chosen == {"timezone"}:
        return "timezone"
    apart = moments.shift(left, right)
    if context.first and context.second and apart is not None:
        days = (context.second.clock - context.first.clock) * 86400
        if min(abs(apart), abs(apart - days)) > 2 * 86400:
            return ""  # no build of this experiment was at that time
    zones = context.first is None or context.second is None or context.first.timezone != context.second.timezone
    naive = left.offset is None and right.offset is None
    if not chosen and apart and zones and naive and apart % 900 == 0 and abs(apart) <= 14 * 3600:
        return "timezone"
    return "build-timestamp"


def tool_line(member: str, one: bytes, two: bytes, reordered: Callable[[], bool]) -> str:
    """Judge two lines in which a tool names itself and its version, and the tags of the WHEEL file, if they are not `reordered`."""
    if member.endswith(".dist-info/WHEEL") and one.startswith(b"Tag: ") and two.startswith(b"Tag: "):
        return "" if reordered() else "wheel-tags"
    left, right = _TOOL_LINE.match(one), _TOOL_LINE.match(two)
    return "tool-version" if left and right and left.group() == right.group() else ""


def tool_cause(one: bytes, two: bytes) -> str:
    """Judge two sentences of the kind "generated by such a tool 1.0": the same but for the version."""
    return "tool-version" if re.sub(rb"[\d.]+\S*$", b"", one) == re.sub(rb"[\d.]+\S*$", b"", two) else ""


def words(pieces: Iterable[bytes]) -> Counter[bytes]:
    """Return the texts in pieces of a binary file; their ends are left out where they touch numbers that may look like text."""
    found: Counter[bytes] = Counter()
    for piece in pieces:
        for match in _TEXT.finditer(piece):
            start, end = match.start() and _EDGE, match.end() < len(piece) and _EDGE
            found[match.group()[start : len(match.group()) - end]] += 1
    return found


def same_words(one: Counter[bytes], two: Counter[bytes]) -> bool:
    """Say whether two collections of texts are equal, but for a few characters at an end of which nobody knows if they are text."""
    left, right = sorted((one - two).elements()), sorted((two - one).elements())
    near = all(
        abs(len(a) - len(b)) <= _EDGE and (a.startswith(b) or b.startswith(a) or a.endswith(b) or b.endswith(a))
        for a, b in zip(left, right, strict=False)
    )
    return len(left) == len(right) and near


def elements(text: bytes) -> list[bytes]:
    """Return the quoted strings and the words of a text."""
    return _ELEMENT.findall(text)


def order_cause(one: Sequence[bytes], two: Sequence[bytes], text: bytes, path: str, context: Context) -> str:
    """Judge two orders of the same elements: by what builds proved, then by what the order looks like."""
    if path.endswith("order header"):
        return "archive-order"
    moved = [pair for pair in zip(one, two, strict=True) if pair[0] != pair[1]]
    ahead, behind = [left for left, _ in moved], [right for _, right in moved]
    backwards = len(moved) > 2 and ahead == behind[::-1]
    proved = context.isolated & {"hash-seed", "file-order", "locale", "cpu-count", "parallel-jobs", "aslr"}
    if len(proved) == 1:
        return cause_of(next(iter(proved)))
    listing = context.first and context.second and context.first.file_order != context.second.file_order
    if "file-order" in proved and (backwards or "hash-seed" not in proved):
        return "file-order"
    if "hash-seed" in proved:
        return "hash-order"
    if listing and backwards and ahead == sorted(ahead):
        return "file-order"
    if not context.known and (context.releases or not _listed(text, ahead)):
        return ""
    return "hash-order" if not context.known and _BARE_SET.search(text) else "element-order"


def _listed(text: bytes, moved: Sequence[bytes]) -> bool:
    """Say whether the elements that moved are those of a list, and not words of a sentence or names in a program."""
    lines = [line for line in text.split(b"\n") if line.strip()]
    keys = {match.group() if (match := _KEYED.match(line)) else b"" for line in lines}
    if len(lines) > 1 and len(keys) == 1 and b"" not in keys:
        return True  # a field that may come more than once, such as Requires-Dist
    if len(moved) < 3:
        return False
    spans = [match.span() for match in _ELEMENT.finditer(text)]
    names = [text[start:end] for start, end in spans]
    first, last = names.index(moved[0]) if moved[0] in names else 0, len(names) - 1
    while last > first and names[last] not in moved:
        last -= 1
    between = {
        text[end:start].strip() for (_, end), (start, _) in zip(spans[first:last], spans[first + 1 : last + 1], strict=True)
    }
    return len(between) == 1 or len(lines) > 2
