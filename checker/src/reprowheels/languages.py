"""The same text as other locales write it: names of months and days in other languages, characters in other encodings."""

from __future__ import annotations

import contextlib
import re

_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_SHORT = "Jan Feb Apr Jul Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun"
# In the order of the English ones: months and days in full, then the short ones of the language that a check varies.
_OTHERS = (
    (_MONTHS, "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    (_DAYS, "lundi mardi mercredi jeudi vendredi samedi dimanche"),
    (_SHORT, "janv févr avr juil sept oct nov déc lun mar mer jeu ven sam dim"),
    (_MONTHS, "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    (_DAYS, "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    (_MONTHS, "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    (_DAYS, "lunes martes miércoles jueves viernes sábado domingo"),
    (_MONTHS, "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    (_DAYS, "lunedì martedì mercoledì giovedì venerdì sabato domenica"),
    (_MONTHS, "januari februari maart april mei juni juli augustus september oktober november december"),
    (_DAYS, "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
)
_ENGLISH = {
    other.encode(): english.encode()
    for names, others in reversed(_OTHERS)
    for english, other in zip(names.split(), others.split(), strict=True)
    if other != english
}
_LONGEST_FIRST: list[bytes] = sorted(_ENGLISH, key=len, reverse=True)
_NAME = re.compile(rb"(?<![A-Za-z\x80-\xff])(%s)\.?(?![A-Za-z\x80-\xff])" % b"|".join(_LONGEST_FIRST))


def translated(text: bytes) -> bytes:
    """Return a text with the names of months and days in English."""
    return _NAME.sub(lambda match: _ENGLISH[match.group(1)], text)


def _decoded(text: bytes) -> str | None:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _misreadings(right: str) -> set[bytes]:
    """Return what may come of a text that is read or written in another encoding."""
    raw = right.encode("utf-8")
    found = {right.encode("ascii", how) for how in ("replace", "ignore", "backslashreplace", "xmlcharrefreplace")}
    found |= {raw.decode("ascii", "surrogateescape").encode("ascii", "backslashreplace"), raw.decode("ascii", "replace").encode()}
    for encoding in ("iso8859-15", "latin-1", "cp1252"):
        with contextlib.suppress(UnicodeError):
            found.add(raw.decode(encoding).encode("utf-8"))
        with contextlib.suppress(UnicodeError):
            found.add(right.encode(encoding))
    return found


def other_encoding(one: bytes, two: bytes) -> bool:
    """Say whether two pieces are the same text, of which one went through another encoding."""
    sides = ((_decoded(one), two), (_decoded(two), one))
    return any(text is not None and not text.isascii() and other in _misreadings(text) for text, other in sides)


def line_in_other_encoding(one: bytes, two: bytes) -> bool:
    """Say whether a line of the first text is in the second as it is after it went through another encoding."""
    lines = set(two.splitlines()) - {b""}
    texts = (_decoded(line) for line in one.splitlines() if not line.isascii() and line not in lines)
    return any(text is not None and not lines.isdisjoint(_misreadings(text)) for text in texts)
