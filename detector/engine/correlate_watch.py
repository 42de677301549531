"""Which hits correlations look at, and what of them: known before the first event is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.engine.correlate_observed import Observed
from detector.model.hit import Hit
from detector.model.rule import Role, Rule, RuleSet

_MACHINE = "Computer"


@dataclass(frozen=True, slots=True)
class _Look:
    """What is kept of the hits of one rule: these fields, or the whole event; and whether they are findings, too."""

    fields: tuple[str, ...]
    whole: bool
    alone: bool


class Watch:
    """Tells the hits that some correlation looks at. Of a correlation on a correlation's hits, too."""

    def __init__(self, rules: RuleSet) -> None:
        self._above: dict[str, list[Rule]] = {}
        for rule in rules.correlations:
            for looked_at in rule.correlation.rules if rule.correlation else ():
                self._above.setdefault(looked_at, []).append(rule)
        self._looks = {rule.id: self._look(rule) for rule in rules.rules if rule.id in self._above}

    def watches(self, rule: Rule) -> bool:
        """Whether some correlation looks at the rule's hits."""
        return rule.id in self._looks

    def seeks(self, rule: Rule) -> bool:
        """Whether a correlation looks at the rule's hits wherever they are, not only around a use (:func:`is_around`)."""
        return any(not is_around(above) for _, above in self._chain(rule.id))

    def note(self, hit: Hit, observed: Observed) -> bool:
        """Remember the hit if a correlation looks at its rule. Returns whether it is a finding by itself."""
        look = self._looks.get(hit.rule.id)
        if look is None:
            return True
        observed.add(hit.rule.id, hit.event, look.fields, whole=look.whole)
        return look.alone

    def fields_of(self, rule_id: str) -> tuple[str, ...]:
        """The names of an observation's ``values``, for hits of this rule."""
        look = self._looks.get(rule_id)
        return look.fields if look else ()

    def stands_alone(self, rule: Rule) -> bool:
        """Whether hits of the rule are findings by themselves, though correlations may look at them.

        The specification: "defines if the rules referred from the correlation rule should be converted as stand-alone
        rules or if only the correlation query should be generated (default)". Context is no finding by itself anyway,
        and its roads are followed as ever; but a correlation of context that has no phase is a link of others only.
        """
        if rule.role is Role.CONTEXT and rule.correlation is not None:
            return rule.phase is not None
        above = [one.correlation for one in self._above.get(rule.id, ()) if one.correlation]
        return not above or rule.role is Role.CONTEXT or any(one.generate for one in above)

    def _look(self, rule: Rule) -> _Look:
        above = list(self._chain(rule.id))
        names = {name for looked_at, one in above for name in _names(looked_at, one)}
        # Triage asks an event of a tool's use for much: its program, its user, where it went.
        whole = any(one.tool or one.phase for _, one in above)
        return _Look(tuple(sorted(names)), whole, self.stands_alone(rule))

    def _chain(self, rule_id: str) -> Iterator[tuple[str, Rule]]:
        """The correlations above a rule, each with the id of what it looks at on the way there."""
        waiting, met = [rule_id], {rule_id}
        while waiting:
            looked_at = waiting.pop()
            for one in self._above.get(looked_at, ()):
                yield looked_at, one
                if one.id not in met:
                    met.add(one.id)
                    waiting.append(one.id)


def is_around(rule: Rule) -> bool:
    """Whether a correlation need only see the events of machines on which something else was found.

    Context is told of these machines alone, and what is counted machine by machine lacks nothing there.
    """
    asked = rule.correlation
    return rule.role is Role.CONTEXT and asked is not None and _MACHINE in asked.group_by


def _names(looked_at: str, rule: Rule) -> Iterator[str]:
    asked = rule.correlation
    if asked is not None:
        for name in (*asked.group_by, *asked.fields):
            yield asked.field_of(name, looked_at)
