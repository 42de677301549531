"""A draft's parts in one form, put together to an event."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from detector.model.event import Event, EventRef, FieldValue
from detector.normalize.draft import Draft
from detector.normalize.taxonomy import complete
from detector.normalize.values import TYPED_LENGTHS, value, word

_MASK = (1 << 64) - 1
_DIGITS = 20
_NAME_LENGTH = 256


def assemble(draft: Draft, source: str) -> Event | list[str]:
    """The event, or the names of the parts without which a record is none: ``EventID``, ``Computer``, its time."""
    number, provider, channel, computer, record_id, time, level, keywords, data = draft
    event_id, computer = _number(number), word(computer)
    host = short_host(computer)
    if event_id is None or time is None or not host:
        parts = {"EventID": event_id is not None, "Computer": bool(host), "a time": time is not None}
        return [name for name, there in parts.items() if not there]
    provider, channel = word(provider), word(channel)
    fields: dict[str, FieldValue] = {
        "EventID": str(event_id),
        "Channel": channel,
        "Provider_Name": provider,
        "Computer": computer,
        "Level": word(level),
        "Keywords": _keywords(keywords),
    }
    if "" in fields.values():
        fields = {name: text for name, text in fields.items() if text}
    for name, raw in data.items():
        found = raw if type(raw) is str and len(raw) not in TYPED_LENGTHS and "\n" not in raw else value(raw)
        fields[name] = found if name not in fields else _both(fields[name], found)
    complete(provider.lower(), event_id, fields)
    ref = EventRef(source, host, channel, provider, event_id, _number(record_id), time)
    return Event(ref, computer, fields)


def short_host(computer: str) -> str:
    """The name without domain in upper case; an address stays whole."""
    return _known_host(computer) if len(computer) <= _NAME_LENGTH else _short_host(computer)


def _short_host(computer: str) -> str:
    name = computer.strip(". ").upper()
    return name if name.replace(".", "").isdecimal() else name.split(".", 1)[0]


_known_host = lru_cache(maxsize=1024)(_short_host)


def _both(known: FieldValue, found: FieldValue) -> FieldValue:
    """A field of the event that shares its name with one of System (the cleared ``Channel`` of 104) has both values."""
    return known if not found or found == known else (*_parts(known), *_parts(found))


def _parts(found: FieldValue) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found or ()


def _number(raw: Any) -> int | None:
    text = word(raw)
    return int(text) if len(text) <= _DIGITS and text.isdecimal() and text.isascii() else None


def _keywords(raw: Any) -> str:
    """The mask as Windows prints it; NXLog writes it as a signed decimal."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return hex(raw & _MASK)
    return word(raw)
