"""Names and addresses of machines as needles: in every form in which a log may write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from detector.screen.spelling import PRINTABLE, Needle

#: Stands everywhere: for what has no form that could be looked for.
ANYTHING: Needle = (PRINTABLE,)

_RUN = re.compile(r"[ -~]+")
#: A piece of a pattern as file names know it.
_PIECE = re.compile(r"\[(!?)([^]]+)\]|(\?)|([!-)+-~])", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)


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
    longest = max((_sets(part) for part in short.split("*")), key=len)
    return [longest or ANYTHING]


def _sets(part: str) -> tuple[str, ...]:
    """Character by character those that may stand there; of a part that is not ASCII nothing."""
    found: list[str] = []
    for match in _PIECE.finditer(part):
        negated, listed, one, plain = match.groups()
        if one or negated:
            found.append(PRINTABLE)
        elif listed:
            found.append("".join(sorted(set(_listed(listed)))))
        else:
            found.append(plain)
    return tuple(found) if part.isascii() else ()


def _listed(text: str) -> Iterator[str]:
    for first, last, one in _RANGE.findall(text):
        yield from (chr(code) for code in range(ord(first), ord(last) + 1)) if first else one


def of_address(address: str) -> list[Needle]:
    """An address; of IPv6 every usual form."""
    found = ip_address(address)
    return list(_forms(found)) if isinstance(found, IPv6Address) else [str(found)]


def _forms(address: IPv6Address) -> Iterator[Needle]:
    groups = address.exploded.split(":")
    written = {str(address), ":".join(groups), ":".join(group.lstrip("0") or "0" for group in groups)}
    yield from sorted(written)
    yield str(address).replace(":", "-")  # 2001-db8--40.ipv6-literal.net


def of_network(network: IPv4Network | IPv6Network) -> list[Needle]:
    """What every address of a network begins with, or the one address it is."""
    if network.prefixlen == network.max_prefixlen:
        return of_address(str(network.network_address))
    if isinstance(network, IPv4Network):
        octets = str(network.network_address).split(".")[: network.prefixlen // 8]
        return [".".join(octets) + "."] if octets else [ANYTHING]
    groups = network.network_address.exploded.split(":")[: network.prefixlen // 16]
    whole = [group for group in groups if group.strip("0")]
    if not groups or whole != groups:
        return [ANYTHING]  # zeros may be left out, who knows how many
    short = [group.lstrip("0") for group in groups]
    return sorted({":".join(groups) + ":", ":".join(short) + ":", "-".join(short) + "-"})
