"""Correlations, slowly and plainly: every window is looked at afresh, and measured by the definition of its type."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from detector.model.correlation import Bound, Correlation, CorrelationType, Operator, Way


@dataclass(frozen=True)
class Happening:
    """One hit: of the rule at this place of the correlation, ``number`` its event (two hits of one event share it)."""

    time: int
    number: int
    rule: int
    group: str
    value: str


_HOLDS: dict[Operator, Callable[[Fraction, Fraction], bool]] = {
    Operator.GT: lambda measure, bound: measure > bound,
    Operator.GTE: lambda measure, bound: measure >= bound,
    Operator.LT: lambda measure, bound: measure < bound,
    Operator.LTE: lambda measure, bound: measure <= bound,
    Operator.EQ: lambda measure, bound: measure == bound,
    Operator.NEQ: lambda measure, bound: measure != bound,
}


def bursts(asked: Correlation, happenings: Sequence[Happening]) -> list[tuple[int, frozenset[int]]]:
    """Every burst: the number of the event that completed it, and the numbers of all its events; sorted."""
    found = []
    for group in sorted({one.group for one in happenings}):
        found += _of_group(asked, _in_order(asked, [one for one in happenings if one.group == group]))
    return sorted(found, key=lambda burst: (burst[0], sorted(burst[1])))


def _in_order(asked: Correlation, happenings: Sequence[Happening]) -> list[Happening]:
    if asked.type.temporal:
        return sorted(happenings, key=lambda one: (one.time, one.rule, one.number))
    once = {one.number: one for one in sorted(happenings, key=lambda one: -one.rule)}
    return sorted(once.values(), key=lambda one: (one.time, one.number))


def _of_group(asked: Correlation, all_: Sequence[Happening]) -> list[tuple[int, frozenset[int]]]:
    found: list[tuple[int, frozenset[int]]] = []
    previous: set[int] = set()  # places in the last fulfilled window
    for last in range(len(all_)):
        window = [place for place in range(last + 1) if all_[place].time >= all_[last].time - asked.timespan]
        follows = last + 1 < len(all_) and all_[last + 1].time <= all_[window[0]].time + asked.timespan
        if follows and not _only_more(asked, all_):
            continue  # it is not all of its time frame
        if not _fulfilled(asked, [all_[place] for place in window]):
            continue
        events = frozenset(all_[place].number for place in window)
        if previous & set(window):
            found[-1] = (found[-1][0], found[-1][1] | events)
        else:
            found.append((all_[last].number, events))
        previous = set(window)
    return found


def _only_more(asked: Correlation, all_: Sequence[Happening]) -> bool:
    """Whether one event more can only raise the measure, and only that is asked for."""
    if asked.ways:
        return all(not way.absent for way in asked.ways)
    grows = asked.type in (CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT) or asked.type.temporal
    if asked.type is CorrelationType.VALUE_SUM:
        grows = all(Fraction(one.value) >= 0 for one in all_)
    return grows and all(bound.operator in (Operator.GT, Operator.GTE) for bound in asked.bounds)


def _fulfilled(asked: Correlation, window: Sequence[Happening]) -> bool:
    if asked.ways:
        return any(_true(way, asked, window) for way in asked.ways)
    return all(_keeps(bound, _measure(asked, window)) for bound in asked.bounds)


def _keeps(bound: Bound, measure: Fraction) -> bool:
    return _HOLDS[bound.operator](measure, Fraction(bound.number))


def _true(way: Way, asked: Correlation, window: Sequence[Happening]) -> bool:
    hit = {one.rule for one in window}
    if hit & set(way.absent):
        return False
    if asked.type is CorrelationType.TEMPORAL_ORDERED:
        return _chain(window, way.present)
    return set(way.present) <= hit


def _chain(window: Sequence[Happening], rules: Sequence[int]) -> bool:
    """Whether hits of these rules follow one another, none earlier than the one before."""

    def reach(time: int, left: Sequence[int]) -> bool:
        return not left or any(reach(one.time, left[1:]) for one in window if one.rule == left[0] and one.time >= time)

    return reach(-(10**18), rules)


def _measure(asked: Correlation, window: Sequence[Happening]) -> Fraction:
    measures: dict[CorrelationType, Callable[[], int | Fraction]] = {
        CorrelationType.EVENT_COUNT: lambda: len(window),
        CorrelationType.VALUE_COUNT: lambda: len({one.value for one in window}),
        CorrelationType.TEMPORAL: lambda: len({one.rule for one in window}),
        CorrelationType.TEMPORAL_ORDERED: lambda: _longest(window, len(asked.rules)),
        CorrelationType.VALUE_SUM: lambda: sum(_numbers(window)),
        CorrelationType.VALUE_AVG: lambda: statistics.mean(_numbers(window)),
        CorrelationType.VALUE_MEDIAN: lambda: statistics.median(_numbers(window)),
        CorrelationType.VALUE_PERCENTILE: lambda: _percentile(sorted(_numbers(window)), Fraction(asked.percentile)),
    }
    return Fraction(measures[asked.type]())


def _numbers(window: Sequence[Happening]) -> list[Fraction]:
    return [Fraction(one.value) for one in window]


def _longest(window: Sequence[Happening], rules: int) -> int:
    subsets = ([rule for rule in range(rules) if chosen >> rule & 1] for chosen in range(1 << rules))
    return max(len(subset) for subset in subsets if _chain(window, subset))


def _percentile(numbers: Sequence[Fraction], percent: Fraction) -> Fraction:
    """Linear interpolation between the closest ranks (Hyndman and Fan's seventh way, most programs' default)."""
    place = (len(numbers) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(numbers) - 1)
    return numbers[below] + (numbers[above] - numbers[below]) * (place - below)
