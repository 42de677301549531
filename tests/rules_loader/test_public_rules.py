"""The public Windows rules: all load, in time, and mean what pySigma's own parse of them means.

"2,407 Sigma rules of SigmaHQ: for compatibility and speed with a large rule set" (the shared folder's README).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.rule import SigmaRule
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

from detector.model.loss import Loss
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
from detector.model.rule import RuleSet
from detector.rules import load_rules

_WILDCARDS: dict[object, Wildcard] = {
    SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
    SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
}
_SECONDS = 6.0  # 0.9 alone on this kind of machine; the rest is for neighbours


@pytest.fixture(scope="module")
def loaded(shared: Path) -> tuple[RuleSet, list[Loss], float]:
    started = time.perf_counter()
    rules, losses = load_rules([shared / "data" / "sigmahq"])
    return rules, losses, time.perf_counter() - started


def test_all_load(loaded: tuple[RuleSet, list[Loss], float]) -> None:
    rules, losses, seconds = loaded
    assert losses == []
    assert len(rules.rules) == 2407
    assert seconds < _SECONDS


def test_they_mean_what_pysigma_reads(loaded: tuple[RuleSet, list[Loss], float], shared: Path) -> None:
    """Our modifiers against pySigma's, on rules that step into none of its traps: the same tree of tests."""
    ours = {rule.id: rule.predicate for rule in loaded[0].rules}
    different = []
    for file in sorted((shared / "data" / "sigmahq").rglob("*.yml")):
        parsed = SigmaRule.from_dict(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        theirs = AnyOf(tuple(_tree(condition.parsed) for condition in parsed.detection.parsed_condition))
        if _plain(theirs) != _plain(ours[str(parsed.id)]):
            different.append(file.name)
    assert different == []


def _tree(node: Any) -> Predicate:
    match node:
        case ConditionAND():
            return AllOf(tuple(map(_tree, node.args)))
        case ConditionOR():
            return AnyOf(tuple(map(_tree, node.args)))
        case ConditionNOT():
            return Not(_tree(node.args[0]))
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


def _plain(predicate: Predicate) -> object:
    """The tree without what makes no difference: groups of one, groups in groups of the same kind."""
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            kind = type(predicate).__name__
            flat: list[object] = []
            for part in map(_plain, parts):
                flat += part[1:] if isinstance(part, tuple) and part[0] == kind else [part]
            return flat[0] if len(flat) == 1 else (kind, *flat)
        case Not(part):
            return ("Not", _plain(part))
        case _:
            return predicate
