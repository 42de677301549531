"""Which steps belong to one story: every step hangs on the machine with the tool from which its road began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detector.triage import names
from detector.triage.reach import APART, SKEW, Presence, Step, presence, within
from detector.triage.timeline import Timeline


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """The time in which a machine had the tool, without a long silence between: what one story begins with.

    ``lent``: it was in an allowed session, and nothing else.
    """

    host: str
    start: datetime
    end: datetime
    lent: bool = False

    def covers(self, time: datetime) -> bool:
        """Whether the time lies in it, give or take the skew of two clocks."""
        return within(self.start, self.end, time)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where one story began (``origins``, host names), and its steps in time order."""

    origins: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Weave:
    """Steps taken in, in time order; then asked for threads, and whose a machine was at a time."""

    seeds: Mapping[str, Sequence[Presence]]
    _stays: dict[str, list[Stay]] = field(default_factory=dict)
    _leader: dict[Stay, Stay] = field(default_factory=dict)
    #: By whom a machine was reached, and from which root: by host, and by host and account.
    _into: dict[str, Timeline[Stay]] = field(default_factory=lambda: defaultdict(Timeline))
    _into_as: dict[tuple[str, str], Timeline[Stay]] = field(default_factory=lambda: defaultdict(Timeline))
    _rooted: list[tuple[Stay, Step]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stays = {host: stays_of(host, spans) for host, spans in self.seeds.items()}

    def add(self, steps: Iterable[Step]) -> None:
        """Take in the steps of a road. By the clock of its target a step may come before the one that led to it."""
        waiting = list(steps)
        while waiting:
            left = [step for step in waiting if not self._took(step)]
            if len(left) == len(waiting):
                break
            waiting = left
        self._rooted.sort(key=lambda rooted: rooted[1].move.event.time)

    def _took(self, step: Step) -> bool:
        move = step.move
        root = self.root_at(move.origin, move.event.time, move.user, move.acting)
        if root is None:
            return False
        self._into[move.target].add(move.event.time, root)
        self._into_as[move.target, names.account(move.user)].add(move.event.time, root)
        self._rooted.append((root, step))
        if (reached := self._stay_from(move.target, move.event.time)) is not None:
            self._join(root, reached)
        return True

    def root_at(self, host: str, time: datetime, *users: str) -> Stay | None:
        """Where the hand on a host came from: the tool on it, or the latest step to it, by one of these accounts first."""
        here = [stay for stay in self._stays.get(host, ()) if stay.covers(time)]
        if here and not here[0].lent:
            return here[0]
        accounts = {names.account(user) for user in users} - {""}
        same = [root for account in sorted(accounts) if (root := _hand(self._into_as[host, account], time)) is not None]
        if same:
            return max(same, key=lambda root: root[0])[1]
        last = _hand(self._into[host], time)
        return here[0] if here else last[1] if last is not None else None

    def thread_of(self, stay: Stay) -> Stay:
        """The stay that stands for the thread this one belongs to."""
        while (leader := self._leader.get(stay, stay)) != stay:
            stay = leader
        return stay

    def _stay_from(self, host: str, time: datetime) -> Stay | None:
        """The stay on a machine that somebody was in, or may have begun, who came to it then. Others lend it by themselves."""
        stays = (stay for stay in self._stays.get(host, ()) if not stay.lent)
        return next((stay for stay in stays if stay.start - time <= APART and time - stay.end <= SKEW), None)

    def _join(self, one: Stay, other: Stay) -> None:
        low, high = sorted((self.thread_of(one), self.thread_of(other)))
        if low != high:
            self._leader[high] = low

    def threads(self) -> dict[Stay, Thread]:
        """All threads by the stay that stands for them, in the order of their machines."""
        members: dict[Stay, list[Stay]] = defaultdict(list)
        for stay in sorted(stay for stays in self._stays.values() for stay in stays):
            members[self.thread_of(stay)].append(stay)
        steps: dict[Stay, list[Step]] = defaultdict(list)
        for root, step in self._rooted:
            steps[self.thread_of(root)].append(step)
        return {lead: Thread(self._origins(stays), tuple(steps[lead])) for lead, stays in members.items()}

    def _origins(self, stays: Sequence[Stay]) -> tuple[str, ...]:
        """Machines that nobody had reached from another one when the tool was first used there."""
        began = [stay.host for stay in stays if not self._reached_before(stay)]
        return tuple(sorted(set(began))) or (min(stays, key=lambda stay: (stay.start, stay.host)).host,)

    def _reached_before(self, stay: Stay) -> bool:
        return any(root.host != stay.host for root in self._into[stay.host].around(stay.start, APART, SKEW))


def _hand(came: Timeline[Stay], time: datetime) -> tuple[datetime, Stay] | None:
    """The latest who came, and whether he may still be there."""
    last = came.latest(time, SKEW)
    return last if last is not None and presence(last[0]).covers(time) else None


def stays_of(host: str, spans: Iterable[Presence]) -> list[Stay]:
    """The stays of the tool on a machine, earliest first.

    A tool that nobody allowed stays where it is until it is removed: silence shorter than :data:`APART` does not end a
    stay. An allowed session is one of its own, or part of the stay in which it was.
    """
    spans = sorted(spans)
    own = [(start, end, False) for start, end in _clusters([span for span in spans if not span.lent], APART)]
    for start, end in _clusters([span for span in spans if span.lent], timedelta()):
        meets = [(index, one) for index, one in enumerate(own) if start <= one[1] and one[0] <= end]
        if meets:
            index, one = meets[0]
            own[index] = (min(start, one[0]), max(end, one[1]), one[2])
        else:
            own.append((start, end, True))
    return [Stay(host, start, end, lent) for start, end, lent in sorted(own)]


def _clusters(spans: Iterable[Presence], gap: timedelta) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for span in spans:
        if found and span.start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], span.end))
        else:
            found.append((span.start, span.end))
    return found
