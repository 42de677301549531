"""The event's XML as JSON: what pyevtx-rs and ``evtx_dump`` write, with attributes nested or beside (``X_attributes``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.instant import utc
from detector.normalize.values import gather, leaves

#: Parts of an event that hold no field of its own; RenderingInfo is the collector's words for the codes in System.
_NO_DATA = frozenset({"#attributes", "System", "RenderingInfo", "xmlns"})
_USUAL = frozenset({"#attributes", "System", "EventData"})
_TEXTS = ("EventID", "Channel", "Computer", "EventRecordID", "Level", "Keywords")


def read(payload: Mapping[str, Any]) -> Draft:
    """``{"Event": {"System": ..., "EventData" | "UserData" | "ProcessingErrorData": ...}}``."""
    event = _mapping(payload.get("Event"))
    system = _mapping(event.get("System"))
    event_id, channel, computer, record_id, level, keywords = [
        item.get("#text") if isinstance(item, dict) else item for item in map(system.get, _TEXTS)
    ]
    provider = _attributes(system, "Provider")
    time = utc(_attributes(system, "TimeCreated").get("SystemTime"))
    name = provider.get("Name") or provider.get("EventSourceName")
    return Draft(event_id, name, channel, computer, record_id, time, level, keywords, _data(event))


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    content = event.get("EventData")
    if event.keys() <= _USUAL and isinstance(content, dict) and _is_plain(content):
        return content
    parts = [part for part in event if _holds_data(part)]
    pairs = [pair for part in parts for pair in _fields(part, event[part])]
    names = {name for name, _ in pairs}
    return gather((_unnumbered(name, names) if "_" in name else name, item) for name, item in pairs)


def _is_plain(content: Mapping[str, Any]) -> bool:
    """Whether :func:`_fields` would give the content as it is: the form of all but a few events."""
    names = "".join(content)
    return "_" not in names and "#" not in names and "xmlns" not in names and content.get("Binary", "") is not None


def _holds_data(name: str) -> bool:
    return name not in _NO_DATA and not name.endswith("_attributes")


def _fields(part: str, content: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(content, dict):
        yield from leaves("Data", content) if content is not None else ()
        return
    for name, item in content.items():
        if name in ("#attributes", "xmlns") or name.endswith("_attributes"):
            continue
        if part == "EventData":
            if item is not None or name != "Binary":  # an empty <Binary/> is the form of a classic event, not a field
                yield name, item
        elif item is not None:  # a wrapper of any name around the fields: EventXML, LogFileCleared
            yield from leaves(name, item)


def _unnumbered(name: str, among: set[str]) -> str:
    """The parser numbers an element that comes again: ``Data``, ``Data_1``, ``Data_2``."""
    base, underscore, number = name.rpartition("_")
    return base if underscore and number.isdecimal() and base in among else name


def _mapping(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, dict) else {}


def _attributes(system: Mapping[str, Any], element: str) -> Mapping[str, Any]:
    """The attributes of an element, nested in it or beside it."""
    found = system.get(element)
    nested = found.get("#attributes") if isinstance(found, dict) else None
    return nested if isinstance(nested, dict) else _mapping(system.get(f"{element}_attributes"))
