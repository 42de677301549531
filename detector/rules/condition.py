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

from detector.model.predicate import AllOf, AnyOf, Not, Predicate
from detector.rules.problem import RuleProblemError, nearest

#: A name that begins like an operator, where the grammar would read the operator (and a selector, which is let be).
_OPERATOR_LIKE = re.compile(r"\bof\s+[\w*]+|(?<![\w*-])(?P<name>(?:not|and|or)[\w-]+)")
#: As much of a condition as a message quotes.
_LONGEST = 200
_UPPER_CASE = re.compile(r"\b(?:AND|OR|NOT|OF)\b")
#: A character that names may have, put before such a name.
_HIDING = "-"


def condition(text: str, detections: Mapping[str, Predicate]) -> Predicate:
    """The condition's predicate over these detections. Raises :class:`RuleProblemError`."""
    return _resolve(_parse(text), detections)


@lru_cache(maxsize=1024)
def _parse(text: str) -> ConditionItem:
    if "|" in text:
        raise RuleProblemError("aggregations in a condition ('| count() ...') are not supported yet")
    # The grammar needs no detections as long as it does not resolve names.
    hidden = _OPERATOR_LIKE.sub(lambda found: _HIDING + found[0] if found["name"] else found[0], text)
    grammar = SigmaCondition(hidden, cast("Any", None))
    try:
        return cast("ConditionItem", grammar.parse(postprocess=False))
    except (SigmaError, RecursionError) as error:
        upper = _UPPER_CASE.search(text)
        hint = f"write {upper[0].lower()!r}, in lower case" if upper else ""
        told = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        raise RuleProblemError(f"the condition {told!r} cannot be understood", hint=hint) from error


def _resolve(item: Any, detections: Mapping[str, Predicate]) -> Predicate:
    match item:
        case ConditionIdentifier():
            return _detection(item.identifier, detections)
        case ConditionSelector():
            return _selected(item, detections)
        case ConditionNOT(args=[part]):
            return Not(_resolve(part, detections))
        case ConditionAND():
            return AllOf(tuple(_resolve(part, detections) for part in item.args))
        case ConditionOR():
            return AnyOf(tuple(_resolve(part, detections) for part in item.args))
        case _:
            raise RuleProblemError("the condition cannot be understood")


def _detection(name: str, detections: Mapping[str, Predicate]) -> Predicate:
    for spelt in (name, name.removeprefix(_HIDING)):
        if spelt in detections:
            return detections[spelt]
    wanted = name.removeprefix(_HIDING)
    raise RuleProblemError(f"the condition names {wanted!r}, which is no detection", hint=nearest(wanted, detections))


def _selected(selector: ConditionSelector, detections: Mapping[str, Predicate]) -> Predicate:
    """``1 of`` or ``all of`` the detections that match; names with a leading ``_`` only when the pattern has one."""
    everything = selector.pattern == "them"
    pattern = re.compile(".*" if everything else selector.pattern.replace("*", ".*"))
    parts = tuple(
        predicate
        for name, predicate in detections.items()
        if pattern.fullmatch(name) and (selector.pattern.startswith("_") or not name.startswith("_"))
    )
    if not parts:
        names = ", ".join(detections)
        raise RuleProblemError(f"'of {selector.pattern}' in the condition means no detection (there are: {names})")
    if len(parts) == 1:
        return parts[0]
    return AllOf(parts) if selector.cond_class is ConditionAND else AnyOf(parts)
