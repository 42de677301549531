"""When a correlation is fulfilled: bounds for what it measures, or a boolean expression over the rules it looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from detector.engine.correlate_gauges import within
from detector.model.correlation import Bound, Operator, Way
from detector.rules.problem import RuleProblemError, nearest, quoted

#: Ways for one expression to be true. Each is looked at in every window.
_MOST_WAYS = 64
_LONGEST = 5_000
_DEEPEST = 50
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_TOKEN = re.compile(r"[()]|[^\s()]+")

_Literals = tuple[frozenset[int], frozenset[int]]  # places that must be hit, and that must not


def bounds(condition: Mapping[object, object], most: int | None, *, whole: bool) -> tuple[Bound, ...]:
    """The bounds of a condition's map, which must leave a number between 1 and ``most``, a whole one, if it is a count.

    Raises :class:`RuleProblemError`, with the key.
    """
    found = tuple(Bound(one, decimal(condition[one.value], one.value)) for one in Operator if one.value in condition)
    if not found:
        raise RuleProblemError(f"a condition needs one of {', '.join(Operator)}")
    if not any(map(within(found), _candidates(found, most, whole=whole))):
        asked = " and ".join(f"{one.operator} {one.number}" for one in found)
        hint = f"a time frame without any event is not seen, so it is {f'1 to {most}' if most else 'at least 1'}"
        raise RuleProblemError(f"nothing measured here can ever be {asked}", hint=hint if whole else "")
    return found


def decimal(value: object, key: str) -> str:
    """A number as exact text. Raises :class:`RuleProblemError`, with the key."""
    text = str(value)
    if isinstance(value, float) and "e" in text and value == int(value):
        text = str(int(value))
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not _DECIMAL.fullmatch(text):
        raise RuleProblemError(f"{key!r} needs a number, not {quoted(value)}", key)
    return text


def _candidates(found: Sequence[Bound], most: int | None, *, whole: bool) -> Iterable[Fraction]:
    """Numbers of which one keeps to the bounds if any can: at each bound, beside it, and between two."""
    at = sorted({Fraction(one.number) for one in found})
    if not whole:
        return [*at, at[0] - 1, at[-1] + 1, *((low + high) / 2 for low, high in pairwise(at))]
    near = {Fraction(one.numerator // one.denominator + step) for one in at for step in (-1, 0, 1, 2)}
    return [one for one in near | {Fraction(1)} if one >= 1 and (most is None or one <= most)]


def ways(expression: str, places: Mapping[str, int]) -> tuple[Way, ...]:
    """The ways for a boolean expression over these names to be true. Raises :class:`RuleProblemError`."""
    if len(expression) > _LONGEST:
        raise RuleProblemError(f"a condition of more than {_LONGEST:,} characters")
    parser = _Parser(_TOKEN.findall(expression), places)
    found = parser.whole()
    unnamed = [name for name, place in places.items() if place not in parser.named]
    if unnamed:
        raise RuleProblemError(f"the condition does not name {quoted(unnamed[0])}, which is one of its 'rules'")
    if not found:
        raise RuleProblemError("the condition can never be true")
    if any(not present for present, _ in found):
        raise RuleProblemError("the condition can be true where nothing was hit, and there nothing is seen")
    return tuple(sorted((Way(tuple(sorted(yes)), tuple(sorted(no))) for yes, no in found), key=_order))


def names(expression: str) -> tuple[str, ...]:
    """The rules an expression names, in the order of their first appearance."""
    words = (word for word in _TOKEN.findall(expression[:_LONGEST]) if word not in "()")
    return tuple(dict.fromkeys(word for word in words if word.lower() not in ("and", "or", "not")))


def _order(way: Way) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return way.present, way.absent


class _Parser:
    """Recursive descent: ``or`` of ``and`` of ``not``. Negation is pushed down, so each part gives its alternatives."""

    def __init__(self, tokens: Sequence[str], places: Mapping[str, int]) -> None:
        self.named: set[int] = set()
        self._tokens = tokens
        self._places = places
        self._at = 0
        self._depth = 0

    def whole(self) -> set[_Literals]:
        found = self._either(positive=True)
        if self._at < len(self._tokens):
            raise RuleProblemError(f"the condition cannot be understood from {quoted(self._tokens[self._at])} on")
        return found

    def _either(self, *, positive: bool) -> set[_Literals]:
        parts = [self._both(positive=positive)]
        while self._take("or"):
            parts.append(self._both(positive=positive))
        return _union(parts) if positive else _product(parts)

    def _both(self, *, positive: bool) -> set[_Literals]:
        parts = [self._one(positive=positive)]
        while self._take("and"):
            parts.append(self._one(positive=positive))
        return _product(parts) if positive else _union(parts)

    def _one(self, *, positive: bool) -> set[_Literals]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleProblemError("a condition nested too deeply")
        if self._take("not"):
            found = self._one(positive=not positive)
        elif self._take("("):
            found = self._either(positive=positive)
            if not self._take(")"):
                raise RuleProblemError("the condition lacks a closing parenthesis")
        else:
            place = frozenset({self._name()})
            found = {(place, frozenset())} if positive else {(frozenset(), place)}
        self._depth -= 1
        return found

    def _take(self, word: str) -> bool:
        """Whether it comes next; it is passed then. The specification's tests write AND, its text and."""
        here = self._at < len(self._tokens) and self._tokens[self._at].lower() == word
        self._at += here
        return here

    def _name(self) -> int:
        if self._at >= len(self._tokens):
            raise RuleProblemError("the condition ends where a rule should be named")
        word = self._tokens[self._at]
        if word not in self._places:
            hint = nearest(word, self._places)
            raise RuleProblemError(f"the condition names {quoted(word)}, which is none of its 'rules'", hint=hint)
        self._at += 1
        self.named.add(self._places[word])
        return self._places[word]


def _union(parts: Iterable[set[_Literals]]) -> set[_Literals]:
    return _fewest(set().union(*parts))


def _product(parts: Iterable[set[_Literals]]) -> set[_Literals]:
    found: set[_Literals] = {(frozenset(), frozenset())}
    for part in parts:
        found = _fewest(
            {(yes | more, no | less) for yes, no in found for more, less in part if not (yes | more) & (no | less)}
        )
    return found


def _fewest(found: set[_Literals]) -> set[_Literals]:
    """Without those that say what a shorter one says already."""
    kept = {
        one for one in found if not any(other != one and other[0] <= one[0] and other[1] <= one[1] for other in found)
    }
    if len(kept) > _MOST_WAYS:
        raise RuleProblemError(f"a condition with more than {_MOST_WAYS} ways to be true")
    return kept
