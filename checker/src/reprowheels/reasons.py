"""Why a published wheel and a rebuilt one are different, as sentences: compilers, bundled libraries, repacked archives. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import binaries, provenance
from .compare import Comparison
from .errors import WheelError
from .members import Member
from .wheel import Wheel

_LARGEST = 256 << 20  # bytes of a compiled file that is looked into
_MOST = 20  # sentences
# How compilers sign a file, where it is too large for its sections to be read.
_SIGNED = re.compile(rb"(?:GCC: |clang version |rustc version |Linker: )[^\0]{1,200}(?=\0)")
_OVERLAP = 256  # bytes of a piece in which a signature may begin that ends in the next one
_COMPILED = (".so", ".dylib", ".pyd", ".a", ".o")
_PLATFORMS = ("manylinux", "musllinux")


def repaired(wheel: Wheel) -> bool:
    """Say whether a wheel was changed after it was built: by auditwheel, or by what else gives it a platform of the index.

    Backends write linux_…; only maturin writes the platforms of PEP 600 itself.
    """
    platforms = any(tag.platform.startswith(_PLATFORMS) for tag in wheel.tags)
    libraries = any(re.search(r"[^/]*\.libs/", member.name) for member in wheel.members)
    return libraries or "auditwheel" in wheel.text("WHEEL") or (platforms and not wheel.generator.startswith("maturin"))


def _sections(wheel: Wheel, member: Member) -> dict[str, bytes]:
    """Return the sections of a compiled file, or nothing where it is none."""
    try:
        return binaries.sections(wheel.archive.content(member, _LARGEST))
    except (WheelError, ValueError):
        return {}


def _compilers(sections: dict[str, bytes]) -> str:
    """Return the compilers and linkers that a compiled file names in .comment."""
    found = sections.get("section .comment", b"").split(b"\0")
    return ", ".join(dict.fromkeys(text.decode("utf-8", "replace").strip() for text in found if text.strip()))


def _signed(wheel: Wheel, member: Member) -> str:
    """Return the compilers and linkers whose signatures stand in a compiled file, which is read piece by piece."""
    found: dict[str, None] = {}
    tail = b""
    try:
        for piece in wheel.archive.pieces(member):
            text = tail + piece
            found |= dict.fromkeys(match.decode("utf-8", "replace").strip() for match in _SIGNED.findall(text))
            tail = text[-_OVERLAP:]
    except WheelError:
        return ""
    return ", ".join(found)


def _seen(comparison: Comparison, first: Member, second: Member) -> tuple[str, list[str]]:
    """Return what is equal in a compiled file, and what may be true of others as well; nothing where it is none."""
    published, rebuilt = comparison.first, comparison.second
    if max(first.size, second.size) > _LARGEST:
        if not first.name.endswith(_COMPILED):
            return "", []
        told = f"{first.name}: too large for its sections to be compared"
        compilers = _signed(published, first), _signed(rebuilt, second)
        stripped = [False, False]
    else:
        one, two = _sections(published, first), _sections(rebuilt, second)
        if not one or not two:
            return "", []
        common = (one.keys() & two.keys()) - {"header", "section table"}
        differing = sorted(name.removeprefix("section ") for name in common if one[name] != two[name])
        told = f"{first.name}: {len(common) - len(differing)} of {len(common)} common sections are equal"
        told += ", the machine code among them" * (".text" not in differing)
        compilers = _compilers(one), _compilers(two)
        stripped = [any(binaries.is_debug(name) and name != binaries.BUILD_ID for name in parts) for parts in (one, two)]
    shared = []
    if compilers[0] != compilers[1]:
        names = compilers[0] or "a compiler that is not named", compilers[1] or "one that is not named"
        shared.append(f"compiled by {names[0]}, here by {names[1]}")
    if stripped[0] != stripped[1]:
        shared.append(f"debug information is in the {'published' if stripped[0] else 'rebuilt'} one only")
    return told, shared


def _compiled(comparison: Comparison) -> Iterator[str]:
    """Yield what is true of the compiled files that differ, once for all files that share it, then a sentence for each file."""
    shared: dict[str, list[str]] = {}
    found = []
    for pair in comparison.differing:
        if pair.first and pair.second:
            told, about = _seen(comparison, pair.first, pair.second)
            found += [told] * bool(told)
            for text in about:
                shared.setdefault(text, []).append(pair.name)
    for text, names in shared.items():
        yield f"{names[0] if len(names) == 1 else f'{len(names)} of {len(found)} compiled files that differ'}: {text}"
    yield from found


def _tools(comparison: Comparison) -> Iterator[str]:
    """Yield a sentence on what two SBOMs of one name say of the Python and the tools of the build, where that differs."""
    for pair in comparison.differing:
        if tools := provenance.tools_apart(comparison.first, comparison.second, pair.name):
            yield f"its SBOM says that {tools[0]} built the published wheel; here it was {tools[1]}"


def reasons(comparison: Comparison) -> tuple[str, ...]:
    """Return what is known of the differences between a published wheel (the first one) and a rebuilt one."""
    found = []
    published = comparison.first
    if not published.pure:
        # RECORD follows the others, and WHEEL names the platform; a comparison holds no pair that is equal in everything.
        differing = {pair.name for pair in comparison.differing}
        differing |= {pair.name for pair in comparison.pairs if not (pair.first and pair.second)}
        apart = (*_COMPILED, "/RECORD", ".dist-info/WHEEL", "/")
        plain = [member.name for member in published.members if not member.name.endswith(apart) and ".libs/" not in member.name]
        equal = sum(name not in differing for name in plain)
        found.append(f"{equal} of {len(plain)} files that are not compiled are equal")
    lone = [pair for pair in comparison.pairs if pair.first and not pair.second]
    if any(pair.first.directory for pair in lone if pair.first):
        found.append("the published archive lists directories, as tools leave them that pack a wheel anew")
    libraries = sorted(pair.name for pair in lone if re.search(r"[^/]*\.libs/.", pair.name))
    if libraries:
        number = f"{len(libraries)} libraries were" if libraries[1:] else "1 library was"
        found.append(f"{number} put into the published wheel: {', '.join(libraries[:5])}")
    tags = [
        ", ".join(sorted(map(str, one.tags - two.tags)))
        for one, two in ((published, comparison.second), (comparison.second, published))
    ]
    if any(tags):
        found.append(
            f"the published wheel has the tags {tags[0] or 'of the rebuilt one'}, the rebuilt one {tags[1] or 'no other'}"
        )
    return tuple([*found, *_tools(comparison), *_compiled(comparison)][:_MOST])
