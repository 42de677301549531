"""Predicate trees for comparison: pySigma's parse as ours, and both without what makes no difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Wildcard,
)

_WILDCARDS: dict[object, Wildcard] = {
    SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
    SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
}


def tree(node: Any) -> Predicate:
    """What pySigma parsed, as a predicate."""
    match node:
        case ConditionAND():
            return AllOf(tuple(map(tree, node.args)))
        case ConditionOR():
            return AnyOf(tuple(map(tree, node.args)))
        case ConditionNOT():
            return Not(tree(node.args[0]))
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            return AnyOf(tuple(FieldTest(field, test) for test in _tests(value)))
        case ConditionValueExpression(value=value):
            return AnyOf(tuple(KeywordTest(test) for test in _tests(value)))
    raise AssertionError(node)


def _tests(value: Any) -> Iterator[Any]:
    match value:
        case SigmaExpansion():
            for one in value.values:
                yield from _tests(one)
        case SigmaString():
            yield Like(tuple(part if isinstance(part, str) else _WILDCARDS[part] for part in value.s))
        case SigmaNumber() | SigmaBool():
            yield Like((str(value).lower(),))
        case SigmaNull():
            yield IsNull()
        case SigmaRegularExpression():
            flags = sorted(value.sigma_to_re_flag[flag] for flag in value.flags)
            yield Regex(value.regexp.original, "".join(flags))
        case SigmaCIDRExpression():
            yield Cidr(str(value.network))
        case SigmaFieldReference():
            mode = {(True, True): "contains", (True, False): "startswith", (False, True): "endswith"}
            yield FieldRef(value.field, mode.get((value.starts_with, value.ends_with), "equals"))
        case _:
            raise AssertionError(value)


def plain(predicate: Predicate) -> object:
    """The tree without what makes no difference: groups of one, groups in groups of the same kind."""
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            kind = type(predicate).__name__
            flat: list[object] = []
            for part in map(plain, parts):
                flat += part[1:] if isinstance(part, tuple) and part[0] == kind else [part]
            return flat[0] if len(flat) == 1 else (kind, *flat)
        case Not(part):
            return ("Not", plain(part))
        case _:
            return predicate
