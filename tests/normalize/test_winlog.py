"""The event's XML as JSON, in the forms real files hold (rmm-facts, section 7; 277 recordings)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from detector.model.event import RawRecord, Shape
from detector.model.loss import Loss, LossKind
from detector.normalize import normalize
from tests.normalize.records import event_of, winlog

SYSTEM = {"EventID", "Channel", "Provider_Name", "Computer", "Level", "Keywords"}


def own(event: Any) -> dict[str, Any]:
    return {name: text for name, text in event.fields.items() if name not in SYSTEM}


def test_system() -> None:
    event = winlog("Service Control Manager", {"#attributes": {"Qualifiers": 16384}, "#text": 7045}, "System")
    assert (event.host, event.computer) == ("BM-VAULT1", "BM-Vault1.ad.brindlemere.example")
    assert event.time == datetime(2025, 10, 14, 3, 52, 20, 123456, UTC)
    assert (event.ref.event_id, event.ref.record_id, event.ref.channel) == (7045, 7, "System")
    assert event.fields == {
        "EventID": "7045",
        "Channel": "System",
        "Provider_Name": "Service Control Manager",
        "Computer": "BM-Vault1.ad.brindlemere.example",
        "Level": "4",
        "Keywords": "0x8000000000000000",
    }


VALUES: list[tuple[Any, Any]] = [
    ("text ", "text "),
    ("", ""),
    (None, None),
    (3152, "3152"),
    (0, "0"),
    (True, "true"),
    (False, "false"),
    (1.5, "1.5"),
    (3152.0, "3152"),
    (1 << 63, "9223372036854775808"),
    ("0x3E7", "0x3E7"),
    ("365ABB72-7C01-5CC4-0000-00102B3E0C00", "{365abb72-7c01-5cc4-0000-00102b3e0c00}"),
    ("{365ABB72-7C01-5CC4-0000-00102B3E0C00}", "{365abb72-7c01-5cc4-0000-00102b3e0c00}"),
    ("a\r\nb\r\n", "a\nb"),
    ("2017-04-20T16:10:39.000000Z", "2017-04-20T16:10:39.000000Z"),
    ("2017-04-20T16:10:39.1234567Z", "2017-04-20T16:10:39.123456Z"),
    ("2019-07-18T20:40:00.580Z", "2019-07-18T20:40:00.580Z"),
    (["a", "b"], ("a", "b")),
    (["a"], "a"),
    ([], ()),
    ({"#attributes": {"Name": "x"}, "#text": 5}, "5"),
    ({"#text": ["a", "b"]}, ("a", "b")),
]


@pytest.mark.parametrize(("raw", "text"), VALUES)
def test_values(raw: Any, text: Any) -> None:
    """ "Values are text as logged ... absent is not null" (design); typed values as Windows prints them."""
    event = winlog("P", 1, data={"Field": raw})
    assert own(event) == {"Field": text}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"Data": {"#text": ["one", "two"]}, "Binary": None}, {"Data": ("one", "two"), "param1": "one", "param2": "two"}),
        ({"Data": {"#text": "one"}}, {"Data": "one", "param1": "one"}),
        ({"Data": "one"}, {"Data": "one", "param1": "one"}),
        ({"Data": ["one", "", "three"]}, {"Data": ("one", "three"), "param1": "one", "param3": "three"}),
        ({"Data": "one", "Data_1": "two"}, {"Data": ("one", "two"), "param1": "one", "param2": "two"}),
        ({"Data": "one", "Binary": "0A0B"}, {"Data": "one", "param1": "one", "Binary": "0A0B"}),
        ({"param1": "Spooler", "param2": "running"}, {"Data": ("Spooler", "running"), "param1": "Spooler", "param2": "running"}),
        ({"#attributes": {"Name": "EVENT"}, "a": "b"}, {"a": "b"}),
        ({"New Value": "HKLM\\x = 0x1", "Old Value": None}, {"New Value": "HKLM\\x = 0x1", "Old Value": None}),
        ({"Name_1": "x"}, {"Name_1": "x"}),
        ({"System": "x", "RenderingInfo": "y"}, {"System": "x", "RenderingInfo": "y"}),
        ({"System": "x", "a_b": "y"}, {"System": "x", "a_b": "y"}),
        (None, {}),
        ("only text", {"Data": "only text", "param1": "only text"}),
    ],
)  # fmt: skip
def test_event_data(data: Any, expected: dict[str, Any]) -> None:
    assert own(winlog("P", 1, data=data)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            {"EventXML": {"#attributes": {"xmlns": "Event_NS"}, "Param1": "a", "Param3": "192.0.2.9"}},
            {"Param1": "a", "Param3": "192.0.2.9"},
        ),
        (
            {"EventXML": {"User": "B\\a", "SessionID": 3, "Address": "LOCAL"}},
            {"User": "B\\a", "SessionID": "3", "Address": "LOCAL"},
        ),
        (
            {"LogFileCleared": {"SubjectUserName": "x", "BackupPath": None}},
            {"SubjectUserName": "x", "BackupPath": None},
        ),
        (
            {"Operation": {"Inner": {"#text": "deep", "#attributes": {}}, "List": {"Item": ["a", "b"]}}},
            {"Inner": "deep", "Item": ("a", "b")},
        ),
        ({"EventXML": None}, {}),
        ({"CbsPackage": "text"}, {"CbsPackage": "text"}),
        (None, {}),
    ],
)
def test_user_data(parts: Any, expected: dict[str, Any]) -> None:
    assert own(winlog("P", 1, UserData=parts)) == expected


def test_processing_error_data() -> None:
    """WinRM 91 with what Windows could not render."""
    event = winlog("Microsoft-Windows-WinRM", 91, ProcessingErrorData={"ErrorCode": 15005, "DataItemName": "shellId"})
    assert own(event) == {"ErrorCode": "15005", "DataItemName": "shellId"}


def test_rendering_info_is_not_the_events() -> None:
    assert own(winlog("P", 1, RenderingInfo={"Message": "x", "Level": "Information"})) == {}


def test_a_field_named_like_one_of_system_has_both_values() -> None:
    """104 names the cleared log in a ``Channel`` of its own: rules ask for that one, routing for the other."""
    event = winlog(
        "Microsoft-Windows-Eventlog", 104, "System", UserData={"LogFileCleared": {"Channel": "Windows PowerShell"}}
    )
    assert event.fields["Channel"] == ("System", "Windows PowerShell")
    assert event.ref.channel == "System"


def test_attributes_beside_their_element() -> None:
    """``evtx_dump --separate-json-attributes``."""
    system = {
        "Provider_attributes": {"Name": "Service Control Manager"},
        "EventID": 7045,
        "EventID_attributes": {"Qualifiers": 1},
        "TimeCreated_attributes": {"SystemTime": "2025-10-14T03:52:20.123456Z"},
        "Computer": "A",
    }
    event = event_of(
        Shape.WINLOG, {"Event": {"System": system, "EventData": {"a": 1}, "EventData_attributes": {"Name": "x"}}}
    )
    assert (event.ref.provider, event.ref.event_id, own(event)) == ("Service Control Manager", 7045, {"a": "1"})


def test_no_channel_is_still_an_event() -> None:
    """415 events of the recordings (traces turned into EVTX) have none."""
    event = winlog("Microsoft-Windows-RPC", 6, None)
    assert (event.ref.channel, "Channel" in event.fields) == ("", False)


TIMES = [
    ("2025-10-14T03:52:20Z", datetime(2025, 10, 14, 3, 52, 20, tzinfo=UTC)),
    ("2025-10-14 03:52:20.5Z", datetime(2025, 10, 14, 3, 52, 20, 500000, UTC)),
    ("2025-10-14T03:52:20.1234567Z", datetime(2025, 10, 14, 3, 52, 20, 123456, UTC)),
    ("2025-10-14T03:52:20.123456789+09:30", datetime(2025, 10, 13, 18, 22, 20, 123456, UTC)),
    ("2025-10-14T03:52:20.123+0930", datetime(2025, 10, 13, 18, 22, 20, 123000, UTC)),
    ("2025-10-14T03:52:20", datetime(2025, 10, 14, 3, 52, 20, tzinfo=UTC)),
    ("1601-01-01T00:00:00Z", datetime(1601, 1, 1, tzinfo=UTC)),
    (1760413940123, datetime(2025, 10, 14, 3, 52, 20, 123000, UTC)),
    (1760413940, datetime(2025, 10, 14, 3, 52, 20, tzinfo=UTC)),
]
NO_TIMES: list[Any] = ["0000-01-01T00:00:00Z", "30828-09-14T02:48:05Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00",
            "yesterday", "", None, [], True, 1e300, 10**40, float("nan")]  # fmt: skip


def at(time: Any) -> Any:
    system = {"EventID": 1, "Computer": "A", "TimeCreated": {"#attributes": {"SystemTime": time}}}
    return normalize(RawRecord("log", "chunk 3", Shape.WINLOG, {"Event": {"System": system}}))


@pytest.mark.parametrize(("spelt", "time"), TIMES)
def test_times(spelt: Any, time: datetime) -> None:
    assert at(spelt).time == time
    assert at(spelt).time.tzinfo is UTC


@pytest.mark.parametrize("spelt", NO_TIMES)
def test_what_is_no_time(spelt: Any) -> None:
    assert at(spelt) == Loss(LossKind.UNPARSED, "log: chunk 3", "a record without a time")


@pytest.mark.parametrize(
    ("system", "missing"),
    [
        ({"EventID": None}, "EventID"),
        ({"EventID": "many"}, "EventID"),
        ({"EventID": -1}, "EventID"),
        ({"EventID": {"#attributes": {}}}, "EventID"),
        ({"Computer": ""}, "Computer"),
        ({"Computer": " . "}, "Computer"),
        ({"Computer": None, "EventID": None, "TimeCreated": 5}, "EventID and Computer and a time"),
    ],
)
def test_what_a_record_must_have(system: dict[str, Any], missing: str) -> None:
    base = {"EventID": 1, "Computer": "A", "TimeCreated": {"#attributes": {"SystemTime": "2025-10-14T03:52:20Z"}}}
    made = normalize(RawRecord("log", "line 9", Shape.WINLOG, {"Event": {"System": base | system}}))
    assert made == Loss(LossKind.UNPARSED, "log: line 9", f"a record without {missing}")


@pytest.mark.parametrize(
    ("computer", "host"),
    [("bm-vault1", "BM-VAULT1"), ("A.b.example", "A"), ("192.0.2.5", "192.0.2.5"), ("HOST.", "HOST"), (" x ", "X")],
)
def test_short_host(computer: str, host: str) -> None:
    assert winlog("P", 1, system={"Computer": computer}).host == host
