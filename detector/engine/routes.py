"""Which rules look at an event: by its log, which channel and provider tell, and its event id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from detector.engine.coverage import Kind
from detector.engine.index import Index
from detector.engine.logsource import logs_of, sources
from detector.engine.needs import event_ids, necessary_fields
from detector.engine.view import View
from detector.model.event import EventRef
from detector.model.rule import Rule, RuleSet

#: A route is kept for each (provider, channel, event id) seen; hostile input could make them up without end.
_ROUTES = 20_000
#: So few candidates are judged sooner than the index is asked.
_FEW = 16
#: What is filed under no log: rules that look at all of them.
_ANY = ""


class Group:
    """Rules that look at the same events, by place in the rule set. Their index is made when it is first asked."""

    __slots__ = ("_index", "_places", "_rules", "_those")

    def __init__(self, places: Sequence[int], rules: Sequence[Rule]) -> None:
        self._places = tuple(places)
        self._those = frozenset(places)
        self._rules = rules
        self._index: Index | None = None

    @property
    def places(self) -> frozenset[int]:
        """The places of its rules."""
        return self._those

    def open(self, view: View, candidates: Collection[int] | None) -> list[int]:
        """The places of rules that may be true of the event, in order."""
        if candidates is not None and len(candidates) <= _FEW:
            return sorted(self._those.intersection(candidates))
        if self._index is None:
            self._index = Index([self._rules[place].predicate for place in self._places])
        places = [self._places[at] for at in self._index.look(view)]
        return places if candidates is None else [place for place in places if place in candidates]


@dataclass(frozen=True, slots=True)
class Route:
    """What one kind of event goes to. ``kinds`` are to be covered, each with the fields its rules need."""

    groups: tuple[Group, ...]
    kinds: tuple[tuple[Kind, frozenset[str]], ...]

    @property
    def places(self) -> frozenset[int]:
        """The places of the rules that look at it."""
        return frozenset[int]().union(*(group.places for group in self.groups))

    def open(self, view: View, candidates: Collection[int] | None) -> Sequence[int]:
        """The places of rules that may be true of the event, in order."""
        if len(self.groups) == 1:
            return self.groups[0].open(view, candidates)
        return sorted({place for group in self.groups for place in group.open(view, candidates)})


@dataclass(slots=True)
class _Filed:
    """The rules of one log: by event id, and those that look at all its events."""

    by_id: dict[int, list[int]] = field(default_factory=dict)
    of_all: list[int] = field(default_factory=list)


class Routes:
    """The rules of a set, filed. Groups are as many as the rules ask for logs and event ids, whatever the events say."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.rules
        self._filed: dict[str, _Filed] = {_ANY: _Filed()}
        self._routes: dict[tuple[str, str, int], Route] = {}
        self._groups: dict[tuple[str, int | None], Group | None] = {}
        for place, rule in enumerate(rules.rules):
            self._file(place, rule)

    def of(self, ref: EventRef) -> Route:
        """The route of such an event."""
        key = (ref.provider, ref.channel, ref.event_id)
        route = self._routes.get(key)
        if route is None:
            if len(self._routes) >= _ROUTES:
                self._routes.clear()
            route = self._routes[key] = self._route(ref)
        return route

    def _file(self, place: int, rule: Rule) -> None:
        asked = event_ids(rule.predicate)
        for source in sources(rule.logsource):
            filed = self._filed.setdefault(source.log.name if source.log else _ANY, _Filed())
            ids = source.ids_with(asked)
            if ids is None:
                filed.of_all.append(place)
            for event_id in ids or ():
                filed.by_id.setdefault(event_id, []).append(place)

    def _route(self, ref: EventRef) -> Route:
        """By the logs it belongs to: one, as a rule; none, or two where channel and provider do not agree."""
        names = [log.name for log in logs_of(ref.provider, ref.channel) if log.name in self._filed]
        kinds: list[tuple[Kind, frozenset[str]]] = []
        for name in names:
            found = self._filed[name].by_id.get(ref.event_id)
            if found:
                needed = (necessary_fields(self._rules[place].predicate) for place in found)
                kinds.append((Kind(name, ref.event_id), frozenset[str]().union(*needed)))
        groups = [self._group(name, ref.event_id) for name in names or [_ANY]]
        return Route(tuple(group for group in groups if group is not None), tuple(kinds))

    def _group(self, name: str, event_id: int) -> Group | None:
        """The log's rules for the event id, and those of any log."""
        filed = (self._filed[name], self._filed[_ANY])
        key = (name, event_id if any(event_id in one.by_id for one in filed) else None)
        if key not in self._groups:
            places = {place for one in filed for place in (*one.of_all, *one.by_id.get(event_id, ()))}
            self._groups[key] = Group(sorted(places), self._rules) if places else None
        return self._groups[key]
