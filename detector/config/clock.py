"""Hours, days, instants and zones as a policy writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from detector.config import words
from detector.config.entry import WrongError, name
from detector.model.policy import Window

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY_DAY = frozenset(range(7))
_TIME = r"(\d{1,2}):(\d{2})"
_RANGE = re.compile(rf"{_TIME}\s*-\s*{_TIME}")
_WINDOW = re.compile(r"(?P<days>[a-z][a-z,\s-]*?)?\s*(?P<hours>\d{1,2}:\d{2}\s*-.*)", re.IGNORECASE)
_FORM = "write days and hours: Mon-Fri 07:30-18:30, Mon,Wed 08:00-12:00 or daily 21:40-05:10"


def windows(text: str) -> tuple[Window, ...]:
    """``Mon-Fri 07:30-18:30`` as windows, one for each range of hours. Raises :class:`WrongError`.

    Days are ``daily``, days and ranges of days with commas (``Mon,Wed-Fri``, ``Sat-Mon`` runs over the weekend). An end
    before the start is on the next day; ``24:00`` ends the day itself.
    """
    text = name(text).replace("\N{EN DASH}", "-")
    match = _WINDOW.fullmatch(text)
    if match is None:
        only_days = re.fullmatch(r"[A-Za-z]{3,9}", text) is not None and text[:3].lower() in {d[:3] for d in _DAYS}
        raise WrongError(
            f"{text!r} is no window", "a window with commas needs quotes in a [list]" if only_days else _FORM
        )
    days = _days(match["days"] or "daily")
    return tuple(_hours(days, part.strip()) for part in match["hours"].split(","))


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (word.strip().lower() for word in part.partition("-"))
        if first == "daily" and not dash:
            return _EVERY_DAY
        start, end = _day(first), _day(last if dash else first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)


def _day(word: str) -> int:
    for number, day in enumerate(_DAYS):
        if len(word) >= 3 and day.startswith(word):
            return number
    short = [day[:3].title() for day in _DAYS]
    raise WrongError(f"unknown day {word!r}", words.hint(word, [*short, "daily"]))


def _hours(days: frozenset[int], text: str) -> Window:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise WrongError(f"{text!r} is no range of hours", _FORM)
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    try:
        start = time(from_hour, from_minute)
        end = time.max if (to_hour, to_minute) == (24, 0) else time(to_hour, to_minute)
    except ValueError:
        raise WrongError(f"{text!r} is no range of hours", "hours go from 00:00 to 24:00") from None
    if start == end:
        raise WrongError(f"{text!r} begins and ends at once", "the whole day is 00:00-24:00")
    return Window(days, start, end)


def zone(text: str) -> str:
    """An IANA time zone. Raises :class:`WrongError`."""
    text = name(text)
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder of the database an OSError
        near = words.nearest(text, available_timezones())
        hint = f"did you mean '{near}'?" if near else "use an IANA name, for instance Europe/Berlin"
        raise WrongError(f"unknown time zone {text!r}", hint) from None
    return text


def day(text: str) -> date:
    """``2025-11-30``. Raises :class:`WrongError`."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise WrongError(f"there is no day {text}", "check month and day") from None
    raise WrongError(f"{text!r} is no date", "write year-month-day, for instance 2025-11-30")


def instant(text: str, *, ends: bool = False) -> datetime:
    """``2025-11-18T04:00:00Z`` as UTC; without a zone it is UTC, a mere day means its begin, or its end with ``ends``.

    Raises :class:`WrongError`.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return datetime.combine(day(text), time.max if ends else time.min, UTC)
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongError(f"{text!r} is no time", "write it as 2025-11-18T04:00:00Z") from None
