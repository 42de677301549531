"""How one value is read and compared: case, wildcards, numbers, addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from detector.model.event import Event
from detector.model.predicate import DASHES, Cidr, Compare, Comparison, Wildcard

_CAPITAL_I_WITH_DOT = "\u0130"
_CAPITAL_SIGMA, _SMALL_SIGMA = "\u03a3", "\u03c3"
_LOWER = "".join(map(chr, range(256))).lower().encode("latin-1")
#: Lengths are bounded because Python refuses to read integers of thousands of digits.
_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,64}|[0-9]{1,300}(?:\.[0-9]{1,300})?)")


def fold(text: str) -> str:
    """``text`` lower-cased code point by code point; its length stays the same.

    That is what Elasticsearch's ``lowercase`` does, so an index and we agree. ``str.lower`` alone differs twice: it
    writes the final sigma of a word another way, and makes two code points of the Turkish capital I.
    """
    if text.isascii():
        return text.lower()
    try:
        return text.encode("latin-1").translate(_LOWER).decode("latin-1")  # much quicker, and enough for most
    except UnicodeEncodeError:
        return text.replace(_CAPITAL_I_WITH_DOT, "i").replace(_CAPITAL_SIGMA, _SMALL_SIGMA).lower()


def values(event: Event, field: str) -> tuple[str, ...]:
    """Every value the field has: none when it is absent or null, several when it was logged several times."""
    value = event.fields.get(field)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def like(parts: Sequence[str | Wildcard], text: str) -> bool:
    """Whether the whole of ``text`` is of this form; case counts. Time is at worst pattern times text.

    The textbook walk with one point of return: after a ``MANY`` that took too little, it takes one character more.
    """
    pattern = [item for part in parts for item in ((part,) if isinstance(part, Wildcard) else part)]
    at = taken = 0
    many = -1
    for_many = 0
    while taken < len(text):
        item = pattern[at] if at < len(pattern) else None
        if item is Wildcard.MANY:
            many, for_many = at, taken
            at += 1
        elif _takes(item, text[taken]):
            at, taken = at + 1, taken + 1
        elif many >= 0:
            for_many += 1
            at, taken = many + 1, for_many
        else:
            return False
    return all(item is Wildcard.MANY for item in pattern[at:])


def _takes(item: str | None, letter: str) -> bool:
    if isinstance(item, Wildcard):
        return item is Wildcard.ONE or letter in DASHES
    return item == letter


def number(text: str) -> int | float | None:
    """``text`` as a decimal or ``0x`` number; ``None`` when it is none (``-``, ``N/A``, ``1e5``, ``nan``)."""
    if not _NUMBER.fullmatch(text):
        return None
    if "x" in text or "X" in text:
        return int(text, 16)
    return float(text) if "." in text else int(text)


def compares(test: Compare, text: str) -> bool:
    """Whether ``text`` is a number that stands so to the test's number."""
    value = number(text)
    if value is None:
        return False
    match test.comparison:
        case Comparison.LT:
            return value < test.number
        case Comparison.LTE:
            return value <= test.number
        case Comparison.GT:
            return value > test.number
        case Comparison.GTE:
            return value >= test.number


def inside(test: Cidr, text: str) -> bool:
    """Whether ``text`` is an address in the test's network."""
    return any(spelt in ip_network(test.network) for spelt in addresses(text))


def addresses(text: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """``text`` as an address; ``::ffff:10.0.0.1`` is the IPv4 address, too. None when it is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return ()
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (address, mapped) if mapped else (address,)
