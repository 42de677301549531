"""Raw records in tests, by spelling."""

from __future__ import annotations

from typing import Any

from detector.model.event import Event, RawRecord, Shape
from detector.normalize import normalize


def event_of(shape: Shape, payload: Any) -> Event:
    """The event; fails at a loss."""
    made = normalize(RawRecord("log", "line 1", shape, payload))
    assert isinstance(made, Event), made
    return made


def winlog(
    provider: str, event_id: Any, channel: str | None = "C", *, data: Any = None, system: Any = None, **parts: Any
) -> Event:
    """An event as pyevtx-rs gives it."""
    base = {
        "Provider": {"#attributes": {"Name": provider}},
        "EventID": event_id,
        "Level": 4,
        "Keywords": "0x8000000000000000",
        "TimeCreated": {"#attributes": {"SystemTime": "2025-10-14T03:52:20.123456Z"}},
        "EventRecordID": 7,
        "Channel": channel,
        "Computer": "BM-Vault1.ad.brindlemere.example",
    }
    return event_of(Shape.WINLOG, {"Event": {"System": base | (system or {}), "EventData": data, **parts}})


def winlogbeat(provider: str, event_id: Any, channel: str = "C", **document: Any) -> Event:
    """An event as Winlogbeat ships it; keywords with ``__`` are dotted, ``winlog`` is merged."""
    winlog_part = {
        "provider_name": provider,
        "event_id": event_id,
        "channel": channel,
        "computer_name": "BM-Vault1.ad.brindlemere.example",
        "record_id": "7",
    } | document.pop("winlog", {})
    dotted = {name.replace("__", "."): value for name, value in document.items()}
    base = {"@timestamp": "2025-10-14T03:52:20.123Z", "host": {"name": "bm-vault1"}, "winlog": winlog_part}
    return event_of(Shape.WINLOGBEAT, base | dotted)


def nxlog(provider: str, event_id: Any, channel: str = "C", **fields: Any) -> Event:
    """An event as NXLog writes it."""
    base = {
        "SourceName": provider,
        "EventID": event_id,
        "Channel": channel,
        "Hostname": "BM-Vault1.ad.brindlemere.example",
        "host": "collector.example",
        "EventTime": "2025-10-14 13:22:20",
        "@timestamp": "2025-10-14T03:52:20.123Z",
        "RecordNumber": 7,
    }
    return event_of(Shape.NXLOG, base | fields)
