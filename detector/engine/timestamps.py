"""Timestamps in the values of fields, and their parts: ``hour``, ``week`` and the others of Sigma's time modifiers.

Everything is UTC: a value that names its zone is brought there, one that names none is taken as UTC. Read is ISO 8601 as logs
write it: a date, ``T`` or a space, hours and minutes, seconds and any number of digits of a fraction if they are there, ``Z``,
``UTC`` or an offset if it is there. A date alone has no minute and no hour. Whatever else a value says, it is no timestamp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from detector.engine.values import values
from detector.model.event import Event
from detector.model.predicate import TimePart, Unit

#: Names by which rules ask when the event happened. An event that has such a field is judged by the field.
OWN_TIME = frozenset(
    {
        "@timestamp",
        "EventTime",
        "SystemTime",
        "TimeCreated",
        "TimeCreated_SystemTime",
        "TimeGenerated",
        "UtcTime",
        "timestamp",
    }
)

_TIMESTAMP = re.compile(
    r"""([0-9]{4}-[0-9]{2}-[0-9]{2})
    (?:[T\ ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:(?<=:[0-9]{2}:[0-9]{2})\.[0-9]{1,12})?
    \ ?(Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?""",
    re.IGNORECASE | re.VERBOSE,
)
#: Windows puts it around the parts of a localised date.
_LEFT_TO_RIGHT = "\u200e"
_OF_THE_DAY = frozenset({Unit.MINUTE, Unit.HOUR})


def in_part(test: TimePart, event: Event, field: str) -> bool:
    """Whether some value of the field is a timestamp whose part lies where the test asks."""
    return any(test.first <= part <= test.last for part in _parts(test.unit, event, field))


def _parts(unit: Unit, event: Event, field: str) -> Iterator[int]:
    if field in OWN_TIME and field not in event.fields:
        yield _part(unit, event.time)
        return
    for text in values(event, field):
        part = part_of(unit, text)
        if part is not None:
            yield part


def part_of(unit: Unit, text: str) -> int | None:
    """This part of a timestamp's text; ``None`` when the text is none, or a date that says nothing of the hour."""
    found = _TIMESTAMP.fullmatch(text.strip().replace(_LEFT_TO_RIGHT, ""))
    if found is None:
        return None
    date, time, zone = found.groups()
    if time is None and unit in _OF_THE_DAY:
        return None
    offset = "" if zone is None or zone.upper() in ("Z", "UTC") else zone
    try:
        moment = datetime.fromisoformat(f"{date}T{time or '00:00'}{offset or '+00:00'}")
        return _part(unit, moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _part(unit: Unit, moment: datetime) -> int:
    if unit is Unit.WEEK:
        return moment.isocalendar().week
    part: int = getattr(moment, unit.value)
    return part
