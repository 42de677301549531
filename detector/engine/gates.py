"""What a predicate cannot be true without, as keys that are looked up by a field's value.

A *gate* is a set of keys of which one must hold wherever the predicate does. It may only ask too little: a rule whose gate
is shut need not be judged, one whose gate is open must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple

from detector.engine.globs import fold_parts
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


def _lightest(predicate: Predicate, weight: Weight) -> tuple[float, list[Key]] | None:
    match predicate:
        case AllOf(parts):
            some = [found for part in parts if (found := _lightest(part, weight)) is not None]
            return min(some, key=lambda found: found[0], default=None)
        case AnyOf(parts):
            total, union = 0.0, []
            for part in parts:
                found = _lightest(part, weight)
                if found is None:
                    return None
                total += found[0]
                union += found[1]
            return total, union
        case FieldTest(_, test) if isinstance(test, _OF_A_VALUE):
            key = _key(predicate)
            return weight(key), [key]
        case _:
            return None


def _key(leaf: FieldTest) -> Key:
    if not isinstance(leaf.test, Like):
        return Key(leaf.field, Way.THERE, "")
    parts = fold_parts(leaf.test.parts)
    if not parts:
        return Key(leaf.field, Way.EQUALS, "")
    first, last = parts[0], parts[-1]
    if not isinstance(last, Wildcard):
        return Key(leaf.field, Way.EQUALS if len(parts) == 1 else Way.ENDS, last)
    if not isinstance(first, Wildcard):
        return Key(leaf.field, Way.STARTS, first)
    longest = max((part for part in parts if not isinstance(part, Wildcard)), key=len, default="")
    return Key(leaf.field, Way.CONTAINS if longest else Way.THERE, longest)
