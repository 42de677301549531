"""Things by time, looked up instead of walked through: a month of a busy machine is many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from detector.triage import hours

T = TypeVar("T")


@dataclass(slots=True)
class Timeline(Generic[T]):
    """Things in time order; of one time, in the order they were taken in."""

    times: list[datetime] = field(default_factory=list)
    things: list[T] = field(default_factory=list)

    def add(self, time: datetime, thing: T) -> None:
        """Take in one thing."""
        at = bisect_right(self.times, time)
        self.times.insert(at, time)
        self.things.insert(at, thing)

    def latest(self, time: datetime, ahead: timedelta = timedelta()) -> tuple[datetime, T] | None:
        """The last thing up to a time, or ``ahead`` of it."""
        at = bisect_right(self.times, hours.shifted(time, ahead)) - 1
        return (self.times[at], self.things[at]) if at >= 0 else None

    def around(self, time: datetime, before: timedelta, after: timedelta) -> list[T]:
        """The things from ``before`` a time to ``after`` it, both ends included."""
        first = bisect_left(self.times, hours.shifted(time, -before))
        return self.things[first : bisect_right(self.times, hours.shifted(time, after))]

    def nearest(self, time: datetime) -> Iterator[tuple[timedelta, datetime, T]]:
        """The last thing before a time and the first one from it on, each with its distance and time."""
        at = bisect_left(self.times, time)
        for index in (at - 1, at):
            if 0 <= index < len(self.times):
                yield abs(self.times[index] - time), self.times[index], self.things[index]
