"""The document Winlogbeat 8 ships for an event, without the modules that move fields into ECS unless asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from detector.synth.events import SynthEvent
from detector.synth.filling import stable, stable_guid
from detector.synth.scenario import FieldText

VERSION = "8.15.3"
_LEVELS = {0: "information", 2: "error", 3: "warning", 4: "information", 5: "verbose"}
_TASKS = {
    104: "Log clear", 12289: "Security System Extension", 12544: "Logon", 12545: "Logoff", 12548: "Special Logon",
    12804: "Other Object Access Events", 12808: "File Share", 12810: "Filtering Platform Connection",
    12811: "Detailed File Share", 13312: "Process Creation", 14336: "Credential Validation",
}  # fmt: skip
_ACCOUNTS = {"S-1-5-18": "SYSTEM", "S-1-5-19": "LOCAL SERVICE", "S-1-5-20": "NETWORK SERVICE"}
#: On demand, beside the raw fields: what the Sysmon and Security modules copy into ECS.
_ECS = {
    "Image": "process.executable",
    "CommandLine": "process.command_line",
    "ProcessGuid": "process.entity_id",
    "ParentImage": "process.parent.executable",
    "ParentCommandLine": "process.parent.command_line",
    "NewProcessName": "process.executable",
    "TargetFilename": "file.path",
    "QueryName": "dns.question.name",
    "SourceIp": "source.ip",
    "DestinationIp": "destination.ip",
    "DestinationHostname": "destination.domain",
    "IpAddress": "source.ip",
    "TargetObject": "registry.path",
}


def instant(time: datetime) -> str:
    """UTC to the millisecond, as Beats write it."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def message(event: SynthEvent) -> str:
    """What Event Viewer would show: a title and the fields."""
    title = event.kind.title or next(iter(_texts(event.fields.get("Data"))), "")
    named = [f"{name}: {value}" for name, value in event.fields.items() if isinstance(value, str) and name != "Binary"]
    return "\n".join([title, *named])


def _texts(value: FieldText) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value is not None else ()


def document(event: SynthEvent, *, ecs: bool = False) -> dict[str, Any]:
    """The event as one document. ``ecs`` adds ECS fields beside ``winlog.event_data``, which stays complete."""
    kind, host = event.kind, event.host.lower()
    winlog: dict[str, Any] = {
        "api": "wineventlog",
        "channel": event.channel,
        "computer_name": event.host,
        "event_id": str(event.event_id),
        "keywords": _keywords(kind.keywords),
        "opcode": "Info",
        "process": {"pid": event.process_id, "thread": {"id": event.thread_id}},
        "provider_name": event.provider,
        "record_id": str(event.record_id),
        "task": _task(event),
    }
    if event.origin.guid:
        winlog["provider_guid"] = event.origin.guid.lower()
        winlog["version"] = kind.version
    if event.origin.user:
        winlog["user"] = {
            "identifier": event.origin.user,
            "domain": "NT AUTHORITY",
            "name": _ACCOUNTS[event.origin.user],
            "type": "User",
        }
    winlog |= _payload(event)
    result: dict[str, Any] = {
        "@timestamp": instant(event.time),
        "agent": _agent(host),
        "ecs": {"version": "8.0.0"},
        "event": {"code": str(event.event_id), "kind": "event", "provider": event.provider},
        "host": {"name": host},
        "log": {"level": _LEVELS.get(kind.level, "information")},
        "message": message(event),
        "winlog": winlog,
    }
    if ecs:
        _add_ecs(result, event.fields)
    return result


def _keywords(mask: int) -> list[str]:
    words = {
        0x8020000000000000: ["Audit Success"],
        0x8010000000000000: ["Audit Failure"],
        0x80000000000000: ["Classic"],
    }
    return words.get(mask, [])


def _task(event: SynthEvent) -> str:
    if event.provider == "Microsoft-Windows-Sysmon":
        return event.kind.title.rstrip(":")
    return _TASKS.get(event.kind.task, "")


def _agent(host: str) -> dict[str, str]:
    identity = stable_guid("agent", host)
    return {
        "ephemeral_id": stable_guid("run", host),
        "id": identity,
        "name": host,
        "type": "winlogbeat",
        "version": VERSION,
    }


def _payload(event: SynthEvent) -> dict[str, Any]:
    """``event_data`` or ``user_data``. A classic provider's strings become ``param1``, ``param2`` and so on."""
    if event.kind.container == "Data":
        data: dict[str, FieldText] = {
            f"param{number}": text for number, text in enumerate(_texts(event.fields["Data"]), 1)
        }
        return {"event_data": data | {name: value for name, value in event.fields.items() if name != "Data"}}
    if event.kind.container == "EventData":
        return {"event_data": dict(event.fields)}
    return {"user_data": {**event.fields, "xml_name": event.kind.container}}


def _add_ecs(result: dict[str, Any], fields: Mapping[str, FieldText]) -> None:
    for name, path in _ECS.items():
        value = fields.get(name)
        if not isinstance(value, str) or value in ("", "-"):
            continue
        place = result
        *parents, last = path.split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value


def hit(event: SynthEvent, copy: int, *, ecs: bool = False) -> dict[str, Any]:
    """The same document as Elasticsearch returns it in a search. ``copy`` tells duplicates apart: they differ in ``_id``."""
    identity = stable("hit", event.host, event.channel, str(event.record_id), instant(event.time), str(copy))
    return {
        "_index": f".ds-winlogbeat-{VERSION}-{event.time:%Y.%m.%d}-000001",
        "_id": f"{identity:016x}{stable('more', str(identity)) % 16**4:04x}",
        "_score": None,
        "_source": document(event, ecs=ecs),
    }
