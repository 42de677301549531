"""The screen for rules of which some literal stands in any block, so that records are screened, and by their route.

A record's route (its provider, channel and event id) tells whether any rule looks at it at all. To find out more by searching
its text would cost more than the matcher's index, which finds the few rules that may be true of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detector.engine.literals import groups, rarity
from detector.engine.logsource import sources
from detector.model.rule import RuleSet
from detector.normalize import standing_in
from detector.screen.route import RouteTable
from detector.screen.search import Keep, make_anew
from detector.screen.sieve import Sieve, Verdict, Wanted

#: So many rules at least, of which more than one in so many has no literal that is rare: some block without any is hard to find.
FEW = 30
_ONE_IN = 20
_COMMON = -1000.0
#: So many rules are looked at to tell.
_LOOKED_AT = 80


class RoutedSieve:
    """As :class:`~detector.screen.sieve.Sieve`, for a first look with such rules."""

    first = True

    def __init__(self, wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> None:
        self._routes = RouteTable(rules.rules)
        #: Rules that look at every event of every log are looked for by their literals, as names are.
        of_any = tuple(place for place in wanted.rules if sources(rules.rules[place].logsource)[0].log is None)
        self._routed = frozenset(wanted.rules).difference(of_any)
        self._known: dict[frozenset[int], frozenset[int]] = {}
        self._others = Sieve(replace(wanted, rules=of_any), rules.rules, keep)

    def prepare(self, form: str) -> None:
        """Nothing: it is made at once when it is needed."""

    def chunk(self, data: bytes) -> bool:
        """Any chunk may matter."""
        return True

    def lines(self, data: bytes) -> bool:
        """Any lines may matter."""
        return True

    def record(self, text: bytes) -> Verdict:
        """The rules to judge a record by, given its JSON; ``None`` for all, ``False`` when it cannot matter."""
        return self._verdict(text, self._others.record(text))

    def sift(self, texts: Sequence[bytes]) -> list[Verdict]:
        """The same of many."""
        return list(map(self._verdict, texts, self._others.sift(texts)))

    def _verdict(self, text: bytes, others: Verdict) -> Verdict:
        """``others`` is what is to become of it for the sake of rules of any log, and of names."""
        route = self._routes.places(text)
        if route is None or others is None:
            return None
        routed = self._known.get(route)
        if routed is None:
            routed = self._known[route] = route & self._routed
        if not routed:
            return others
        return routed | others if others else routed


def sieve(wanted: Wanted, rules: RuleSet, keep: Keep = make_anew) -> Sieve | RoutedSieve:
    """The screen that suits a look."""
    if wanted.first and len(wanted.rules) >= FEW and _are_common(wanted, rules):
        return RoutedSieve(wanted, rules, keep)
    return Sieve(wanted, rules.rules, keep)


def _are_common(wanted: Wanted, rules: RuleSet) -> bool:
    some = wanted.rules[:: max(1, len(wanted.rules) // _LOOKED_AT)]
    found = (groups(rules.rules[place], standing_in) for place in some)
    return sum(not own or rarity(own[0]) <= _COMMON for own in found) * _ONE_IN > len(some)
