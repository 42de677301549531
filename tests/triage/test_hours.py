"""``hours``, ``session_hours`` and ``expires``: local time of the policy's zone (reading rules 4 and 9 of policy.yml)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.model.policy import Window
from detector.triage import hours
from tests.company import NIGHT, OFFICE

BERLIN = "Europe/Berlin"


def local(text: str) -> datetime:
    """A time on a clock in Berlin, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("2025-11-18 07:29:59", False),
        ("2025-11-18 07:30:00", True),
        ("2025-11-18 18:30:00", True),
        ("2025-11-18 18:30:01", False),
        ("2025-11-22 12:00:00", False),  # a Saturday
        ("2025-03-28 07:30:00", True),  # winter time
        ("2025-03-31 07:30:00", True),  # summer time began on the 30th: the clock on the wall decides
        ("2025-03-31 07:29:00", False),
        ("2025-10-27 07:30:00", True),  # winter time again
    ],
)
def test_a_window_of_a_day(when: str, wanted: bool) -> None:
    """office: Mon-Fri 07:30-18:30, on the wall's clock, winter and summer."""
    assert hours.within(OFFICE, local(when), BERLIN) is wanted


def test_the_same_hour_of_utc_is_in_and_out_by_season() -> None:
    assert not hours.within(OFFICE, datetime(2025, 1, 14, 6, 0, tzinfo=UTC), BERLIN)  # 07:00
    assert hours.within(OFFICE, datetime(2025, 7, 15, 6, 0, tzinfo=UTC), BERLIN)  # 08:00


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("2025-11-18 21:39:59", False),
        ("2025-11-18 21:40:00", True),
        ("2025-11-18 23:59:59", True),
        ("2025-11-19 00:00:00", True),
        ("2025-11-19 05:10:00", True),
        ("2025-11-19 05:10:01", False),
        ("2025-10-26 02:30:00", True),  # the hour that comes twice
    ],
)
def test_a_window_over_midnight(when: str, wanted: bool) -> None:
    """nightly: daily 21:40-05:10 'runs past midnight'."""
    assert hours.within(NIGHT, local(when), BERLIN) is wanted


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("2025-11-21 22:00:00", True),  # Friday night
        ("2025-11-22 04:00:00", True),  # still Friday's
        ("2025-11-22 22:00:00", False),  # Saturday's own
        ("2025-11-24 04:00:00", False),  # Monday morning would be Sunday's
    ],
)
def test_a_night_belongs_to_the_day_it_began_on(when: str, wanted: bool) -> None:
    friday = (Window(frozenset({4}), time(21, 0), time(5, 0)),)
    assert hours.within(friday, local(when), BERLIN) is wanted


def test_a_window_to_the_end_of_the_day_has_its_last_second() -> None:
    day = (Window(frozenset(range(7)), time(0, 0), time.max),)
    assert hours.within(day, local("2025-11-18 23:59:59.999999"), BERLIN)


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("2025-11-30 00:00:00", False),
        ("2025-11-30 23:59:59", False),
        ("2025-12-01 00:00:00", True),
    ],
)
def test_the_last_day_is_local(when: str, wanted: bool) -> None:
    """'`expires` is the last day, local time. After it the entry covers nothing.'"""
    assert hours.expired(date(2025, 11, 30), local(when), BERLIN) is wanted


def test_the_last_day_ends_elsewhere_when_the_zone_is_another() -> None:
    evening = datetime(2025, 11, 30, 14, 0, tzinfo=UTC)
    assert not hours.expired(date(2025, 11, 30), evening, BERLIN)
    assert hours.expired(date(2025, 11, 30), evening, "Australia/Adelaide")  # 00:30 of the next day
    assert not hours.expired(None, evening, BERLIN)


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime.min.replace(tzinfo=UTC))
@example(datetime.max.replace(tzinfo=UTC))
def test_any_time_a_log_can_claim_has_an_answer(when: datetime) -> None:
    """A record of the year 1 or 9999 is odd, not fatal."""
    hours.within((*OFFICE, *NIGHT), when, "Pacific/Auckland")
    hours.within((*OFFICE, *NIGHT), when, "America/Anchorage")
    hours.expired(date(2025, 11, 30), when, "America/Anchorage")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_a_window_and_its_complement_cover_the_day(when: datetime) -> None:
    rest = (Window(frozenset(range(7)), time(5, 10), time(21, 40)),)
    assert hours.within(NIGHT, when, BERLIN) or hours.within(rest, when, BERLIN)
    week = timedelta(days=7)
    if hours.local(when, BERLIN).utcoffset() == hours.local(when + week, BERLIN).utcoffset():
        assert hours.within(OFFICE, when, BERLIN) == hours.within(OFFICE, when + week, BERLIN)
