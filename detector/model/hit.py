"""A rule that matched an event. A hit is not a finding yet: policy and story have not spoken."""

from __future__ import annotations

from dataclasses import dataclass

from detector.model.event import Event
from detector.model.rule import Rule


@dataclass(frozen=True, slots=True)
class Hit:
    """``fields`` are the names of the fields whose tests made the rule match, in the rule's order, without doubles."""

    rule: Rule
    event: Event
    fields: tuple[str, ...]
