"""Which rules were hit in a window, and in what order: the gauges of the temporal types.

Observations come by time, and those of one millisecond in the order of the rules: what happened at once may have happened in
any order. So a chain of rules can be followed in one pass: for each of its rules, the latest place where a chain up to it
may begin. It lies in the window if that place does.
"""

from __future__ import annotations

from collections.abc import Sequence

from detector.engine.correlate_gauges import Gauge, Value
from detector.model.correlation import Correlation, CorrelationType, Way

_NEVER = -1


def rule_gauge(asked: Correlation) -> Gauge:
    """The gauge of a temporal type."""
    ordered = asked.type is CorrelationType.TEMPORAL_ORDERED
    if asked.ways:
        return _Ways(asked.ways, len(asked.rules), ordered=ordered)
    return _LongestChain(len(asked.rules)) if ordered else _RuleCount(len(asked.rules))


class _RuleCount:
    """How many different rules were hit."""

    growing = True

    def __init__(self, rules: int) -> None:
        self._hits = [0] * rules
        self._different = 0

    def add(self, place: int, rule: int, value: Value) -> None:
        self._hits[rule] += 1
        self._different += self._hits[rule] == 1

    def drop(self, place: int, rule: int, value: Value) -> None:
        self._hits[rule] -= 1
        self._different -= self._hits[rule] == 0

    def measure(self) -> int:
        return self._different


class _LongestChain:
    """How many different rules were hit one after the other, in their order; some may be left out."""

    growing = True

    def __init__(self, rules: int) -> None:
        #: By length less one, and by last rule: the latest place where such a chain begins.
        self._begins = [[_NEVER] * rules for _ in range(rules)]
        self._latest = [_NEVER] * rules
        self._start = 0

    def add(self, place: int, rule: int, value: Value) -> None:
        for length in range(rule, -1, -1):
            begins = max(self._begins[length - 1][:rule]) if length else place
            if begins > self._begins[length][rule]:
                self._begins[length][rule] = begins
                self._latest[length] = max(self._latest[length], begins)

    def drop(self, place: int, rule: int, value: Value) -> None:
        self._start = place + 1

    def measure(self) -> int:
        return sum(begins >= self._start for begins in self._latest)


class _Ways:
    """1 where some way for a boolean condition to be true is there, else 0."""

    def __init__(self, ways: Sequence[Way], rules: int, *, ordered: bool) -> None:
        self.growing = not any(way.absent for way in ways)
        self._ways = ways
        self._ordered = ordered
        self._hits = [0] * rules
        self._start = 0
        #: By way, and by step of it: the latest place where a chain up to there begins.
        self._begins = [[_NEVER] * len(way.present) for way in ways]
        self._steps: list[list[tuple[list[int], int]]] = [[] for _ in range(rules)]
        for begins, way in zip(self._begins, ways, strict=True):
            for step, rule in enumerate(way.present):
                self._steps[rule].append((begins, step))

    def add(self, place: int, rule: int, value: Value) -> None:
        self._hits[rule] += 1
        for begins, step in self._steps[rule]:
            begins[step] = max(begins[step], begins[step - 1] if step else place)

    def drop(self, place: int, rule: int, value: Value) -> None:
        self._hits[rule] -= 1
        self._start = place + 1

    def measure(self) -> int:
        return int(any(self._holds(way, begins) for way, begins in zip(self._ways, self._begins, strict=True)))

    def _holds(self, way: Way, begins: Sequence[int]) -> bool:
        if any(self._hits[rule] for rule in way.absent):
            return False
        if self._ordered:
            return begins[-1] >= self._start
        return all(self._hits[rule] for rule in way.present)
