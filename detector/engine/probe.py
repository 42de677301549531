"""All keys of one field looked up at once: which of hundreds of texts a value equals, starts with, ends with, contains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from detector.engine.gates import Key, Way
from detector.engine.grams import Grams
from detector.model.event import FieldValue

#: One bit for each predicate that a key opens.
Bits = int
_Found = list[tuple[str, Bits]]

#: Starts and ends are looked up by so many characters, and only then compared.
_AFFIX = 8
#: From so many texts on it pays to cut a value into grams.
_MANY = 40
#: Values remembered with what they open, because paths and names come again and again. Bounded, log text being hostile.
_KNOWN = 256
_KNOWN_LENGTH = 200


class Probe:
    """The keys of one field. ``known`` has what :meth:`look` found for the last values."""

    __slots__ = ("_beyond_ascii", "_ends", "_equals", "_grams", "_odd_parts", "_parts", "_starts", "_there", "known")

    def __init__(self, keys: Mapping[Key, Bits]) -> None:
        texts: dict[Way, dict[str, Bits]] = {way: {} for way in Way}
        for key, bits in keys.items():
            texts[key.way][key.text] = bits
        self._there = texts[Way.THERE].get("", 0)
        self._equals = texts[Way.EQUALS]
        self._starts = _by_affix(texts[Way.STARTS], lambda text, size: text[:size])
        self._ends = _by_affix(texts[Way.ENDS], lambda text, size: text[-size:])
        contained = texts[Way.CONTAINS]
        self._beyond_ascii = 0
        for text, bits in texts[Way.MATCHES].items():
            contained[text] = contained.get(text, 0) | bits
            self._beyond_ascii |= bits
        grams = {text: bits for text, bits in contained.items() if Grams.takes(text)}
        if len(grams) < _MANY:
            grams = {}
        self._grams = Grams(grams)
        others = [(text, bits) for text, bits in contained.items() if text not in grams]
        self._parts = [one for one in others if one[0].isascii()]
        self._odd_parts = [one for one in others if not one[0].isascii()]
        self.known: dict[FieldValue, Bits] = {}

    def look(self, value: FieldValue, folded: Iterable[str]) -> Bits:
        """The bits of all keys that hold of the field's value; ``folded`` are its texts folded."""
        found = 0
        for text in folded:
            found |= self._look(text)
        if isinstance(value, str) and len(value) <= _KNOWN_LENGTH:
            if len(self.known) >= _KNOWN:
                self.known.clear()
            self.known[value] = found
        return found

    def _look(self, text: str) -> Bits:
        found = self._there | self._equals.get(text, 0) | self._at_the_edges(text)
        for part, bits in self._parts:
            if part in text:
                found |= bits
        if not text.isascii():
            found |= self._of_odd_text(text)
        if self._grams:
            for bits in self._grams.within(text):
                found |= bits
        return found

    def _of_odd_text(self, text: str) -> Bits:
        found = self._beyond_ascii
        for part, bits in self._odd_parts:
            if part in text:
                found |= bits
        return found

    def _at_the_edges(self, text: str) -> Bits:
        found = 0
        for size, table in self._starts:
            for whole, bits in table.get(text[:size], ()):
                if text.startswith(whole):
                    found |= bits
        for size, table in self._ends:
            for whole, bits in table.get(text[-size:], ()):
                if text.endswith(whole):
                    found |= bits
        return found


def _by_affix(texts: Mapping[str, Bits], cut: Callable[[str, int], str]) -> list[tuple[int, dict[str, _Found]]]:
    """By their length up to so many characters, then by these."""
    tables: dict[int, dict[str, _Found]] = {}
    for text, bits in texts.items():
        size = min(len(text), _AFFIX)
        tables.setdefault(size, {}).setdefault(cut(text, size), []).append((text, bits))
    return list(tables.items())
