"""Bursts as hits: what a report tells of a correlation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from detector.engine.correlate_groups import Burst, Entry
from detector.engine.correlate_observed import identity
from detector.model.event import Event, FieldValue
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule

#: Hits told of one correlation; a thousandth of them would say that it asks for too little.
MOST_HITS = 10_000
#: The name under which a hit says of how many events it is made.
_EVENTS = "events"


def hits_of(rule: Rule, bursts: Iterable[Burst]) -> Iterator[Hit | Loss]:
    """A hit for each burst, by the event that completed it; an event that completes one in two groups tells one hit.

    The hit's event is the completing one. Beside the fields that correlations look at it has what the correlation groups by,
    under the name of its type what it measured, and of how many events it is made.
    """
    told: dict[object, Burst] = {}
    for burst in bursts:
        told.setdefault(identity(burst.ends[0].seen), burst)
    for burst in list(told.values())[:MOST_HITS]:
        yield _hit(rule, burst)
    if len(told) > MOST_HITS:
        why = f"it was fulfilled more than {MOST_HITS:,} times: only the first of them are told"
        yield Loss(LossKind.LIMIT, f"correlation {rule.title!r} ({rule.id})", why, len(told) - MOST_HITS)


def _hit(rule: Rule, burst: Burst) -> Hit:
    asked = rule.correlation
    assert asked is not None
    completing = burst.ends[0]
    measure = f"{asked.type} {', '.join(asked.fields)}".rstrip()
    fields: dict[str, FieldValue] = dict(completing.seen.fields or _shown(completing))
    fields.update(burst.group)
    fields |= {measure: burst.measured, _EVENTS: str(burst.count)}
    return Hit(
        rule,
        Event(completing.seen.ref, completing.seen.place.computer, fields),
        (*burst.group, measure, _EVENTS),
        tuple(event.ref for event in burst.events),
    )


def _shown(entry: Entry) -> Mapping[str, FieldValue]:
    ref, computer = entry.seen.ref, entry.seen.place.computer
    system = {"EventID": str(ref.event_id), "Channel": ref.channel, "Provider_Name": ref.provider, "Computer": computer}
    looked_at = zip(entry.names, entry.seen.values, strict=True)
    return {name: value for name, value in looked_at if value is not None} | system
