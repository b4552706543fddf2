"""An ELF file by section, and the sections that hold nothing but debug information."""

from __future__ import annotations

import io
import re

MAGIC = b"\x7fELF"
# What `strip --strip-debug` drops, and the checksums that follow it.
_DEBUG = re.compile(
    r"section (?:\.z?debug_.*|\.gnu\.debuglto_.*|\.stab.*|\.gnu_debug(?:link|altlink|data)|\.note\.gnu\.build-id)$"
)
# Sections of machine code, addresses, relocations, and debug information that names its strings by their offsets.
_NUMBERS = re.compile(
    r"section \.(?:text|init(?:_array)?|fini(?:_array)?|plt|rela?|got|eh_frame|gcc_except_table|symtab|dynsym|dynamic|gnu\.hash"
    r"|z?debug_(?:info|abbrev|aranges|frame|loc|loclists|ranges|rnglists|addr|str_offsets|types))\b"
)
BUILD_ID = "section .note.gnu.build-id"
# GCC writes its options into debug information; sizes of caches are among them only where it was told to ask the processor.
_NATIVE = re.compile(rb"GNU [^\0]{0,200}-march=([\w-]{1,40}) [^\0]{0,4000}--param=l1-cache-size=")


def is_debug(part: str) -> bool:
    """Say whether a part, named as `sections` names it, is debug information or the build-id."""
    return _DEBUG.search(part) is not None


def is_code(part: str) -> bool:
    """Say whether a part, named as `sections` names it, is machine code or a table of numbers."""
    return _NUMBERS.match(part) is not None


def native(data: bytes) -> str:
    """Return the processor that a file was compiled for since it is that of the machine (-march=native), or nothing.

    Only debug information that is not compressed tells; it lies at the end of a file.
    """
    found = _NATIVE.search(data) if data.startswith(MAGIC) else None
    return found.group(1).decode("ascii") if found else ""


def sections(data: bytes) -> dict[str, bytes]:
    """Return the headers and the sections of an ELF file by name, debug sections decompressed.

    Raises ValueError when the file is no ELF file that can be read. What follows from the sizes of other sections
    (their offsets in the file) is left out.
    """
    # pyelftools costs more to import than most comparisons take, and few wheels hold an ELF file.
    from elftools.elf.elffile import ELFFile

    parts: dict[str, bytes] = {}
    try:
        elf = ELFFile(io.BytesIO(data))
        header = elf.header
        lines = [f"{key}: {header[key]}" for key in ("e_type", "e_machine", "e_version", "e_entry", "e_flags")]
        lines.append(f"ident: {dict(header['e_ident'])}")
        lines += [f"segment: {dict(segment.header)}" for segment in elf.iter_segments()]
        parts["header"] = "\n".join(lines).encode()
        table = []
        for section in elf.iter_sections():
            fields = section.header
            if not is_debug(f"section {section.name}"):
                table.append(f"{section.name} {fields['sh_type']} {fields['sh_flags']:#x} {fields['sh_addr']:#x}")
            if fields["sh_type"] in ("SHT_NULL", "SHT_NOBITS") or section.name == ".shstrtab":
                continue
            name = label = f"section {section.name}"
            turn = 1
            while name in parts:
                turn += 1
                name = f"{label} ({turn})"
            parts[name] = section.data()
        parts["section table"] = "\n".join(table).encode()
    except Exception as error:  # the file is a stranger's and the library raises whatever it stumbles over
        raise ValueError(f"is not an ELF file that can be read: {error}") from error
    return parts
