"""Short printable texts about bytes: what goes into a result as evidence, safe for TOML, HTML and a terminal."""

from __future__ import annotations

import re

LENGTH = 120  # characters of one excerpt at most
_BEFORE = 40  # characters shown before the first difference
_HEX = 16  # bytes shown of binary data
_WINDOW = 1024  # bytes before and after a difference that say whether it is in text
_HALVES = bytes(range(0x80, 0xC0))
_BEGINNINGS = bytes(range(0xC0, 0xF8))
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def clean(text: str, length: int = LENGTH) -> str:
    """Return a text on one line, without anything that cannot be printed, and at most `length` characters long."""
    if len(text) <= length and text.isprintable():
        return text
    text = text[: 2 * length]
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def is_text(data: bytes) -> bool:
    """Say whether bytes look like text in UTF-8."""
    if _CONTROL.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def first_difference(first: bytes, second: bytes) -> int:
    """Return the position of the first byte that differs; the length of the shorter where it begins the longer."""
    low, high = 0, min(len(first), len(second))
    if first[:high] == second[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_end(first: bytes, second: bytes, start: int) -> int:
    """Return how many bytes at the end are the same, those before `start` not counted."""
    low, high = 0, min(len(first), len(second)) - start
    if high <= 0 or first[len(first) - high :] == second[len(second) - high :]:
        return max(high, 0)
    while high - low > 1:
        middle = (low + high) // 2
        if first[len(first) - middle : len(first) - low] == second[len(second) - middle : len(second) - low]:
            low = middle
        else:
            high = middle
    return low


def _around(data: bytes, at: int) -> bytes:
    """Return what lies around a position, without the halves of characters at its ends."""
    return data[max(0, at - _WINDOW) : at + _WINDOW].lstrip(_HALVES).rstrip(_HALVES + _BEGINNINGS)


def _line(data: bytes, at: int) -> tuple[str, str]:
    """Return where a position is and the line around it, cut so that the position is in sight."""
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    text = data[start : end if end >= 0 else len(data)]
    column = at - start
    place = f"line {data.count(bytes([10]), 0, at) + 1}"
    if at >= len(data) and not text:
        return place, "ends here"
    left = max(0, column - _BEFORE) if len(text) > LENGTH - 20 else 0
    shown = text[left : left + 2 * LENGTH].decode("utf-8", "replace").lstrip("\ufffd")
    return place, f"{'…' if left else ''}{shown}"


def _string(data: bytes, at: int) -> str:
    """Return the string of a binary file that a position lies in, or nothing where there is none."""
    start = data.rfind(b"\0", max(0, at - LENGTH), at) + 1 or max(0, at - _BEFORE)
    end = data.find(b"\0", at, at + LENGTH)
    text = data[start : end if end >= 0 else at + LENGTH]
    return text.decode("ascii") if len(text) > 3 and text.isascii() and text.decode("ascii").isprintable() else ""


def _bytes(data: bytes, at: int) -> str:
    """Return a few bytes from a position on as hexadecimal digits and as characters."""
    piece = data[at : at + _HEX]
    characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
    return f"{piece.hex(' ')} |{characters}|" if piece else "ends here"


def pair(first: bytes, second: bytes, *, place: bool = True) -> tuple[str, str]:
    """Return two excerpts around the first difference, with or without the place where it is.

    A line each where both are text, the strings that they are in, or else hexadecimal digits.
    """
    at = first_difference(first, second)
    shown = [(f"byte {at}", _bytes(first, at)), (f"byte {at}", _bytes(second, at))]
    if is_text(_around(first, at)) and is_text(_around(second, at)):
        shown = [_line(first, at), _line(second, at)]
    else:
        strings = _string(first, at), _string(second, at)
        if all(strings) and strings[0] != strings[1]:
            shown = [(f"byte {at}", repr(text)) for text in strings]
    one, two = (clean(f"{where}: {text}" if place else text) for where, text in shown)
    return one, two
