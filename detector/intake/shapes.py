"""A JSON value to the records in it: wrappers taken off, the spelling recognised by its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detector.model.event import Shape

#: Keys by which an object of no known spelling is still told to be an event of something.
_TIME_KEYS = frozenset(
    "@timestamp timestamp Timestamp TimeStamp time Time datetime eventTime EventTime event_time TimeCreated "
    "TimeGenerated UtcTime _time ts".split()
)


#: Keys of what this program itself writes as JSON lines, by their ``kind``.
_OWN_LINES = {
    "incident": frozenset({"origins", "reasons", "checks"}),
    "finding": frozenset({"rule", "decision", "refs"}),
    "loss": frozenset({"loss", "where", "why"}),
}


@dataclass(frozen=True, slots=True)
class Record:
    """An event in a spelling we know."""

    shape: Shape
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is no event we know. ``is_event`` when it bears a time, as events do; ``why`` for the user."""

    is_event: bool
    why: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A search response that says itself that it is not whole."""

    why: str
    count: int = 1


Item = Record | Unknown | Failure


def shape_of(value: Any) -> Shape | None:
    """The spelling of one object, without wrappers."""
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get("Event"), Mapping):
        return Shape.WINLOG
    if isinstance(value.get("winlog"), Mapping) or any(key.startswith("winlog.") for key in value):
        return Shape.WINLOGBEAT
    if "EventID" in value and ("Hostname" in value or "SourceName" in value):
        return Shape.NXLOG
    return None


def is_own(value: Any) -> bool:
    """Whether a value is a report of this program, or a line of one."""
    if not isinstance(value, Mapping):
        return False
    kind = value.get("kind")
    keys = _OWN_LINES.get(kind) if isinstance(kind, str) else None
    return str(value.get("schema")).startswith("rmm-detector/") or (keys is not None and keys <= value.keys())


def is_wrapper(value: Any) -> bool:
    """Whether a value is made to hold records, so that none is a fact too: an empty list, a search response."""
    return value == [] or (isinstance(value, Mapping) and isinstance(value.get("hits"), Mapping))


def items(value: Any) -> Iterator[Item]:
    """The events in a value: itself, the elements of a list, the hits of a search response, one level after another."""
    stack = [value]
    while stack:
        one = stack.pop()
        shape = shape_of(one)
        if shape is not None:
            yield Record(shape, one)
        elif isinstance(one, list):
            stack.extend(reversed(one))
        elif isinstance(one, Mapping) and isinstance(one.get("_source"), Mapping):
            stack.append(one["_source"])
        elif isinstance(one, Mapping) and isinstance(one.get("hits"), Mapping):
            yield from _failures(one)
            stack.append(_list(one["hits"].get("hits")))
        elif isinstance(one, Mapping) and "_index" in one and isinstance(one.get("fields"), Mapping):
            stack.append({name: _single(found) for name, found in one["fields"].items()})
        else:
            yield _unknown(one)


def _failures(response: Mapping[str, Any]) -> Iterator[Failure]:
    shards = response.get("_shards")
    failed = shards.get("failed") if isinstance(shards, Mapping) else 0
    if isinstance(failed, int) and failed > 0:
        yield Failure(f"the search failed on {failed} shards, whose events are not in this response", failed)
    if response.get("timed_out") is True:
        yield Failure("the search ran out of time, this response is not whole")


def _unknown(value: Any) -> Unknown:
    if not isinstance(value, Mapping):
        return Unknown(False, "JSON, but no object")
    is_event = not _TIME_KEYS.isdisjoint(value)
    return Unknown(is_event, "JSON, but in no known spelling of a Windows event (EVTX as JSON, Winlogbeat, NXLog)")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
