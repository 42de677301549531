"""Office hours and nightly windows: local time of the policy's zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from detector.model.policy import Window


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(time: datetime, timezone: str) -> datetime:
    """The time on a clock of that zone; a time at the very ends of the calendar, which only a bad record has, stays UTC."""
    try:
        return time.astimezone(_zone(timezone))
    except OverflowError:
        return time


def shifted(time: datetime, by: timedelta) -> datetime:
    """The time moved by a span; at the ends of the calendar, which only a bad record is near to, it stays there."""
    try:
        return time + by
    except OverflowError:
        return (datetime.max if by > timedelta(0) else datetime.min).replace(tzinfo=time.tzinfo)


def within(windows: Iterable[Window], time: datetime, timezone: str) -> bool:
    """Whether the time lies in one of the windows, end included; one past midnight belongs to the day it began on."""
    here = local(time, timezone)
    clock, day = here.time(), here.weekday()
    yesterday = (day - 1) % 7
    for window in windows:
        if window.start <= window.end:
            if day in window.days and window.start <= clock <= window.end:
                return True
        elif (day in window.days and clock >= window.start) or (yesterday in window.days and clock <= window.end):
            return True
    return False


def expired(last_day: date | None, time: datetime, timezone: str) -> bool:
    """Whether the local day of ``time`` is after the last day."""
    return last_day is not None and local(time, timezone).date() > last_day
