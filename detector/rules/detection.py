"""The ``detection`` section of a rule: maps, lists of maps, keywords, and the condition over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detector.model.predicate import Predicate
from detector.rules.condition import condition
from detector.rules.modifiers import all_of, any_of, predicate
from detector.rules.problem import RuleProblemError

#: Leaves of one rule. The largest public rule has about 4,500; a YAML file of aliases could make billions of few lines.
_MOST_TESTS = 100_000


def detection(section: object) -> Predicate:
    """The predicate of a rule's whole ``detection`` section. Raises :class:`RuleProblemError` with the keys to it."""
    if not isinstance(section, dict):
        raise RuleProblemError("'detection' must be a map of named detections and a condition")
    if "timeframe" in section:
        raise RuleProblemError("'timeframe' (an aggregation over time) is not supported yet", "timeframe")
    budget = _Budget()
    found: dict[str, Predicate] = {}
    for name, definition in section.items():
        if name == "condition":
            continue
        try:
            found[str(name)] = _definition(definition, budget)
        except RuleProblemError as problem:
            raise problem.under(str(name)) from problem
    if not found:
        raise RuleProblemError("'detection' names no detection")
    try:
        return _conditions(section.get("condition"), found)
    except RuleProblemError as problem:
        raise problem.under("condition") from problem


def _conditions(wanted: Any, found: dict[str, Predicate]) -> Predicate:
    texts = wanted if isinstance(wanted, list) else [wanted]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise RuleProblemError("a rule needs a 'condition': text, or a list of texts any of which is enough")
    return any_of([condition(text, found) for text in texts])


class _Budget:
    """How many tests a rule may still have."""

    def __init__(self) -> None:
        self._left = _MOST_TESTS

    def spend(self, value: object) -> None:
        self._left -= len(value) if isinstance(value, list) else 1
        if self._left < 0:
            raise RuleProblemError(f"a rule of more than {_MOST_TESTS:,} values")


def _definition(definition: object, budget: _Budget) -> Predicate:
    """A map is all of its entries; a list is any of its maps, or keywords; one value is one keyword."""
    match definition:
        case dict() if definition:
            return all_of(list(_entries(definition, budget)))
        case list() if definition:
            return any_of([_listed(place, entry, budget) for place, entry in enumerate(definition)])
        case dict() | list():
            raise RuleProblemError("an empty detection says nothing")
        case _:
            budget.spend(definition)
            return predicate("", definition)


def _listed(place: int, entry: object, budget: _Budget) -> Predicate:
    try:
        return _definition(entry, budget)
    except RuleProblemError as problem:
        raise problem.under(place) from problem


def _entries(definition: dict[Any, Any], budget: _Budget) -> Iterator[Predicate]:
    for key, value in definition.items():
        if not isinstance(key, str):
            raise RuleProblemError(f"the field name {key!r} is not text", str(key), hint="put it in quotes")
        budget.spend(value)
        try:
            yield predicate(key, value)
        except RuleProblemError as problem:
            raise problem.under(key) from problem
