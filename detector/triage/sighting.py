"""Which machine had which address when: read from ordinary events, because addresses move (DHCP, VPN pools)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
    if event.ref.event_id == 4624 and user.endswith("$"):
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


@dataclass(slots=True)
class AddressBook:
    """Sightings folded into one span of time per (address, name): memory is bounded by the number of such pairs."""

    spans: dict[str, dict[str, tuple[datetime, datetime]]] = field(default_factory=dict)

    def add(self, seen: Iterable[Sighting]) -> None:
        """Take in sightings, in any order."""
        for item in seen:
            self._widen(item.address, item.name, item.time, item.time)

    def merge(self, other: AddressBook) -> None:
        """Take in another book; the order of merging does not matter."""
        for address, by_name in other.spans.items():
            for name, (first, last) in by_name.items():
                self._widen(address, name, first, last)

    def _widen(self, address: str, name: str, first: datetime, last: datetime) -> None:
        by_name = self.spans.setdefault(address, {})
        known = by_name.get(name)
        by_name[name] = (min(first, known[0]), max(last, known[1])) if known else (first, last)

    def names_of(self, address: str, time: datetime) -> list[str]:
        """Names the address was seen under, nearest in time first."""
        spans = self.spans.get(address, {})
        return sorted(spans, key=lambda name: (_distance(spans[name], time), name))

    def addresses_of(self, name: str) -> list[str]:
        """Addresses a host was seen with, sorted."""
        return sorted(address for address, by_name in self.spans.items() if any(names.host(n) == name for n in by_name))


def _distance(span: tuple[datetime, datetime], time: datetime) -> timedelta:
    first, last = span
    if first <= time <= last:
        return timedelta(0)
    return first - time if time < first else time - last
