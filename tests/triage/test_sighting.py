"""Which machine had which address when (rmm-facts 4.4, rule 3: the map 'must be time-bounded (DHCP, VPN pools)')."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.event import Event
from detector.triage.sighting import AddressBook, Sighting, sightings
from tests.company import directory
from tests.making import SECURITY, SYSMON, T0, after, event, logon

POOL = "198.51.100.200"
MAPPED = f"::ffff:{POOL}"

READ = {
    "a machine's own logon": (logon("DC-1", MAPPED, "KB-L009$"), {(POOL, "KB-L009")}),
    "with a realm": (logon("DC-1", POOL, "KB-L009$@CORP.KESTREL.EXAMPLE"), {(POOL, "KB-L009")}),
    "an NTLM client": (logon("SRV", POOL, "ada", workstation="KB-L009"), {(POOL, "KB-L009")}),
    "a failed one": (logon("SRV", POOL, "ada", workstation="KB-L009", number=4625), {(POOL, "KB-L009")}),
    "RDP writes the target's own name": (logon("SRV", POOL, "ada", kind="10", workstation="SRV"), set()),
    "Kerberos writes none": (logon("SRV", POOL, "ada", workstation="-"), set()),
    "from itself": (logon("SRV", "::1", "KB-L009$"), set()),
    "link-local": (logon("SRV", "fe80::1%4", "KB-L009$"), set()),
    "no address": (logon("SRV", "-", "KB-L009$"), set()),
    "a session taken up again": (
        event(SECURITY, 4778, "HOP-1", ClientName="KB-L009", ClientAddress=POOL, AccountName="ada"),
        {(POOL, "KB-L009")},
    ),
    "a connection out": (
        event(
            SYSMON,
            3,
            "KB-L009",
            Initiated="true",
            SourceIp=POOL,
            DestinationIp="203.0.113.4",
            DestinationHostname="r.example",
        ),
        {(POOL, "KB-L009"), ("203.0.113.4", "r.example")},
    ),
    "a connection in": (
        event(SYSMON, 3, "SRV", Initiated="false", SourceIp=POOL, DestinationIp="192.0.2.9", DestinationHostname="-"),
        set(),
    ),
    "the filtering platform, out": (
        event(SECURITY, 5156, "KB-L009", Direction="%%14593", SourceAddress=POOL, DestAddress="203.0.113.4"),
        {(POOL, "KB-L009")},
    ),
    "the filtering platform, in": (
        event(SECURITY, 5156, "SRV", Direction="%%14592", SourceAddress="192.0.2.9", DestAddress=POOL),
        set(),
    ),
    "an answer": (
        event(
            SYSMON,
            22,
            "KB-L009",
            QueryName="Srv.kestrel.example",
            QueryResults="type:  5 a.b;::ffff:192.0.2.77;192.0.2.78;",
        ),
        {("192.0.2.77", "srv.kestrel.example"), ("192.0.2.78", "srv.kestrel.example")},
    ),
    "the client's answer": (
        event("Microsoft-Windows-DNS-Client", 3008, "KB-L009", QueryName="x.example.", QueryResults="203.0.113.9;"),
        {("203.0.113.9", "x.example")},
    ),
    "no answer": (event(SYSMON, 22, "KB-L009", QueryName="x", QueryResults="-"), set()),
    "something else": (event(SYSMON, 1, "KB-L009", SourceIp=POOL, IpAddress=POOL), set()),
}


@pytest.mark.parametrize("case", READ)
def test_what_an_event_tells_of_addresses(case: str) -> None:
    """'build from 4624 of `HOST$` accounts, Sysmon 22 answers ..., Sysmon 3 SourceIp'."""
    seen, wanted = READ[case]
    assert {(one.address, one.name) for one in sightings(seen)} == wanted
    assert all(one.time == seen.time for one in sightings(seen))


def of(name: str, *hours: float, address: str = POOL) -> list[Sighting]:
    """The machine was seen with the address at these hours after T0."""
    return [Sighting(address, name, after(hours)) for hours in hours]


def book(*seen: list[Sighting]) -> AddressBook:
    """A book of sightings."""
    found = AddressBook()
    for some in seen:
        found.add(some)
    return found


@pytest.mark.parametrize(
    ("hour", "wanted"),
    [
        (0, "A"),
        (5, "A"),
        (7, "A"),  # nearer to six than to nine
        (9, "B"),
        (10.5, "B"),
        (14, "A"),  # it came back, on the same day
        (48, "B"),
        (72, "A"),  # days later A has it again: B's day in between stays B's
    ],
)
def test_an_address_of_a_pool_is_whose_it_was_at_the_time(hour: float, wanted: str) -> None:
    seen = book(of("A", 0, 6), of("B", 9, 10, 11), of("A", 13, 14), of("B", 48), of("A", 72, 80))
    assert seen.names_of(POOL, after(hour))[0] == wanted


def test_a_sighting_long_ago_says_nothing() -> None:
    seen = book(of("A", 0))
    assert seen.names_of(POOL, T0 + timedelta(days=29)) == ["A"]
    assert seen.names_of(POOL, T0 + timedelta(days=31)) == []
    assert seen.names_of(POOL, T0 - timedelta(days=31)) == []
    assert seen.names_of("203.0.113.4", T0) == []


def test_the_ends_of_the_calendar_are_times_too() -> None:
    seen = AddressBook()
    for when in (datetime.min, datetime.max):
        seen.add([Sighting(POOL, "A", when.replace(tzinfo=T0.tzinfo))])
    assert seen.names_of(POOL, T0) == []


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(("1", "2")), st.integers(0, 200)), max_size=40),
    st.integers(0, 10**6),
)
def test_any_order_and_any_split_give_the_same_book(seen: list[tuple[str, str, int]], seed: int) -> None:
    items = [Sighting(address, name, after(hour)) for name, address, hour in seen]
    chance = random.Random(seed)
    books = [AddressBook() for _ in range(3)]
    for item in chance.sample(items, len(items)):
        chance.choice(books).add([item])
    chance.shuffle(books)
    for one in books[1:]:
        books[0].merge(one)
    assert books[0].spans == book(items).spans


def test_a_client_cannot_take_the_name_of_a_machine_the_inventory_places_elsewhere() -> None:
    """NTLM's workstation name is what the client says: calling oneself HOP-1 makes no jump host of a laptop."""
    seen: list[Event] = [
        logon("DC-1", POOL, "KB-L009$", after(-1)),
        *(logon("WEIGHTS-1", POOL, "ada", after(minutes=minute), workstation="HOP-1") for minute in (0, 9)),
    ]
    assert directory(seen).host_of(POOL, after(minutes=5)) == "KB-L009"
    assert directory(seen[1:]).host_of(POOL, T0) == "HOP-1"
