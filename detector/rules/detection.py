"""The ``detection`` section of a rule: maps, lists of maps, keywords, and the condition over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detector.model.predicate import Predicate
from detector.rules.condition import condition
from detector.rules.modifiers import all_of, any_of, predicate
from detector.rules.problem import RuleProblemError, quoted
from detector.rules.scope import Scope

#: Characters of a rule's conditions. They name each detection a few times; a condition that does so for ever is none.
_MOST_CONDITION = 50_000


def detection(section: object, scope: Scope) -> Predicate:
    """The predicate of a rule's whole ``detection`` section, or of a filter's.

    Raises :class:`RuleProblemError` with the keys to what is wrong.
    """
    if not isinstance(section, dict):
        raise RuleProblemError("detections must be a map of names, and a condition over them")
    if "timeframe" in section:
        hint = f"write a correlation rule with 'timespan: {section['timeframe']}'"
        raise RuleProblemError("'timeframe' belongs to an aggregation, and Sigma 2 has none", "timeframe", hint=hint)
    found: dict[str, Predicate] = {}
    for name, definition in section.items():
        if name == "condition":
            continue
        try:
            found[str(name)] = _definition(definition, scope)
        except RuleProblemError as problem:
            raise problem.under(str(name)) from problem
    if not found:
        raise RuleProblemError("'detection' names no detection")
    try:
        return _conditions(section.get("condition"), found, scope)
    except RuleProblemError as problem:
        raise problem.under("condition") from problem


def _conditions(wanted: Any, found: dict[str, Predicate], scope: Scope) -> Predicate:
    texts = wanted if isinstance(wanted, list) else [wanted]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise RuleProblemError("a rule needs a 'condition': text, or a list of texts any of which is enough")
    if sum(map(len, texts)) > _MOST_CONDITION:
        raise RuleProblemError(f"a condition of more than {_MOST_CONDITION:,} characters")
    return any_of([condition(text, found, scope) for text in texts])


def _definition(definition: object, scope: Scope) -> Predicate:
    """A map is all of its entries; a list is any of its maps, or keywords; one value is one keyword."""
    match definition:
        case dict() if definition:
            return all_of(list(_entries(definition, scope)))
        case list() if definition:
            return any_of([_listed(place, entry, scope) for place, entry in enumerate(definition)])
        case dict() | list():
            raise RuleProblemError("an empty detection says nothing")
        case _:
            return predicate("", definition, scope)


def _listed(place: int, entry: object, scope: Scope) -> Predicate:
    try:
        return _definition(entry, scope)
    except RuleProblemError as problem:
        raise problem.under(place) from problem


def _entries(definition: dict[Any, Any], scope: Scope) -> Iterator[Predicate]:
    for key, value in definition.items():
        if not isinstance(key, str):
            raise RuleProblemError(f"the field name {quoted(key)} is not text", str(key), hint="put it in quotes")
        try:
            yield predicate(key, value, scope)
        except RuleProblemError as problem:
            raise problem.under(key) from problem
