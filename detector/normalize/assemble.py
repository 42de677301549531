"""A draft's parts in one form, put together to an event."""

from __future__ import annotations

from typing import Any

from detector.model.event import Event, EventRef, FieldValue
from detector.normalize.draft import Draft
from detector.normalize.instant import utc
from detector.normalize.taxonomy import complete
from detector.normalize.values import value, word

_MASK = (1 << 64) - 1


def assemble(draft: Draft, source: str) -> Event | list[str]:
    """The event, or the names of the parts without which a record is none: ``EventID``, ``Computer``, its time."""
    event_id, time, computer = _number(draft.event_id), utc(draft.time), word(draft.computer)
    host = short_host(computer)
    if event_id is None or time is None or not host:
        parts = {"EventID": event_id is not None, "Computer": bool(host), "a time": time is not None}
        return [name for name, there in parts.items() if not there]
    provider, channel = word(draft.provider), word(draft.channel)
    ref = EventRef(source, host, channel, provider, event_id, _number(draft.record_id), time)
    system = {
        "EventID": str(event_id),
        "Channel": channel,
        "Provider_Name": provider,
        "Computer": computer,
        "Level": word(draft.level),
        "Keywords": _keywords(draft.keywords),
    }
    fields: dict[str, FieldValue] = {name: text for name, text in system.items() if text}
    for name, raw in draft.data.items():
        _add(fields, name, value(raw))
    complete(provider.lower(), event_id, fields)
    return Event(ref, computer, fields)


def short_host(computer: str) -> str:
    """The name without domain in upper case; an address stays whole."""
    name = computer.strip(". ").upper()
    return name if name.replace(".", "").isdecimal() else name.split(".", 1)[0]


def _add(fields: dict[str, FieldValue], name: str, found: FieldValue) -> None:
    """A field of the event that shares its name with one of System (the cleared ``Channel`` of 104) has both values."""
    known = fields.get(name)
    if known is None or found == known:
        fields[name] = found
    elif found:
        fields[name] = (*_parts(known), *_parts(found))


def _parts(found: FieldValue) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found or ()


def _number(raw: Any) -> int | None:
    text = word(raw)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None


def _keywords(raw: Any) -> str:
    """The mask as Windows prints it; NXLog writes it as a signed decimal."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return hex(raw & _MASK)
    return word(raw)
