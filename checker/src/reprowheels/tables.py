"""Typed getters for TOML tables: every problem names the file and the key path, unknown keys get a suggestion.

What says nothing is in no table that is written, see `filled`.
"""

from __future__ import annotations

import datetime
import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import FileError

_WORDS = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "an array",
    dict: "a table",
    datetime.date: "a date such as 2026-11-22",
    datetime.datetime: "a date and time with its offset, such as 2026-11-22T10:00:00Z",
}


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a "did you mean" hint for a misspelt word, or nothing when nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


ConfigSettings = tuple[tuple[str, tuple[str, ...]], ...]


def as_config(settings: ConfigSettings) -> dict[str, str | list[str]]:
    """Return settings as build frontends hand them over: a key that was given several times has a list."""
    return {key: values[0] if len(values) == 1 else list(values) for key, values in settings}


class Table:
    """Read one TOML table key by key and note what is wrong with it.

    Getters never raise: they note the problem and return the default, so that one pass over a file finds
    everything. `finish` notes keys that nobody asked for.
    """

    def __init__(self, data: Mapping[str, Any], path: str, problems: list[str]) -> None:
        """Take the parsed table, its key path (with the file's name in front) and the list that problems go to."""
        self._data = data
        self.path = path
        self.problems = problems
        self._asked: list[str] = []

    def where(self, key: str) -> str:
        """Return the full path of a key of this table, for messages."""
        return f"{self.path}{key}" if self.path.endswith(": ") else f"{self.path}.{key}"

    def problem(self, key: str, text: str) -> None:
        """Note that something is wrong with a key."""
        self.problems.append(f"{self.where(key)}: {text}")

    def _get(self, key: str, kind: type, default: Any, required: bool) -> Any:
        self._asked.append(key)
        if key not in self._data:
            if required:
                self.problem(key, f"is missing; expected {_WORDS[kind]}")
            return default
        value = self._data[key]
        # bool is an int and datetime a date for Python, but not for whoever writes a TOML file.
        fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if kind is datetime.date:
            fits = fits and not isinstance(value, datetime.datetime)
        if not fits:
            self.problem(key, f"expected {_WORDS[kind]}, got {value!r}")
            return default
        return value

    def string(self, key: str, default: str = "", *, required: bool = False, choices: Sequence[str] = ()) -> str:
        """Return a string, one of `choices` where these are given."""
        value: str = self._get(key, str, default, required)
        if choices and key in self._data and value not in choices and isinstance(self._data[key], str):
            self.problem(key, f"{value!r} is none of {', '.join(choices)}{suggestion(value, choices)}")
            return default
        return value

    def optional_string(self, key: str) -> str | None:
        """Return a string, or None where there is none."""
        return self._get(key, str, None, False)  # type: ignore[no-any-return]

    def integer(self, key: str, default: int | None = None, *, required: bool = False, minimum: int | None = None) -> int | None:
        """Return a whole number, or the default."""
        value: int | None = self._get(key, int, default, required)
        if minimum is not None and value is not None and value < minimum:
            self.problem(key, f"expected at least {minimum}, got {value}")
            return default
        return value

    def number(self, key: str, *, required: bool = False) -> float:
        """Return a number of 0 or more, with or without a fraction."""
        whole = isinstance(self._data.get(key), int)
        value = float(self._get(key, int if whole else float, 0.0, required))
        if not 0 <= value < float("inf"):
            self.problem(key, f"expected a number of 0 or more, got {value}")
            return 0.0
        return value

    def boolean(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        return self._get(key, bool, default, False)  # type: ignore[no-any-return]

    def optional_boolean(self, key: str) -> bool | None:
        """Return true or false, or None where nothing is said."""
        return self._get(key, bool, None, False)  # type: ignore[no-any-return]

    def date(self, key: str, *, required: bool = False) -> datetime.date | None:
        """Return a date without a time."""
        return self._get(key, datetime.date, None, required)  # type: ignore[no-any-return]

    def moment(self, key: str, *, required: bool = False) -> datetime.datetime | None:
        """Return a date and time with an offset, in UTC."""
        value: datetime.datetime | None = self._get(key, datetime.datetime, None, required)
        if value is not None and value.tzinfo is None:
            self.problem(key, f"expected {_WORDS[datetime.datetime]}, got {value}")
            return None
        return value.astimezone(datetime.timezone.utc) if value else None

    def strings(self, key: str, *, choices: Sequence[str] = (), required: bool = False) -> tuple[str, ...]:
        """Return an array of strings, each one of `choices` where these are given."""
        found = []
        for index, item in enumerate(self._get(key, list, [], required)):
            if not isinstance(item, str):
                self.problem(f"{key}[{index}]", f"expected a string, got {item!r}")
            elif choices and item not in choices:
                self.problem(f"{key}[{index}]", f"{item!r} is none of {', '.join(choices)}{suggestion(item, choices)}")
            else:
                found.append(item)
        return tuple(found)

    def string_map(self, key: str, *, choices: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
        """Return a table of strings as sorted pairs."""
        pairs = []
        for name, value in self._get(key, dict, {}, False).items():
            if not isinstance(value, str):
                self.problem(f"{key}.{name}", f"expected a string, got {value!r}")
            elif choices and name not in choices:
                self.problem(f"{key}.{name}", f"is none of {', '.join(choices)}{suggestion(name, choices)}")
            else:
                pairs.append((name, value))
        return tuple(sorted(pairs))

    def settings(self, key: str) -> ConfigSettings:
        """Return a table of which each value is a string or several, as sorted pairs of key and strings."""
        pairs = []
        for name, value in self._get(key, dict, {}, False).items():
            values = value if isinstance(value, list) else [value]
            if all(isinstance(item, str) for item in values):
                pairs.append((name, tuple(values)))
            else:
                self.problem(f"{key}.{name}", f"expected a string or an array of strings, got {value!r}")
        return tuple(sorted(pairs))

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """Return a table inside this one, or None."""
        value = self._get(key, dict, None, required)
        return None if value is None else Table(value, self.where(key), self.problems)

    def tables(self, key: str, *, required: bool = False) -> list[Table]:
        """Return an array of tables."""
        found = []
        for index, item in enumerate(self._get(key, list, [], required)):
            if isinstance(item, dict):
                found.append(Table(item, f"{self.where(key)}[{index}]", self.problems))
            else:
                self.problem(f"{key}[{index}]", f"expected a table, got {item!r}")
        return found

    def finish(self) -> None:
        """Note every key that no getter asked for."""
        for key in self._data:
            if key not in self._asked:
                self.problem(key, f"unknown key{suggestion(key, self._asked)}")


def read(path: Path, schema: int | None = None) -> tuple[Table, list[str]]:
    """Return the root table of a TOML file and the list in which problems are gathered.

    Raises FileError when the file cannot be read, is not TOML, or says that it is of another schema than the expected one.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError([f"{path.name}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise FileError([f"{path.name}: is not UTF-8: {error.reason} at byte {error.start}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise FileError([f"{path.name}: is not valid TOML: {error}"]) from error
    problems: list[str] = []
    root = Table(data, f"{path.name}: ", problems)
    told = root.integer("schema", required=True) if schema is not None else None
    if told is not None and told != schema:
        raise FileError([f"{path.name}: schema: this program reads schema {schema}, the file has {told}"])
    return root, problems


def filled(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table without what says nothing: None, "", empty arrays and tables."""
    return {key: value for key, value in pairs.items() if value not in (None, "", [], (), {})}
