"""Points in time as logs write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138


def utc(value: Any, *, bare_is_utc: bool = True) -> datetime | None:
    """The time in UTC, cut to microseconds; ``None`` for what is no time, or none of the years 1 to 9999.

    Text is ISO 8601 with ``T`` or a space, a fraction of any length, ``Z`` or an offset. Without a zone it is taken as
    UTC, or refused when ``bare_is_utc`` is false. A number counts seconds or milliseconds since 1970 (Elasticsearch).
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            if found.tzinfo is UTC:
                return found
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)
        else:
            return None
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        return found.replace(tzinfo=UTC) if bare_is_utc else None
    except (ValueError, OverflowError, OSError):
        return None
