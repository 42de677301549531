"""The fast matcher is the reference: rules and events are made out of the bytes, as a draw of chance would make them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.rule import Rule, RuleSet
from detector.rules.regexes import compile_regex
from tests.engine.events import looks
from tests.engine.expected import shown
from tests.engine.generated import events_of, rules_of
from tests.fuzz.target import Target

_RULES, _EVENTS = 4, 4


class _Read(Random):
    """Chance that reads its numbers out of some bytes, and finds zeros behind their end."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = data
        self._at = 0

    def getrandbits(self, k: int) -> int:
        size = -(-k // 8)
        piece = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(piece, "big") & ((1 << k) - 1)

    def random(self) -> float:
        return self.getrandbits(8) / 256


def _check(data: bytes) -> None:
    chance = _Read(data)
    events = list(events_of(chance, _EVENTS))
    rules = rules_of(chance, chance.randint(1, _RULES))
    matcher = Matcher(RuleSet(rules, ""), compile_regex)
    try:
        for event in events:
            _agree(matcher, rules, event)
    finally:
        compile_regex.cache_clear()


def _agree(matcher: Matcher, rules: tuple[Rule, ...], event: Event) -> None:
    """With any rule as a candidate, and with the rules that are true as the only ones."""
    true = [rule for rule in rules if looks(rule, event) and holds(rule.predicate, event, compile_regex)]
    expected = [(rule.id, shown(rule.predicate, event, compile_regex)) for rule in true]
    for candidates in (None, frozenset(place for place, rule in enumerate(rules) if rule in true)):
        said = matcher.judge(event, candidates)
        hits = [(one.rule.id, one.fields) for one in said if isinstance(one, Hit)]
        assert hits == expected, f"{hits} and not {expected}, of {event.fields} by {rules}"


def _seeds() -> Iterator[bytes]:
    """Draws that led somewhere else by chance."""
    yield from (Random(number).randbytes(1500) for number in range(60))


TARGET = Target(check=_check, seeds=_seeds, longest=3000, gate=5000)
