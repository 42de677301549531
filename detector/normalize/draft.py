"""What every spelling says of an event, found but not yet understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of one record, each as its spelling has it; ``None`` where it has none.

    ``level`` is Windows' number (0 to 5), ``keywords`` its mask; ``data`` the event's own fields (``EventData`` or
    ``UserData``), where ``Data`` holds the unnamed strings of a classic provider.
    """

    event_id: Any = None
    provider: Any = None
    channel: Any = None
    computer: Any = None
    record_id: Any = None
    time: Any = None
    level: Any = None
    keywords: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)
