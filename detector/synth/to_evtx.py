"""A whole event as the binary XML Windows writes for it: the System template, and EventData or UserData within."""

from __future__ import annotations

import struct
from functools import lru_cache

from detector.synth.binxml import Content, Element, Instance, Slot, Template
from detector.synth.events import SynthEvent
from detector.synth.evtx import Record, filetime_value
from detector.synth.kinds import Kind
from detector.synth.values import NULL, Value, ValueType, sid_bytes, strings_value, value_of

_EVENT_NS = "http://schemas.microsoft.com/win/2004/08/events/event"
_CLEARED_NS = "http://manifests.microsoft.com/win/2004/08/windows/eventlog"


def record(event: SynthEvent) -> Record:
    """The event as a record of an EVTX file. Raises ``ValueError`` for text an event cannot hold."""
    kind, origin = event.kind, event.origin
    values = (
        Value(ValueType.UINT8, bytes([kind.level])),
        Value(ValueType.UINT8, bytes([kind.opcode])),
        Value(ValueType.UINT16, struct.pack("<H", kind.task)),
        Value(ValueType.UINT16, struct.pack("<H", event.event_id)),
        NULL if kind.qualifiers is None else Value(ValueType.UINT16, struct.pack("<H", kind.qualifiers)),
        Value(ValueType.HEX64, struct.pack("<Q", kind.keywords)),
        filetime_value(event.time),
        NULL,  # ActivityID
        Value(ValueType.UINT32, struct.pack("<I", event.process_id)),
        Value(ValueType.UINT32, struct.pack("<I", event.thread_id)),
        Value(ValueType.UINT64, struct.pack("<Q", event.record_id)),
        Value(ValueType.UINT8, bytes([kind.version])),
        Value(ValueType.SID, sid_bytes(origin.user)) if origin.user else NULL,
        NULL,  # RelatedActivityID
        value_of(ValueType.STRING, event.provider),
        value_of(ValueType.GUID, origin.guid) if origin.guid else NULL,
        value_of(ValueType.STRING, event.channel),
        _payload(event),
    )
    return Record(event.time, Instance(_system(event.host, origin.source), values))


@lru_cache(maxsize=256)
def _system(computer: str, source: str) -> Template:
    """Windows' own template of ``<System>``: the computer's name stands in it as text, hence one a computer."""
    provider: tuple[tuple[str, Content], ...] = (
        ("Name", Slot(14, ValueType.STRING, True)),
        ("Guid", Slot(15, ValueType.GUID, True)),
    )
    if source:
        provider += (("EventSourceName", source),)
    system = Element(
        "System",
        (
            Element("Provider", attributes=provider),
            _leaf("EventID", 3, ValueType.UINT16, (("Qualifiers", Slot(4, ValueType.UINT16, True)),)),
            _leaf("Version", 11, ValueType.UINT8),
            _leaf("Level", 0, ValueType.UINT8),
            _leaf("Task", 2, ValueType.UINT16),
            _leaf("Opcode", 1, ValueType.UINT8),
            _leaf("Keywords", 5, ValueType.HEX64),
            Element("TimeCreated", attributes=(("SystemTime", Slot(6, ValueType.FILETIME, True)),)),
            _leaf("EventRecordID", 10, ValueType.UINT64),
            Element(
                "Correlation",
                attributes=(
                    ("ActivityID", Slot(7, ValueType.GUID, True)),
                    ("RelatedActivityID", Slot(13, ValueType.GUID, True)),
                ),
            ),
            Element(
                "Execution",
                attributes=(
                    ("ProcessID", Slot(8, ValueType.UINT32, True)),
                    ("ThreadID", Slot(9, ValueType.UINT32, True)),
                ),
            ),
            _leaf("Channel", 16, ValueType.STRING),
            Element("Computer", (computer,)),
            Element("Security", attributes=(("UserID", Slot(12, ValueType.SID, True)),)),
        ),
    )
    return Template(
        Element("Event", (system, Slot(17, ValueType.BINXML, True)), (("xmlns", _EVENT_NS),), depends=17),
    )


def _leaf(name: str, slot: int, kind: ValueType, attributes: tuple[tuple[str, Content], ...] = ()) -> Element:
    return Element(name, (Slot(slot, kind, True),), attributes, depends=slot)


def _payload(event: SynthEvent) -> Instance:
    """What stands below ``<System>``, with its own template."""
    binary = event.fields.get("Binary")
    if event.kind.container == "Data":
        data = event.fields["Data"]
        texts = data if isinstance(data, tuple) else (data or "",)
        return Instance(
            _CLASSIC, (strings_value(texts), value_of(ValueType.BINARY, binary) if isinstance(binary, str) else NULL)
        )
    types = {field.name: field.type for field in event.kind.fields}
    values = tuple(_field(types[name], text) for name, text in event.fields.items())
    nulls = frozenset(index for index, value in enumerate(values) if value is NULL)
    return Instance(_fields(event.kind, nulls), values)


def _field(kind: ValueType, text: str | tuple[str, ...] | None) -> Value:
    return strings_value(text) if isinstance(text, tuple) else value_of(kind, text)


_CLASSIC = Template(
    Element(
        "EventData",
        (
            Element("Data", (Slot(0, ValueType.STRINGS),)),
            Element("Binary", (Slot(1, ValueType.BINARY, True),), depends=1),
        ),
    )
)


@lru_cache(maxsize=1024)
def _fields(kind: Kind, nulls: frozenset[int]) -> Template:
    """The template below ``<System>``. A null field gets an optional slot: libevtx refuses a null in any other."""
    leaves = [(field.name, (Slot(index, field.type, index in nulls),)) for index, field in enumerate(kind.fields)]
    if kind.container == "EventData":
        named = tuple(Element("Data", slot, (("Name", name),)) for name, slot in leaves)
        return Template(Element("EventData", named, (("Name", kind.data_name),) if kind.data_name else ()))
    namespace = "Event_NS" if kind.container == "EventXML" else _CLEARED_NS
    plain = tuple(Element(name, slot) for name, slot in leaves)
    return Template(Element("UserData", (Element(kind.container, plain, (("xmlns", namespace),)),)))
