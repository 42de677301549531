"""Correlations: from the hits of a whole run to the hits that several of them make together.

Every correlation is judged once, when all is read, so neither the order of files nor the number of workers can show.
"""

from __future__ import annotations

from collections.abc import Iterator

from detector.engine.correlate_bursts import bursts
from detector.engine.correlate_groups import Burst, Looked, grouped
from detector.engine.correlate_hits import hits_of
from detector.engine.correlate_observed import Observed, identity
from detector.engine.correlate_watch import Watch, is_around
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet


def correlated(observed: Observed, rules: RuleSet, *, around: bool | None = None) -> list[Hit | Loss]:
    """The hits of all correlations that are findings by themselves, and what could not be counted; in a fixed order.

    ``around``: only those of the correlations that look around what else was found (:func:`is_around`), or of the others.
    What was too much to count is told with the former.
    """
    run = _Run(observed, rules)
    found: list[Hit | Loss] = [] if around is False else list(run.cut())
    for rule in rules.correlations:
        if around is not None and is_around(rule) is not around:
            continue
        fulfilled = run.bursts(rule)
        found += run.losses[rule.id]
        if run.watch.stands_alone(rule):
            found += hits_of(rule, fulfilled)
    return found


class _Run:
    """The bursts of a run's correlations, each worked out when it is first asked for."""

    def __init__(self, observed: Observed, rules: RuleSet) -> None:
        self.watch = Watch(rules)
        self.losses: dict[str, list[Loss]] = {}
        self._observed = observed
        self._rules = {rule.id: rule for rule in (*rules.rules, *rules.correlations)}
        self._bursts: dict[str, list[Burst]] = {}

    def cut(self) -> Iterator[Loss]:
        """A loss for each rule that was hit too often."""
        for rule_id, until in self._observed.cut():
            why = f"it was hit too often: correlations looked at its events until {until.isoformat()} only"
            yield Loss(LossKind.LIMIT, f"rule {self._title(rule_id)!r} ({rule_id})", why)

    def bursts(self, rule: Rule) -> list[Burst]:
        """By the event that completed them."""
        if rule.id not in self._bursts:
            asked = rule.correlation
            assert asked is not None
            every = asked.type.temporal
            found = grouped(rule, asked, lambda rule_id: self._look(rule_id, every=every), self._title)
            self.losses[rule.id] = found.losses
            made = [burst for entries in found.groups.values() for burst in bursts(asked, entries, self._title)]
            self._bursts[rule.id] = sorted(made, key=_completed)
        return self._bursts[rule.id]

    def _look(self, rule_id: str, *, every: bool) -> Looked:
        """Hits of a rule. A burst is counted as one; where nearness and order are asked for, it lasts from event to event."""
        rule = self._rules[rule_id]
        if rule.correlation is None:
            names = self.watch.fields_of(rule_id)
            return ((seen, names, None) for seen in self._observed.of(rule_id))
        return (
            (end.seen, end.names, burst)
            for burst in self.bursts(rule)
            for end in (burst.ends if every else burst.ends[:1])
        )

    def _title(self, rule_id: str) -> str:
        return self._rules[rule_id].title


def _completed(burst: Burst) -> tuple[object, ...]:
    """By the completing event, then (two groups of one event) by what it is grouped by."""
    return (*identity(burst.ends[0].seen), sorted(burst.group.items()))
