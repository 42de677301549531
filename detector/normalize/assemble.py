"""A draft's parts in one form, put together to an event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from detector.model.event import Event, EventRef, FieldValue
from detector.normalize.draft import Draft
from detector.normalize.taxonomy import complete
from detector.normalize.values import TYPED_LENGTHS, value, word

_MASK = (1 << 64) - 1
_DIGITS = 20
_NO_NUMBER = 10**_DIGITS
_NAMES_LENGTH = 1000
_USUAL_NUMBER = 1 << 64


class _Names(NamedTuple):
    """The parts of System that are the same in many events; ``kind`` is the provider in lower case."""

    provider: str
    channel: str
    computer: str
    host: str
    kind: str


def assemble(draft: Draft, source: str) -> Event | list[str]:
    """The event, or the names of the parts without which a record is none: ``EventID``, ``Computer``, its time."""
    number, raw_provider, raw_channel, raw_computer, record_id, time, level, keywords, data = draft
    event_id = _number(number)
    provider, channel, computer, host, kind = _names(raw_provider, raw_channel, raw_computer)
    severity, mask = _codes(level, keywords)
    if event_id is None or time is None or not host:
        parts = {"EventID": event_id is not None, "Computer": bool(host), "a time": time is not None}
        return [name for name, there in parts.items() if not there]
    fields: dict[str, FieldValue] = {
        "EventID": str(event_id),
        "Channel": channel,
        "Provider_Name": provider,
        "Computer": computer,
        "Level": severity,
        "Keywords": mask,
    }
    if "" in fields.values():
        fields = {name: found for name, found in fields.items() if found}
    _add(fields, data)
    complete(kind, event_id, fields)
    return Event(EventRef(source, host, channel, provider, event_id, _number(record_id), time), computer, fields)


def short_host(computer: str) -> str:
    """The name without domain in upper case; an address stays whole."""
    name = computer.strip(". ").upper()
    return name if name.replace(".", "").isdecimal() else name.split(".", 1)[0]


def _names(provider: Any, channel: Any, computer: Any) -> _Names:
    try:
        if len(provider) + len(channel) + len(computer) <= _NAMES_LENGTH:
            return _known_names(provider, channel, computer)
    except TypeError:  # none, or something that is no text
        pass
    return _read_names(provider, channel, computer)


def _read_names(provider: Any, channel: Any, computer: Any) -> _Names:
    log, name = word(provider), word(computer)
    return _Names(log, word(channel), name, short_host(name), log.lower())


#: Besides the time, it saves memory: the names of all events of a log are the same strings.
_known_names = lru_cache(maxsize=1024)(_read_names)


def _add(fields: dict[str, FieldValue], data: Mapping[str, Any]) -> None:
    """The event's own fields. Most values are text that :func:`value` gives back as it is; those it is not asked for."""
    both = [(name, fields[name]) for name in fields.keys() & data.keys()]
    fields.update(data)
    for name, raw in data.items():
        kind = type(raw)
        if kind is str:
            if len(raw) in TYPED_LENGTHS or "\n" in raw:
                fields[name] = value(raw)
        elif kind is int and -_USUAL_NUMBER < raw < _USUAL_NUMBER:
            fields[name] = str(raw)
        else:
            fields[name] = value(raw)
    for name, known in both:
        fields[name] = _both(known, fields[name])


def _both(known: FieldValue, found: FieldValue) -> FieldValue:
    """A field of the event that shares its name with one of System (the cleared ``Channel`` of 104) has both values."""
    return known if not found or found == known else (*_parts(known), *_parts(found))


def _parts(found: FieldValue) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found or ()


def _number(raw: Any) -> int | None:
    if type(raw) is int:
        return raw if 0 <= raw < _NO_NUMBER else None
    digits = word(raw)
    return int(digits) if len(digits) <= _DIGITS and digits.isdecimal() and digits.isascii() else None


def _codes(level: Any, keywords: Any) -> tuple[str, str]:
    """The same few in all events of a log."""
    if type(level) is int and (type(keywords) is int or (type(keywords) is str and len(keywords) <= _DIGITS)):
        return _known_codes(level, keywords)
    return _read_codes(level, keywords)


def _read_codes(level: Any, keywords: Any) -> tuple[str, str]:
    return word(level), _keywords(keywords)


_known_codes = lru_cache(maxsize=1024)(_read_codes)


def _keywords(raw: Any) -> str:
    """The mask as Windows prints it; NXLog writes it as a signed decimal."""
    if type(raw) is int:
        return hex(raw & _MASK)
    return word(raw)
