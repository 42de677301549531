"""The flat JSON that NXLog writes for an event and a Logstash collector passes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from detector.synth.events import SynthEvent
from detector.synth.winlogbeat import instant, message

_SEVERITY = {2: ("ERROR", 4), 3: ("WARNING", 3), 5: ("DEBUG", 1)}
_ACCOUNTS = {"S-1-5-18": "SYSTEM", "S-1-5-19": "LOCAL SERVICE", "S-1-5-20": "NETWORK SERVICE"}


def flat(event: SynthEvent, zone: ZoneInfo) -> dict[str, Any]:
    """The event as one flat record. ``EventTime`` is local to ``zone`` and says no zone; ``@timestamp`` is UTC."""
    kind, origin = event.kind, event.origin
    severity, weight = _SEVERITY.get(kind.level, ("INFO", 2))
    local = event.time.astimezone(zone)
    record: dict[str, Any] = {
        "EventTime": f"{local:%Y-%m-%d %H:%M:%S}",
        "Hostname": event.host,
        "Keywords": kind.keywords - (1 << 64) if kind.keywords >> 63 else kind.keywords,
        "EventType": _event_type(kind.keywords, severity),
        "SeverityValue": weight,
        "Severity": severity,
        "EventID": event.event_id,
        "SourceName": event.provider,
        "Version": kind.version,
        "Task": kind.task,
        "OpcodeValue": kind.opcode,
        "RecordNumber": event.record_id,
        "ExecutionProcessID": event.process_id,
        "ThreadID": event.thread_id,
        "Channel": event.channel,
        "Message": message(event),
    }
    if origin.guid:
        record["ProviderGuid"] = origin.guid
    if origin.user:
        record |= {"Domain": "NT AUTHORITY", "AccountName": _ACCOUNTS[origin.user], "UserID": origin.user}
        record["AccountType"] = "User"
    record |= {name: list(value) if isinstance(value, tuple) else value for name, value in event.fields.items()}
    return record | {
        "EventReceivedTime": f"{local + timedelta(seconds=2):%Y-%m-%d %H:%M:%S}",
        "SourceModuleName": "eventlog",
        "SourceModuleType": "im_msvistalog",
        "@version": "1",
        "@timestamp": instant(event.time),
    }


def _event_type(keywords: int, severity: str) -> str:
    return {0x8020000000000000: "AUDIT_SUCCESS", 0x8010000000000000: "AUDIT_FAILURE"}.get(keywords, severity)
