"""Which machine is this? Addresses, names and texts to hosts and to AI assets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_network

from detector.model.asset import Asset, Inventory, Network
from detector.model.event import Event
from detector.triage import names
from detector.triage.sighting import AddressBook

#: A word of a text that may be a host: an IPv6 address; or a name, a dotted name or an IPv4 address.
_WORD = re.compile(
    r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])|[A-Za-z0-9_][A-Za-z0-9_.-]*"
)

#: What begins a UNC path: \\ // \\\\ (escaped) \\?\UNC\ and /log:\\ - but not C:\\ (escaped) or http://.
_UNC_BEGIN = r"(?:(?<![\w\\/:])[\\/]{2,4}(?:[?.][\\/]{1,2}unc[\\/]{1,2})?|(?:(?<=\w\w:)|(?<=[/-]\w:))\\\\)"
_UNC = re.compile(
    _UNC_BEGIN + r"([^\\/\s\"'?*|<>:,;]+)[\\/]{1,2}([^\\/\s\"'|<>,;]+)((?:[\\/][^\s\"'|<>]*)?)", re.IGNORECASE
)

#: What stands before a bare name when it means a host, besides a blank or a quote:
#: \\name ssh://name user@name /v:name -ComputerName:name --host=name TERMSRV/name host=name, but no value in a URL.
_HOST_BEFORE = re.compile(
    _UNC_BEGIN + r"$|:/{2,3}$|@$|(?<!\S)[/-]{1,2}[a-z][\w-]*[:=]['\"]?$|(?<![?&]\w)=$"
    r"|(?<!\w)(?:termsrv|cifs|host|http|wsman|rpcss|ldap)/$",
    re.IGNORECASE,
)
_ALONE_BEFORE = " \t\r\n'\"(,;[{|&<>"
#: What stands after it: an end, or the colon of name:5000 and name:path.
_ALONE_AFTER = re.compile(r"$|[\s'\"),;\]}|&<>]|:(?=\S|$)")

#: In brackets: from one character to another, or one.
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """An asset, or the member of a family: the ``name`` an incident should say (``gx07``).

    ``host`` is its short name in upper case, or the address of a family's member whose name nobody knows.
    """

    name: str
    asset: Asset
    host: str


@dataclass(frozen=True, slots=True)
class UncPath:
    """``\\\\host\\share\\rest`` as a text names it."""

    host: str
    share: str
    rest: str


def unc_paths(text: str) -> list[UncPath]:
    """All UNC paths of a text, in order; a path ends at a blank."""
    return [UncPath(host, share, rest) for host, share, rest in _UNC.findall(text)]


def unc_path(path: str) -> UncPath | None:
    """A path as a whole, in lower case, when it is a UNC path."""
    plain = names.plain_path(path)
    if not plain.startswith("\\\\"):
        return None
    host, _, below = plain[2:].partition("\\")
    share, slash, rest = below.partition("\\")
    return UncPath(host, share, slash + rest)


class Directory:
    """Answers from the inventory first, from sightings second. Safe to build often: it copies nothing."""

    def __init__(self, inventory: Inventory, book: AddressBook | None = None) -> None:
        self.inventory = inventory
        self.book = book or AddressBook()
        self._domains = tuple(domain.lower() for domain in inventory.dns_domains)
        dotted = {
            alias.split(".", 1)[0].lower() for asset in inventory.assets for alias in asset.aliases if "." in alias
        }
        plain = {name.lower() for asset in inventory.assets for name in (asset.name, *asset.aliases)}
        self._dotted_only = frozenset(dotted - plain)  # words too common to mean a host by themselves: models.example
        self._named = lru_cache(maxsize=8192)(self._asset_by_name)
        self._may_name = _naming(inventory)
        self._known = [
            (network, entry.name.upper())
            for entry in (*inventory.jump_hosts, *inventory.hosts)
            for network in entry.addresses
        ]
        self._jump_hosts = frozenset(names.host(entry.name) for entry in inventory.jump_hosts)
        self._placed = frozenset(
            [names.host(entry.name) for entry in (*inventory.jump_hosts, *inventory.hosts) if entry.addresses]
            + [names.host(asset.name) for asset in inventory.assets if asset.addresses and not asset.match]
        )

    # -- machines ------------------------------------------------------------------------------------------------

    def host_of(self, text: str, time: datetime) -> str:
        """The short name, upper case, of a machine named by name or address; the address itself when nobody knows it.

        Empty when the text names nobody or the machine itself.
        """
        found = names.address(text)
        if found is None:
            return self.canonical(text)
        if found.is_loopback or found.is_unspecified:
            return ""
        for network, name in self._known:
            if found in network:
                return name
        for asset in self.inventory.assets:
            if not asset.match and any(found in network for network in asset.addresses):
                return names.host(asset.name)
        seen = [self.canonical(n) for n in self.book.names_of(str(found), time) if "." not in n or self._inside(n)]
        # A client writes its own name into an NTLM logon: one that the inventory has elsewhere is believed last.
        return min(seen, key=lambda name: name in self._placed, default=str(found))

    def canonical(self, name: str) -> str:
        """The short name of the machine called so, the inventory's where it has another."""
        member = self._named(name)
        return member.host if member is not None else names.host(name)

    def here(self, event: Event) -> str:
        """The machine that wrote an event, under the name that :meth:`host_of` gives it where it is reached."""
        return self.host_of(event.host, event.time) or event.host

    def service_of(self, text: str, time: datetime) -> list[str]:
        """Full DNS names an address was seen under, nearest in time first."""
        found = names.address(text)
        return [n for n in self.book.names_of(str(found), time) if "." in n] if found is not None else []

    def is_nameless_inside(self, place: str) -> bool:
        """Whether it is an address in the organisation's networks that nobody knows a name of: one of its machines."""
        found = names.address(place)
        if found is None:
            return False
        inside = self.inventory.internal_networks
        return any(found in network for network in inside) if inside else found.is_private

    def is_jump_host(self, name: str) -> bool:
        """Whether the host is one of the inventory's jump hosts."""
        return names.host(name) in self._jump_hosts

    # -- assets --------------------------------------------------------------------------------------------------

    def asset(self, text: str, time: datetime) -> Member | None:
        """The asset named by a host name (any spelling, alias) or an address."""
        found = names.address(text)
        if found is None:
            return self._named(text)
        for asset in self.inventory.assets:
            if any(found in network for network in asset.addresses):
                if not asset.match:
                    return Member(asset.name, asset, names.host(asset.name))
                return self._family_member(asset, str(found), time)
        seen = self.host_of(text, time)
        return self._named(seen) if seen and names.address(seen) is None else None

    def _family_member(self, asset: Asset, address: str, time: datetime) -> Member:
        for name in self.book.names_of(address, time):
            member = self._named(name)
            if member is not None and member.asset is asset:
                return member
        return Member(f"{asset.name} ({address})", asset, address)

    def _asset_by_name(self, text: str) -> Member | None:
        full = names.full_host(text)
        short = names.host(text)
        for asset in self.inventory.assets if short else ():
            if full in (alias.lower() for alias in asset.aliases):
                return Member(asset.name, asset, names.host(asset.name))
        if not short or ("." in full and not self._inside(full)):
            return None
        for asset in self.inventory.assets:
            if not asset.match and short in (names.host(asset.name), *map(names.host, asset.aliases)):
                return Member(asset.name, asset, names.host(asset.name))
            for pattern in asset.match:
                if names.fits(pattern, short):
                    return Member(_spelt_like(pattern, short), asset, short)
        return None

    def _inside(self, full: str) -> bool:
        return not self._domains or any(full.endswith("." + domain) for domain in self._domains)

    def mentions(self, text: str, time: datetime) -> list[Member]:
        """Assets a free text (command line, script, address of a request) names, in order, without doubles.

        A bare short name counts only where a host stands (``\\\\name``, ``user@name``, ``name:path``, a whole argument);
        a dotted name must end in one of the organisation's domains (or, when none is known, stand where a host stands);
        addresses count as they are.
        """
        found: dict[str, Member] = {}
        if text.isascii() and self._may_name is not None and self._may_name.search(text) is None:
            return []
        for match in _WORD.finditer(text):
            word = match.group().rstrip(".-")
            if len(word) < 2 or not self._may_be_host(text, match.start(), match.start() + len(word), word):
                continue
            member = self.asset(word, time)
            if member is not None:
                found.setdefault(member.name, member)
        return list(found.values())

    def _may_be_host(self, text: str, start: int, end: int, word: str) -> bool:
        if names.address(word) is not None or ("." in word and self._domains):
            return True
        before = text[max(0, start - 40) : start]
        if _HOST_BEFORE.search(before):
            return True
        alone = (not before or before[-1] in _ALONE_BEFORE) and _ALONE_AFTER.match(text, end) is not None
        return alone and "." not in word and word.lower() not in self._dotted_only

    def local_asset_path(self, host: str, text: str, time: datetime) -> bool:
        """Whether a text names one of the model paths of the host it was logged on."""
        member = self.asset(host, time)
        paths = [*(member.asset.paths if member else ()), *self.inventory.model_paths]
        return any(_path_in(path, text) for path in paths)


def _naming(inventory: Inventory) -> re.Pattern[str] | None:
    """True of every text that names an asset: most name none, and taking texts apart is dear. ``None``: it could be any.

    That is a piece of a name, of an alias or of a family's pattern, or anything that looks like an address.
    """
    pieces = [r"\d\.\d{1,3}\.\d", r"[0-9a-f]:[0-9a-f]*:", "::", r"ipv6-literal"]
    for asset in inventory.assets:
        for name in (() if asset.match else (asset.name,)) + asset.aliases + asset.match:
            runs = re.split(r"[*?]|\[[^]]*\]", name if name in asset.match else names.host(name))
            longest = max(runs, key=len)
            if longest:
                pieces.append(re.escape(longest.split(".", 1)[0] or longest))
            elif name in asset.match:
                return None
    return re.compile("|".join(pieces), re.IGNORECASE)


def _spelt_like(pattern: str, short: str) -> str:
    """A member's name in the letters of its family's pattern: ``gx[0-9][0-9]`` -> ``gx07``."""
    letters = re.sub(r"\[[^]]*\]", "", pattern)
    return short.lower() if letters and letters == letters.lower() else short


@lru_cache(maxsize=512)
def _path_pattern(path: str) -> re.Pattern[str]:
    wild = {"*": r"[^\\]*", "?": r"[^\\]"}
    parts = re.split(r"([*?]|\[[^]]+\])", names.plain_path(path))
    body = "".join(
        (wild.get(part) or _one_of(part[1:-1])) if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    return re.compile(r"(?<!\w)" + body + r"(?![\w.-])")


def _one_of(listed: str) -> str:
    """A character of those between brackets (``1-4x``, ``!1-4``), as a regular expression; a range backwards has none."""
    ranges = [(first or one, last or one) for first, last, one in _RANGE.findall(listed.removeprefix("!"))]
    spelt = "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges if first <= last)
    if listed.startswith("!"):
        return rf"[^\\{spelt}]"
    return f"[{spelt}]" if spelt else "(?!)"


def _path_in(path: str, text: str) -> bool:
    return _path_pattern(path).search(re.sub(r"[\\/]+", r"\\", text.lower())) is not None


def networks(addresses: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks of texts, for callers that build an inventory by hand. Raises ``ValueError`` for what is none."""
    return tuple(ip_network(text, strict=False) for text in addresses)
