"""Sigma's ``condition`` over named detections, through pySigma's grammar.

pySigma resolves names itself, but drops a selector that matches nothing (``a and 1 of filter_*`` becomes ``a``) and
reads ``notsel`` as ``not sel``. So only its parse tree is taken; names are resolved here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.exceptions import SigmaError

from detector.engine.globs import glob
from detector.model.predicate import AllOf, AnyOf, Not, Predicate, Wildcard
from detector.rules.problem import RuleProblemError, cut, nearest, quoted
from detector.rules.scope import Scope

#: A name that begins like an operator, where the grammar would read the operator (and a selector, which is let be).
_OPERATOR_LIKE = re.compile(r"\bof\s+[\w*]+|(?<![\w*-])(?P<name>(?:not|and|or)[\w-]+)")
_BRACKET = re.compile(r"[()]")
_UPPER_CASE = re.compile(r"\b(?:AND|OR|NOT|OF)\b")
#: A character that names may have, put before such a name.
_HIDING = "-"


#: Groups in groups, and names in messages.
_DEEPEST, _NAMED = 50, 20


def condition(text: str, detections: Mapping[str, Predicate], scope: Scope) -> Predicate:
    """The condition's predicate over these detections. Raises :class:`RuleProblemError`."""
    return _resolve(_parse(text), detections, scope)


@lru_cache(maxsize=1024)
def _parse(text: str) -> ConditionItem:
    if "|" in text:
        hint = "write a correlation rule, such as 'type: event_count', that names this one"
        raise RuleProblemError("an aggregation ('| count() ...') in a condition: Sigma 2 has none", hint=hint)
    if _depth(text) > _DEEPEST:
        raise RuleProblemError("the condition is nested too deeply")
    # The grammar needs no detections as long as it does not resolve names.
    hidden = _OPERATOR_LIKE.sub(lambda found: _HIDING + found[0] if found["name"] else found[0], text)
    grammar = SigmaCondition(hidden, cast("Any", None))
    try:
        return cast("ConditionItem", grammar.parse(postprocess=False))
    except (SigmaError, RecursionError) as error:
        upper = _UPPER_CASE.search(text)
        hint = f"write {upper[0].lower()!r}, in lower case" if upper else ""
        raise RuleProblemError(f"the condition {quoted(text)} cannot be understood", hint=hint) from error


def _depth(text: str) -> int:
    """How deep brackets stand in brackets."""
    depth = deepest = 0
    for sign in _BRACKET.findall(text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _resolve(item: Any, detections: Mapping[str, Predicate], scope: Scope) -> Predicate:
    match item:
        case ConditionIdentifier():
            return _detection(item.identifier, detections)
        case ConditionSelector():
            return _selected(item, detections, scope)
        case ConditionNOT(args=[part]):
            return Not(_resolve(part, detections, scope))
        case ConditionAND():
            return AllOf(tuple(_resolve(part, detections, scope) for part in item.args))
        case ConditionOR():
            return AnyOf(tuple(_resolve(part, detections, scope) for part in item.args))
        case _:
            raise RuleProblemError("the condition cannot be understood")


def _detection(name: str, detections: Mapping[str, Predicate]) -> Predicate:
    for spelt in (name, name.removeprefix(_HIDING)):
        if spelt in detections:
            return detections[spelt]
    wanted = name.removeprefix(_HIDING)
    raise RuleProblemError(
        f"the condition names {quoted(wanted)}, which is no detection", hint=nearest(wanted, detections)
    )


def _selected(selector: ConditionSelector, detections: Mapping[str, Predicate], scope: Scope) -> Predicate:
    """``1 of`` or ``all of`` the detections that match; names with a leading ``_`` only when the pattern has one."""
    matches = glob(_pattern("*" if selector.pattern == "them" else selector.pattern))
    parts = tuple(
        predicate
        for name, predicate in detections.items()
        if matches(name) and (selector.pattern.startswith("_") or not name.startswith("_"))
    )
    if not parts:
        names = ", ".join(map(cut, [*detections][:_NAMED]))
        raise RuleProblemError(f"'of {cut(selector.pattern)}' in the condition means no detection (there are: {names})")
    scope.spend(len(parts) - 1)
    if len(parts) == 1:
        return parts[0]
    return AllOf(parts) if selector.cond_class is ConditionAND else AnyOf(parts)


def _pattern(text: str) -> tuple[str | Wildcard, ...]:
    first, *others = text.split("*")
    return (first, *(part for text in others for part in (Wildcard.MANY, text)))
