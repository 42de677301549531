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
_KNOWN = 200_000
_COUNTING = (CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT)


class Entry(NamedTuple):
    """An observation in its group: of a rule's hit, or of a ``burst`` of another correlation, seen at one of its events.

    ``rule`` is the place of that rule among the correlation's, ``value`` what is measured of it; ``names`` are those of
    ``seen.values``.
    """

    time: int
    rule: int
    value: Value
    seen: Observation
    names: tuple[str, ...]
    burst: Burst | None = None

    def read(self, name: str) -> str | None:
        """The value of a field: what a burst is grouped by, else what the event shows."""
        if self.burst is not None and name in self.burst.group:
            return self.burst.group[name]
        return self.seen.values[self.names.index(name)] if name in self.names else None


@dataclass(frozen=True, slots=True)
class Burst:
    """A correlation fulfilled. ``ends`` are the observations at which it was, the one that completed it first.

    ``group`` are the values it is grouped by, as that one spells them; ``measured`` is the measure, or the rules that were
    hit, as text; ``events`` are some of its events by time, ``count`` is how many it has.
    """

    group: Mapping[str, str]
    measured: str
    ends: tuple[Entry, ...]
    events: tuple[Observation, ...]
    count: int


#: What a correlation looks at, of one rule: observations, the names of their values, the bursts they are seen in.
Looked = Iterable[tuple[Observation, tuple[str, ...], Burst | None]]


@dataclass(slots=True)
class Grouped:
    """A correlation's groups, and the losses of what could not be counted."""

    groups: dict[tuple[str, ...], list[Entry]] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


def grouped(rule: Rule, asked: Correlation, look: Callable[[str], Looked], title_of: Callable[[str], str]) -> Grouped:
    """The groups of a correlation rule, each in the order in which a window is to slide over it.

    Text is grouped and told apart without regard to case, as Sigma compares it. Events that lack a field are not counted;
    a host on which every event of a rule does is a loss (not evaluable).
    """
    whole = Grouped()
    for place, looked_at in enumerate(asked.rules):
        missing = _Missing(f"correlation {rule.title!r} ({rule.id})", title_of(looked_at))
        _fill(whole.groups, _Reader(asked, place), look(looked_at), missing)
        whole.losses += missing.losses()
    if len(asked.rules) > 1 or asked.type.temporal:
        for key, entries in whole.groups.items():
            whole.groups[key] = _merged(entries, temporal=asked.type.temporal)
    return whole


def shown_group(asked: Correlation, entry: Entry) -> dict[str, str]:
    """What the entry is grouped by, by the names that the correlation gives it."""
    looked_at = asked.rules[entry.rule]
    return {name: entry.read(asked.field_of(name, looked_at)) or "" for name in asked.group_by}


def _fill(groups: dict[tuple[str, ...], list[Entry]], reader: _Reader, looked: Looked, missing: _Missing) -> None:
    known: dict[tuple[str | None, ...], tuple[tuple[str, ...] | None, Value]] = {}  # most events say what others said
    for seen, names, burst in looked:
        if burst is not None:
            key, value = reader.read(Entry(seen.time, 0, None, seen, names, burst))
        elif seen.values in known:
            key, value = known[seen.values]
        else:
            key, value = known[seen.values] = reader.read(Entry(seen.time, 0, None, seen, names))
            if len(known) > _KNOWN:
                known.clear()
        if key is None:
            missing.add(seen.kind.host, reader.lacking(Entry(seen.time, 0, None, seen, names, burst)))
        else:
            missing.counted.add(seen.kind.host)
            groups.setdefault(key, []).append(Entry(seen.time, reader.place, value, seen, names, burst))


class _Reader:
    """Reads what a correlation asks of hits of the rule at ``place``."""

    def __init__(self, asked: Correlation, place: int) -> None:
        self.place = place
        self._groups = [asked.field_of(name, asked.rules[place]) for name in asked.group_by]
        self._fields = [asked.field_of(name, asked.rules[place]) for name in asked.fields]
        self._number = asked.type not in _COUNTING and not asked.type.temporal

    def read(self, entry: Entry) -> tuple[tuple[str, ...] | None, Value]:
        """The group, ``None`` when it cannot be counted, and the value."""
        key = [text for name in self._groups if (text := entry.read(name)) is not None]
        texts = [text for name in self._fields if (text := entry.read(name)) is not None]
        if len(key) < len(self._groups) or len(texts) < len(self._fields):
            return None, None
        group = tuple(map(fold, key))
        if not self._number:
            return group, tuple(map(fold, texts))
        value = exact(texts[0])
        return (None if value is None else group), value

    def lacking(self, entry: Entry) -> tuple[str, ...]:
        """The fields that keep it from being counted."""
        absent = tuple(name for name in (*self._groups, *self._fields) if entry.read(name) is None)
        return tuple(dict.fromkeys(absent or self._fields))


def _merged(entries: list[Entry], *, temporal: bool) -> list[Entry]:
    """By time. Events are counted once, whichever rules they are hits of; of a temporal type each rule's hit stands."""
    if temporal:  # what happened in one millisecond may have happened in the order of the rules
        return sorted(entries, key=lambda entry: (entry.time, entry.rule, *entry.seen[1:3]))
    entries.sort(key=lambda entry: (*identity(entry.seen), entry.rule))
    once = entries[:1]
    for entry in entries:
        if identity(entry.seen) != identity(once[-1].seen):
            once.append(entry)
    return once


class _Missing:
    """Events of one rule that lack a field, by host."""

    def __init__(self, where: str, title: str) -> None:
        self.counted: set[str] = set()
        self._where = where
        self._title = title
        self._hosts: dict[tuple[str, ...], dict[str, int]] = {}

    def add(self, host: str, fields: tuple[str, ...]) -> None:
        hosts = self._hosts.setdefault(fields, {})
        hosts[host] = hosts.get(host, 0) + 1

    def losses(self) -> Iterator[Loss]:
        for fields, hosts in sorted(self._hosts.items()):
            lacking = {host: count for host, count in sorted(hosts.items()) if host not in self.counted}
            if lacking:
                named = ", ".join(host or "an unnamed host" for host in list(lacking)[:_HOSTS_NAMED])
                more = f" and {len(lacking) - _HOSTS_NAMED} more" if len(lacking) > _HOSTS_NAMED else ""
                why = f"events of {self._title!r} on {named}{more} show no usable {', '.join(fields)}: they are not counted"
                yield Loss(LossKind.NOT_EVALUABLE, self._where, why, sum(lacking.values()))
