"""What a correlation measures of a window, kept up to date while it slides.

Sums and means are exact (whole numbers and fractions): what floating point adds and takes away again leaves dust, and the
order of events of one millisecond would show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

from detector.engine.correlate_ranks import Number, Ranks
from detector.engine.values import number
from detector.model.correlation import Bound, Correlation, CorrelationType, Operator

#: What is measured of one observation: nothing, a number, or text to be told apart.
Value = Number | tuple[str, ...] | None


class Gauge(Protocol):
    """A measure of the observations between two places of a sequence. ``rule`` is the place among the correlation's."""

    growing: bool  # taking in more can only raise the measure

    def add(self, place: int, rule: int, value: Value) -> None:
        """The window reaches one observation further."""

    def drop(self, place: int, rule: int, value: Value) -> None:
        """The window leaves its first observation behind."""

    def measure(self) -> Number:
        """Of the observations in the window; there is at least one."""


def value_gauge(asked: Correlation, values: Sequence[Value]) -> Gauge:
    """The gauge of a type that counts or measures. ``values`` are all that will come, numbers where it measures them."""
    match asked.type:
        case CorrelationType.EVENT_COUNT:
            return _EventCount()
        case CorrelationType.VALUE_COUNT:
            return _ValueCount()
        case CorrelationType.VALUE_SUM | CorrelationType.VALUE_AVG:
            return _Sum(values, mean=asked.type is CorrelationType.VALUE_AVG)
        case _:
            return _Quantile(values, Fraction(asked.percentile or "50") / 100)


class _EventCount:
    """How many there are."""

    growing = True

    def __init__(self) -> None:
        self._count = 0

    def add(self, place: int, rule: int, value: Value) -> None:
        self._count += 1

    def drop(self, place: int, rule: int, value: Value) -> None:
        self._count -= 1

    def measure(self) -> Number:
        return self._count


class _ValueCount:
    """How many different values they have."""

    growing = True

    def __init__(self) -> None:
        self._counts: Counter[Value] = Counter()

    def add(self, place: int, rule: int, value: Value) -> None:
        self._counts[value] += 1

    def drop(self, place: int, rule: int, value: Value) -> None:
        self._counts[value] -= 1
        if not self._counts[value]:
            del self._counts[value]

    def measure(self) -> Number:
        return len(self._counts)


class _Sum:
    """The sum of their numbers, or the mean. A sum grows when no number is negative."""

    def __init__(self, numbers: Iterable[Any], *, mean: bool) -> None:
        self.growing = not mean and all(one >= 0 for one in numbers)
        self._mean = mean
        self._sum: Number = 0
        self._count = 0

    def add(self, place: int, rule: int, value: Any) -> None:
        self._sum += value
        self._count += 1

    def drop(self, place: int, rule: int, value: Any) -> None:
        self._sum -= value
        self._count -= 1

    def measure(self) -> Number:
        return Fraction(self._sum, self._count) if self._mean else self._sum


class _Quantile:
    """The number at this share (0 to 1) of them."""

    growing = False

    def __init__(self, numbers: Iterable[Any], share: Fraction) -> None:
        self._ranks = Ranks(numbers)
        self._share = share

    def add(self, place: int, rule: int, value: Any) -> None:
        self._ranks.add(value)

    def drop(self, place: int, rule: int, value: Any) -> None:
        self._ranks.add(value, -1)

    def measure(self) -> Number:
        return self._ranks.quantile(self._share)


@lru_cache(maxsize=100_000)
def exact(text: str) -> Number | None:
    """A decimal or ``0x`` number as it is written; ``None`` when it is none."""
    read = number(text)
    return Fraction(text) if isinstance(read, float) else read


def within(bounds: Iterable[Bound]) -> Callable[[Number], bool]:
    """Whether a measure keeps to all of them."""
    tests = [_test(one.operator, Fraction(one.number)) for one in bounds]
    return tests[0] if len(tests) == 1 else lambda measure: all(test(measure) for test in tests)


def _test(operator: Operator, exactly: Fraction) -> Callable[[Number], bool]:
    limit = exactly.numerator if exactly.denominator == 1 else exactly  # whole numbers compare faster
    match operator:
        case Operator.GT:
            return lambda measure: measure > limit
        case Operator.GTE:
            return lambda measure: measure >= limit
        case Operator.LT:
            return lambda measure: measure < limit
        case Operator.LTE:
            return lambda measure: measure <= limit
        case Operator.EQ:
            return lambda measure: measure == limit
        case Operator.NEQ:
            return lambda measure: measure != limit
