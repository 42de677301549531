"""``assets.yml``: what we protect and where things sit. Facts only; nothing here permits anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Asset:
    """An AI asset, or with ``match`` a family of them (incidents name the member).

    ``role`` is one of weights, registry, inference, training, datasets, workstation; ``criticality`` critical, high or
    medium. ``shares`` are share names without host, ``paths`` Windows paths on that host (wildcards allowed);
    ``sends_logs`` is false for a machine that shows up only in the logs of others.
    """

    name: str
    role: str
    criticality: str
    match: tuple[str, ...] = ()
    addresses: tuple[Network, ...] = ()
    aliases: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    sends_logs: bool = True


@dataclass(frozen=True, slots=True)
class KnownHost:
    """A machine whose address should become a name."""

    name: str
    addresses: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """The whole file. ``digest`` is the SHA-256 of its bytes; empty for the inventory of nobody.

    ``guessed`` says why a machine is taken for an asset, by its name, where nobody listed any.
    """

    assets: tuple[Asset, ...] = ()
    jump_hosts: tuple[KnownHost, ...] = ()
    hosts: tuple[KnownHost, ...] = ()
    host_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    model_paths: tuple[str, ...] = ()
    internal_networks: tuple[Network, ...] = ()
    dns_domains: tuple[str, ...] = ()
    netbios_domain: str = ""
    organisation: str = ""
    digest: str = ""
    guessed: Mapping[str, str] = field(default_factory=dict)
