"""Hits that say the same again are counted, not kept: memory is bounded by the number of different things said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.predicate import AnyOf
from detector.model.rule import Rule

#: How many of the earliest hits of a kind are kept whole, per hour.
KEPT = 12

#: Fields that differ between two events that say the same.
_VOLATILE = frozenset(
    {
        "UtcTime", "ProcessId", "ProcessGuid", "ParentProcessId", "ParentProcessGuid", "SourcePort", "IpPort", "LogonGuid",
        "TargetLogonId", "SubjectLogonId", "NewProcessId", "ProcessID", "TargetLogonGuid", "FilterRTID", "RelativeTargetName",
        "TargetFilename", "RuleName", "CreationUtcTime", "TerminalSessionId", "SessionID", "HandleId", "TransactionId",
        "QueryResults", "ActivityID", "param1", "param2", "Data", "ScriptBlockId",
    }
)  # fmt: skip
_NOTHING = (None, "", "-", ())


@dataclass(slots=True)
class Group:
    """The earliest hits of one kind, the latest one, and how many different events there were."""

    hits: list[Hit] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    _trimmed: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that all of them are hits of."""
        return self.hits[0].rule

    @property
    def count(self) -> int:
        """Different events, doubles not counted."""
        return len(self.seen)

    def add(self, hit: Hit, digest: bytes) -> None:
        """Take in one hit; the same event (``digest``) again changes at most the source it is quoted from."""
        self.seen.add(digest)
        self.hits.append(hit)
        self._trimmed = False
        if len(self.hits) > 4 * KEPT:
            self._trim()

    def _trim(self) -> None:
        by_identity: dict[tuple[object, ...], Hit] = {}
        for hit in sorted(self.hits, key=lambda hit: order(hit.event)):
            by_identity.setdefault(hit.event.ref.identity, hit)
        unique = list(by_identity.values())
        self.hits = unique if len(unique) <= KEPT else [*unique[: KEPT - 1], unique[-1]]

    def finished(self) -> list[Hit]:
        """The kept hits by time; of doubles the one whose source sorts first."""
        if not self._trimmed:
            self._trim()
            self._trimmed = True
        return self.hits


class Folder:
    """Collects hits, from any number of workers in any order, to the same result."""

    def __init__(self) -> None:
        self._groups: dict[tuple[object, ...], Group] = {}
        self._taken = 0
        self._last: tuple[Event, tuple[object, ...], bytes] | None = None  # an event often has several hits

    @property
    def doubles(self) -> int:
        """How many hits were of an event that had been taken in before, under the same rule."""
        return self._taken - len(self)

    def add(self, hit: Hit) -> None:
        """Take in one hit."""
        self._taken += 1
        if self._last is None or self._last[0] is not hit.event:
            self._last = hit.event, _kind(hit.event), _digest(hit.event)
        _, kind, digest = self._last
        self._groups.setdefault((hit.rule.id, *kind), Group()).add(hit, digest)

    def packed(self) -> None:
        """Keep no more than will be kept in the end, and of rules only their ids: to be handed to another process."""
        self._last = None
        bare: dict[str, Rule] = {}
        for group in self._groups.values():
            rule = group.rule
            short = bare.setdefault(rule.id, replace(rule, predicate=AnyOf(()), text="", tags=()))
            group.hits = [replace(hit, rule=short) for hit in group.finished()]

    def unpacked(self, rules: Mapping[str, Rule]) -> None:
        """Give a folder that was packed its rules back, by their ids."""
        for group in self._groups.values():
            rule = rules[group.rule.id]
            group.hits = [replace(hit, rule=rule) for hit in group.hits]

    def merge(self, other: Folder) -> None:
        """Take in another folder's hits."""
        self._taken += other._taken
        for key, theirs in other._groups.items():
            mine = self._groups.setdefault(key, Group())
            mine.seen |= theirs.seen
            for hit in theirs.hits:
                mine.add(hit, _digest(hit.event))

    def groups(self) -> Iterator[Group]:
        """Groups in a fixed order: by their first hit's time and identity, then rule."""
        yield from sorted(self._joined(), key=lambda group: _first(group.finished()))

    def hits(self) -> Iterator[Hit]:
        """All kept hits."""
        for group in self.groups():
            yield from group.finished()

    def __len__(self) -> int:
        return sum(group.count for group in self._joined())

    def _joined(self) -> Iterator[Group]:
        """The groups, those joined that share an event: two sources spell it, and what they say, each in their own way."""
        alike: dict[object, list[Group]] = {}
        for (*place, _), group in self._groups.items():
            alike.setdefault(tuple(place), []).append(group)
        for groups in alike.values():
            yield from groups if len(groups) == 1 else _united(groups)


def _united(groups: Iterable[Group]) -> list[Group]:
    whole: list[Group] = []
    of: dict[bytes, Group] = {}
    for group in groups:
        met = {id(of[event]): of[event] for event in group.seen if event in of}
        union = group
        if met:
            parts = [*met.values(), group]
            union = Group([hit for part in parts for hit in part.hits], set().union(*(part.seen for part in parts)))
            whole = [other for other in whole if id(other) not in met]
        whole.append(union)
        of.update(dict.fromkeys(union.seen, union))
    return whole


def order(event: Event) -> tuple[object, ...]:
    """The fixed order of events: time as far as all sources keep it, identity, source."""
    host, channel, provider, number, record, milliseconds = event.ref.identity
    return (milliseconds, host, channel, number, -1 if record is None else record, provider, event.ref.source)


def _first(hits: list[Hit]) -> tuple[object, ...]:
    return (order(hits[0].event), hits[0].rule.id)


def _kind(event: Event) -> tuple[object, ...]:
    """What hits of one rule have in common that say the same."""
    hour = event.time.replace(minute=0, second=0, microsecond=0)
    return (event.host, event.ref.channel.lower(), event.ref.event_id, hour, _telling(event))


def _telling(event: Event) -> bytes:
    """What an event says: its fields but for the volatile ones and those that say nothing (some exports leave them out)."""
    said = ((name, value) for name, value in event.fields.items() if name not in _VOLATILE and value not in _NOTHING)
    return hash_of(sorted(said))


def hash_of(value: object) -> bytes:
    """Sixteen bytes that stand for a value with a stable ``repr``."""
    return blake2b(repr(value).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def identity_of(event: Event) -> tuple[object, ...]:
    """What one event is known by; without a record id only what it says tells it from another of the same millisecond."""
    identity = event.ref.identity
    return identity if event.ref.record_id is not None else (*identity, _telling(event))


def _digest(event: Event) -> bytes:
    return blake2b(repr(identity_of(event)).encode("utf-8", "backslashreplace"), digest_size=8).digest()
