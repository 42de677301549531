"""One YAML document to one correlation rule, its references still the words that it uses.

pySigma is not used: it cuts thresholds to whole numbers, knows no ranges, and gives errors no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from detector.model.correlation import Alias, Bound, Correlation, CorrelationType, Operator, Way
from detector.model.predicate import AnyOf
from detector.model.rule import LogSource, Rule
from detector.rules.correlation_condition import bounds, decimal, names, ways
from detector.rules.documents import Document
from detector.rules.problem import RuleProblemError, nearest, quoted
from detector.rules.scope import Scope
from detector.rules.translate import attributes

_KEYS = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
_OPERATORS = tuple(map(str, Operator))
#: Rules, fields and groups of one correlation.
_MOST = 100
_TIMESPAN = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>[smhdwMy])")
#: The specification has s, m, h and d; w, M (a twelfth of a year) and y (of 365.2425 days) are pySigma's.
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}


@dataclass(frozen=True, slots=True)
class Draft:
    """A correlation rule whose ``rules`` (and its aliases') are ids or names, as written. ``leveled``: it says its level."""

    rule: Rule
    asked: Correlation
    leveled: bool
    document: Document


def draft(document: Document, scope: Scope) -> Draft:
    """The correlation rule a document describes. Raises :class:`RuleProblemError`."""
    section = document.data["correlation"]
    common = attributes(document, scope)
    if not isinstance(section, dict):
        raise RuleProblemError(
            "'correlation' must be a map of type, rules, group-by, timespan and condition", "correlation"
        )
    generate = _flag(document.data)  # the specification's schema has it here, pySigma inside
    try:
        asked = _correlation(section, generate=generate)
    except RuleProblemError as problem:
        raise problem.under("correlation") from problem
    return Draft(Rule(logsource=LogSource(), predicate=AnyOf(()), **common), asked, "level" in document.data, document)


def _correlation(section: Mapping[Any, Any], *, generate: bool) -> Correlation:
    for key in section:
        if key not in _KEYS:
            hint = "its place is under 'condition'" if key == "field" else nearest(str(key), _KEYS)
            raise RuleProblemError(f"unknown key {quoted(key)} in 'correlation'", str(key), hint=hint)
    kind = _type(section.get("type"))
    rules = _rules(section, kind)
    condition, fields, percentile = _condition(section.get("condition"), kind, rules)
    return Correlation(
        type=kind,
        rules=rules,
        timespan=_timespan(section.get("timespan")),
        group_by=_words(section.get("group-by"), "group-by"),
        bounds=tuple(one for one in condition if isinstance(one, Bound)),
        ways=tuple(one for one in condition if isinstance(one, Way)),
        fields=fields,
        percentile=percentile,
        aliases=tuple(_aliases(section.get("aliases"), rules)),
        generate=_flag(section) or generate,
    )


def _type(value: object) -> CorrelationType:
    words = [str(one) for one in CorrelationType]
    if isinstance(value, str) and value.lower() in words:
        return CorrelationType(value.lower())
    hint = (nearest(value, words) if isinstance(value, str) else "") or f"one of {', '.join(words)}"
    told = "a correlation needs a 'type'" if value is None else f"unknown type {quoted(value)}"
    raise RuleProblemError(told, "type", hint=hint)


def _rules(section: Mapping[Any, Any], kind: CorrelationType) -> tuple[str, ...]:
    condition = section.get("condition")
    if section.get("rules") is None and kind.temporal and isinstance(condition, str):
        return names(condition)
    found = _words(section.get("rules"), "rules")
    if not found:
        raise RuleProblemError("a correlation needs 'rules': ids or names of the rules it looks at", "rules")
    return found


def _words(value: object, key: str) -> tuple[str, ...]:
    """A word or a list of words, each once."""
    words = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise RuleProblemError(f"{key!r} must be a word, or a list of words", key)
    for place, word in enumerate(words):
        if word in words[:place]:
            raise RuleProblemError(f"{quoted(word)} stands in {key!r} a second time", key, place)
    if len(words) > _MOST:
        raise RuleProblemError(f"more than {_MOST} words in {key!r}", key)
    return tuple(words)


def _timespan(value: object) -> int:
    found = _TIMESPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None or not int(found["count"]):
        told = "a correlation needs a 'timespan'" if value is None else f"the timespan {quoted(value)} is none"
        raise RuleProblemError(
            told, "timespan", hint="a whole number and one of s, m, h, d: 90m for an hour and a half"
        )
    return int(found["count"]) * _SECONDS[found["unit"]] * 1000


def _flag(section: Mapping[Any, Any]) -> bool:
    value = section.get("generate")
    if value is not None and not isinstance(value, bool):
        raise RuleProblemError(f"'generate' is true or false, not {quoted(value)}", "generate")
    return bool(value)


def _condition(
    value: object, kind: CorrelationType, rules: tuple[str, ...]
) -> tuple[tuple[Bound | Way, ...], tuple[str, ...], str]:
    try:
        match value:
            case None if kind.temporal:
                return (Way(tuple(range(len(rules)))),), (), ""
            case str() if kind.temporal:
                return ways(value, {name: place for place, name in enumerate(rules)}), (), ""
            case dict():
                return _measured(value, kind, rules)
            case str():
                raise RuleProblemError(f"a condition in words goes with temporal types, not with {kind}")
            case _:
                raise RuleProblemError(f"{kind} needs a 'condition': a map such as 'gte: 10'")
    except RuleProblemError as problem:
        raise problem.under("condition") from problem


def _measured(
    condition: Mapping[Any, Any], kind: CorrelationType, rules: tuple[str, ...]
) -> tuple[tuple[Bound, ...], tuple[str, ...], str]:
    of_values = not kind.temporal and kind is not CorrelationType.EVENT_COUNT
    with_percentile = kind is CorrelationType.VALUE_PERCENTILE
    keys = (*_OPERATORS, *(("field",) if of_values else ()), *(("percentile",) if with_percentile else ()))
    for key in condition:
        if key not in keys:
            hint = nearest(str(key), keys)
            raise RuleProblemError(f"unknown key {quoted(key)} in the condition of {kind}", str(key), hint=hint)
    fields = _words(condition.get("field"), "field")
    counts = kind.temporal or kind in (CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT)
    if of_values and not fields:
        raise RuleProblemError(f"{kind} needs a 'field' in its condition")
    if len(fields) > 1 and not counts:
        raise RuleProblemError(f"{kind} measures one field", "field")
    found = bounds(condition, len(rules) if kind.temporal else None, whole=counts)
    return found, fields, _percentile(condition.get("percentile")) if with_percentile else ""


def _percentile(value: object) -> str:
    if value is None:
        raise RuleProblemError("value_percentile needs a 'percentile' in its condition: 0 to 100")
    text = decimal(value, "percentile")
    if not 0 <= float(text) <= 100:
        raise RuleProblemError(f"the percentile {text} is not within 0 to 100", "percentile")
    return text


def _aliases(value: object, rules: tuple[str, ...]) -> Iterable[Alias]:
    if value is None:
        return
    if not isinstance(value, dict):
        raise RuleProblemError("'aliases' must be a map of names", "aliases")
    for name, fields in value.items():
        if not isinstance(name, str) or not isinstance(fields, dict):
            raise RuleProblemError("an alias is a map from rules to their fields", "aliases", str(name))
        for rule, field in fields.items():
            if rule not in rules:
                told = f"the alias {quoted(name)} is for {quoted(rule)}, which is none of 'rules'"
                raise RuleProblemError(told, "aliases", name, str(rule), hint=nearest(str(rule), rules))
            if not isinstance(field, str) or not field:
                raise RuleProblemError("an alias needs the name of a field", "aliases", name, rule)
            yield Alias(name, rule, field)
