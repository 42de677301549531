"""Machines and networks as needles: a needle stands in whatever text names the machine, or an address of the network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from fnmatch import translate
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detector.screen import needles
from detector.screen.names import ANYTHING, of_address, of_name, of_network
from detector.screen.search import Search
from detector.screen.spelling import Needle, folded, in_chunk, in_json, in_raw_chunk
from detector.triage import names


def stands(found: Iterable[Needle], text: str) -> bool:
    """In a chunk and in JSON, with whatever the text says beside it."""
    found = list(found)
    chunk = b"\x01\x06" + f"to {text};".encode("utf-16-le") + b"\x0e\x00"
    lines = [json.dumps({"a": f"to {text};"}, ensure_ascii=ensure_ascii).encode() for ensure_ascii in (True, False)]
    in_lines = [Search(((0, in_json(needle)) for needle in found), caseless=True).found(line) for line in lines]
    if not LOOKALIKES.isdisjoint(text):
        return True  # no needle is asked then
    in_chunks = Search((0, in_chunk(needle)) for needle in found).found(folded(chunk))
    return bool(in_chunks) and in_raw(found, chunk) and all(in_lines)


def in_raw(found: Iterable[Needle], data: bytes) -> bool:
    return bool(Search(((0, in_raw_chunk(needle)) for needle in found), caseless=True).found(data))


LOOKALIKES = frozenset("\u212a\u017f\u0130\u0131")


# -- addresses -------------------------------------------------------------------------------------------------------------

_GROUPS = st.sampled_from(["0", "0", "0", "1", "db8", "2001", "fe80", "5efe", "a0b", "ffff"])
V6 = st.lists(_GROUPS, min_size=8, max_size=8).map(lambda groups: IPv6Address(":".join(groups))) | st.builds(
    IPv6Address, st.integers(0, 2**128 - 1)
)
V4 = st.builds(IPv4Address, st.integers(0, 2**32 - 1))


def spellings(address: IPv4Address | IPv6Address) -> Iterable[str]:
    """How logs write an address."""
    if isinstance(address, IPv4Address):
        return (str(address), f"{address}:443", f"::ffff:{address}", f"::FFFF:{address}")
    groups = [group.lstrip("0") or "0" for group in address.exploded.split(":")]
    dotted = ":".join([*groups[:6], str(IPv4Address(int(address) & 0xFFFFFFFF))])
    written = [
        address.compressed,
        address.exploded,
        ":".join(groups),
        dotted,
    ]
    literal = address.compressed.replace(":", "-") + ".ipv6-literal.net"
    return [form for one in written for form in (one, one.upper(), f"[{one}]:443", f"{one}%12")] + [
        f"\\\\{literal}\\share"
    ]


@given(V4 | V6)
@settings(max_examples=30, deadline=None)
def test_an_address_however_it_is_written(address: IPv4Address | IPv6Address) -> None:
    for text in spellings(address):
        assert stands(of_name(str(address)), text), text
        assert stands(of_address(str(address)), text), text


@given(V4 | V6, st.integers(0, 128))
@settings(max_examples=30, deadline=None)
def test_every_address_of_a_network(address: IPv4Address | IPv6Address, length: int) -> None:
    network = ip_network((address, min(length, address.max_prefixlen)), strict=False)
    for text in spellings(address):
        assert stands(of_network(network), text), (network, text)


@pytest.mark.parametrize(
    "network", ["2001:db8:7::/64", "fd12:3456::/48", "10.20.0.0/16", "192.0.2.0/25", "198.51.100.7/32"]
)
def test_a_network_as_people_have_them_is_no_needle_for_everything(network: str) -> None:
    assert ANYTHING not in of_network(ip_network(network))


def test_an_address_made_of_a_version_4_address() -> None:
    """Windows writes ISATAP's addresses so."""
    assert stands(of_name("fe80::5efe:c000:201"), "fe80::5efe:192.0.2.1")


def test_nearly_everything_is_a_needle_for_little_else() -> None:
    assert not stands(of_network(ip_network("192.0.2.0/24")), "198.51.100.7")
    assert not stands(of_network(IPv6Network("2001:db8:1::/48")), "2001:db8:2::1")
    assert not stands(of_name("gx[0-9][0-9]"), "gxa1")
    assert not stands(of_name("weights-1"), "weights-2")


# -- names and patterns ----------------------------------------------------------------------------------------------------

_LETTERS = "abkX1-_$ .*?[]!^\u00e9\u212a"
_PIECES = st.sampled_from(
    ["*", "?", "[0-9]", "[!a]", "[a-c1]", "[]a]", "[!]a]", "[*]", "[a", "[a-]", "[b-a]", "[^a]", "[\u00e9a]", "[ ]"]
)
PATTERNS = st.lists(_PIECES | st.text(_LETTERS, min_size=1, max_size=4), min_size=1, max_size=5).map("".join)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern and a host name that fits it."""
    pattern = draw(PATTERNS)
    short = pattern.lower().split(".", 1)[0]
    name = draw(
        st.from_regex(re.compile(translate(short), re.ASCII), fullmatch=True).filter(lambda name: len(name) < 40)
    )
    return pattern, name


@given(fitting())
@example(("1[]1", "1[]1"))
@settings(max_examples=150, deadline=None)
def test_a_pattern_and_a_name_that_fits_it(found: tuple[str, str]) -> None:
    pattern, name = found
    # A control character is in no name.
    if name.isprintable() and names.host_fits([pattern], name) and names.address(pattern) is None:
        for text in (name, name.upper(), f"{name.upper()}$", f"\\\\{name}\\share", f"{name}.corp.example"):
            assert stands(of_name(pattern), text), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        *(("gx[0-9][0-9]", "GX07"), ("gx[*]1*", "gx*1b"), ("[]a]bc", "]bc"), ("[!]a]bc", "xbc"), ("a b*", "a bc")),
        *(("[abc", "[abc"), ("gx?1", "gx\u00e91"), ("gx[!0]1", "gx\u00e91"), ("*", "anything"), ("??", "ab")),
        *(("\u00e9*", "\u00e9a"), ("[\u00e9]ab", "\u00e9ab"), ("WS-1.corp.example", "ws-1"), ("a?", "a\U0001f600")),
        *(("node[1-3].ai.example", "NODE2.ai.example"), ("x*gx???", "xagx\u00e901")),
    ],
)
def test_patterns_as_file_names_know_them(pattern: str, name: str) -> None:
    assert names.host_fits([pattern], name)
    assert stands(of_name(pattern), name)
    assert stands(of_name(pattern), name.upper())


def test_needles_come_in_one_order_and_none_is_left_out() -> None:
    networks = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    found = needles(["b", "a*", "10.0.0.1"], networks)
    assert found == needles(["10.0.0.1", "a*", "b"], networks[::-1])
    assert set(found) == {
        *of_name("b"),
        *of_name("a*"),
        *of_name("10.0.0.1"),
        *(one for net in networks for one in of_network(net)),
    }
    assert ANYTHING in needles((), (), everything=True)
    assert needles((), ()) == ()
