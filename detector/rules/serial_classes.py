"""The classes of the serial form by tag. A new class of ``detector.model`` that a rule set reaches takes one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from detector.model.correlation import Alias, Bound, Correlation, CorrelationType, Operator, Way
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Regex,
    TimePart,
    Unit,
    Wildcard,
)
from detector.model.rule import Action, LogSource, Phase, Role, Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gives. The losses too, because a rule that could not be loaded must be named on every run."""

    rules: RuleSet
    losses: tuple[Loss, ...]


#: Dataclasses, whose fields must be given by position (``serial_shapes.py`` says which annotations are understood).
DATACLASSES: Mapping[str, type[Any]] = {
    "alias": Alias,
    "all": AllOf,
    "any": AnyOf,
    "bound": Bound,
    "cidr": Cidr,
    "compare": Compare,
    "correlation": Correlation,
    "exists": Exists,
    "field": FieldTest,
    "fieldref": FieldRef,
    "keyword": KeywordTest,
    "like": Like,
    "loaded": Loaded,
    "logsource": LogSource,
    "loss": Loss,
    "not": Not,
    "null": IsNull,
    "regex": Regex,
    "rule": Rule,
    "rules": RuleSet,
    "timepart": TimePart,
    "way": Way,
}

#: Enumerations, written as their values.
ENUMS: Mapping[str, type[Enum]] = {
    "action": Action,
    "comparison": Comparison,
    "correlationtype": CorrelationType,
    "level": Level,
    "losskind": LossKind,
    "operator": Operator,
    "phase": Phase,
    "role": Role,
    "unit": Unit,
    "wildcard": Wildcard,
}
