"""What the sources could show: a rule that needs a field nobody logs is not evaluable, which is not "no hit".

Counted by host and kind of event, for the kinds that some rule asks for by event id. Memory is bounded by hosts times
kinds times the fields that rules need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from detector.engine.logsource import sources
from detector.engine.needs import event_ids, necessary_fields
from detector.model.event import Event, FieldValue
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet

_HOSTS_NAMED = 3


class Kind(NamedTuple):
    """A kind of event: the log as reports call it, and the event id."""

    log: str
    event_id: int

    def __str__(self) -> str:
        return f"{self.log} {self.event_id}"


@dataclass(slots=True)
class _Tally:
    """Events of one kind on one host: how many, and which needed fields none of them showed so far."""

    events: int
    missing: set[str]


class Coverage:
    """Counts of one worker, or of several merged. Plain data: safe to pickle."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, Kind], _Tally] = {}

    def see(self, event: Event, kind: Kind, needed: frozenset[str]) -> None:
        """Count the event; ``needed`` are the fields that rules of this kind need, the same at every call."""
        host = event.ref.host
        tally = self._tallies.get((host, kind))
        if tally is None:
            tally = self._tallies[host, kind] = _Tally(0, set(needed))
        tally.events += 1
        missing, fields = tally.missing, event.fields
        if missing and not missing.isdisjoint(fields):
            missing.difference_update([name for name in missing if _shown(fields.get(name))])

    def merge(self, other: Coverage) -> None:
        """Add what another worker saw with the same rules."""
        for key, theirs in other._tallies.items():
            ours = self._tallies.get(key)
            if ours is None:
                self._tallies[key] = _Tally(theirs.events, set(theirs.missing))
            else:
                ours.events += theirs.events
                ours.missing &= theirs.missing

    def seen(self) -> frozenset[Kind]:
        """The kinds of which there was an event, of those that rules ask for by event id."""
        return frozenset(kind for _, kind in self._tallies)

    def losses(self, rules: RuleSet) -> list[Loss]:
        """One loss (not evaluable) for each rule, kinds of event and missing fields, its hosts named together.

        A rule counts for a host that has events of a kind the rule looks at, when none of these kinds ever showed some
        field the rule cannot do without: a host with Sysmon beside Security 4688 misses nothing for process rules.
        """
        lacking = {kind for (_, kind), tally in self._tallies.items() if tally.missing}
        logs = {kind.log for kind in lacking}
        looking = (
            rule
            for rule in rules.rules
            if any(source.log and source.log.name in logs for source in sources(rule.logsource))
        )
        return sorted(loss for rule in looking for loss in self._losses_of(rule, lacking))

    def _losses_of(self, rule: Rule, lacking: AbstractSet[Kind]) -> Iterator[Loss]:
        kinds = _kinds(rule)
        needed = necessary_fields(rule.predicate) if not lacking.isdisjoint(kinds) else frozenset()
        if not needed:
            return
        groups: dict[tuple[tuple[Kind, ...], tuple[str, ...]], dict[str, int]] = {}
        for host in self._hosts(kinds):
            tallies = {kind: self._tallies[host, kind] for kind in kinds if (host, kind) in self._tallies}
            missing = needed.intersection(*(tally.missing for tally in tallies.values()))
            if missing:
                group = groups.setdefault((tuple(tallies), tuple(sorted(missing))), {})
                group[host] = sum(tally.events for tally in tallies.values())
        for (seen, fields), hosts in groups.items():
            yield Loss(
                LossKind.NOT_EVALUABLE,
                f"rule {rule.title!r} ({rule.id})",
                _why(seen, fields, hosts),
                sum(hosts.values()),
            )

    def _hosts(self, kinds: Iterable[Kind]) -> set[str]:
        wanted = set(kinds)
        return {host for host, kind in self._tallies if kind in wanted}


def _shown(value: FieldValue) -> bool:
    return bool(value) and (isinstance(value, str) or any(value or ()))


def _kinds(rule: Rule) -> list[Kind]:
    """The kinds of event the rule looks at, as far as it names event ids; sorted."""
    asked = event_ids(rule.predicate)
    found = {
        Kind(source.log.name, event_id)
        for source in sources(rule.logsource)
        if source.log
        for event_id in source.ids_with(asked) or ()
    }
    return sorted(found)


def _why(kinds: tuple[Kind, ...], fields: tuple[str, ...], hosts: Iterable[str]) -> str:
    *first, last = map(str, kinds)
    named = sorted(hosts)
    shown = ", ".join(host or "an unnamed host" for host in named[:_HOSTS_NAMED])
    more = f" and {len(named) - _HOSTS_NAMED} more" if len(named) > _HOSTS_NAMED else ""
    subject = f"{', '.join(first)} and {last}" if first else last
    return f"{subject} on {shown}{more} {'show' if first else 'shows'} no {', '.join(fields)}"
