"""The sliding window against the slow reference, on made-up hits."""

from __future__ import annotations

import pickle
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine.correlate import correlated
from detector.model.correlation import Bound, Correlation, CorrelationType, Operator, Way
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from tests.engine import correlation_reference
from tests.engine.correlation_reference import Happening
from tests.engine.correlations import hit, observed, rule_set, told

_NUMBERS = st.sampled_from(["0", "1", "2", "3", "5", "0.5", "2.25", "-1", "-3"])
_RULES = 3


@st.composite
def _ways(draw: st.DrawFn) -> tuple[Way, ...]:
    ways = []
    for _ in range(draw(st.integers(1, 2))):
        signs = draw(st.lists(st.sampled_from(["yes", "no", "any"]), min_size=_RULES, max_size=_RULES))
        present = tuple(place for place, sign in enumerate(signs) if sign == "yes")
        absent = tuple(place for place, sign in enumerate(signs) if sign == "no")
        ways.append(Way(present or (0,), tuple(place for place in absent if present or place)))
    return tuple(ways)


@st.composite
def _correlations(draw: st.DrawFn) -> Correlation:
    kind = draw(st.sampled_from(CorrelationType))
    bounds = st.builds(Bound, st.sampled_from(Operator), _NUMBERS)
    by_ways = kind.temporal and draw(st.booleans())
    return Correlation(
        kind,
        tuple("ABC"[:_RULES]),
        draw(st.sampled_from([0, 1, 3, 7])),
        group_by=("g",),
        bounds=() if by_ways else tuple(draw(st.lists(bounds, min_size=1, max_size=2))),
        ways=draw(_ways()) if by_ways else (),
        fields=("v",) if kind.value.startswith("value") else (),
        percentile=draw(st.sampled_from(["0", "12.5", "50", "95", "100"]))
        if kind is CorrelationType.VALUE_PERCENTILE
        else "",
    )


@st.composite
def _happenings(draw: st.DrawFn) -> list[Happening]:
    """Events, each a hit of one rule or of several."""
    found = []
    for number in range(draw(st.integers(0, 14))):
        time, group, value = draw(st.integers(0, 20)), draw(st.sampled_from("xy")), draw(_NUMBERS)
        rules = draw(st.sets(st.integers(0, _RULES - 1), min_size=1, max_size=2))
        found += [Happening(time, number, rule, group, value) for rule in sorted(rules)]
    return found


def _hits(happenings: list[Happening]) -> list[Hit]:
    return [hit("ABC"[one.rule], one.time, one.number, {"g": one.group, "v": one.value}) for one in happenings]


def _bursts(rules: RuleSet, hits: list[Hit]) -> list[tuple[int, frozenset[int]]]:
    found = []
    for one in told(rules, hits)[0]:
        events = frozenset(ref.record_id or 0 for ref in one.refs)
        assert one.event.text("events") == str(len(events))
        found.append((one.event.ref.record_id or 0, events))
    return sorted(found, key=lambda burst: (burst[0], sorted(burst[1])))


@settings(max_examples=1500, deadline=None)
@given(_correlations(), _happenings())
def test_it_finds_what_the_reference_finds(asked: Correlation, happenings: list[Happening]) -> None:
    """ "A fast path has a slow reference beside it and a test that they agree" (house rules)."""
    assert _bursts(rule_set(asked), _hits(happenings)) == correlation_reference.bursts(asked, happenings)


@settings(max_examples=200, deadline=None)
@given(_correlations(), _correlations(), _happenings(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_workers_and_doubles_do_not_show(
    below: Correlation, above: Correlation, happenings: list[Happening], chance: random.Random, workers: int
) -> None:
    """ "The same whatever the number of workers or the order of files"; "the same event read twice counts once"."""
    chain = Correlation(CorrelationType.TEMPORAL, ("c0", "C"), above.timespan, ("g",), ways=(Way((0, 1)),))
    rules = rule_set(below, above, chain)
    hits = _hits(happenings)
    whole = correlated(observed(rules, hits), rules)
    again = [*hits, *chance.sample(hits, len(hits) // 2)]
    chance.shuffle(again)
    parts = [observed(rules, again[worker::workers]) for worker in range(workers)]
    merged, *others = [pickle.loads(pickle.dumps(part)) for part in parts]
    for other in others:
        merged.merge(other)
    assert correlated(merged, rules) == whole
