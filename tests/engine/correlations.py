"""Correlation rules and what they look at, for tests: hits of rules A, B, C ... in milliseconds after midnight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from detector.engine.correlate import correlated
from detector.engine.correlate_observed import Observed
from detector.engine.correlate_watch import Watch
from detector.model.correlation import Bound, Correlation, CorrelationType, Operator
from detector.model.event import Event, EventRef
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.loss import Loss
from detector.model.predicate import AnyOf
from detector.model.rule import LogSource, Rule, RuleSet

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
BASE = tuple(Rule(name, f"Rule {name}", Level.LOW, LogSource(), AnyOf(())) for name in "ABCDE")


def correlation(kind: str, rules: str = "A", seconds: float = 10, **more: Any) -> Correlation:
    """A correlation of the rules with these letters, by the field ``g``; bounds as ``gte="3"``."""
    bounds = tuple(Bound(Operator(key), more.pop(key)) for key in map(str, Operator) if key in more)
    given = {"group_by": ("g",), "bounds": bounds} | more
    return Correlation(CorrelationType(kind), tuple(rules), int(seconds * 1000), **given)


def rule_set(*asked: Correlation, **named: Correlation) -> RuleSet:
    """A rule set of the base rules and correlations, called ``c0``, ``c1`` ... or by their names."""
    every = {f"c{number}": one for number, one in enumerate(asked)} | named
    made = (Rule(key, f"Rule {key}", Level.HIGH, LogSource(), AnyOf(()), correlation=one) for key, one in every.items())
    return RuleSet(BASE, "", tuple(sorted(made, key=lambda rule: rule.id)))


def hit(rule: str, time: float, number: int, fields: Mapping[str, str | None], source: str = "a.evtx") -> Hit:
    """A hit of the base rule on an event of ``time`` milliseconds; ``number`` is its record id."""
    host = fields.get("host") or "WS01"
    ref = EventRef(source, host, "Security", "P", 1, number, MIDNIGHT + timedelta(milliseconds=time))
    return Hit(BASE["ABCDE".index(rule)], Event(ref, f"{host}.example", dict(fields)), ())


def observed(rules: RuleSet, hits: Iterable[Hit]) -> Observed:
    """What a worker that meets these hits remembers."""
    watch, found = Watch(rules), Observed()
    for one in hits:
        watch.note(one, found)
    return found


def told(rules: RuleSet, hits: Iterable[Hit]) -> tuple[list[Hit], list[Loss]]:
    """What comes of these hits."""
    found = correlated(observed(rules, hits), rules)
    return [one for one in found if isinstance(one, Hit)], [one for one in found if isinstance(one, Loss)]


def at(rule: str, seconds: Sequence[float], **fields: str | None) -> list[Hit]:
    """Hits of one rule at these seconds, in one group unless ``g`` says otherwise."""
    given = {"g": "x"} | fields
    return [hit(rule, 1000 * second, int(1000 * second) * 10 + ord(rule), given) for second in seconds]


def completed(rules: RuleSet, hits: Iterable[Hit]) -> list[float]:
    """The second at which each hit was completed."""
    return [(one.event.time - MIDNIGHT).total_seconds() for one in told(rules, hits)[0]]
