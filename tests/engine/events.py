"""Events for tests: a mapping of fields is enough, the rest is a Sysmon process start on WS01. And which rules look at one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from detector.engine.logsource import logs_of, sources
from detector.model.event import Event, EventRef, FieldValue
from detector.model.rule import Rule

SYSMON = "Microsoft-Windows-Sysmon"
SECURITY = "Microsoft-Windows-Security-Auditing"
_WHEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(fields: Mapping[str, object], host: str = "WS01", record_id: int | None = 1) -> Event:
    """An event with these fields. ``EventID``, ``Channel`` and ``Provider_Name`` also say what it is."""
    event_id = int(str(fields.get("EventID", 1)))
    provider = str(fields.get("Provider_Name", SYSMON))
    channel = str(fields.get("Channel", f"{SYSMON}/Operational" if provider == SYSMON else "Security"))
    system = {"EventID": str(event_id), "Channel": channel, "Provider_Name": provider}
    ref = EventRef("test.evtx", host, channel, provider, event_id, record_id, _WHEN)
    return Event(ref, f"{host}.example.com", {name: _value(value) for name, value in fields.items()} | system)


def _value(value: object) -> FieldValue:
    if value is None:
        return None
    return tuple(map(str, value)) if isinstance(value, list | tuple) else str(value)


def looks(rule: Rule, event: Event) -> bool:
    """Routing, spelt out."""
    logs = logs_of(event.ref.provider, event.ref.channel)
    return any(
        (source.log is None or source.log in logs) and (not source.event_ids or event.ref.event_id in source.event_ids)
        for source in sources(rule.logsource)
    )
