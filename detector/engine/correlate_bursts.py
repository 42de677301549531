"""From the groups of a correlation to its bursts: where it is fulfilled, and by which events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from detector.engine.correlate_gauges import value_gauge, within
from detector.engine.correlate_groups import Burst, Entry, shown_group
from detector.engine.correlate_observed import Observation, identity
from detector.engine.correlate_order import rule_gauge
from detector.engine.correlate_ranks import Number
from detector.engine.correlate_windows import spans
from detector.model.correlation import Bound, Correlation, Operator

#: Events quoted of one burst.
QUOTED = 50

_MORE = (Operator.GT, Operator.GTE)
_TRUE = (Bound(Operator.GTE, "1"),)


def bursts(asked: Correlation, entries: Sequence[Entry], title_of: Callable[[str], str]) -> Iterator[Burst]:
    """The bursts of one group, by time."""
    gauge = rule_gauge(asked) if asked.type.temporal else value_gauge(asked, [entry.value for entry in entries])
    bounds = asked.bounds or _TRUE
    only_more = all(bound.operator in _MORE for bound in bounds)
    for span in spans(entries, asked.timespan, gauge, within(bounds), only_more=only_more):
        made_of = entries[span.first : span.last + 1]
        window = entries[span.first : span.ends[0] + 1]
        if asked.type.temporal:
            measured = ", ".join(title_of(asked.rules[rule]) for rule in sorted({entry.rule for entry in window}))
        else:
            measured = _text(span.peak)
        yield Burst(
            group=shown_group(asked, window[-1]),
            measured=measured,
            ends=tuple(entries[end] for end in span.ends),
            events=_quoted(window, made_of),
            count=_count(made_of, once=not asked.type.temporal),
        )


def _quoted(window: Sequence[Entry], made_of: Sequence[Entry]) -> tuple[Observation, ...]:
    """Some of the events, by time: the completing one, one of each rule, the earliest."""
    firsts: dict[int, Entry] = {}
    for entry in window:
        firsts.setdefault(entry.rule, entry)
    chosen: dict[object, Observation] = {}
    for entry in (window[-1], *firsts.values(), *made_of):
        for event in (entry.seen, *(entry.burst.events if entry.burst else ())):
            if len(chosen) < QUOTED:
                chosen.setdefault(identity(event), event)
        if len(chosen) >= QUOTED:
            break
    return tuple(chosen[key] for key in sorted(chosen))  # type: ignore[type-var]


def _count(made_of: Sequence[Entry], *, once: bool) -> int:
    """How many events there are, those of other correlations' bursts among them. ``once``: none stands there twice."""
    below = {id(entry.burst): entry.burst.count for entry in made_of if entry.burst is not None}
    own = [entry for entry in made_of if entry.burst is None] if below else made_of
    return sum(below.values()) + (len(own) if once else len({identity(entry.seen) for entry in own}))


def _text(measure: Number) -> str:
    """Whole numbers as they are, others to six places."""
    if isinstance(measure, Fraction) and measure.denominator != 1:
        return f"{float(measure):.6f}".rstrip("0").rstrip(".")
    return str(int(measure))
