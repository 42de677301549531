"""The sliding window: where in a group's observations a correlation is fulfilled, burst by burst.

A window holds the observations of one ``timespan``, both ends included, and ends at one of them. When more can only raise
the measure and only that is asked for (``gte``), every such window counts, so that a burst is seen at the event that
completes it. Otherwise (``lt``, a mean, ``not``) only those count to which neither side can add one: what is asked is what
the whole time frame held, not what its first event alone did.

Fulfilled windows that share an observation are one burst: one hit, however long it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from detector.engine.correlate_gauges import Gauge
from detector.engine.correlate_groups import Entry
from detector.engine.correlate_ranks import Number


@dataclass(slots=True)
class Span:
    """One burst: places of its first and last observation, where its fulfilled windows end, and the greatest measure."""

    first: int
    last: int
    ends: list[int] = field(default_factory=list)
    peak: Number = 0


def spans(
    entries: Sequence[Entry],
    timespan: int,
    gauge: Gauge,
    fulfils: Callable[[Number], bool],
    *,
    only_more: bool,
) -> Iterator[Span]:
    """The bursts of one group, whose entries come by time.

    ``only_more``: whether a greater measure never fulfils less.
    """
    span: Span | None = None
    for first, last, measure in _windows(entries, timespan, gauge, every=gauge.growing and only_more):
        if not fulfils(measure):
            continue
        if span is None or first > span.last:
            if span is not None:
                yield span
            span = Span(first, last, peak=measure)
        span.last = last
        span.ends.append(last)
        span.peak = max(span.peak, measure)
    if span is not None:
        yield span


def _windows(
    entries: Sequence[Entry], timespan: int, gauge: Gauge, *, every: bool
) -> Iterator[tuple[int, int, Number]]:
    first, final = 0, len(entries) - 1
    for last, entry in enumerate(entries):
        time = entry.time
        gauge.add(last, entry.rule, entry.value)
        while entries[first].time < time - timespan:
            gauge.drop(first, entries[first].rule, entries[first].value)
            first += 1
        if every or last == final or entries[last + 1].time - entries[first].time > timespan:
            yield first, last, gauge.measure()
