"""Which steps belong to one story: every step hangs on the machine with the tool from which its road began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from detector.triage import names
from detector.triage.reach import SKEW, Presence, Step, presence


@dataclass(frozen=True, slots=True)
class Thread:
    """One story's machines with the tool (``seeds``), where it began (``origins``), and its steps in time order."""

    seeds: tuple[str, ...]
    origins: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Weave:
    """Steps taken in, in time order; then asked for threads, and whose a machine was at a time."""

    seeds: Mapping[str, Sequence[Presence]]
    _leader: dict[str, str] = field(default_factory=dict)
    _into: dict[str, list[tuple[Step, str]]] = field(default_factory=lambda: defaultdict(list))
    _rooted: list[tuple[str, Step]] = field(default_factory=list)

    def add(self, steps: Iterable[Step]) -> None:
        """Take in the steps of a road, earliest first."""
        for step in steps:
            move = step.move
            root = self.root_at(move.origin, move.event.time, move.user, move.acting)
            if root is None:
                continue
            self._into[move.target].append((step, root))
            self._rooted.append((root, step))
            if move.target in self.seeds:
                self._join(root, move.target)

    def root_at(self, host: str, time: datetime, *users: str) -> str | None:
        """The seed in whose hands the host was: itself, or of the latest step to it, by one of these accounts first."""
        if host in self.seeds:
            return host
        accounts = {names.account(user) for user in users} - {""}
        came = [(step, root) for step, root in self._into[host] if presence(step.move.event.time).covers(time)]
        same = [(step, root) for step, root in came if names.account(step.move.user) in accounts]
        return (same or came)[-1][1] if came else None

    def thread_of(self, seed: str) -> str:
        """The seed that stands for the thread this one belongs to."""
        while (leader := self._leader.get(seed, seed)) != seed:
            seed = leader
        return seed

    def _join(self, one: str, other: str) -> None:
        low, high = sorted((self.thread_of(one), self.thread_of(other)))
        if low != high:
            self._leader[high] = low

    def threads(self) -> dict[str, Thread]:
        """All threads by the seed that stands for them, in the order of their seeds."""
        members: dict[str, list[str]] = defaultdict(list)
        for seed in sorted(self.seeds):
            members[self.thread_of(seed)].append(seed)
        steps: dict[str, list[Step]] = defaultdict(list)
        for root, step in self._rooted:
            steps[self.thread_of(root)].append(step)
        return {lead: Thread(tuple(seeds), self._origins(seeds), tuple(steps[lead])) for lead, seeds in members.items()}

    def _origins(self, seeds: Sequence[str]) -> tuple[str, ...]:
        """Seeds that nobody had reached from another machine when the tool was first used there."""
        began = tuple(seed for seed in seeds if not self._reached_before(seed, min(self.seeds[seed]).start))
        return began or (min(seeds, key=lambda seed: (min(self.seeds[seed]).start, seed)),)

    def _reached_before(self, seed: str, first_use: datetime) -> bool:
        return any(root != seed and step.move.event.time <= first_use + SKEW for step, root in self._into[seed])
