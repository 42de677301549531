"""A hit that was judged: whose tool, what it did, to what, and what the policy says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from detector.model.event import EventRef
from detector.model.level import Level
from detector.model.policy import Decision
from detector.model.rule import Action, Phase


@dataclass(frozen=True, slots=True)
class RuleRef:
    """The rule of a finding, as a report quotes it."""

    id: str
    title: str
    level: Level


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``id`` is a hash of rule and event identities, so it does not depend on the file it came from.

    ``host`` is the short name of the machine where it happened; ``asset`` the inventory name of the AI asset it
    touches, or ``None``; ``fields`` the values that matched or that tell the story; ``count`` how many like it were
    folded into it (its ``refs`` then hold only the first ones).
    """

    id: str
    rule: RuleRef
    tool: str | None
    phase: Phase | None
    action: Action | None
    host: str
    user: str
    time: datetime
    refs: tuple[EventRef, ...]
    fields: Mapping[str, str]
    asset: str | None
    decision: Decision
    count: int = 1
