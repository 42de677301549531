"""Timestamps as logs write them, read in UTC; whatever else stands in a field is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.engine.timestamps import OWN_TIME, in_part, part_of
from detector.model.predicate import TimePart, Unit

from .events import event

_PARTS = {Unit.MINUTE: 4, Unit.HOUR: 3, Unit.DAY: 2, Unit.WEEK: 1, Unit.MONTH: 1, Unit.YEAR: 2024}


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02 03:04:05.678",  # Sysmon's UtcTime
        "2024-01-02T03:04:05.6789012Z",  # Windows, a FILETIME as text
        "2024-01-02T03:04:05Z",
        "2024-01-02t03:04:05z",
        "2024-01-02T03:04Z",
        "2024-01-02 03:04:05.678 UTC",
        "2024-01-02T04:04:05+01:00",
        "2024-01-01T22:34:05-0430",
        "2024-01-02T05:04:05.123456789 +02",
        " 2024-01-02T03:04:05\n",
        "\u200e2024\u200e-\u200e01\u200e-\u200e02T03:04:05.0Z",
    ],
)
def test_read(text: str) -> None:
    assert {unit: part_of(unit, text) for unit in Unit} == _PARTS


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "3", "1704164645", "133486382450000000", "03:04:05", "1/2/2024 3:04:05 AM", "2024-13-01T00:00:00"),
        *("2024-02-30T00:00:00", "2024-01-02T24:00:01", "2024-01-02T03", "2024-01-02T03:04.5", "20240102T030405Z"),
        *("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2024-01-02T03:04:05+99:00", "Jan 2 2024 03:04:05"),
        "\u0662\u0660\u0662\u0664-01-02T03:04:05Z",
    ],
)
def test_no_timestamp(text: str) -> None:
    assert {part_of(unit, text) for unit in Unit} == {None}


def test_a_date_says_nothing_of_the_hour() -> None:
    found = {unit: part_of(unit, "2024-01-02") for unit in Unit}
    assert found == _PARTS | {Unit.MINUTE: None, Unit.HOUR: None}


def test_weeks_are_isos_and_years_the_calendars() -> None:
    """2020 has a week 53, which ends on the third of January of 2021."""
    assert part_of(Unit.WEEK, "2021-01-03T12:00:00Z") == 53
    assert part_of(Unit.YEAR, "2021-01-03T12:00:00Z") == 2021
    assert part_of(Unit.WEEK, "2021-01-04T00:00:00Z") == 1


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_whatever_the_offset_it_is_the_same_moment(moment: datetime, minutes: int) -> None:
    utc = moment.replace(tzinfo=UTC)
    spelt = utc.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    for unit in Unit:
        expected = utc.isocalendar().week if unit is Unit.WEEK else getattr(utc, unit.value)
        assert part_of(unit, spelt) == expected


@given(st.sampled_from(Unit), st.text() | st.text("0123456789-:.T Z+", max_size=30))
def test_no_text_raises(unit: Unit, text: str) -> None:
    found = part_of(unit, text)
    assert found is None or 0 <= found <= 9999


def test_an_events_own_time_has_the_names_rules_use() -> None:
    """Without such a field the event's own time is asked; a field that is there counts, also when it says nothing."""
    noon = TimePart(Unit.HOUR, 12, 12)
    assert all(in_part(noon, event({}), name) for name in OWN_TIME)
    assert not any(in_part(noon, event({name: "-"}), name) for name in OWN_TIME)
    assert not in_part(noon, event({}), "CreationUtcTime")
    assert in_part(noon, event({"CreationUtcTime": ["-", "2024-01-02 12:04:05.678"]}), "CreationUtcTime")
