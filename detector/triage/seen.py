"""Which remote tools were seen: of each installation its hosts, people, hours and counts. The start of a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from detector.model.rule import Action
from detector.triage import names
from detector.triage.traits import Traits

#: What is told of an installation besides its tenant, by the key of ``policy.yml`` that it would go into.
KEYS = ("hosts", "users", "operators", "path", "signer", "config", "remotes", "destinations", "sources")


@dataclass(slots=True)
class SeenTool:
    """One installation of one tool: ``tenant`` is what tells it from another of the same product, empty if nothing does.

    ``shown`` counts, by key of ``policy.yml``, the values that events showed; ``hours`` the events by weekday (Monday is 0)
    and hour, UTC.
    """

    tool: str
    name: str
    tenant: tuple[tuple[str, str], ...]
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    actions: Counter[Action] = field(default_factory=Counter)
    shown: dict[str, Counter[str]] = field(default_factory=dict)
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, traits: Traits) -> None:
        """Take in one use."""
        self.count += 1
        self.first = min(self.first or traits.time, traits.time)
        self.last = max(self.last or traits.time, traits.time)
        self.hours[traits.time.weekday(), traits.time.hour] += 1
        if traits.action is not None:
            self.actions[traits.action] += 1
        for key, values in _values(traits).items():
            self.shown.setdefault(key, Counter()).update(value for value in values if value)


def _values(traits: Traits) -> dict[str, tuple[str, ...]]:
    installs = traits.action in (Action.INSTALL, Action.UPDATE)  # an installer runs from elsewhere
    return {
        "hosts": (traits.host,),
        "users": (names.account(traits.user),),
        "operators": (traits.operator,),
        "path": () if installs or not traits.path else (traits.path,),
        "signer": (traits.signer,),
        "config": (traits.config,),
        "remotes": traits.remotes,
        "destinations": traits.destinations,
        "sources": traits.sources,
    }


def seen_tools(uses: Iterable[Traits]) -> list[SeenTool]:
    """The installations among these uses, by tool, those seen most first. What shows no tenant stands by itself."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], SeenTool] = {}
    for traits in sorted(uses, key=lambda one: one.time):
        if traits.tool.id:
            tenant = tuple(sorted((key, value) for key, value in traits.tenant.items() if key in traits.tool.shows))
            key = (traits.tool.id, tenant)
            found.setdefault(key, SeenTool(traits.tool.id, traits.tool.name, tenant)).add(traits)
    return sorted(found.values(), key=lambda one: (one.tool, -one.count, one.tenant))
