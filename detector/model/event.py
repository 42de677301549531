"""One record of a log: as it was spelt (:class:`RawRecord`) and as we understand it (:class:`Event`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

#: A field's value. ``None`` is a field that is there and null; a field that is not there is not in the mapping.
#: A tuple is a field that was logged several times or as a list (classic providers' ``Data``).
FieldValue = str | None | tuple[str, ...]


class Shape(StrEnum):
    """The spelling of a raw record, recognised by content."""

    WINLOG = "winlog"  # {"Event": {"System": ..., "EventData" | "UserData": ...}}: pyevtx-rs, evtx_dump
    WINLOGBEAT = "winlogbeat"  # Winlogbeat / Elastic Agent, nested or dotted: winlog.*, host.*, @timestamp
    NXLOG = "nxlog"  # flat: Hostname, SourceName, EventTime, Channel, EventID


class RawRecord(NamedTuple):
    """One record as its source spells it.

    ``source`` is the path as the user will see it (``-`` for standard input, an index name for a cluster); ``place``
    says where in it (``chunk 3``, ``line 17``), for messages only. ``candidates`` are the places (in the rule set) of the
    rules that can be true of it, where a screen has found that out; ``None``: any.
    """

    source: str
    place: str
    shape: Shape
    payload: Mapping[str, Any]
    candidates: frozenset[int] | None = None


class EventRef(NamedTuple):
    """Which event of which source: what a report quotes so that a person finds the record again.

    ``host`` is the short name in upper case, ``time`` is UTC, ``record_id`` is ``EventRecordID`` of ``<System>``
    (``None`` when the source lacks it).
    """

    source: str
    host: str
    channel: str
    provider: str
    event_id: int
    record_id: int | None
    time: datetime

    @property
    def identity(self) -> tuple[str, str, str, int, int | None, int]:
        """The same for one event whether it came from EVTX, NDJSON or a cluster.

        Time is cut to milliseconds, because Winlogbeat keeps no more; the source is no part of it. Channel and
        provider are compared without case.
        """
        milliseconds = int((self.time - _EPOCH).total_seconds() * 1000)
        return (self.host, self.channel.lower(), self.provider.lower(), self.event_id, self.record_id, milliseconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One normalised record.

    ``fields`` has Sigma's names (``CommandLine``, ``TargetUserName``, ``EventID``, ``Channel``, ``Provider_Name``,
    ``Computer`` ...). Every value is text as logged, numbers in the form the log shows them (``4624``, ``0x3e7``).
    ``computer`` is the full name as spelt; ``ref.host`` the short one.
    """

    ref: EventRef
    computer: str
    fields: Mapping[str, FieldValue]

    @property
    def host(self) -> str:
        """Short host name in upper case, without domain."""
        return self.ref.host

    @property
    def time(self) -> datetime:
        """When it happened, UTC."""
        return self.ref.time

    def text(self, name: str) -> str:
        """The field as one text; empty when absent or null, joined by spaces when a list."""
        value = self.fields.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else " ".join(value)
