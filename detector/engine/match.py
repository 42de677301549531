"""The matcher: every rule that is true of an event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from detector.engine.compiled import compile_judge
from detector.engine.coverage import Coverage, Kind
from detector.engine.explained import Explain, compile_explain
from detector.engine.index import Index
from detector.engine.leaves import Judge, RegexCompiler
from detector.engine.logsource import logs_of, sources
from detector.engine.needs import event_ids, necessary_fields
from detector.engine.view import View
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet

__all__ = ["PATIENCE", "Matcher", "RegexCompiler"]

#: A route is kept for each (provider, channel, event id) seen; hostile input could make them up without end.
_ROUTES = 20_000

#: After so many records of one source on which its regular expression took too long, a rule is not judged there any more:
#: each costs half a second, and hostile text comes in thousands.
PATIENCE = 5

#: So few candidates are judged sooner than the index is asked.
_FEW = 16


class _Judged:
    """One rule, compiled when the first event that it may look at comes by."""

    __slots__ = ("_explain", "_judge", "_regexes", "passed", "rule", "slow")

    def __init__(self, rule: Rule, regexes: RegexCompiler) -> None:
        self.rule = rule
        self._regexes = regexes
        self._judge: Judge | None = None
        self._explain: Explain | None = None
        self.slow = 0  # records of this source that took too long
        self.passed = 0  # records that it was not judged on because of them

    def look(self, view: View) -> Hit | Loss | None:
        """The hit, if the rule is true of the event."""
        if self._judge is None:
            self._judge = compile_judge(self.rule.predicate, self._regexes)
        if self.slow >= PATIENCE:
            self.passed += 1
            return None
        try:
            return self._hit(view) if self._judge(view) else None
        except TimeoutError:
            self.slow += 1
            return _timeout(self.rule, view.event)

    def _hit(self, view: View) -> Hit:
        if self._explain is None:
            self._explain = compile_explain(self.rule.predicate, self._regexes)
        try:
            names = self._explain(view) or ()
        except TimeoutError:  # the rule is true all the same
            self.slow += 1
            names = ()
        return Hit(self.rule, view.event, tuple(dict.fromkeys(names)))


def _timeout(rule: Rule, event: Event) -> Loss:
    ref = event.ref
    record = "a record" if ref.record_id is None else f"record {ref.record_id}"
    why = f"a regular expression took too long on {record} of {ref.channel}, event {ref.event_id}, in {ref.source}"
    return Loss(LossKind.TIMEOUT, _where(rule), why)


def _where(rule: Rule) -> str:
    return f"rule {rule.title!r} ({rule.id})"


class _Routed:
    """The rules that look at some kind of event, by place. What finds the few that matter is made when first asked for."""

    __slots__ = ("_index", "_order", "_rules")

    def __init__(self, rules: Mapping[int, _Judged]) -> None:
        self._rules = rules
        self._order = list(rules)
        self._index: Index | None = None

    def __bool__(self) -> bool:
        return bool(self._rules)

    def open(self, view: View, candidates: Collection[int] | None) -> list[_Judged]:
        """The rules that may be true of the event, in order."""
        rules = self._rules
        if candidates is not None and len(candidates) <= _FEW:
            return [rules[place] for place in sorted(candidates) if place in rules]
        if self._index is None:
            self._index = Index([judged.rule.predicate for judged in rules.values()])
        places = [self._order[at] for at in self._index.look(view)]
        return [rules[place] for place in places if candidates is None or place in candidates]


@dataclass(frozen=True, slots=True)
class _Route:
    """What one kind of event goes to. ``kinds`` are to be covered, each with the fields its rules need."""

    routed: _Routed
    kinds: tuple[tuple[Kind, frozenset[str]], ...]


@dataclass(slots=True)
class _Filed:
    """The rules of one log: by event id, and those that look at all its events. Numbers are places in the rule set."""

    by_id: dict[int, list[int]] = field(default_factory=dict)
    of_all: list[int] = field(default_factory=list)


class Matcher:
    """One worker's matcher. ``coverage`` grows with every event judged.

    ``fields["EventID"]`` of an event is taken to be its ``ref.event_id``: rules that ask for certain event ids are not
    even looked at for others.
    """

    def __init__(self, rules: RuleSet, regexes: RegexCompiler) -> None:
        self.coverage = Coverage()
        self._judged = [_Judged(rule, regexes) for rule in rules.rules]
        self._filed: dict[str, _Filed] = {}
        self._routes: dict[tuple[str, str, int], _Route] = {}
        self._routed: dict[tuple[int, ...], _Routed] = {}
        for place, rule in enumerate(rules.rules):
            self._file(place, rule)

    def begin(self, coverage: Coverage) -> None:
        """What comes now is of another source; its coverage is counted there."""
        self.coverage = coverage
        for judged in self._judged:
            judged.slow = judged.passed = 0

    def passed_over(self, source: str) -> list[Loss]:
        """A loss for each rule that was given up on for the rest of the source."""
        why = f"it took too long on {PATIENCE} records of {source}, and was not judged on the rest of it"
        return [Loss(LossKind.TIMEOUT, _where(one.rule), why, one.passed) for one in self._judged if one.passed]

    def judge(self, event: Event, candidates: Collection[int] | None = None) -> list[Hit | Loss]:
        """Every rule that is true of the event, in the rule set's order, or the :class:`Loss` (timeout) of one.

        ``candidates`` are places in the rule set, of at least all rules that are true of the event; ``None``: not known.
        """
        ref = event.ref
        route = self._routes.get((ref.provider, ref.channel, ref.event_id)) or self._route(event)
        for kind, needed in route.kinds:
            self.coverage.see(event, kind, needed)
        if not route.routed:
            return []
        view = View(event)
        return [found for judged in route.routed.open(view, candidates) if (found := judged.look(view)) is not None]

    def _file(self, place: int, rule: Rule) -> None:
        asked = event_ids(rule.predicate)
        for source in sources(rule.logsource):
            index = self._filed.setdefault(source.log.name if source.log else "", _Filed())
            ids = source.ids_with(asked)
            if ids is None:
                index.of_all.append(place)
            for event_id in ids or ():
                index.by_id.setdefault(event_id, []).append(place)

    def _route(self, event: Event) -> _Route:
        ref = event.ref
        places: set[int] = set()
        kinds: list[tuple[Kind, frozenset[str]]] = []
        for name in ("", *(log.name for log in logs_of(ref.provider, ref.channel))):
            index = self._filed.get(name, _Filed())
            found = index.by_id.get(ref.event_id, [])
            places.update(found, index.of_all)
            if name and found:
                needed = (necessary_fields(self._judged[place].rule.predicate) for place in found)
                kinds.append((Kind(name, ref.event_id), frozenset[str]().union(*needed)))
        if len(self._routes) >= _ROUTES:
            self._routes.clear()
        route = _Route(self._rules_at(tuple(sorted(places))), tuple(kinds))
        self._routes[ref.provider, ref.channel, ref.event_id] = route
        return route

    def _rules_at(self, places: tuple[int, ...]) -> _Routed:
        """Many routes lead to the same rules: these are indexed once."""
        routed = self._routed.get(places)
        if routed is None:
            routed = self._routed[places] = _Routed({place: self._judged[place] for place in places})
        return routed
