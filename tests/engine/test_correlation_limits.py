"""What correlations remember: which event is which, how much of it, and what is said when it is too much."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.engine import correlate_hits, correlate_observed
from detector.engine.correlate import correlated
from detector.engine.correlate_bursts import QUOTED
from detector.engine.correlate_gauges import Value
from detector.engine.correlate_groups import Entry
from detector.engine.correlate_observed import Observed
from detector.engine.correlate_windows import spans
from detector.model.correlation import Alias
from detector.model.event import EventRef
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from tests.engine.correlations import BASE, MIDNIGHT, at, completed, correlation, hit, observed, rule_set, told

TWICE = rule_set(correlation("event_count", gte="2"))


def without_record(found: Hit, **fields: str) -> Hit:
    event = found.event
    return replace(
        found, event=replace(event, ref=event.ref._replace(record_id=None), fields={**event.fields, **fields})
    )


def test_the_same_event_from_two_files_counts_once() -> None:
    """ "the same event read twice counts once"; it is quoted from the file that sorts first."""
    twice = [hit("A", 0, 1, {"g": "x"}, "b.evtx"), hit("A", 0, 1, {"g": "x"}, "a.ndjson"), hit("A", 1, 2, {"g": "x"})]
    (found,) = told(TWICE, twice)[0]
    assert [(ref.source, ref.record_id) for ref in found.refs] == [("a.ndjson", 1), ("a.evtx", 2)]
    assert told(TWICE, twice[:2])[0] == []


def test_without_record_id_events_are_told_apart_by_what_they_say() -> None:
    one = without_record(hit("A", 0, 1, {"g": "x"}), port="1")
    other = without_record(hit("A", 0, 1, {"g": "x"}), port="2")
    assert told(TWICE, [one, one, without_record(one, empty="-")])[0] == []
    (found,) = told(TWICE, [one, other])[0]
    assert [ref.record_id for ref in found.refs] == [None, None]


@given(
    st.text(max_size=3),
    st.none() | st.integers(0, 2**70),
    st.datetimes(min_value=MIDNIGHT.replace(tzinfo=None) - timedelta(days=40_000)),
)
def test_a_reference_comes_back_as_it_was(word: str, record: int | None, time: object) -> None:
    ref = EventRef(word, word.upper(), f"Security{word}", word, 1, record, time.replace(tzinfo=MIDNIGHT.tzinfo))  # type: ignore[attr-defined]
    found = hit("A", 0, 1, {"g": "x"})
    remembered = Observed()
    remembered.add("A", replace(found.event, ref=ref), ("g",), whole=False)
    assert remembered.of("A")[0].ref == ref


def test_long_values_are_told_apart() -> None:
    long = "x" * 100_000
    asked = rule_set(correlation("value_count", fields=("v",), gte="2"))
    (found,) = told(asked, [*at("A", [0], v=long + "1"), *at("A", [1], v=long + "2")])[0]
    assert len(found.event.text("v")) < 300
    assert told(asked, at("A", [0, 1], v=long))[0] == []


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_earliest_are_kept_whoever_finds_them(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """ "a cap ... which when hit is a Loss(LIMIT)"; "memory is bounded"."""
    monkeypatch.setattr(correlate_observed, "MOST", 40)
    hits = at("A", range(500))
    random.Random(workers).shuffle(hits)
    parts = [observed(TWICE, hits[worker::workers]) for worker in range(workers)]
    for part in parts[1:]:
        parts[0].merge(part)
    loss, found = correlated(parts[0], TWICE)
    assert isinstance(loss, Loss)
    assert (loss.kind, loss.where) == (LossKind.LIMIT, "rule 'Rule A' (A)")
    assert "until 2026-03-01T00:00:39+00:00 only" in loss.why
    assert isinstance(found, Hit)
    assert found.event.text("events") == "40"
    assert len(parts[0].of("A")) == 40


def test_hits_told_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlate_hits, "MOST_HITS", 3)
    hits, (loss,) = told(rule_set(correlation("event_count", seconds=1, gte="1")), at("A", range(0, 50, 10)))
    assert [(one.event.time - MIDNIGHT).total_seconds() for one in hits] == [0, 10, 20]
    assert (loss.kind, loss.count) == (LossKind.LIMIT, 2)


def test_events_quoted_are_bounded_and_tell_the_story() -> None:
    """The completing one, the first of each rule, the earliest."""
    asked = rule_set(correlation("temporal", "AB", seconds=1000, gte="2"))
    (found,) = told(asked, [*at("A", range(200)), *at("B", [199.5])])[0]
    assert len(found.refs) == QUOTED
    assert found.refs[-1].time == found.event.time == MIDNIGHT + timedelta(seconds=199.5)
    assert found.event.text("events") == "201"


def test_an_event_of_two_groups_tells_one_hit() -> None:
    """A finding is known by its rule and its event: two of one event could not be told apart."""
    asked = correlation("temporal", "AB", aliases=(Alias("g", "A", "from"), Alias("g", "B", "to")), gte="1")
    both = [hit(name, 0, 1, {"from": "x", "to": "y"}) for name in "AB"]
    (found,) = told(rule_set(asked), both)[0]
    assert found.event.text("g") == "x"


def test_a_tall_chain() -> None:
    chain = {f"c{n:02}": correlation("event_count", gte="1") for n in range(20)}
    tall = {name: replace(one, rules=(f"c{n - 1:02}",)) if n else one for n, (name, one) in enumerate(chain.items())}
    rules = rule_set(**{name: replace(one, generate=name == "c19") for name, one in tall.items()})
    assert completed(rules, at("A", [7])) == [7, 7]


def test_nothing_is_remembered_of_rules_that_nobody_looks_at() -> None:
    remembered = observed(TWICE, at("B", [0, 1, 2]))
    assert [remembered.of(rule.id) for rule in BASE] == [[]] * len(BASE)


def test_the_work_grows_with_the_number_of_observations_only() -> None:
    """ "Time close to linear: a million base hits in one group." Each is taken in, left behind and measured once."""
    calls = {"add": 0, "drop": 0, "measure": 0}

    class Counting:
        growing = True

        def add(self, place: int, rule: int, value: Value) -> None:
            calls["add"] += 1

        def drop(self, place: int, rule: int, value: Value) -> None:
            calls["drop"] += 1

        def measure(self) -> int:
            calls["measure"] += 1
            return calls["add"] - calls["drop"]

    hits = at("A", range(1000))
    entries = [Entry(seen.time, 0, None, seen, ("g",)) for seen in observed(TWICE, hits).of("A")]
    (span,) = spans(entries, 100_000, Counting(), lambda measure: measure > 50, only_more=True)
    assert (span.first, span.last, span.peak) == (0, 999, 101)
    assert calls == {"add": 1000, "drop": 899, "measure": 1000}
