"""Which machine had which address when: read from ordinary events, because addresses move (DHCP, VPN pools)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from detector.model.event import Event
from detector.triage import names

_SYSMON = "microsoft-windows-sysmon"


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """At ``time`` the machine or service ``name`` (a host's short name, or a full DNS name) had ``address``."""

    address: str
    name: str
    time: datetime


def sightings(event: Event) -> Iterable[Sighting]:
    """What one event tells of addresses (rmm-facts 4.4, rule 3); nothing at once for the many that tell nothing.

    Sources: 4624 of a machine account (``HOST$`` from its address), 4624/4625 with the client's NetBIOS name (NTLM),
    4778 (client name and address), Sysmon 3 and Security 5156 (own address of the machine that connects), Sysmon 22 and
    DNS-Client 3008 (answers to a name).
    """
    ref = event.ref
    if ref.event_id not in _TELLING:
        return ()
    readers = _OF_SYSMON if ref.provider.lower() == _SYSMON else _OF_OTHERS
    read = readers.get(ref.event_id)
    return read(event) if read else ()


def _connection(event: Event) -> Iterator[Sighting]:
    if event.text("Initiated").lower() == "true":
        yield from _pair(event, event.text("SourceIp"), event.host)
        yield from _pair(event, event.text("DestinationIp"), event.text("DestinationHostname").strip("-"))


def _session(event: Event) -> Iterator[Sighting]:
    yield from _pair(event, event.text("ClientAddress"), names.host(event.text("ClientName")))


def _filtered(event: Event) -> Iterator[Sighting]:
    if event.text("Direction") in ("%%14593", "Outbound"):
        yield from _pair(event, event.text("SourceAddress"), event.host)


def _logon(event: Event) -> Iterator[Sighting]:
    user = event.text("TargetUserName")
    client = names.host(event.text("WorkstationName"))
    if event.ref.event_id == 4624 and names.account(user).endswith("$"):
        yield from _pair(event, event.text("IpAddress"), names.host(user))
    elif client and client != event.host:  # type 10 writes the target's own name there
        yield from _pair(event, event.text("IpAddress"), client)


def _answers(event: Event) -> Iterator[Sighting]:
    for part in event.text("QueryResults").split(";"):
        yield from _pair(event, part, event.text("QueryName").rstrip(".").lower())


def _pair(event: Event, text: str, name: str) -> Iterator[Sighting]:
    if not text or not name:
        return
    address = _known_address(text) if len(text) <= _ADDRESS_LENGTH else _telling_address(text)
    if address:
        yield Sighting(address, name, event.time)


def _telling_address(text: str) -> str:
    """The address in one form; empty for none, and for one that every machine has."""
    found = names.address(text)
    if found is None or found.is_loopback or found.is_link_local or found.is_unspecified:
        return ""
    return str(found)


#: The same few addresses come again and again, and reading one costs more than all else here.
_known_address = lru_cache(maxsize=4096)(_telling_address)
_ADDRESS_LENGTH = 64

_OF_SYSMON: Mapping[int, Callable[[Event], Iterator[Sighting]]] = {3: _connection, 22: _answers}
_OF_OTHERS: Mapping[int, Callable[[Event], Iterator[Sighting]]] = {
    4624: _logon,
    4625: _logon,
    4778: _session,
    5156: _filtered,
    3008: _answers,
}
_TELLING = frozenset({*_OF_SYSMON, *_OF_OTHERS})


#: Past this a sighting says nothing: leases run for days, and servers are seen again.
_HOLDS = timedelta(days=30)


@dataclass(slots=True)
class AddressBook:
    """Sightings folded into one span of time per address, name and day: memory is bounded by the number of these.

    A day apart, because a pool gives one address to this machine in the morning and to that one tomorrow.
    """

    spans: dict[str, dict[tuple[str, date], tuple[datetime, datetime]]] = field(default_factory=dict)

    def add(self, seen: Iterable[Sighting]) -> None:
        """Take in sightings, in any order."""
        for item in seen:
            self._widen(item.address, (item.name, item.time.date()), item.time, item.time)

    def with_also(self, seen: Iterable[Sighting]) -> AddressBook:
        """A book with some more sightings; this one stays as it is."""
        seen = list(seen)
        spans = dict(self.spans)
        spans.update({item.address: dict(spans.get(item.address, {})) for item in seen})
        other = AddressBook(spans)
        other.add(seen)
        return other

    def merge(self, other: AddressBook) -> None:
        """Take in another book; the order of merging does not matter."""
        for address, spans in other.spans.items():
            for key, (first, last) in spans.items():
                self._widen(address, key, first, last)

    def _widen(self, address: str, key: tuple[str, date], first: datetime, last: datetime) -> None:
        spans = self.spans.setdefault(address, {})
        known = spans.get(key)
        spans[key] = (min(first, known[0]), max(last, known[1])) if known else (first, last)

    def names_of(self, address: str, time: datetime) -> list[str]:
        """Names the address was seen under around that time, nearest first; of two that had it all day, the briefer."""
        nearest: dict[str, tuple[timedelta, timedelta]] = {}
        for (name, _), (first, last) in self.spans.get(address, {}).items():
            distance = max(first - time, time - last, timedelta(0))
            if distance <= _HOLDS:
                rank = (distance, last - first)
                nearest[name] = min(rank, nearest.get(name, rank))
        return sorted(nearest, key=lambda name: (nearest[name], name))
