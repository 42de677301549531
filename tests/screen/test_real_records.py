"""Real recordings and rules nobody wrote for them: what a rule is true of passes every screen, in EVTX and in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal, cast

import orjson
import pytest

from detector.engine.match import Matcher
from detector.intake import Reading, Source, discover, evtx_log
from detector.intake.screening import Screen, Verdict
from detector.model.event import Event, RawRecord
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import builtin_rules, compile_regex, load_rules
from detector.screen import RoutedSieve, Sieve, Wanted
from detector.screen.spelling import folded
from detector.synth import load_scenario, render
from tests.scenarios.scoring import scenario_files
from tests.screen import made_records as made

_COMPANIES = ("loosestrife", "sagarpath")


class Witness:
    """Lets everything pass, and remembers what the screens behind it said of the chunk and of the record."""

    first = True

    def __init__(self, sieve: Sieve, routed: RoutedSieve) -> None:
        self._sieve, self._routed = sieve, routed
        self.seen = False
        self._block: frozenset[int] | None = None
        self._places: list[frozenset[int] | Literal[False] | None] = []

    def chunk(self, data: bytes) -> bool:
        sieve, text = self._sieve, folded(data)
        assert self._routed.chunk(data)
        odd = sieve._odd_chunk.found(data)
        self._block = (
            None if odd else sieve._places(sieve._in_chunk.found(text), lambda: sieve._more_in_chunk.found(text))
        )
        return True

    def lines(self, data: bytes) -> bool:
        return True

    def record(self, text: bytes) -> Verdict:
        self.seen = True
        self._places = [self._sieve.record(text), self._routed.record(text)]
        return None

    def sift(self, texts: Sequence[bytes]) -> Iterator[Verdict]:
        """One by one, so that each is checked before the next one comes."""
        return (self.record(text) for text in texts)

    def check(self, true: frozenset[int], what: object) -> None:
        """Everything that is true was let through, each rule by name."""
        for places in (self._block, *self._places):
            assert not missed(true, places), (missed(true, places), what)


def missed(true: frozenset[int], places: frozenset[int] | Literal[False] | None) -> frozenset[int]:
    return true if places is False else true - places if places is not None else frozenset()


@cache
def rules_of(folder: Path) -> RuleSet:
    pack, public = load_rules([builtin_rules()])[0].rules, load_rules([folder])[0].rules
    return RuleSet((*pack, *public), "")


@pytest.fixture
def unsampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evtx_log, "is_sample", lambda number: False)


@pytest.fixture(scope="module")
def rules(shared: Path) -> RuleSet:
    return rules_of(shared / "data/sigmahq")


@pytest.fixture(scope="module")
def screens(rules: RuleSet) -> tuple[Sieve, RoutedSieve]:
    wanted = Wanted(tuple(range(len(rules.rules))))
    return Sieve(wanted, rules.rules), RoutedSieve(wanted, rules)


def true_of(matcher: Matcher, places: dict[str, int], event: Event) -> frozenset[int]:
    return frozenset(places[found.rule.id] for found in matcher.judge(event) if isinstance(found, Hit))


def test_every_rule_on_every_recorded_event(
    shared: Path, unsampled: None, rules: RuleSet, screens: tuple[Sieve, RoutedSieve]
) -> None:
    matcher = Matcher(rules, compile_regex)
    places = {rule.id: place for place, rule in enumerate(rules.rules)}
    hits = 0
    for source in discover([str(shared / "data/evtx-attack-samples")]):
        assert isinstance(source, Source)
        witness = Witness(*screens)
        for raw in Reading(source, screen=cast("Screen", witness)):
            if isinstance(raw, RawRecord) and witness.seen:
                event = normalize(raw)
                assert isinstance(event, Event)
                true = true_of(matcher, places, event)
                witness.check(true, (source.path, raw.payload))
                hits += len(true)
                witness.seen = False
    assert hits > 1500


@pytest.mark.parametrize("format", ["ecs", "es", "nxlog"])
def test_every_rule_on_scenarios_as_shippers_write_them(
    root: Path, tmp_path: Path, format: str, rules: RuleSet, screens: tuple[Sieve, RoutedSieve]
) -> None:
    """ "JSON escapes of each writer, too" (issue)."""
    chance, hits = Random(1), 0
    matcher = Matcher(rules, compile_regex)
    places = {rule.id: place for place, rule in enumerate(rules.rules)}
    for line, raw in lines_of(root, tmp_path, format):
        event = normalize(raw)
        assert isinstance(event, Event)
        true = true_of(matcher, places, event)
        for spell in (chance.choice(made.WRITERS),):
            text = made.written(orjson.loads(line), spell, chance).encode()
            for screen in screens:
                assert not missed(true, screen.record(text)), text
                assert screen.lines(text + b"\n") or not true
        hits += len(true)
    assert hits > 300


def lines_of(root: Path, folder: Path, format: str) -> Iterator[tuple[bytes, RawRecord]]:
    for company in _COMPANIES:
        for path in scenario_files(root / "tests/scenarios/held_out" / company):
            render(load_scenario(path), format, folder / path.stem)
    for source in discover([str(folder)]):
        assert isinstance(source, Source)
        if source.path.endswith(".ndjson"):
            records: list[Any] = list(Reading(source))
            yield from zip(Path(source.place).read_bytes().splitlines(), records, strict=True)
