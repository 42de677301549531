"""What every spelling says of an event, found but not yet understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class Draft(NamedTuple):
    """The parts of one record, each as its spelling has it; ``None`` where it has none.

    ``time`` is read already, since which of several stamps counts depends on whether it can be read. ``level`` is Windows'
    number (0 to 5), ``keywords`` its mask; ``data`` the event's own fields (``EventData`` or ``UserData``), where ``Data``
    holds the unnamed strings of a classic provider. ``data`` may be the record's own mapping: it is not to be changed.

    A tuple, because one is made for every record of a terabyte, and lives no longer than that.
    """

    event_id: Any
    provider: Any
    channel: Any
    computer: Any
    record_id: Any
    time: datetime | None
    level: Any
    keywords: Any
    data: Mapping[str, Any]
