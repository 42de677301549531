"""Any bytes as ``assets.yml``: an inventory whose names can be looked for, or ``ConfigError``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zlib import crc32

from detector.config import load_inventory
from detector.errors import ConfigError
from detector.screen import Sieve, Wanted, needles
from detector.triage.identity import Directory
from detector.triage.interest import places
from detector.triage.sighting import AddressBook
from tests.conftest import ROOT
from tests.fuzz.log_bytes import as_file
from tests.fuzz.target import Target
from tests.fuzz.yaml_changes import changing

_HOSTS = ("FS01", "", "\u0130\u017f", "a" * 300, "192.0.2.40", "::1")
#: Of one input in so many the screen is made: that takes longer than all the rest.
_SCREENED = 4
_WHEN = datetime(2026, 1, 2, tzinfo=UTC)
_OWN = (
    b"assets:\n  - {name: A, role: weights, criticality: high, addresses: ['2001:db8::/33', 192.0.2.1], aliases: [a.b.c]}\n",
    b"assets:\n  - {name: n, match: ['n[0-9]?', '*x', '[!a]*'], role: training, criticality: high, addresses: [0.0.0.0/0]}\n",
)


def _check(data: bytes) -> None:
    with as_file(data) as path:
        try:
            inventory = load_inventory(path)
        except ConfigError:
            return
    assert all(asset.name and asset.role and asset.criticality for asset in inventory.assets)
    assert all(host.name for host in (*inventory.hosts, *inventory.jump_hosts))
    known = places(inventory)
    names = needles(known.machines, known.networks)
    if crc32(data) % _SCREENED == 0:
        sieve = Sieve(Wanted((), names), ())
        sieve.record(b'{"Computer": "FS01"}')
        sieve.chunk(b"F\0S\x000\x001\0")
    directory = Directory(inventory, AddressBook())
    for host in _HOSTS:
        directory.canonical(host)
        directory.asset(host, _WHEN)
        directory.mentions(host, _WHEN)
        directory.local_asset_path(host, "V:\\a\\b", _WHEN)


def _seeds() -> Iterator[bytes]:
    yield (ROOT / "samples/assets.yml").read_bytes()
    yield from _OWN


TARGET = Target(check=_check, seeds=_seeds, change=changing("assets"))
