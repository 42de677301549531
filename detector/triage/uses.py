"""Every use of a tool, decided: what it shows, completed from the tool's other events, against the policy."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.policy import Policy, Verdict
from detector.model.rule import Action, Phase
from detector.model.tool import Catalogue
from detector.triage import hours
from detector.triage.decide import Judge
from detector.triage.findings import Told
from detector.triage.identity import Directory
from detector.triage.pool import pool
from detector.triage.reach import SKEW, Presence, presence
from detector.triage.traits import Reader, Traits

#: Phases in which the machine itself is in the hands of whoever uses the tool.
_IN_HAND = frozenset(
    {Phase.INSTALL, Phase.UNATTENDED_ACCESS, Phase.SESSION, Phase.COMMAND, Phase.TRANSFER, Phase.EXFILTRATION}
)

#: Actions during which a person at the other end is there, and the kinds of tool through which one is.
_PRESENT = frozenset({Action.SESSION, Action.COMMAND, Action.TRANSFER})
_PEOPLES = frozenset({"remote", "management"})

#: How long one sign of an allowed session stands for it, where its end is not logged.
_LENT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a tool: what was decided of it, what it shows, and on which machine, as roads name it."""

    told: Told
    traits: Traits
    machine: str


def judged_uses(hits: Iterable[Hit], policy: Policy | None, directory: Directory, catalogue: Catalogue) -> list[Use]:
    """What the policy says of each hit of a use rule, in the order given."""
    judge = Judge(policy, directory)
    reader = Reader(catalogue)
    shown = [(hit, reader.traits(hit)) for hit in hits]
    known = pool(traits for _, traits in shown)
    return [
        _judged(hit, known.completed(traits), asset_of_use(hit.event, traits, directory), judge, directory)
        for hit, traits in shown
    ]


def _judged(hit: Hit, traits: Traits, asset: str | None, judge: Judge, directory: Directory) -> Use:
    told = Told(hit, judge.decide(traits, reaches=asset), asset, traits.action, use=True)
    in_hand = hit.rule.phase in _IN_HAND and traits.action is not Action.DOWNLOAD
    if asset is None and told.raises and in_hand:
        # Let in on the asset itself. Where a clause allows the tool there, that is no reach (policy rule 3).
        member = directory.asset(hit.event.host, hit.event.time)
        told = replace(told, asset=member.name if member else None)
    return Use(told, traits, directory.here(hit.event))


def counts_as_use(use: Use) -> bool:
    """Whether a hit that is ordinary alone is more than that: a copy tool about its allowed business, or at an asset."""
    told = use.told
    takes = told.action is Action.UPLOAD and told.asset is not None
    return told.decision.verdict is Verdict.ALLOWED or (takes and told.raises)


def presences(uses: Iterable[Use], policy: Policy | None) -> dict[str, list[Presence]]:
    """Where somebody may act through a tool, and when: uses nobody allowed, and sessions that a clause lends."""
    lending = {clause.id for clause in policy.tools if not clause.reach_ai} if policy is not None else set()
    spans: dict[str, set[Presence]] = defaultdict(set)
    lent: dict[tuple[str, str], list[Traits]] = defaultdict(list)
    for use in uses:
        decision, traits = use.told.decision, use.traits
        if use.told.raises:
            spans[use.machine].add(presence(traits.time))
        elif decision.policy in lending and traits.action in _PRESENT and traits.tool.kind in _PEOPLES:
            lent[use.machine, traits.tool.id].append(traits)
    for (host, _), signs in lent.items():
        ends = sorted(sign.time for sign in signs if sign.session_end)
        for sign in signs:
            if not sign.session_end:
                until = hours.shifted(sign.time, _LENT)
                end = next(iter(ends[bisect_right(ends, sign.time) :]), until)
                scripts = sign.action is Action.COMMAND and not sign.operator
                spans[host].add(Presence(sign.time, min(end, until), True, scripts))
    return {host: sorted(found) for host, found in sorted(spans.items())}


def ways_in(uses: Iterable[Use]) -> frozenset[int]:
    """Hits (by ``id``) of allowed sessions in which, by the same tool on the same machine, something not allowed was done.

    It follows a sign of the session within the time one sign stands for, and no other tenant's name is on it.
    """
    acts: dict[tuple[str, str], list[Traits]] = defaultdict(list)
    for use in sorted(uses := list(uses), key=lambda use: use.traits.time):
        if use.told.raises:
            acts[use.traits.host, use.traits.tool.id].append(use.traits)
    found = set()
    for use in uses:
        if use.told.decision.verdict is Verdict.ALLOWED and use.told.action is Action.SESSION:
            session, done = use.traits, acts[use.traits.host, use.traits.tool.id]
            first = bisect_left(done, hours.shifted(session.time, -SKEW), key=_time)
            after = bisect_right(done, hours.shifted(session.time, _LENT), key=_time)
            if any(_same_tenant(session, act) for act in done[first:after]):
                found.add(id(use.told.hit))
    return frozenset(found)


def _time(traits: Traits) -> datetime:
    return traits.time


def _same_tenant(one: Traits, other: Traits) -> bool:
    return all(one.tenant.get(key, value) == value for key, value in other.tenant.items())


def asset_of_use(event: Event, traits: Traits, directory: Directory) -> str | None:
    """The AI asset the event itself shows a use to touch.

    It is the one it names, by UNC path, host or address, or the machine whose own model files it names. What a download
    writes to, and a machine of the inventory on which the tool merely runs, are not *reached*.
    """
    time = event.time
    if traits.action is Action.DOWNLOAD and traits.commanded:
        texts = [*traits.sources]
    elif traits.commanded and traits.sources:
        texts = [*traits.sources, *traits.targets]
    else:
        texts = [
            event.text(name)
            for name in ("CommandLine", "ScriptBlockText", "TaskContent", "DestinationHostname", "DestinationIp")
        ]
    for text in texts:
        for member in directory.mentions(text, time):
            if member.host != directory.here(event):
                return member.name
    here = directory.asset(event.host, time)
    if (
        here is not None
        and traits.action is not Action.DOWNLOAD
        and any(directory.local_asset_path(event.host, t, time) for t in texts)
    ):
        return here.name
    return None
