"""The flat records of NXLog, also as Logstash passes them on: one key a field, beside NXLog's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.fields import MESSAGE_LINES, NXLOG_EVENT_TYPES, NXLOG_OWN, NXLOG_WRITER
from detector.normalize.instant import utc
from detector.normalize.values import gather, leaves, word

_OWN_AND_WRITER = NXLOG_OWN | NXLOG_WRITER
_SHARED = ("EventType", "ProcessID")
_LEVELS = {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}


def read(payload: Mapping[str, Any]) -> Draft:
    """``Hostname`` is the machine that wrote the event; ``host`` and ``AccountName`` are the collector's and the writer's.

    The time is ``EventTime`` where it says its zone. Mostly it is local and does not; then ``@timestamp`` (UTC, when the
    collector got it: late by seconds, as a rule) stands before ``TimeCreated``. With nothing else, ``EventTime`` is
    taken as UTC: an event at a wrong hour is worth more than none.
    """
    get = payload.get
    return Draft(
        get("EventID"),
        get("SourceName"),
        get("Channel"),
        get("Hostname"),
        get("RecordNumber"),
        _time(payload),
        _level(payload),
        get("Keywords"),
        _data(payload),
    )


def _time(payload: Mapping[str, Any]) -> datetime | None:
    local = payload.get("EventTime")
    return (
        utc(local, bare_is_utc=False) or utc(payload.get("@timestamp")) or utc(payload.get("TimeCreated")) or utc(local)
    )


def _level(payload: Mapping[str, Any]) -> Any:
    """Windows' number. NXLog's severity says the same the other way round; audit events have level 0."""
    if payload.get("Level") is not None:
        return payload["Level"]
    if word(payload.get("EventType")).startswith("AUDIT_"):
        return "0"
    return _LEVELS.get(word(payload.get("SeverityValue")))


def _data(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    not_the_events = NXLOG_OWN
    if "AccountType" in payload and not _has_own_account(payload):
        not_the_events = _OWN_AND_WRITER
    data = {name: item for name, item in payload.items() if name not in not_the_events}
    for name in _SHARED:
        if name in data and _is_nxlogs(name, data[name]):
            del data[name]
    if dict in map(type, data.values()):
        data = gather(
            pair
            for name, item in data.items()
            for pair in (leaves(name, item) if isinstance(item, dict) else ((name, item),))
        )
    return data or dict(_from_message(payload))


def _is_nxlogs(name: str, item: Any) -> bool:
    """Whether a name the event and NXLog share holds NXLog's own value here: numbers are NXLog's, fields are text."""
    return not isinstance(item, str) or (name == "EventType" and item in NXLOG_EVENT_TYPES)


def _has_own_account(payload: Mapping[str, Any]) -> bool:
    """Whether the event has a field of its own by a name NXLog also uses for the process that wrote the event."""
    return word(payload.get("EventID")) == "7045" and _event(payload)[0] == "service control manager"


def _event(payload: Mapping[str, Any]) -> tuple[str, str]:
    return word(payload.get("SourceName")).lower(), word(payload.get("EventID"))


def _from_message(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields a message's lines hold; the whole message as ``Data`` for other events that come without any field.

    A classic provider's message is made of its strings, so rules on ``Data`` still find what they look for.
    """
    message = payload.get("Message")
    if not isinstance(message, str):
        return
    names = MESSAGE_LINES.get(_event(payload))
    if names:
        lines = [line.partition(":")[2].strip() for line in message.splitlines()[1:] if ":" in line]
        yield from zip(names, lines, strict=False)
    elif not payload.get("ProviderGuid"):
        yield "Data", message
