"""Who got where: from a machine under a remote tool, along logons, RDP, SMB and SSH, to an AI asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from detector.model.policy import Decision, Policy, Verdict
from detector.model.rule import Phase
from detector.triage import hours, names
from detector.triage.access import decide_movement, is_access_clause
from detector.triage.identity import Directory
from detector.triage.movement import Movement
from detector.triage.timeline import Timeline

#: A way out of a machine belongs to the tool's use when it follows its last sign of life there within this time
#: (rmm-facts 3.2: operators come back after hours or a weekend; slow copies run for days and keep the tool alive).
FOLLOWS = timedelta(hours=72)

#: A tool that is not removed stays: silence of this length ends a story, and coming to a machine counts as the way the tool
#: came to it for as long (rmm-facts 3.2: "extend to 30 d while the RMM remains installed").
APART = timedelta(days=30)

#: Clocks of two machines may differ by this much.
SKEW = timedelta(minutes=5)


#: The accounts as which agents run scripts.
_MACHINE = frozenset({"system", "local service", "network service"})


@dataclass(frozen=True, slots=True, order=True)
class Presence:
    """From ``start`` to ``end`` somebody at the other end of a tool may act on a machine.

    ``lent``: by a session that the policy allows. The guest may work on the machine, but not go on to an AI asset.
    ``scripts``: only commands were seen and nobody connected, as agents run them all day; then only what the machine itself
    does is theirs, and its owner's way to work is his own.
    """

    start: datetime
    end: datetime
    lent: bool = False
    scripts: bool = False

    def covers(self, time: datetime) -> bool:
        """Whether the time lies in it, give or take the skew of two clocks."""
        return within(self.start, self.end, time)


def within(start: datetime, end: datetime, time: datetime) -> bool:
    """Whether the time lies in the span, give or take the skew of two clocks."""
    return start - time <= SKEW and time - end <= SKEW


def presence(time: datetime) -> Presence:
    """What one sign of a use that nobody allowed gives: presence for :data:`FOLLOWS`."""
    return Presence(time, hours.shifted(time, FOLLOWS))


def united(spans: Iterable[Presence]) -> list[Presence]:
    """The same presence in as few spans as there are, so that a tool's thousands of signs are looked through once."""
    whole: list[Presence] = []
    for span in sorted(spans, key=lambda span: (span.lent, span.scripts, span)):
        last = whole[-1] if whole else None
        if last is not None and (last.lent, last.scripts) == (span.lent, span.scripts) and span.start <= last.end:
            whole[-1] = replace(last, end=max(last.end, span.end))
        else:
            whole.append(span)
    return whole


@dataclass(slots=True)
class Grip:
    """A machine in somebody's hands: through the tool itself (``own``), as any account; by coming to it, as ``users``."""

    host: str
    own: Sequence[Presence] = ()
    reached: list[Presence] = field(default_factory=list)
    users: set[str] = field(default_factory=set)

    def holding(self, time: datetime, *users: str) -> Presence | None:
        """The presence that something these accounts did there then follows; one that nobody allowed before a lent one."""
        known = {names.account(user) for user in users} - {""}
        by_machine = bool(known) and all(name in _MACHINE or name.endswith("$") for name in known)
        spans = [span for span in self.own if by_machine or not span.scripts]
        if not known or not known.isdisjoint(self.users):
            spans += self.reached
        return _best(spans, time)

    def stay_of_guests(self, time: datetime) -> Presence | None:
        """The presence of those who came to it, whoever they are."""
        return _best(self.reached, time)


def _best(spans: Iterable[Presence], time: datetime) -> Presence | None:
    return min((span for span in spans if span.covers(time)), key=lambda span: (span.lent, span), default=None)


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
        self.moves = sorted(
            moves, key=lambda move: (move.event.time, move.origin, move.target, move.protocol, move.user)
        )
        self.decided = [decide_movement(move, policy, directory) for move in self.moves]
        self.grips = {host: Grip(host, united(spans)) for host, spans in seeds.items()}
        self.signs = {host: Timeline[Presence]() for host in seeds}
        for host, spans in seeds.items():
            for span in spans:
                if not span.lent:
                    self.signs[host].add(span.start, span)
        self.grown = True
        #: Who came to a machine by hand, and who took on an account there (4648), earliest first.
        self.arrivals: dict[str, Timeline[Movement]] = defaultdict(Timeline)
        self.first_arrivals: dict[tuple[str, str], datetime] = {}
        self.taken_on: dict[tuple[str, str], Timeline[Movement]] = defaultdict(Timeline)
        for move in self.moves:
            if move.acting:
                self.taken_on[move.origin, names.account(move.user)].add(move.event.time, move)
            elif move.user and move.by_hand and not move.failed:
                self.arrivals[move.target].add(move.event.time, move)
                self.first_arrivals.setdefault((move.target, names.account(move.user)), move.event.time)

    def road(self) -> Road:
        followed: dict[int, Step] = {}
        while self.grown:
            self.grown = False
            for index, move in enumerate(self.moves):
                step = self._step(move, self.decided[index])
                if step is not None and index not in followed:
                    followed[index] = step
                    self.grown = True
        touches = tuple(
            followed.get(index) or Step(move, self.decided[index])
            for index, move in enumerate(self.moves)
            if not move.failed and (move.asset is not None or self.directory.is_jump_host(move.target))
        )
        return Road(self.grips, tuple(followed[index] for index in sorted(followed)), touches)

    def _step(self, move: Movement, decision: Decision) -> Step | None:
        grip = self.grips.get(move.origin)
        if grip is None or move.failed:
            return None
        time = move.event.time
        span = grip.holding(time, move.user, move.acting)
        if span is None and self._changed_account(grip, move):
            span = grip.stay_of_guests(time)
        leads = self._leads_on(move)
        if span is None or not (leads or move.asset is not None):
            return None
        step = self._judged(move, decision, span)
        if step is None:
            return None
        if leads or move.by_hand:
            self._grasp(move, span)
        elif (there := self.grips.get(move.target)) is not None and there.stay_of_guests(time) is not None:
            self._know(there, move.user)  # the logon that goes with a command or session
        if span in grip.reached:
            self._know(grip, move.user)
        return step

    def _changed_account(self, grip: Grip, move: Movement) -> bool:
        """Whether an account that never came to this jump host, and left it by hand, can only be the intruder's.

        The event that says who took on the account (4648) is often not there: not audited, not collected, or not read yet.
        Then it is the latest who came; a 4648 of somebody else, or an arrival of the account itself, says otherwise.
        """
        account, time = names.account(move.user), move.event.time
        if not account or not move.by_hand or not self.directory.is_jump_host(move.origin):
            return False
        took = self.taken_on[move.origin, account].around(time, SKEW, SKEW)
        if any(one.target == move.target for one in took):
            return False
        last = self.arrivals[move.origin].latest(time, SKEW)
        itself = self.first_arrivals.get((move.origin, account))
        if last is None or (itself is not None and itself - time <= SKEW):
            return False
        return presence(last[0]).covers(time) and names.account(last[1].user) in grip.users

    def _leads_on(self, move: Movement) -> bool:
        """Whether to follow on from the machine reached: a jump host, by hand, or the tool was used there afterwards."""
        if self.directory.is_jump_host(move.target):
            return True
        signs = self.signs.get(move.target)
        later = signs is not None and bool(signs.around(move.event.time, SKEW, APART))
        return later or (move.by_hand and names.address(move.target) is None and move.asset is None)

    def _judged(self, move: Movement, decision: Decision, span: Presence) -> Step | None:
        if decision.verdict is not Verdict.ALLOWED:
            return Step(move, decision)
        by_hand = move.by_hand
        if not is_access_clause(decision, self.policy) and (span.lent or not by_hand):
            return None  # a bulk reader or a sanctioned tool about its own business, on a machine that is also misused
        if span.lent and not by_hand:
            return None  # the machine's owner goes on working while the help desk is connected
        because = f"{decision.policy} expects this way, but only where no remote tool is involved"
        return Step(move, Decision(Verdict.UNSANCTIONED, decision.policy, because))

    def _grasp(self, move: Movement, by: Presence) -> None:
        grip = self.grips.setdefault(move.target, Grip(move.target))
        start = move.event.time
        reached = united([*grip.reached, Presence(start, by.end, True) if by.lent else presence(start)])
        self.grown = self.grown or reached != grip.reached
        grip.reached = reached
        self._know(grip, move.user)
        if move.executes:
            self._know(grip, "SYSTEM")
            self._know(grip, f"{move.target}$")

    def _know(self, grip: Grip, user: str) -> None:
        account = names.account(user)
        if account and account not in grip.users:
            grip.users.add(account)
            self.grown = True
