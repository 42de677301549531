"""The observations of one correlation, group by group, with what is measured of each; and those that belong nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.engine.correlate_gauges import Value, exact
from detector.engine.correlate_observed import Observation, identity
from detector.engine.values import fold
from detector.model.correlation import Correlation, CorrelationType
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule

_HOSTS_NAMED = 3
_COUNTING = (CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT)


@dataclass(frozen=True, slots=True)
class Burst:
    """A correlation fulfilled. ``ends`` are the observations at which it was, the one that completed it first.

    ``group`` are the values it is grouped by, as that one spells them; ``measured`` is the measure, or the rules that were
    hit, as text; ``events`` are some of its events by time, ``count`` is how many it has.
    """

    group: Mapping[str, str]
    measured: str
    ends: tuple[Point, ...]
    events: tuple[Observation, ...]
    count: int


class Point(NamedTuple):
    """A hit that a correlation looks at: of a rule, or a burst of another correlation, seen at one of its events.

    ``values`` names the observation's values.
    """

    seen: Observation
    values: tuple[str, ...]
    burst: Burst | None = None

    def read(self, name: str) -> str | None:
        """The value of a field: what a burst is grouped by, else what the event shows."""
        if self.burst is not None and name in self.burst.group:
            return self.burst.group[name]
        return self.seen.values[self.values.index(name)] if name in self.values else None


class Entry(NamedTuple):
    """A point in its group. ``rule`` is the place of its rule among the correlation's."""

    point: Point
    rule: int
    value: Value


@dataclass(slots=True)
class Grouped:
    """A correlation's groups, and the losses of what could not be counted."""

    groups: dict[tuple[str, ...], list[Entry]] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


def grouped(rule: Rule, points_of: Callable[[str], Iterable[Point]], title_of: Callable[[str], str]) -> Grouped:
    """The groups of a correlation rule, each in the order in which a window is to slide over it.

    Text is grouped and told apart without regard to case, as Sigma compares it. Events that lack a field are not counted;
    a host on which no event of a rule has it is a loss (not evaluable).
    """
    asked = rule.correlation
    assert asked is not None
    whole = Grouped()
    for place, looked_at in enumerate(asked.rules):
        missing = _Missing(f"correlation {rule.title!r} ({rule.id})", title_of(looked_at))
        for key, entry in _entries(asked, place, points_of(looked_at), missing):
            whole.groups.setdefault(key, []).append(entry)
        whole.losses += missing.losses()
    if len(asked.rules) > 1:
        for key, entries in whole.groups.items():
            whole.groups[key] = _merged(entries, temporal=asked.type.temporal)
    return whole


def shown_group(asked: Correlation, entry: Entry) -> dict[str, str]:
    """What the entry is grouped by, by the names that the correlation gives it."""
    looked_at = asked.rules[entry.rule]
    return {name: entry.point.read(asked.field_of(name, looked_at)) or "" for name in asked.group_by}


def _entries(
    asked: Correlation, place: int, points: Iterable[Point], missing: _Missing
) -> Iterator[tuple[tuple[str, ...], Entry]]:
    groups = [asked.field_of(name, asked.rules[place]) for name in asked.group_by]
    fields = [asked.field_of(name, asked.rules[place]) for name in asked.fields]
    measured = _measured(asked)
    for point in points:
        host = point.seen.kind.host
        key = tuple([text for name in groups if (text := point.read(name)) is not None])
        texts = tuple([text for name in fields if (text := point.read(name)) is not None])
        value = measured(texts) if len(texts) == len(fields) else None
        if len(key) < len(groups) or (fields and value is None):
            missing.add(host, [name for name in (*groups, *fields) if point.read(name) is None] or fields)
            continue
        missing.counted.add(host)
        yield tuple([fold(text) for text in key]), Entry(point, place, value)


def _measured(asked: Correlation) -> Callable[[tuple[str, ...]], Value]:
    if asked.type in _COUNTING or asked.type.temporal:
        return lambda texts: tuple([fold(text) for text in texts])
    return lambda texts: exact(texts[0])


def _merged(entries: list[Entry], *, temporal: bool) -> list[Entry]:
    """By time. Events are counted once, whichever rules they are hits of; of a temporal type each rule's hit stands."""
    if temporal:  # what happened in one millisecond may have happened in the order of the rules
        return sorted(entries, key=lambda entry: (entry.point.seen.time, entry.rule, *entry.point.seen[1:3]))
    entries.sort(key=lambda entry: (*identity(entry.point.seen), entry.rule))
    once = entries[:1]
    for entry in entries:
        if identity(entry.point.seen) != identity(once[-1].point.seen):
            once.append(entry)
    return once


class _Missing:
    """Events of one rule that lack a field, by host."""

    def __init__(self, where: str, title: str) -> None:
        self.counted: set[str] = set()
        self._where = where
        self._title = title
        self._hosts: dict[tuple[str, ...], dict[str, int]] = {}

    def add(self, host: str, fields: Iterable[str]) -> None:
        hosts = self._hosts.setdefault(tuple(dict.fromkeys(fields)), {})
        hosts[host] = hosts.get(host, 0) + 1

    def losses(self) -> Iterator[Loss]:
        for fields, hosts in sorted(self._hosts.items()):
            lacking = {host: count for host, count in sorted(hosts.items()) if host not in self.counted}
            if lacking:
                named = ", ".join(host or "an unnamed host" for host in list(lacking)[:_HOSTS_NAMED])
                more = f" and {len(lacking) - _HOSTS_NAMED} more" if len(lacking) > _HOSTS_NAMED else ""
                why = f"events of {self._title!r} on {named}{more} show no usable {', '.join(fields)}: they are not counted"
                yield Loss(LossKind.NOT_EVALUABLE, self._where, why, sum(lacking.values()))
