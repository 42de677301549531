"""What a predicate cannot be true without: fields to be there, and event ids. Both may only ask too little."""

from __future__ import annotations

from detector.engine.timestamps import OWN_TIME
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
    TimePart,
    Wildcard,
)

_NOTHING: frozenset[str] = frozenset()


def necessary_fields(predicate: Predicate) -> frozenset[str]:
    """Fields that must have a value, not empty, for the predicate to be true.

    All of: those of every part. Any of: those that every part shares. Negations, null, existence and keywords ask
    for none, nor does text that an empty value passes. (Whether a regular expression takes an empty value is not asked;
    the worst is that a rule counts as not evaluable where every value is empty.)
    """
    match predicate:
        case AllOf(parts):
            return _NOTHING.union(*map(necessary_fields, parts))
        case AnyOf(parts) if parts:
            return frozenset.intersection(*map(necessary_fields, parts))
        case FieldTest(field, Like(wanted)) if any(part is not Wildcard.MANY for part in wanted):
            return frozenset({field})
        case FieldTest(field, FieldRef(other)):
            return frozenset({field, other})
        case FieldTest(field, Regex() | Cidr() | Compare() | TimePart() as test):
            return frozenset({field}) - (OWN_TIME if isinstance(test, TimePart) else _NOTHING)
        case _:
            return _NOTHING


def event_ids(predicate: Predicate) -> frozenset[int] | None:
    """The event ids without which the predicate is false; ``None`` when it may be true for any."""
    match predicate:
        case AllOf(parts):
            asked = [ids for ids in map(event_ids, parts) if ids is not None]
            return frozenset.intersection(*asked) if asked else None
        case AnyOf(parts):
            each = [event_ids(part) for part in parts]
            return frozenset[int]().union(*(ids for ids in each if ids is not None)) if None not in each else None
        case FieldTest("EventID", Like((str() as text,))) if text.isascii() and text.isdecimal() and len(text) < 10:
            return frozenset({int(text)})
        case _:
            return None
