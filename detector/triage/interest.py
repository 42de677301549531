"""What a run found something about, so what it must look for next: machines in somebody's hands, addresses without a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detector.model.asset import Inventory, Network
from detector.model.event import Event
from detector.triage import names
from detector.triage.sighting import AddressBook
from detector.triage.walk import Walk


@dataclass(frozen=True, slots=True)
class Interest:
    """``machines`` by name or address, and ``networks``: whatever happens there, or goes there, may be part of a story.

    ``unnamed`` are addresses that stand in what was found: events that say whose they are matter.
    """

    machines: frozenset[str]
    networks: frozenset[Network]
    unnamed: frozenset[str]


def places(inventory: Inventory) -> Interest:
    """What matters before anything is found: the AI assets and the machines one goes through to them.

    Families stand in it as their patterns.
    """
    assets, jumps = inventory.assets, inventory.jump_hosts
    called = {name for asset in assets for name in (*(asset.match or (asset.name,)), *asset.aliases)}
    called |= {host.name for host in jumps}
    networks = {network for place in (*assets, *jumps) for network in place.addresses}
    return Interest(frozenset(called), frozenset(networks), frozenset())


def interest(walk: Walk, book: AddressBook) -> Interest:
    """What matters after what was found so far."""
    held = set(walk.road.grips)
    machines = {name for host in held for name in (host,)}
    machines |= {use.told.hit.event.host for use in walk.uses if use.machine in held}
    machines |= set(_addresses(walk, book, held))
    known = (*walk.directory.inventory.hosts, *walk.directory.inventory.jump_hosts)
    networks = {network for host in known if names.host(host.name) in held for network in host.addresses}
    unnamed = {address for hit in walk.hits for address in _addresses_in(hit.event)} if held or walk.moves else set()
    return Interest(frozenset(machines), frozenset(networks), frozenset(unnamed - machines))


def _addresses(walk: Walk, book: AddressBook, held: Iterable[str]) -> Iterator[str]:
    """Addresses that a machine in somebody's hands had at any time, an asset, or a machine one goes through."""
    directory = walk.directory
    wanted = set(held)
    for address, spans in book.spans.items():
        for name, day in spans:
            first = spans[name, day][0]
            host = directory.canonical(name)
            if host in wanted or directory.is_jump_host(host) or directory.asset(host, first) is not None:
                yield address
                break


def _addresses_in(event: Event) -> Iterator[str]:
    for value in event.fields.values():
        for text in (value,) if isinstance(value, str) else value or ():
            found = names.address(text) if 2 < len(text) < 64 else None
            if found is not None:
                yield str(found)
