"""An ELF file by section, and the sections that hold nothing but debug information."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

MAGIC = b"\x7fELF"
MAX_SECTIONS = 64 << 20  # bytes that sections may have when decompressed, beyond those of the file
_CLASSES = {1: 32, 2: 64}
_ORDERS = {1: True, 2: False}
_COMPRESSED = 0x800
_ELSEWHERE = 0xFFFF
_LONGEST_NAME = 4096
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
    parts: dict[str, bytes] = {}
    try:
        header, segments, found = _headers(data)
        lines = [f"{key}: {header[key]}" for key in ("e_type", "e_machine", "e_version", "e_entry", "e_flags")]
        lines.append(f"ident: {dict(header['e_ident'])}")
        lines += [f"segment: {dict(segment)}" for segment in segments]
        parts["header"] = "\n".join(lines).encode()
        table = []
        room = len(data) + MAX_SECTIONS
        for section, fields, content in found:
            room -= len(content or b"")
            if room < 0:  # sections that lie on top of each other
                raise ValueError("its sections are too large to look into")
            if not is_debug(f"section {section}"):
                table.append(f"{section} {fields['sh_type']} {fields['sh_flags']:#x} {fields['sh_addr']:#x}")
            if content is None or section == ".shstrtab":
                continue
            name = label = f"section {section}"
            turn = 1
            while name in parts:
                turn += 1
                name = f"{label} ({turn})"
            parts[name] = content
        parts["section table"] = "\n".join(table).encode()
    except Exception as error:  # the file is a stranger's and the library raises whatever it stumbles over
        raise ValueError(f"is not an ELF file that can be read: {error}") from error
    return parts


def _headers(data: bytes) -> tuple[Any, list[Any], Iterator[tuple[str, Any, bytes | None]]]:
    """Return the header of an ELF file, those of its segments, and its sections by name with their headers and contents.

    pyelftools' own ELFFile reads whole hash tables before it gives a section, and brings all that knows DWARF along; of
    the library the structures of the headers are enough. It still costs to import, and few wheels hold an ELF file.
    """
    from elftools.elf.structs import ELFStructs

    structs = ELFStructs(little_endian=_ORDERS[data[5]], elfclass=_CLASSES[data[4]])
    structs.create_basic_structs()
    header = structs.Elf_Ehdr.parse(data[: structs.Elf_Ehdr.sizeof()])
    structs.create_advanced_structs(header["e_type"], header["e_machine"], header["e_ident"]["EI_OSABI"])

    def at(kind: Any, table: str, size: str, number: int) -> Any:
        start = header[table] + number * header[size]
        if number and header[size] < kind.sizeof():
            raise ValueError(f"{size} is too small")
        return kind.parse(data[start : start + kind.sizeof()])

    def section(number: int) -> Any:
        return at(structs.Elf_Shdr, "e_shoff", "e_shentsize", number)

    first = section(0) if header["e_shoff"] else None
    # Numbers too large for their fields are in the first section (System V ABI, chapter 4).
    count = (header["e_shnum"] or first["sh_size"]) if first else 0
    names = section(first["sh_link"] if header["e_shstrndx"] == _ELSEWHERE else header["e_shstrndx"]) if first else None
    number = first["sh_info"] if first and header["e_phnum"] == _ELSEWHERE else header["e_phnum"]
    if max(count, number) * structs.Elf_Phdr.sizeof() > len(data):
        raise ValueError("has more headers than bytes")
    segments = [at(structs.Elf_Phdr, "e_phoff", "e_phentsize", index) for index in range(number)]

    def each(names: Any) -> Iterator[tuple[str, Any, bytes | None]]:
        for fields in map(section, range(count)):
            start = names["sh_offset"] + fields["sh_name"]
            name = data[start : max(start, data.find(b"\0", start, start + _LONGEST_NAME))].decode("utf-8", "replace")
            empty = fields["sh_type"] in ("SHT_NULL", "SHT_NOBITS")
            yield name, fields, None if empty else _content(data, fields, structs)

    return header, segments, each(names)


def _content(data: bytes, fields: Any, structs: Any) -> bytes:
    """Return the content of a section, decompressed within limits."""
    start, size = fields["sh_offset"], fields["sh_size"]
    if not fields["sh_flags"] & _COMPRESSED:
        return data[start : start + size]
    head = structs.Elf_Chdr.sizeof()
    compression = structs.Elf_Chdr.parse(data[start : start + head])
    if compression["ch_type"] != "ELFCOMPRESS_ZLIB" or compression["ch_size"] > MAX_SECTIONS:
        raise ValueError("a section is compressed in a way that cannot be read, or too large to look into")
    content = zlib.decompressobj().decompress(data[start + head : start + size], compression["ch_size"] + 1)
    if len(content) != compression["ch_size"]:
        raise ValueError("a section has another size than it claims")
    return content
