"""What a predicate cannot be true without, as keys that are looked up by a field's value.

A *gate* is a set of keys of which one must hold wherever the predicate does. It may only ask too little: a rule whose gate
is shut need not be judged, one whose gate is open must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from operator import itemgetter
from typing import NamedTuple

from detector.engine.patterns import BLANKS, Alternatives, needed_text
from detector.engine.values import fold
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    FieldRef,
    FieldTest,
    Like,
    Predicate,
    Regex,
    Wildcard,
)


class Way(IntEnum):
    """How a key's text stands in the folded value."""

    THERE = 0  # the field has some value
    EQUALS = 1
    STARTS = 2
    ENDS = 3
    CONTAINS = 4
    MATCHES = 5  # contains it, or more than ASCII, where a regular expression may have its own idea of case


class Key(NamedTuple):
    """Some value of the field has this text there."""

    field: str
    way: Way
    text: str


Gate = frozenset[Key]
#: Tests that can only hold of a field that has a value.
_OF_A_VALUE = (Like, Regex, Cidr, Compare, FieldRef)
#: About how many events a key lets through, on no particular scale.
Weight = Callable[[Key], float]


_Weighed = tuple[float, list[Key]]
_by_weight = itemgetter(0)


def gate(predicate: Predicate, weight: Weight) -> Gate | None:
    """The predicate's lightest gate; ``None`` when it has none, so that it may hold whatever the fields say."""
    found = _lightest(predicate, weight)
    return Gate(found[1]) if found else None


def keys(predicate: Predicate) -> Iterator[Key]:
    """Every key that could be one of a gate's."""
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from keys(part)
        case FieldTest(_, test) if isinstance(test, _OF_A_VALUE):
            yield _key(predicate)
        case _:
            pass


def _lightest(predicate: Predicate, weight: Weight) -> _Weighed | None:
    match predicate:
        case AllOf(parts):
            some = [found for part in parts if (found := _lightest(part, weight)) is not None]
            return min(some, key=_by_weight, default=None)
        case AnyOf(parts):
            total, union = 0.0, []
            for part in parts:
                found = _lightest(part, weight)
                if found is None:
                    return None
                total += found[0]
                union += found[1]
            return total, union
        case FieldTest(name, Regex(pattern, flags)):
            return _of_pattern(name, needed_text(pattern, flags), weight) or _some_value(name, weight)
        case FieldTest(_, test) if isinstance(test, _OF_A_VALUE):
            key = _key(predicate)
            return weight(key), [key]
        case _:
            return None


def _of_pattern(name: str, needed: Alternatives | None, weight: Weight, before: str = "") -> _Weighed | None:
    """One of the sequences stands there, right behind ``before``: so of each the text that weighs least."""
    total, union = 0.0, []
    for sequence in needed.sequences if needed else ():
        lightest = _of_sequence(name, sequence, weight, before)
        if lightest is None:
            return None
        total += lightest[0]
        union += lightest[1]
    return (total, union) if union else None


def _of_sequence(
    name: str, sequence: Sequence[str | Alternatives | None], weight: Weight, before: str
) -> _Weighed | None:
    some: list[_Weighed | None] = []
    for item in sequence:
        if isinstance(item, Alternatives):
            some.append(_of_pattern(name, item, weight, before))
            before = ""
        else:
            before = before + item if item else ""
            some.append(_of_text(name, max(before.split(BLANKS), key=len), weight))
    return min((found for found in some if found), key=_by_weight, default=None)


def _of_text(name: str, text: str, weight: Weight) -> _Weighed | None:
    if not text or not text.isascii():
        return None
    key = Key(name, Way.MATCHES, fold(text))
    return weight(key), [key]


def _some_value(name: str, weight: Weight) -> _Weighed:
    key = Key(name, Way.THERE, "")
    return weight(key), [key]


def _key(leaf: FieldTest) -> Key:
    """Of a pattern its longest text."""
    if not isinstance(leaf.test, Like):
        return Key(leaf.field, Way.THERE, "")
    parts = leaf.test.parts
    if not parts:
        return Key(leaf.field, Way.EQUALS, "")
    longest, at = "", -1
    for place, part in enumerate(parts):
        if len(part) > len(longest) and not isinstance(part, Wildcard):
            longest, at = part, place
    return Key(leaf.field, _way(at, len(parts)), fold(longest))


def _way(at: int, parts: int) -> Way:
    """How the text at this place of a pattern stands in the value; -1: there is no text."""
    if at < 0:
        return Way.THERE
    if at == parts - 1:
        return Way.ENDS if at else Way.EQUALS
    return Way.CONTAINS if at else Way.STARTS
