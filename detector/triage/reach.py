"""Who got where: from a machine under a remote tool, along logons, RDP, SMB and SSH, to an AI asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detector.model.policy import Decision, Policy, Verdict
from detector.model.rule import Phase
from detector.triage import names
from detector.triage.access import decide_movement, is_access_clause
from detector.triage.identity import Directory
from detector.triage.movement import HANDS, Movement

#: A way out of a machine belongs to the tool's use when it follows its last sign of life there within this time
#: (rmm-facts 3.2: operators come back after hours or a weekend; slow copies run for days and keep the tool alive).
FOLLOWS = timedelta(hours=72)

#: A tool that is not removed stays: silence of this length ends a story, and coming to a machine counts as the way the tool
#: came to it for as long (rmm-facts 3.2: "extend to 30 d while the RMM remains installed").
APART = timedelta(days=30)

#: Clocks of two machines may differ by this much.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, order=True)
class Presence:
    """From ``start`` to ``end`` somebody at the other end of a tool may act on a machine.

    ``lent``: by a session that the policy allows. The guest may work on the machine, but not go on to an AI asset.
    """

    start: datetime
    end: datetime
    lent: bool = False

    def covers(self, time: datetime) -> bool:
        """Whether the time lies in it, give or take the skew of two clocks."""
        return self.start - SKEW <= time <= self.end + SKEW


def presence(time: datetime) -> Presence:
    """What one sign of a use that nobody allowed gives: presence for :data:`FOLLOWS`."""
    return Presence(time, time + FOLLOWS)


@dataclass(slots=True)
class Grip:
    """A machine in somebody's hands. ``seeded``: the tool itself runs there, so it may be any account."""

    host: str
    seeded: bool
    spans: list[Presence] = field(default_factory=list)
    users: set[str] = field(default_factory=set)

    def holding(self, time: datetime) -> Presence | None:
        """The presence that something done there at that time follows; one that nobody allowed before a lent one."""
        return min((span for span in self.spans if span.covers(time)), key=lambda span: (span.lent, span), default=None)

    def is_user(self, *users: str) -> bool:
        """Whether one of the accounts is the intruder's here; any account where the tool itself runs."""
        known = [account for user in users if (account := names.account(user))]
        return self.seeded or not known or any(account in self.users for account in known)


@dataclass(frozen=True, slots=True)
class Step:
    """One movement that was followed, or that touches an asset, with its verdict."""

    move: Movement
    decision: Decision

    @property
    def raises(self) -> bool:
        """Whether this step alone says that an AI asset was reached against the policy; asking for it is not reaching it."""
        asked = self.move.hit.rule.phase is Phase.DISCOVERY
        return self.move.asset is not None and not asked and self.decision.verdict is not Verdict.ALLOWED


@dataclass(frozen=True, slots=True)
class Road:
    """All grips by host, the steps between them, and the verdict on every movement that touches an asset."""

    grips: Mapping[str, Grip]
    steps: tuple[Step, ...]
    touches: tuple[Step, ...]


def follow(
    seeds: Mapping[str, Sequence[Presence]], moves: Iterable[Movement], policy: Policy | None, directory: Directory
) -> Road:
    """Follow the road from the machines where a tool was used through the movements."""
    return _Walk(seeds, moves, policy, directory).road()


class _Walk:
    """The state of one run of :func:`follow`: grips grow until nothing new is reached."""

    def __init__(
        self,
        seeds: Mapping[str, Sequence[Presence]],
        moves: Iterable[Movement],
        policy: Policy | None,
        directory: Directory,
    ) -> None:
        self.policy = policy
        self.directory = directory
        self.seeds = seeds
        self.moves = sorted(
            moves, key=lambda move: (move.event.time, move.origin, move.target, move.protocol, move.user)
        )
        self.decided = [decide_movement(move, policy, directory) for move in self.moves]
        self.grips = {host: Grip(host, True, sorted(spans)) for host, spans in seeds.items()}
        #: Who came to a machine by hand, and who took on an account there (4648), earliest first.
        self.arrivals: dict[str, list[Movement]] = defaultdict(list)
        self.taken_on: dict[tuple[str, str], list[Movement]] = defaultdict(list)
        for move in self.moves:
            if move.acting:
                self.taken_on[move.origin, names.account(move.user)].append(move)
            elif move.user and move.protocol in HANDS and not move.failed:
                self.arrivals[move.target].append(move)

    def road(self) -> Road:
        followed: dict[int, Step] = {}
        grown = True
        while grown:
            before = self._size(followed)
            for index, move in enumerate(self.moves):
                step = self._step(move, self.decided[index])
                if step is not None:
                    followed.setdefault(index, step)
            grown = self._size(followed) != before
        touches = tuple(
            followed.get(index) or Step(move, self.decided[index])
            for index, move in enumerate(self.moves)
            if not move.failed and (move.asset is not None or self.directory.is_jump_host(move.target))
        )
        return Road(self.grips, tuple(followed[index] for index in sorted(followed)), touches)

    def _size(self, followed: Mapping[int, Step]) -> tuple[int, int, int]:
        grips = self.grips.values()
        return len(followed), sum(len(grip.users) for grip in grips), sum(len(grip.spans) for grip in grips)

    def _step(self, move: Movement, decision: Decision) -> Step | None:
        grip = self.grips.get(move.origin)
        span = grip.holding(move.event.time) if grip is not None else None
        if grip is None or span is None or move.failed:
            return None
        if not grip.is_user(move.user, move.acting) and not self._changed_account(grip, move):
            return None
        leads = self._leads_on(move)
        step = self._judged(move, decision, span) if move.asset is not None or leads else None
        if step is None:
            return None
        if leads or (move.asset is not None and move.protocol in HANDS):
            self._grasp(move, span)
        if not grip.seeded and names.account(move.user):
            grip.users.add(names.account(move.user))
        return step

    def _changed_account(self, grip: Grip, move: Movement) -> bool:
        """Whether an account that never came to this jump host, and left it by hand, can only be the intruder's.

        The event that says who took on the account (4648) is often not there: not audited, not collected, or not read yet.
        Then it is the latest who came; a 4648 of somebody else, or an arrival of the account itself, says otherwise.
        """
        account, time = names.account(move.user), move.event.time
        if not account or move.protocol not in HANDS or not self.directory.is_jump_host(move.origin):
            return False
        took = self.taken_on.get((move.origin, account), ())
        if any(one.target == move.target and abs(one.event.time - time) <= SKEW for one in took):
            return False
        came = [one for one in self.arrivals.get(move.origin, ()) if one.event.time <= time + SKEW]
        if not came or any(names.account(one.user) == account for one in came):
            return False
        return presence(came[-1].event.time).covers(time) and names.account(came[-1].user) in grip.users

    def _leads_on(self, move: Movement) -> bool:
        """Whether to follow on from the machine reached: a jump host, by hand, or the tool was used there afterwards."""
        if self.directory.is_jump_host(move.target):
            return True
        time = move.event.time
        later = any(time - SKEW <= span.start <= time + APART for span in self.seeds.get(move.target, ()))
        return later or (move.protocol in HANDS and names.address(move.target) is None and move.asset is None)

    def _judged(self, move: Movement, decision: Decision, span: Presence) -> Step | None:
        if decision.verdict is not Verdict.ALLOWED:
            return Step(move, decision)
        by_hand = move.protocol in HANDS
        if not is_access_clause(decision, self.policy) and (span.lent or not by_hand):
            return None  # a bulk reader or a sanctioned tool about its own business, on a machine that is also misused
        if span.lent and not by_hand:
            return None  # the machine's owner goes on working while the help desk is connected
        because = f"{decision.policy} expects this way, but only where no remote tool is involved"
        return Step(move, Decision(Verdict.UNSANCTIONED, decision.policy, because))

    def _grasp(self, move: Movement, by: Presence) -> None:
        grip = self.grips.setdefault(move.target, Grip(move.target, False))
        start = move.event.time
        span = Presence(start, by.end, True) if by.lent else presence(start)
        if span not in grip.spans:
            grip.spans.append(span)
        if names.account(move.user):
            grip.users.add(names.account(move.user))
