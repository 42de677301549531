"""Text with wildcards, compiled to be fast and never worse than pattern times text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter

from detector.engine.grams import Grams
from detector.engine.values import fold
from detector.model.predicate import DASHES, Like, Wildcard

Check = Callable[[str], bool]
Parts = tuple[str | Wildcard, ...]

_MANY = Wildcard.MANY
#: From so many on they are searched for together.
_MANY_PARTS = 64
#: Two marks in a row are asked for first when so many of the parts have them.
_SHARED = 8
_PAIR = re.compile(r"(?=([^\w\s\\]{2}))")


def fold_parts(parts: Parts) -> Parts:
    """A pattern's literal text folded."""
    return tuple(part if isinstance(part, Wildcard) else fold(part) for part in parts)


def is_plain(test: Like) -> bool:
    """Whether it is one literal without case, alone or with ``MANY`` before or after it: most tests of most rules."""
    literals = [part for part in test.parts if part is not _MANY]
    return not test.cased and len(literals) == 1 and len(test.parts) <= 3 and not isinstance(literals[0], Wildcard)


def any_plain(tests: Sequence[Like]) -> Check:
    """Whether a folded value passes at least one of these plain tests: one look for a list of hundreds."""
    equals: set[str] = set()
    starts: list[str] = []
    ends: list[str] = []
    contains: list[str] = []
    for test in tests:
        parts = fold_parts(test.parts)
        literal = next(part for part in parts if not isinstance(part, Wildcard))
        match parts[0] is _MANY, parts[-1] is _MANY:
            case False, False:
                equals.add(literal)
            case False, True:
                starts.append(literal)
            case True, False:
                ends.append(literal)
            case _:
                contains.append(literal)
    edges = _edges(frozenset(equals), tuple(starts), tuple(ends))
    if not contains:
        return edges
    stands_in = any_within(contains)
    return (lambda text: edges(text) or stands_in(text)) if equals or starts or ends else stands_in


def _edges(equals: frozenset[str], starts: tuple[str, ...], ends: tuple[str, ...]) -> Check:
    if not starts and not equals:
        return lambda text: text.endswith(ends)
    return lambda text: text in equals or text.startswith(starts) or text.endswith(ends)


def any_within(parts: Sequence[str]) -> Check:
    """Whether at least one of the parts stands in a text."""
    many = {part: 0 for part in parts if Grams.takes(part)}
    if len(many) < _MANY_PARTS:
        return _one_after_the_other(tuple(dict.fromkeys(parts)))
    grams = Grams(many)
    few = _one_after_the_other(tuple(part for part in parts if part not in many))
    return lambda text: few(text) or bool(grams.within(text))


def _one_after_the_other(parts: tuple[str, ...]) -> Check:
    mark = _mark_of_most(parts)
    if mark:
        marked = _one_after_the_other(tuple(part for part in parts if mark in part))
        others = _one_after_the_other(tuple(part for part in parts if mark not in part))
        return lambda text: others(text) or (mark in text and marked(text))

    def check(text: str) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than the search itself
            if part in text:
                return True
        return False

    return check


def _mark_of_most(parts: Sequence[str]) -> str:
    """Two marks in a row, as ``::``, that most of the parts have, and few other texts; empty when there are none."""
    pairs = Counter(pair for part in parts for pair in set(_PAIR.findall(part)))
    pair, times = max(pairs.items(), key=itemgetter(1), default=("", 0))
    return pair if _SHARED <= times < len(parts) else ""


class _Piece:
    """What stands between two ``MANY``: literal text, ``ONE`` and ``DASH``, so of a fixed length."""

    __slots__ = ("_dashes", "_literals", "length")

    def __init__(self, parts: Sequence[str | Wildcard]) -> None:
        self._literals: list[tuple[int, str]] = []
        self._dashes: list[int] = []
        self.length = 0
        for part in parts:
            if isinstance(part, Wildcard):
                if part is Wildcard.DASH:
                    self._dashes.append(self.length)
                self.length += 1
            else:
                self._literals.append((self.length, part))
                self.length += len(part)

    def at(self, text: str, start: int) -> bool:
        """Whether it stands at ``start`` (which leaves room for it)."""
        return all(text.startswith(literal, start + offset) for offset, literal in self._literals) and all(
            text[start + offset] in DASHES for offset in self._dashes
        )

    def find(self, text: str, start: int, end: int) -> int:
        """Where it ends, the first time it stands between ``start`` and ``end``; -1 when it does not."""
        if not self._literals:
            last = end - self.length
            return next((at + self.length for at in range(start, last + 1) if self.at(text, at)), -1)
        offset, literal = self._literals[0]
        found = text.find(literal, start + offset, end)
        while found >= 0:
            begin = found - offset
            if begin + self.length > end:
                return -1
            if self.at(text, begin):
                return begin + self.length
            found = text.find(literal, found + 1, end)
        return -1


def glob(parts: Sequence[str | Wildcard]) -> Check:
    """Whether the whole text is of this form: its first and last piece are anchored, each other one is searched."""
    pieces: list[list[str | Wildcard]] = [[]]
    for part in parts:
        if part is _MANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    first, *others = map(_Piece, pieces)
    if not others:
        return lambda text: len(text) == first.length and first.at(text, 0)
    *between, last = others
    searched = [piece for piece in between if piece.length]

    def check(text: str) -> bool:
        end = len(text) - last.length
        at = first.length
        if end < at or not first.at(text, 0) or not last.at(text, end):
            return False
        for piece in searched:
            at = piece.find(text, at, end)
            if at < 0:
                return False
        return True

    return check
