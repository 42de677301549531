"""Winlogbeat documents that nobody ships, but anybody may write: each is an event or a loss, and costs what it weighs."""

from __future__ import annotations

from typing import Any

import pytest

from detector.model.event import Shape
from detector.normalize.fields import SYSMON
from tests.normalize.records import event_of, winlogbeat


@pytest.mark.parametrize(
    "odd",
    [
        {"winlog": 5, "winlog.event_id": 1, "winlog.channel": "C"},
        {"winlog.event_id": 1, "winlog.event_data": 5, "winlog.event_data.a": "b", "event": [], "process": 5},
        {
            "winlog": {"event_id": 1, "event_data": 5, "event_data.a": "b", "user_data": [5]},
            "host": 1,
            "host.name": "x",
        },
        {"winlog": {"event_id": 1, "event_data.a": "b", "event_data": None}, "process.pid": {}, "process": {"pid": 5}},
    ],
)
def test_a_name_that_is_a_value_and_an_object(odd: dict[str, Any]) -> None:
    """Log text is hostile: no document stops a run, and what can be read of it is."""
    event = event_of(Shape.WINLOGBEAT, {"@timestamp": "2025-10-14T03:52:20.123Z", "host.hostname": "a"} | odd)
    assert event.ref.event_id == 1
    assert "a" not in event.fields or event.fields["a"] == "b"


def test_long_names_do_not_multiply() -> None:
    """A name of a megabyte above a thousand fields is no gigabyte of names."""
    many = {f"f{number}": "x" for number in range(1000)}
    event = winlogbeat(SYSMON, 1, winlog={"event_data": {"n" * 1_000_000: many, "a": {"b": "c"}}})
    assert sum(map(len, event.fields)) < 10_000
    assert (event.fields["f999"], event.fields["a.b"]) == ("x", "c")


def test_user_data_is_read_as_windows_has_it() -> None:
    """Names that come again keep their order, and what is a convention of XML elsewhere is a name like any other here."""
    wrapped = {"A": {"Item": "1"}, "B": {"Item": ["2", "3"], "Object_attributes": "x"}}
    event = winlogbeat("P", 1, winlog={"user_data": wrapped | {"xml_name": "A"}})
    assert (event.fields["Item"], event.fields["Object_attributes"]) == (("1", "2", "3"), "x")
    assert "xml_name" not in event.fields
