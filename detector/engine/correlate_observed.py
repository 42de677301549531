"""What correlations remember of the hits they look at: little of each, and not more than so many of a rule.

The earliest events of a rule are kept, so what is kept does not depend on the order in which workers found them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from detector.model.event import Event, EventRef, FieldValue

#: Events kept of one rule: of the values that correlations ask for, and of whole events where triage will read them.
MOST = 1_000_000
MOST_WHOLE = 100_000
#: More values than these are not looked up whether they stood there before.
_SHARED = 200_000
#: A longer value is kept as its beginning and a hash of the whole.
_LONGEST = 256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Value = TypeVar("_Value", bound=Hashable)


class Kind(NamedTuple):
    """Of an event's identity, what many events share. Channel and provider are lower case."""

    host: str
    channel: str
    event_id: int
    provider: str


class Place(NamedTuple):
    """The rest of an event's reference that many events share."""

    source: str
    channel: str
    provider: str
    computer: str


class Observation(NamedTuple):
    """One hit of one rule. ``time`` is milliseconds since 1970, ``micros`` what is left of them.

    ``record`` is the record id; a negative number that stands for the event's content where there is none. ``values`` are
    the values of the fields looked at, ``None`` where the event has none; ``fields`` all of the event's, or ``None``.
    """

    time: int
    kind: Kind
    record: int
    micros: int
    place: Place
    values: tuple[str | None, ...]
    fields: Mapping[str, FieldValue] | None = None

    @property
    def ref(self) -> EventRef:
        """What a report quotes."""
        host, _, event_id, _ = self.kind
        source, channel, provider, _ = self.place
        time = _EPOCH + timedelta(milliseconds=self.time, microseconds=self.micros)
        return EventRef(source, host, channel, provider, event_id, self.record if self.record >= 0 else None, time)


#: The event's identity, in the fixed order of events.
identity = itemgetter(0, 1, 2)


class Observed:
    """Observations by rule id, of one worker or several merged: the same in whatever order they came."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Observation]] = {}
        self._most: dict[str, int] = {}
        self._cut: set[str] = set()
        self._unsorted: set[str] = set()
        self._shared: dict[Hashable, Hashable] = {}

    def __getstate__(self) -> tuple[object, ...]:
        return self._kept, self._most, self._cut, self._unsorted

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._kept, self._most, self._cut, self._unsorted = state
        self._shared = {}

    def add(self, rule: str, event: Event, fields: tuple[str, ...], *, whole: bool) -> None:
        """Remember a hit of the rule; the other arguments are the same at every call for it."""
        ref = event.ref
        time, micros = divmod((ref.time - _EPOCH) // timedelta(microseconds=1), 1000)
        kind = Kind(ref.host, ref.channel.lower(), ref.event_id, ref.provider.lower())
        seen = Observation(
            time,
            self._share(kind),
            ref.record_id if ref.record_id is not None and ref.record_id >= 0 else _content(event),
            micros,
            self._share(Place(ref.source, ref.channel, ref.provider, event.computer)),
            self._share(tuple(_text(event, name) for name in fields)),
            dict(event.fields) if whole else None,
        )
        self._most[rule] = MOST_WHOLE if whole else MOST
        self._extend(rule, [seen])

    def merge(self, other: Observed) -> None:
        """Take in what another worker observed with the same rules."""
        self._cut |= other._cut
        for rule, theirs in other._kept.items():
            self._most[rule] = other._most[rule]
            self._extend(rule, theirs)

    def of(self, rule: str) -> list[Observation]:
        """The rule's observations in the fixed order of events, each event once: from the source that sorts first."""
        self._trim(rule)
        return self._kept.get(rule, [])

    def cut(self) -> Iterator[tuple[str, datetime]]:
        """Rules that had more events than are kept, each with the time until which they are."""
        for rule in sorted(self._kept):
            kept = self.of(rule)
            if rule in self._cut:
                yield rule, kept[-1].ref.time

    def _extend(self, rule: str, more: list[Observation]) -> None:
        kept = self._kept.setdefault(rule, [])
        kept += more
        self._unsorted.add(rule)
        if len(kept) > self._most[rule] * 5 // 4:
            self._trim(rule)

    def _trim(self, rule: str) -> None:
        if rule not in self._unsorted:
            return
        self._unsorted.remove(rule)
        kept = self._kept[rule]
        _put_in_order(kept)
        _drop_doubles(kept)
        if len(kept) > self._most[rule]:
            del kept[self._most[rule] :]
            self._cut.add(rule)
            self._shared.clear()

    def _share(self, value: _Value) -> _Value:
        if len(self._shared) > _SHARED:
            self._shared.clear()
        shared: Any = self._shared.setdefault(value, value)
        return cast("_Value", shared)


def _put_in_order(kept: list[Observation]) -> None:
    """Sort by identity: by time alone first, because whole numbers compare much faster, and few events share one."""
    kept.sort(key=itemgetter(0))
    first = 0
    for place in range(1, len(kept) + 1):
        if place == len(kept) or kept[place][0] != kept[first][0]:
            if place - first > 1:
                kept[first:place] = sorted(kept[first:place], key=identity)
            first = place


def _drop_doubles(kept: list[Observation]) -> None:
    """Of observations of one event the one whose source sorts first stays."""
    end = 0
    for one in kept:
        if end and one[0] == kept[end - 1][0] and one[1:3] == kept[end - 1][1:3]:
            kept[end - 1] = min(one, kept[end - 1], key=lambda double: (double.place, repr(double)))
        else:
            kept[end] = one
            end += 1
    del kept[end:]


def _text(event: Event, name: str) -> str | None:
    value = event.fields.get(name)
    if value is None:
        # The specification's examples group by ComputerName; its taxonomy says Computer.
        return event.computer if name == "ComputerName" else None
    text = value if isinstance(value, str) else " ".join(value)
    if len(text) > _LONGEST:
        return f"{text[:_LONGEST]}... (#{blake2b(_bytes(text), digest_size=8).hexdigest()})"
    return text


def _content(event: Event) -> int:
    """A negative number for what the event says. Exports leave out what says nothing."""
    said = sorted((name, repr(value)) for name, value in event.fields.items() if value not in (None, "", "-", ()))
    return -1 - int.from_bytes(blake2b(_bytes(repr(said)), digest_size=8).digest())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
