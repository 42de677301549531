"""A Sigma correlation rule, understood: which rules' hits it looks at, how it groups them, and when enough is enough."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CorrelationType(StrEnum):
    """What is measured of the hits of one time frame and group. The word is the specification's."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"

    @property
    def temporal(self) -> bool:
        """Whether it asks which rules were hit, and not how often or with what values."""
        return self in (CorrelationType.TEMPORAL, CorrelationType.TEMPORAL_ORDERED)


class Operator(StrEnum):
    """How the measure must stand to a number."""

    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    EQ = "eq"
    NEQ = "neq"


@dataclass(frozen=True, slots=True)
class Bound:
    """One line of a condition. ``number`` is a decimal as text, so that ``0.1`` is a tenth and no more."""

    operator: Operator
    number: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way for a boolean condition to be true: all of ``present`` were hit (in this order, if it is ordered), none of
    ``absent``. Numbers are places in the correlation's ``rules``; ``present`` is ascending and not empty."""

    present: tuple[int, ...]
    absent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """In hits of the rule with this id, the field that the alias ``name`` stands for."""

    name: str
    rule: str
    field: str


@dataclass(frozen=True, slots=True)
class Correlation:
    """What a correlation rule asks for.

    ``rules`` are ids of rules or of other correlations, never in a circle. ``timespan`` is in milliseconds. Exactly one of
    ``bounds`` (all must hold) and ``ways`` (one must be true) is not empty. ``fields`` are what a ``value_...`` type
    measures; ``percentile`` (0 to 100, a decimal as text) is of ``value_percentile`` only. ``generate``: the rules it looks
    at are findings by themselves, too.
    """

    type: CorrelationType
    rules: tuple[str, ...]
    timespan: int
    group_by: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    ways: tuple[Way, ...] = ()
    fields: tuple[str, ...] = ()
    percentile: str = ""
    aliases: tuple[Alias, ...] = ()
    generate: bool = False

    def field_of(self, name: str, rule: str) -> str:
        """The field that ``name`` (of ``group-by`` or ``field``) means in hits of this rule."""
        return next((one.field for one in self.aliases if (one.name, one.rule) == (name, rule)), name)
