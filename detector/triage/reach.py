"""Who got where: from a machine under a remote tool, along logons, RDP, SMB and SSH, to an AI asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detector.model.policy import Decision, Policy, Verdict
from detector.triage import names
from detector.triage.access import decide_movement, is_access_clause
from detector.triage.identity import Directory
from detector.triage.movement import HANDS, Movement

#: A way out of a machine belongs to the tool's use when it follows its last sign of life there within this time
#: (rmm-facts 3.2: operators come back after hours or a weekend; slow copies run for days and keep the tool alive).
FOLLOWS = timedelta(hours=72)

#: Clocks of two machines may differ by this much.
SKEW = timedelta(minutes=5)


@dataclass(slots=True)
class Grip:
    """A machine in the intruder's hands. ``users`` empty on a machine where the tool itself runs: anybody there."""

    host: str
    since: datetime
    seeded: bool
    users: set[str] = field(default_factory=set)
    active: list[datetime] = field(default_factory=list)

    def holds(self, time: datetime) -> bool:
        """Whether something done there at that time follows the intruder's presence."""
        if time < self.since - SKEW:
            return False
        past = [moment for moment in self.active if moment <= time + SKEW]
        return bool(past) and time - max(past) <= FOLLOWS

    def is_user(self, *users: str) -> bool:
        """Whether one of the accounts is the intruder's here; any account where the tool itself runs."""
        known = [account for user in users if (account := names.account(user))]
        return self.seeded or not known or any(account in self.users for account in known)


@dataclass(frozen=True, slots=True)
class Step:
    """One movement that was followed. ``void`` names the access clause that expects the way, but not with a remote tool."""

    move: Movement
    decision: Decision
    void: str = ""

    @property
    def raises(self) -> bool:
        """Whether this step alone says that an AI asset was reached against the policy."""
        return self.move.asset is not None and self.decision.verdict is not Verdict.ALLOWED


@dataclass(frozen=True, slots=True)
class Road:
    """All grips by host, the steps between them, and the verdict on every movement that touches an asset."""

    grips: Mapping[str, Grip]
    steps: tuple[Step, ...]
    touches: tuple[Step, ...]


def follow(
    seeds: Mapping[str, list[datetime]], moves: Iterable[Movement], policy: Policy | None, directory: Directory
) -> Road:
    """Follow the road from the machines where a tool was used (``host -> times of its use``) through the movements."""
    ordered = sorted(moves, key=lambda move: (move.event.time, move.origin, move.target, move.protocol, move.user))
    decided = {id(move): decide_movement(move, policy, directory) for move in ordered}
    grips = {host: Grip(host, min(times), True, set(), sorted(times)) for host, times in seeds.items()}
    followed: dict[int, Step] = {}
    while True:
        before = len(followed) + sum(len(grip.users) for grip in grips.values())
        for move in ordered:
            step = _follow_one(move, decided[id(move)], grips, seeds, policy, directory)
            if step is not None:
                followed.setdefault(id(move), step)
        if len(followed) + sum(len(grip.users) for grip in grips.values()) == before:
            break
    touches = tuple(
        followed.get(id(move)) or Step(move, decided[id(move)])
        for move in ordered
        if not move.failed and (move.asset is not None or directory.is_jump_host(move.target))
    )
    steps = tuple(followed[id(move)] for move in ordered if id(move) in followed)
    return Road(grips, steps, touches)


def _follow_one(
    move: Movement, decision: Decision, grips: dict[str, Grip], seeds: Mapping[str, list[datetime]],
    policy: Policy | None, directory: Directory,
) -> Step | None:  # fmt: skip
    grip = grips.get(move.origin)
    time = move.event.time
    if grip is None or move.failed or not grip.holds(time) or not grip.is_user(move.user, move.acting):
        return None
    leads = _leads_on(move, seeds, directory)
    if move.asset is None and not leads:
        return None
    step = _judged(move, decision, policy)
    if step is None:
        return None
    if leads or (move.asset is not None and move.protocol in HANDS):
        _grasp(move, grips)
    if move.acting and not grip.seeded:
        grip.users.add(names.account(move.user))
    return step


def _leads_on(move: Movement, seeds: Mapping[str, list[datetime]], directory: Directory) -> bool:
    """Whether the machine reached is one to follow on from: a jump host, or one where the tool was used afterwards."""
    if directory.is_jump_host(move.target):
        return True
    later = any(time >= move.event.time - SKEW for time in seeds.get(move.target, ()))
    return later or (move.protocol in HANDS and names.address(move.target) is None and move.asset is None)


def _judged(move: Movement, decision: Decision, policy: Policy | None) -> Step | None:
    if decision.verdict is not Verdict.ALLOWED:
        return Step(move, decision)
    if not is_access_clause(decision, policy):
        return None  # a bulk reader or a sanctioned tool about its own business, on a machine that is also misused
    because = f"{decision.policy} expects this way, but only where no remote tool is involved"
    return Step(move, Decision(Verdict.UNSANCTIONED, decision.policy, because), decision.policy or "")


def _grasp(move: Movement, grips: dict[str, Grip]) -> None:
    time = move.event.time
    grip = grips.get(move.target)
    if grip is None:
        grip = grips[move.target] = Grip(move.target, time, False)
    grip.since = min(grip.since, time) if not grip.seeded else grip.since
    if time not in grip.active:
        grip.active.append(time)
    if names.account(move.user):
        grip.users.add(names.account(move.user))


def connected(hosts: Iterable[str], links: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """Hosts that hang together by links, as sets ordered by their first host."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in links:
        neighbours[one].add(other)
        neighbours[other].add(one)
    left, groups = sorted(set(hosts)), []
    seen: set[str] = set()
    for host in left:
        if host in seen:
            continue
        group, todo = {host}, [host]
        while todo:
            for neighbour in neighbours[todo.pop()] - group:
                group.add(neighbour)
                todo.append(neighbour)
        seen |= group
        groups.append(frozenset(group))
    return groups
