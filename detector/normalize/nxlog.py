"""The flat records of NXLog, also as Logstash passes them on: one key a field, beside NXLog's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.fields import MESSAGE_LINES, NXLOG_EVENT_TYPES, NXLOG_OWN, NXLOG_WRITER
from detector.normalize.instant import utc
from detector.normalize.values import gather, leaves, word

#: Events that have a field of their own by a name NXLog also uses for the process that wrote the event.
_OWN_ACCOUNT = frozenset({("service control manager", "7045")})


def read(payload: Mapping[str, Any]) -> Draft:
    """``Hostname`` is the machine that wrote the event; ``host`` and ``AccountName`` are the collector's and the writer's.

    The time is ``EventTime`` where it says its zone. Mostly it is local and does not; then ``@timestamp`` (UTC, when the
    collector got it: late by seconds, as a rule) stands before ``TimeCreated``. With nothing else, ``EventTime`` is
    taken as UTC: an event at a wrong hour is worth more than none.
    """
    return Draft(
        event_id=payload.get("EventID"),
        provider=payload.get("SourceName"),
        channel=payload.get("Channel"),
        computer=payload.get("Hostname"),
        record_id=payload.get("RecordNumber"),
        time=_time(payload),
        level=_level(payload),
        keywords=payload.get("Keywords"),
        data=_data(payload),
    )


def _time(payload: Mapping[str, Any]) -> Any:
    local = payload.get("EventTime")
    if utc(local, bare_is_utc=False) is not None:
        return local
    stamps = (payload.get(name) for name in ("@timestamp", "TimeCreated"))
    return next((stamp for stamp in stamps if utc(stamp) is not None), local)


def _level(payload: Mapping[str, Any]) -> Any:
    """Windows' number. NXLog's severity says the same the other way round; audit events have level 0."""
    if payload.get("Level") is not None:
        return payload["Level"]
    if word(payload.get("EventType")).startswith("AUDIT_"):
        return "0"
    return {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}.get(word(payload.get("SeverityValue")))


def _data(payload: Mapping[str, Any]) -> dict[str, Any]:
    event = (word(payload.get("SourceName")).lower(), word(payload.get("EventID")))
    writer = NXLOG_WRITER if "AccountType" in payload and event not in _OWN_ACCOUNT else frozenset()
    data = gather(
        pair
        for name, item in payload.items()
        if name not in NXLOG_OWN and name not in writer and not _is_nxlogs(name, item)
        for pair in (leaves(name, item) if isinstance(item, dict) else ((name, item),))
    )
    return data or dict(_from_message(event, payload))


def _is_nxlogs(name: str, item: Any) -> bool:
    """Whether a name the event and NXLog share holds NXLog's own value here: numbers are NXLog's, fields are text."""
    if name == "EventType":
        return not isinstance(item, str) or item in NXLOG_EVENT_TYPES
    return name == "ProcessID" and not isinstance(item, str)


def _from_message(event: tuple[str, str], payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields a message's lines hold; the whole message as ``Data`` for other events that come without any field.

    A classic provider's message is made of its strings, so rules on ``Data`` still find what they look for.
    """
    message = payload.get("Message")
    if not isinstance(message, str):
        return
    names = next((names for (who, number), names in MESSAGE_LINES.items() if event == (who, str(number))), ())
    if names:
        lines = [line.partition(":")[2].strip() for line in message.splitlines()[1:] if ":" in line]
        yield from zip(names, lines, strict=False)
    elif not payload.get("ProviderGuid"):
        yield "Data", message
