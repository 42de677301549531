"""What a run found something about, so what it must look for next: machines in somebody's hands, addresses without a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from detector.model.asset import Inventory, KnownHost, Network
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
    networks = {network for asset in assets for network in asset.addresses}
    networks |= {network for host in jumps for network in host.addresses}
    return Interest(frozenset(called), frozenset(networks), frozenset())


def interest(walk: Walk, book: AddressBook) -> Interest:
    """What matters after what was found so far."""
    held = set(walk.road.grips)
    machines = held | {use.told.hit.event.host for use in walk.uses if use.machine in held}
    machines |= set(_addresses(walk, book, held))
    known: tuple[KnownHost, ...] = (*walk.directory.inventory.hosts, *walk.directory.inventory.jump_hosts)
    networks: set[Network] = set()
    for host in known:
        networks.update(host.addresses if names.host(host.name) in held else ())
    unnamed = {address for event in _of_story(walk, held) for address in _addresses_in(event)}
    return Interest(frozenset(machines), frozenset(networks), frozenset(unnamed - machines))


def _of_story(walk: Walk, held: AbstractSet[str]) -> Iterator[Event]:
    """Events whose addresses matter: uses of tools, what touches an asset, ways from and to a machine in somebody's hands."""
    yield from (use.told.hit.event for use in walk.uses)
    yield from (step.move.event for step in walk.road.touches)
    yield from (move.event for move in walk.moves if move.origin in held or move.target in held)


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
