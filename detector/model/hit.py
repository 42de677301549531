"""A rule that matched an event, or a correlation that several fulfil. A hit is not a finding yet: policy has not spoken."""

from __future__ import annotations

from dataclasses import dataclass

from detector.model.event import Event, EventRef
from detector.model.rule import Rule


@dataclass(frozen=True, slots=True)
class Hit:
    """``fields`` are the names of the fields whose tests made the rule match, in the rule's order, without doubles.

    A correlation's ``event`` is the one that completed it, its ``fields`` what it groups by, what it measured, and of how
    many events it is made (they stand in the event, too). ``events`` are those, by time, and only some when there are many.
    """

    rule: Rule
    event: Event
    fields: tuple[str, ...]
    events: tuple[EventRef, ...] = ()

    @property
    def refs(self) -> tuple[EventRef, ...]:
        """The events that show it."""
        return self.events or (self.event.ref,)
