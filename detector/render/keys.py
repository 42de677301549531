"""One object of a JSON document, read key by key: each reader takes its key out, what is left is unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NoReturn, TypeVar

from detector.errors import ReportError
from detector.model.level import Level

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class Keys:
    """Every method takes its key out and raises :class:`ReportError`, with the path, for a value that cannot be."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            self._wrong(path, "an object", value)
        self._values: dict[str, Any] = dict(value)
        self._path = path

    @staticmethod
    def _wrong(path: str, expected: str, value: Any) -> NoReturn:
        raise ReportError(f"not a report: {path or 'it'} must be {expected}, found {short(value)}")

    def _take(self, key: str) -> tuple[str, Any]:
        path = f"{self._path}.{key}" if self._path else key
        if key not in self._values:
            raise ReportError(f"not a report: {path} is missing")
        return path, self._values.pop(key)

    def text(self, key: str) -> str:
        """A text."""
        path, value = self._take(key)
        return value if isinstance(value, str) else self._wrong(path, "a text", value)

    def text_or_none(self, key: str) -> str | None:
        """A text or null."""
        return None if self._is_null(key) else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(
            one if isinstance(one, str) else self._wrong(path, "a text", one) for path, one in self._items(key)
        )

    def count(self, key: str, least: int = 0) -> int:
        """A whole number, at least ``least``."""
        path, value = self._take(key)
        if type(value) is not int or value < least:
            self._wrong(path, f"a whole number from {least}", value)
        return int(value)

    def count_or_none(self, key: str) -> int | None:
        """A whole number or null."""
        return None if self._is_null(key) else self.count(key)

    def truth(self, key: str) -> bool:
        """True or false."""
        path, value = self._take(key)
        return value if isinstance(value, bool) else self._wrong(path, "true or false", value)

    def word(self, key: str, words: type[E]) -> E:
        """A word of a fixed list."""
        path, value = self._take(key)
        try:
            return words(value)
        except ValueError:
            self._wrong(path, f"one of {', '.join(str(word.value) for word in words)}", value)

    def word_or_none(self, key: str, words: type[E]) -> E | None:
        """A word of a fixed list, or null."""
        return None if self._is_null(key) else self.word(key, words)

    def level(self, key: str) -> Level:
        """One of Sigma's levels."""
        path, value = self._take(key)
        found = {level.word: level for level in Level}.get(value if isinstance(value, str) else "")
        return self._wrong(path, "a level", value) if found is None else found

    def time(self, key: str) -> datetime:
        """A time in UTC, as :func:`detector.render.document.instant` writes it."""
        path, value = self._take(key)
        try:
            if isinstance(value, str) and _TIME.fullmatch(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._wrong(path, "a time in UTC", value)

    def time_or_none(self, key: str) -> datetime | None:
        """A time or null."""
        return None if self._is_null(key) else self.time(key)

    def object(self, key: str) -> Keys:
        """The object under a key."""
        path, value = self._take(key)
        return Keys(value, path)

    def each(self, key: str, read: Callable[[Keys], T]) -> tuple[T, ...]:
        """A list of objects, each read by ``read``."""
        return tuple(read(Keys(value, path)) for path, value in self._items(key))

    def mapping(self, key: str, holds: Callable[[Any], bool]) -> Mapping[str, Any]:
        """An object whose values all hold."""
        path, value = self._take(key)
        if not isinstance(value, dict) or not all(map(holds, value.values())):
            self._wrong(path, "an object of plain values", value)
        return dict(value)

    def has(self, key: str) -> bool:
        """Whether the key is there and not taken yet."""
        return key in self._values

    def end(self) -> None:
        """Raise :class:`ReportError` for a key nobody took."""
        for key in self._values:
            raise ReportError(f"not a report: {self._path or 'it'} has the unknown key {short(key)}")

    def _is_null(self, key: str) -> bool:
        if self._values.get(key, key) is None:
            del self._values[key]
            return True
        return False

    def _items(self, key: str) -> Iterator[tuple[str, Any]]:
        path, value = self._take(key)
        if not isinstance(value, list):
            self._wrong(path, "a list", value)
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(value))


def short(value: Any) -> str:
    """A value of the document for a message: ASCII, at most 60 characters."""
    try:
        text = ascii(value)
    except (ValueError, RecursionError):  # a whole number of too many digits, or endless nesting
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."
