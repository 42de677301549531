"""The indexed matcher against the reference on generated rules and events: ``python -m tests.engine.differential``.

Arguments: how many event-and-rule pairs (ten million), and the number from which everything is generated (1). Prints the count
and every difference; the exit code is 1 when there is one. Only pairs are counted of which the rule looks at the event.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from random import Random

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.model.hit import Hit
from detector.model.predicate import Regex
from detector.model.rule import Rule, RuleSet
from detector.rules.regexes import compile_regex

from .events import looks
from .expected import shown
from .generated import events_of, rules_of

_RULES = 150
_EVENTS = 400
_TOLD = 20
_FIELDS_LOOKED_AT = 0.05  # of the hits: the slow way to the fields is slow


class Answers:
    """Regular expressions that answer each question once. One that takes too long says no: to both evaluators the same."""

    def __init__(self) -> None:
        self._given: dict[tuple[Regex, str], bool] = {}

    def __call__(self, test: Regex) -> Callable[[str], bool]:
        search = compile_regex(test)

        def answer(text: str) -> bool:
            given = self._given.get((test, text))
            if given is None:
                try:
                    given = search(text)
                except TimeoutError:
                    given = False
                self._given[test, text] = given
            return given

        return answer


def compare(seed: int) -> tuple[int, int, list[str]]:
    """One set of rules on some events: how many pairs, how many hits, and what differs."""
    chance = Random(seed)
    rules = rules_of(chance, _RULES)
    regexes = Answers()
    matcher = Matcher(RuleSet(rules, ""), regexes)
    pairs = found = 0
    differences: list[str] = []
    for event in events_of(chance, _EVENTS):
        looking = [rule for rule in rules if looks(rule, event)]
        expected = [rule for rule in looking if holds(rule.predicate, event, regexes)]
        pairs += len(looking)
        found += len(expected)
        for candidates in (None, _more(chance, rules, expected)):
            said = [one for one in matcher.judge(event, candidates) if isinstance(one, Hit)]
            if [hit.rule for hit in said] != expected:
                differences.append(f"seed {seed}: {sorted(_ids(said, expected))} of {event.fields} with {candidates}")
            differences += [
                f"seed {seed}: {hit.rule.id} of {event.fields} shows {hit.fields}"
                for hit in said
                if chance.random() < _FIELDS_LOOKED_AT and hit.fields != shown(hit.rule.predicate, event, regexes)
            ]
    compile_regex.cache_clear()
    return pairs, found, differences


def _ids(said: list[Hit], expected: list[Rule]) -> set[str]:
    return {hit.rule.id for hit in said} ^ {rule.id for rule in expected}


def _more(chance: Random, rules: tuple[Rule, ...], expected: list[Rule]) -> frozenset[int]:
    """The places of the true rules, and of some others: none, a few or many."""
    true = {rule.id for rule in expected}
    share = chance.choice((0.0, 0.02, 0.5))
    return frozenset(place for place, rule in enumerate(rules) if rule.id in true or chance.random() < share)


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    begin = time.monotonic()
    pairs = found = different = 0
    while pairs < wanted:
        more, matched, differences = compare(seed)
        pairs, found, different, seed = pairs + more, found + matched, different + len(differences), seed + 1
        for line in differences[:_TOLD]:
            print(line)
    share = f"{found:,} hits ({found / pairs:.1%})"
    print(f"{pairs:,} pairs, {share}, {different} differences, {time.monotonic() - begin:.0f} s")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
