"""Scenario events made whole: record id, every field, the numbers of ``<System>``. All formats are rendered from these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detector.synth.filling import Given, fill, short_name, stable
from detector.synth.kinds import CLASSIC, PROVIDERS, Kind, Provider, kind_of
from detector.synth.scenario import FieldText, LogLine, ScenarioEvent


@dataclass(frozen=True, slots=True)
class SynthEvent:
    """One event as a machine would have logged it.

    ``id`` is the scenario's id of it, ``host`` the computer as it spells itself, ``record_id`` counts per host and
    channel, ``fields`` has every field in logged order (``Data`` of a classic provider is a tuple), ``process_id`` and
    ``thread_id`` are of the process that logged it.
    """

    id: str
    time: datetime
    host: str
    channel: str
    provider: str
    event_id: int
    record_id: int
    fields: Mapping[str, FieldText]
    kind: Kind
    origin: Provider
    process_id: int
    thread_id: int


def complete(events: Iterable[ScenarioEvent]) -> list[SynthEvent]:
    """The events in time order with everything filled in.

    Events that are told for one and the same second follow each other within it, a fraction of a second apart.
    """
    ordered = spread(sorted(events, key=lambda event: event.time))
    hashes = {
        name.lower(): told
        for event in ordered
        if isinstance(told := event.fields.get("Hashes"), str)
        and isinstance(name := event.fields.get("OriginalFileName"), str)
    }
    next_id: dict[tuple[str, str], int] = {}
    whole = []
    for event in ordered:
        log = (short_name(event.host), event.channel)
        number = next_id.setdefault(log, 4000 + stable("record", *log) % 900_000)
        next_id[log] = number + 1
        whole.append(_whole(event, number, hashes))
    return whole


def spread(events: Sequence[ScenarioEvent]) -> list[ScenarioEvent]:
    """Gives events of one whole second different times within it, in their order, cut to milliseconds."""
    count = Counter(event.time for event in events)
    seen: Counter[datetime] = Counter()
    result = []
    for event in events:
        if event.time.microsecond:
            result.append(event)
            continue
        share = 999 // count[event.time]
        into = seen[event.time] * share + stable("fraction", event.id, event.host) % max(share, 1)
        seen[event.time] += 1
        result.append(replace(event, time=event.time + timedelta(milliseconds=min(into, 999))))
    return result


def _whole(event: ScenarioEvent, record_id: int, hashes: Mapping[str, str]) -> SynthEvent:
    kind = kind_of(event.channel, event.event_id, tuple(event.fields))
    fields = fill(kind, event.provider, Given(event.time, event.host, event.fields, hashes))
    origin = PROVIDERS.get(event.provider, CLASSIC if kind.container == "Data" else Provider())
    process_id, thread_id = _execution(origin.process, event)
    return SynthEvent(
        event.id, event.time, event.host, event.channel, event.provider, event.event_id, record_id, fields, kind, origin,
        process_id, thread_id,
    )  # fmt: skip


def _execution(process: str, event: ScenarioEvent) -> tuple[int, int]:
    """Process and thread id of the service that logged the event: one process per host, a few threads."""
    if process == "none":
        return 0, 0
    kernel = process == "lsass" and event.event_id in (4688, 5140, 5145, 5156)
    service = 4 if kernel else 1000 + stable("pid", event.host, event.provider) % 700 * 4
    return service, 100 + stable("tid", event.host, event.provider, str(event.time.minute % 7)) % 2000 * 4


def log_lines(events: Iterable[ScenarioEvent | LogLine]) -> list[LogLine]:
    """The lines of tools' own logs among ``events``."""
    return [event for event in events if isinstance(event, LogLine)]
