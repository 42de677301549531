"""``assets.yml`` -> :class:`Inventory`."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from pathlib import Path

from detector.config.entry import Entry, Notes, WrongError, name, one_of
from detector.config.groups import Groups, expanded, members_of
from detector.config.source import read
from detector.model.asset import Asset, Inventory, KnownHost, Network

ROLES = ("weights", "registry", "inference", "training", "datasets", "workstation")
CRITICALITIES = ("critical", "high", "medium")

KEYS = ("version", "organisation", "assets", "model_paths", "jump_hosts", "hosts", "host_groups")
ORGANISATION_KEYS = ("name", "dns_domains", "netbios_domain", "internal_networks")
ASSET_KEYS = ("name", "match", "role", "criticality", "addresses", "aliases", "shares", "paths", "logs")
HOST_KEYS = ("name", "addresses")


def load_inventory(path: Path) -> Inventory:
    """The inventory in a file of the form ``docs/assets.md``. Raises :class:`ConfigError` with all its problems."""
    source = read(path)
    notes = Notes(source.file, empty_is_absent=True)
    top = Entry(source.root, "", notes, KEYS)
    top.one("version", version, None)
    organisation = top.mapping("organisation", ORGANISATION_KEYS)
    groups = top.mapping("host_groups")
    inventory = Inventory(
        assets=_assets(top),
        jump_hosts=_hosts(top, "jump_hosts"),
        hosts=_hosts(top, "hosts"),
        host_groups=expanded(groups, Groups(members_of(groups), {})),
        model_paths=top.each("model_paths", name),
        internal_networks=organisation.each("internal_networks", network),
        dns_domains=organisation.each("dns_domains", _domain),
        netbios_domain=organisation.one("netbios_domain", name, ""),
        organisation=organisation.one("name", name, ""),
        digest=source.digest,
    )
    notes.settle()
    return inventory


def version(text: str) -> None:
    """The format's version. Raises :class:`WrongError` for another than 1."""
    if text.strip() != "1":
        raise WrongError(f"version {text!r} is not known", "this program reads version 1")


def network(text: str) -> Network:
    """A single address or a network (``192.0.2.0/24``, ``2001:db8::/48``). Raises :class:`WrongError`."""
    text = text.strip()
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        inside = ip_interface(text)
    except ValueError:
        raise WrongError(
            f"{text!r} is no address and no network", "write 192.0.2.31, 192.0.2.0/24 or '2001:db8::1'"
        ) from None
    raise WrongError(f"{text} is an address inside a network", f"write {inside.ip} or {inside.network}")


def _domain(text: str) -> str:
    return name(text).strip(".")


def _share(text: str) -> str:
    r"""A share's name; of ``\\host\share`` the share."""
    parts = [part for part in name(text).replace("/", "\\").split("\\") if part]
    if not parts:
        raise WrongError(f"{text!r} names no share")
    return parts[1] if len(parts) > 1 else parts[0]


def _sends_logs(text: str) -> bool:
    if text.strip().lower() != "none":
        raise WrongError(f"unknown value {text!r}", "`logs: none`, or leave the key out")
    return False


def _assets(top: Entry) -> tuple[Asset, ...]:
    assets = []
    for entry in top.entries("assets", ASSET_KEYS):
        entry.needed("name", "role", "criticality")
        asset = Asset(
            name=entry.one("name", name, ""),
            role=entry.one("role", one_of(ROLES, "role"), ""),
            criticality=entry.one("criticality", one_of(CRITICALITIES, "criticality"), ""),
            match=entry.each("match", name),
            addresses=entry.each("addresses", network),
            aliases=entry.each("aliases", name),
            shares=entry.each("shares", _share),
            paths=entry.each("paths", name),
            sends_logs=entry.one("logs", _sends_logs, True),
        )
        assets.append((entry, asset))
    _unique([(entry, asset.name) for entry, asset in assets])
    return tuple(asset for _, asset in assets)


def _hosts(top: Entry, key: str) -> tuple[KnownHost, ...]:
    hosts = []
    for entry in top.entries(key, HOST_KEYS):
        entry.needed("name")
        hosts.append((entry, KnownHost(entry.one("name", name, ""), entry.each("addresses", network))))
    _unique([(entry, host.name) for entry, host in hosts])
    return tuple(host for _, host in hosts)


def _unique(named: list[tuple[Entry, str]]) -> None:
    """Names are compared without case and without domain."""
    first: dict[str, int] = {}
    for entry, spelt in named:
        short = spelt.lower() if spelt[:1].isdigit() else spelt.split(".", 1)[0].lower()  # an address has dots too
        if short and short in first:
            entry.wrong("name", f"{spelt!r} is there twice", f"the first is on line {first[short]}")
        first.setdefault(short, entry.line)
