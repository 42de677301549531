"""The screen for thousands of rules: some literal of theirs stands in any block, so only records are screened, by their route.

A record's route (its provider, channel and event id) tells which rules look at it at all. Where they are few, most records
hold none of their literals; where some of them has none, the index of the matcher is quicker than any search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from detector.engine.literals import groups
from detector.engine.routes import Routes
from detector.model.event import EventRef
from detector.model.rule import RuleSet
from detector.normalize import standing_in
from detector.screen.search import Keep, Search, make_anew
from detector.screen.sieve import Sieve, Wanted
from detector.screen.spelling import ODD_JSON, in_json

#: With more rules the screen of blocks lets nearly everything pass.
MANY = 1000

#: How the EVTX parser begins a record; anything else has no route.
_SYSTEM = re.compile(
    rb'\{"Event":\{"#attributes":\{[^{}]*\},"System":\{"Provider":\{"#attributes":\{"Name":"([^"\\]*)"[^{}]*\}\},'
    rb'"EventID":(?:(\d{1,9})|\{"#attributes":\{[^{}]*\},"#text":(\d{1,9})\}),[^\[\]]*?"Channel":"([^"\\]*)","Computer":"'
)
#: A route is kept for each (provider, channel, event id) seen; hostile input could make them up without end.
_MOST_ROUTES = 20_000
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The rules that look at a kind of event. ``literals``: one of these stands where any of them is true, if known."""

    places: frozenset[int]
    literals: frozenset[int] | None


class RoutedSieve:
    """As :class:`~detector.screen.sieve.Sieve`, for a first look with many rules."""

    first = True

    def __init__(self, wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> None:
        self._rules = rules
        self._those = frozenset(wanted.rules)
        self._around = wanted.around
        self._keep = keep
        self._named = Sieve(replace(wanted, rules=()), rules.rules, keep) if wanted.names else None
        self._routes = Routes(rules)
        self._entries: dict[tuple[bytes, ...], _Entry] = {}

    @cached_property
    def _groups(self) -> dict[int, frozenset[str]]:
        """The rarest group of each rule, without those of which only the log is known."""
        return {
            place: own[0] for place in self._those if (own := groups(self._rules.rules[place], standing_in, log=False))
        }

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {literal: number for number, literal in enumerate(sorted(set().union(*self._groups.values())), 1)}

    @cached_property
    def _search(self) -> Search:
        spelt = [(number, in_json(literal)) for literal, number in self._numbers.items()]
        return Search([*spelt, *((0, pattern) for pattern in ODD_JSON)], caseless=True, keep=self._keep)

    def prepare(self, form: str) -> None:
        """Make what EVTX needs now; JSON is decoded whole."""
        if form == "evtx":
            self._search.found(b"")

    def chunk(self, data: bytes) -> bool:
        """Any chunk may matter."""
        return True

    def lines(self, data: bytes) -> bool:
        """Any lines may matter."""
        return True

    def record(self, text: bytes) -> frozenset[int] | Literal[False] | None:
        """The rules to judge a record by, given its JSON; ``None`` for all, ``False`` when it cannot matter."""
        head = _SYSTEM.match(text)
        if head is None:
            return None
        entry = self._entries.get(head.groups()) or self._entry(head.groups())
        around = self._named.record(text) if self._named is not None else False
        if around is not False:
            return None if around is None else entry.places | around
        if entry.literals is not None:
            if not entry.places:
                return False
            found = self._search.found(text)
            if 0 in found:
                return None
            if entry.literals.isdisjoint(found):
                return False
        return entry.places

    def _entry(self, key: tuple[bytes, ...]) -> _Entry:
        provider, plain, qualified, channel = (part.decode("utf-8", "replace") if part else "" for part in key)
        ref = EventRef("", "", channel, provider, int(plain or qualified), None, _NO_TIME)
        places = self._routes.of(ref).places & self._those
        known = all(place in self._groups for place in places)
        literals = {self._numbers[literal] for place in places if known for literal in self._groups[place]}
        if len(self._entries) >= _MOST_ROUTES:
            self._entries.clear()
        entry = self._entries[key] = _Entry(places, frozenset(literals) if known else None)
        return entry


def sieve(wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> Sieve | RoutedSieve:
    """The screen that suits a look."""
    many = wanted.first and len(wanted.rules) > MANY
    return RoutedSieve(wanted, rules, keep) if many else Sieve(wanted, rules.rules, keep)
