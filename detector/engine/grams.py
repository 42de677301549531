"""Many texts searched for in one text at once, without a library: by four bytes of each."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping

#: A gram is so many bytes of UTF-8, read as a number.
_GRAM = 4
#: Of a long text no more grams are weighed against each other.
_SOME = 8


class Grams:
    """Texts of at least four bytes, each with a number of the caller's."""

    __slots__ = ("_by_gram", "_wanted")

    def __init__(self, texts: Mapping[str, int]) -> None:
        self._by_gram = _by_rarest(texts)
        self._wanted = frozenset(self._by_gram)

    @staticmethod
    def takes(text: str) -> bool:
        """Whether it is long enough."""
        return len(_bytes(text)) >= _GRAM

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def within(self, text: str) -> list[int]:
        """The numbers of all that stand in the text. Texts are looked for only where their gram is."""
        by_gram = self._by_gram
        grams = memoryview(_at_every_byte(_bytes(text))).cast("I")
        return [number for gram in self._wanted.intersection(grams) for part, number in by_gram[gram] if part in text]


def _at_every_byte(raw: bytes) -> bytes:
    """A text whose whole grams are the grams at every byte of ``raw``, and a few that are none."""
    raw = raw.ljust(len(raw) + _GRAM - 1 & -_GRAM, b"\0")
    return raw + raw[1:] + raw[:1] + raw[2:] + raw[:2] + raw[3:] + raw[:3]


def _by_rarest(texts: Mapping[str, int]) -> dict[int, list[tuple[str, int]]]:
    """Each text under that gram of it which fewest others have."""
    grams = {text: _grams_of(text) for text in texts}
    common = Counter(gram for each in grams.values() for gram in each)
    table: dict[int, list[tuple[str, int]]] = {}
    for text, number in texts.items():
        table.setdefault(min(grams[text], key=common.__getitem__), []).append((text, number))
    return table


def _grams_of(text: str) -> list[int]:
    """Some of the text's grams, from all over it."""
    raw = _bytes(text)
    last = len(raw) - _GRAM
    return [int.from_bytes(raw[at : at + _GRAM], sys.byteorder) for at in range(0, last + 1, last // _SOME + 1)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
