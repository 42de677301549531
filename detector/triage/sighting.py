"""Which machine had which address when: read from ordinary events, because addresses move (DHCP, VPN pools)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from detector.model.event import Event
from detector.triage import names

_SYSMON = "microsoft-windows-sysmon"


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """At ``time`` the machine or service ``name`` (a host's short name, or a full DNS name) had ``address``."""

    address: str
    name: str
    time: datetime


def sightings(event: Event) -> Iterator[Sighting]:
    """What one event tells of addresses (rmm-facts 4.4, rule 3).

    Sources: 4624 of a machine account (``HOST$`` from its address), 4624/4625 with the client's NetBIOS name (NTLM),
    4778 (client name and address), Sysmon 3 and Security 5156 (own address of the machine that connects), Sysmon 22 and
    DNS-Client 3008 (answers to a name).
    """
    number = event.ref.event_id
    if event.ref.provider.lower() == _SYSMON:
        if number == 3 and event.text("Initiated").lower() == "true":
            yield from _pair(event, event.text("SourceIp"), event.host)
            yield from _pair(event, event.text("DestinationIp"), event.text("DestinationHostname").strip("-"))
        elif number == 22:
            yield from _answers(event)
    elif number in (4624, 4625):
        yield from _logon(event)
    elif number == 4778:
        yield from _pair(event, event.text("ClientAddress"), names.host(event.text("ClientName")))
    elif number == 5156 and event.text("Direction") in ("%%14593", "Outbound"):
        yield from _pair(event, event.text("SourceAddress"), event.host)
    elif number == 3008:
        yield from _answers(event)


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
    found = names.address(text) if text else None
    if found is not None and name and not (found.is_loopback or found.is_link_local or found.is_unspecified):
        yield Sighting(str(found), name, event.time)


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
