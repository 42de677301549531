"""Names and addresses of machines as needles: in every form in which a log may write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from detector.screen.spelling import ANY_ONE, PRINTABLE, Needle

#: Stands everywhere: for what has no form that could be looked for.
ANYTHING: Needle = (PRINTABLE,)

_RUN = re.compile(r"[ -~]+")
#: A piece of a pattern as file names know it: characters of which one stands there, any one, any number, or itself.
_PIECE = re.compile(r"(\[!?+\]?+[^]]*\])|(\?)|(\*)|.", re.DOTALL)
#: Groups of an IPv6 address that are never written as an IPv4 address.
_NEVER_DOTTED = 6


def needles(
    machines: Iterable[str], networks: Iterable[IPv4Network | IPv6Network], *, everything: bool = False
) -> tuple[Needle, ...]:
    """Machines by name, pattern or address, and networks, as needles in a fixed order; ``everything``: whatever there is."""
    found: set[Needle] = {ANYTHING} if everything else set()
    found.update(needle for name in machines for needle in of_name(name))
    found.update(needle for network in networks for needle in of_network(network))
    return tuple(sorted(found, key=repr))


def of_name(name: str) -> list[Needle]:
    """A machine's name without its domain, or a pattern of names (``gx[0-9][0-9]``), or an address."""
    try:
        return of_address(str(ip_address(name)))
    except ValueError:
        pass
    short = name.lower().split(".", 1)[0]
    if not re.search(r"[*?\[]", short):
        return [max(_RUN.findall(short), key=len, default="") or ANYTHING]
    return [max(_stretches(short), key=lambda found: sum(one != ANY_ONE for one in found), default=()) or ANYTHING]


def _stretches(pattern: str) -> Iterator[tuple[str, ...]]:
    """What stands side by side wherever the pattern fits, character by character those that may stand there."""
    found: list[str] = []
    for match in _PIECE.finditer(pattern + "*"):
        listed, one, many = match.groups()
        if many or not (listed or one or match[0] in PRINTABLE):
            if set(found) != {ANY_ONE}:
                yield tuple(found)
            found = []
        else:
            found.append(_members(listed) if listed else ANY_ONE if one else match[0])


@lru_cache(maxsize=1024)
def _members(listed: str) -> str:
    """The characters that a list in brackets means."""
    if not listed.isascii() or listed.startswith("[!"):
        return ANY_ONE
    return "".join(one for one in PRINTABLE if fnmatchcase(one, listed)) or ANY_ONE


def of_address(address: str) -> list[Needle]:
    """An address; of IPv6 every usual form."""
    found = ip_address(address)
    return list(_forms(found)) if isinstance(found, IPv6Address) else [str(found)]


def _forms(address: IPv6Address) -> Iterator[Needle]:
    groups = address.exploded.split(":")
    written = {str(address), ":".join(groups), ":".join(group.lstrip("0") or "0" for group in groups)}
    yield from sorted(written)
    yield str(address).replace(":", "-")  # 2001-db8--40.ipv6-literal.net
    yield str(IPv4Address(int(address) & 0xFFFF_FFFF))  # fe80::5efe:192.0.2.1


def of_network(network: IPv4Network | IPv6Network) -> list[Needle]:
    """What every address of a network begins with, or the one address it is."""
    if network.prefixlen == network.max_prefixlen:
        return of_address(str(network.network_address))
    if isinstance(network, IPv4Network):
        octets = str(network.network_address).split(".")[: network.prefixlen // 8]
        return [".".join(octets) + "."] if octets else [ANYTHING]
    groups = network.network_address.exploded.split(":")[: min(network.prefixlen // 16, _NEVER_DOTTED)]
    known = next((at for at, group in enumerate(groups) if not group.strip("0")), len(groups))
    if not known:
        return [ANYTHING]
    whole = groups[:known]  # what follows may be left out, if it is zeros
    short = [group.lstrip("0") for group in whole]
    return sorted({":".join(whole) + ":", ":".join(short) + ":", "-".join(short) + "-"})
