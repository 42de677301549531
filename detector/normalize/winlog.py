"""The event's XML as JSON: what pyevtx-rs and ``evtx_dump`` write, with attributes nested or beside (``X_attributes``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detector.normalize.draft import Draft
from detector.normalize.values import gather, leaves

#: Parts of an event that hold no field of its own; RenderingInfo is the collector's words for the codes in System.
_NO_DATA = frozenset({"#attributes", "System", "RenderingInfo", "xmlns"})


def read(payload: Mapping[str, Any]) -> Draft:
    """``{"Event": {"System": ..., "EventData" | "UserData" | "ProcessingErrorData": ...}}``."""
    event = _mapping(payload.get("Event"))
    system = _mapping(event.get("System"))
    return Draft(
        event_id=_text(system.get("EventID")),
        provider=_attribute(system, "Provider", "Name") or _attribute(system, "Provider", "EventSourceName"),
        channel=_text(system.get("Channel")),
        computer=_text(system.get("Computer")),
        record_id=_text(system.get("EventRecordID")),
        time=_attribute(system, "TimeCreated", "SystemTime"),
        level=_text(system.get("Level")),
        keywords=_text(system.get("Keywords")),
        data=_data(event),
    )


def _data(event: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [pair for part, content in event.items() if _holds_data(part) for pair in _fields(part, content)]
    names = {name for name, _ in pairs}
    return gather((_unnumbered(name, names) if "_" in name else name, item) for name, item in pairs)


def _holds_data(name: str) -> bool:
    return name not in _NO_DATA and not name.endswith("_attributes")


def _fields(part: str, content: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(content, dict):
        yield from leaves("Data", content) if content is not None else ()
        return
    for name, item in content.items():
        if not _holds_data(name):
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


def _text(item: Any) -> Any:
    return item.get("#text") if isinstance(item, dict) else item


def _attribute(system: Mapping[str, Any], element: str, name: str) -> Any:
    nested = _mapping(_mapping(system.get(element)).get("#attributes"))
    return nested.get(name) or _mapping(system.get(f"{element}_attributes")).get(name)
