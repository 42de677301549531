"""Hits folded by what they say: any order and any split over workers give the same groups."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.event import FieldValue
from detector.model.hit import Hit
from detector.triage.fold import KEPT, Folder
from tests.company import folded
from tests.making import SYSMON, T0, after, event, hit, rule

USE = rule("anydesk", name="use")
OTHER = rule("anydesk", name="other")


def connection(index: int, minute: float = 0, *, to: str = "203.0.113.1", host: str = "A", port: int = 50000) -> Hit:
    """A connection with record number ``index``."""
    made = event(
        SYSMON, 3, host, after(minutes=minute), DestinationIp=to, DestinationPort="443", SourcePort=str(port + index)
    )
    return hit(USE, replace(made, ref=made.ref._replace(record_id=index)))


def said(folder: Folder) -> list[tuple[object, ...]]:
    """Everything that is seen of a folder."""
    groups = [
        (g.rule.id, g.count, [(h.event.ref, dict(h.event.fields)) for h in g.finished()]) for g in folder.groups()
    ]
    return [*groups, ("doubles", folder.doubles), ("all", len(folder))]


def test_the_same_thing_again_is_counted() -> None:
    """'memory is bounded by the number of different things said'."""
    folder = folded(connection(index, index / 10) for index in range(100))
    (group,) = folder.groups()
    kept = [one.event.ref.record_id for one in group.finished()]
    assert (group.count, folder.doubles) == (100, 0)
    assert kept == [*range(KEPT - 1), 99]


def test_doubles_are_counted_once_and_quoted_from_the_first_source() -> None:
    """An export of the same log is the same event: identity is host, channel, provider, record id and time."""
    one = connection(1)
    in_b = replace(one, event=replace(one.event, ref=one.event.ref._replace(source="b.ndjson")))
    folder = folded([in_b, one, in_b])
    (group,) = folder.groups()
    assert (group.count, folder.doubles, len(folder)) == (1, 2, 1)
    assert [kept.event.ref.source for kept in group.finished()] == ["a.evtx"]


def test_a_double_is_one_though_its_source_cuts_the_time_and_spells_a_field_otherwise() -> None:
    """Winlogbeat keeps milliseconds, leaves out what is empty, and spells some values its own way."""
    moment = T0 + timedelta(microseconds=345_678)
    fields: dict[str, FieldValue] = {"Image": "C:\\a.exe", "User": "", "Company": "-", "Product": None}
    full = event(SYSMON, 1, "A", moment, **fields)
    ref = full.ref._replace(source="b.ndjson", time=T0 + timedelta(microseconds=345_000))
    bare = replace(full, ref=ref, fields={"Image": "C:\\a.exe"})
    odd = replace(full, ref=ref._replace(source="c.ndjson"), fields={"Image": "C:\\A.EXE", "Level": "information"})
    for hits in ([full, bare, odd], [odd, bare, full]):
        folder = folded(hit(USE, one) for one in hits)
        assert (len(folder), folder.doubles) == (1, 2)
        assert [one.event.ref.source for one in folder.hits()] == ["a.evtx"]


def test_what_says_something_else_is_kept_apart() -> None:
    """An address is no noise: the one connection to an AI asset must not drown in those to other servers."""
    same = [connection(index, index) for index in range(30)]
    asset = connection(40, 20, to="192.0.2.40")
    folder = folded([*same, asset, hit(OTHER, same[0].event), connection(41, 61), connection(42, host="B")])
    assert len(list(folder.groups())) == 5
    assert asset.event in [one.event for one in folder.hits()]


def test_a_group_of_kept_hits_begins_with_the_earliest() -> None:
    folder = folded(reversed([connection(index, index / 10) for index in range(60)]))
    (group,) = folder.groups()
    assert [one.event.ref.record_id for one in group.finished()] == [*range(KEPT - 1), 59]


def some_hits(seed: int) -> list[Hit]:
    """A few hundred hits of few kinds, with doubles from other sources and times that nearly agree."""
    chance = random.Random(seed)
    hits = []
    for index in range(chance.randrange(1, 220)):
        made = connection(index, to=chance.choice(("203.0.113.1", "203.0.113.2")), host=chance.choice("AB"))
        when = after(minutes=chance.randrange(70), seconds=chance.choice((0, 0.0004, 0.0006, 0.001)))
        one = replace(made, event=replace(made.event, ref=made.event.ref._replace(time=when)))
        hits.append(one)
        if chance.random() < 0.3:
            cut = when.replace(microsecond=when.microsecond // 1000 * 1000)
            ref = one.event.ref._replace(source=chance.choice(("0.ndjson", "b.ndjson")), time=cut)
            hits.append(replace(one, event=replace(one.event, ref=ref)))
    return hits


def spread(hits: Sequence[Hit], workers: int, chance: random.Random) -> Folder:
    """The hits given to workers at random, and their folders merged at random."""
    folders = [Folder() for _ in range(workers)]
    for one in hits:
        chance.choice(folders).add(one)
    chance.shuffle(folders)
    whole = folders.pop()
    for folder in folders:
        whole.merge(folder)
    return whole


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 10**6))
def test_any_order_and_any_split_give_the_same_groups(seed: int, workers: int, order: int) -> None:
    """'Merging does not depend on order, so the report is the same whatever the order of files or `--jobs`.'"""
    hits = some_hits(seed)
    wanted = said(folded(hits))
    chance = random.Random(order)
    shuffled = hits.copy()
    chance.shuffle(shuffled)
    assert said(spread(shuffled, workers, chance)) == wanted
    assert len(folded(hits)) == len({one.event.ref.identity for one in hits})
