"""The screen never passes over a record that a rule is true of: "It may only over-approximate" (issue)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from detector.engine.literals import groups
from detector.engine.reference import holds
from detector.intake import Reading, Source
from detector.intake.chunk import FILE_HEADER, glance
from detector.model.event import Event, RawRecord, Shape
from detector.model.rule import Rule
from detector.normalize import normalize, standing_in
from detector.rules import compile_regex
from detector.rules.regexes import RegexError
from detector.screen import Sieve, Wanted
from detector.synth.events import complete
from detector.synth.evtx import write_evtx
from detector.synth.scenario import ScenarioEvent
from detector.synth.to_evtx import record
from tests.screen import made_records as made

_RULES = 60
_RECORDS = 60
_FEW = 3
_WHEN = datetime(2025, 10, 14, 3, 52, 20, tzinfo=UTC)


def rules_and_fields(chance: Random) -> tuple[list[Rule], list[dict[str, str]]]:
    records = [made.fields(chance) for _ in range(_RECORDS)]
    texts = [text for record in records for text in record.values()]
    return [made.rule(chance, place, texts) for place in range(_RULES)], records


def true_of(rules: list[Rule], event: Event) -> frozenset[int]:
    return frozenset(place for place, rule in enumerate(rules) if _holds(rule, event))


def _holds(rule: Rule, event: Event) -> bool:
    try:
        return holds(rule.predicate, event, compile_regex)
    except (RegexError, TimeoutError):
        return False


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_true_of_a_record_passes(seed: int) -> None:
    """However the record is written: "JSON escapes of each writer, `\\\\`, `\\u003c`, too" (issue)."""
    chance, hits, narrowed = Random(seed), 0, 0
    rules, records = rules_and_fields(chance)
    sieve = Sieve(Wanted(tuple(range(_RULES))), rules)
    texts: list[bytes] = []
    for fields in records:
        shape = chance.choice(list(Shape))
        for spell in made.WRITERS:
            line = made.written(made.SPELLINGS[shape](fields), spell, chance)
            event = normalize(RawRecord("log", "line 1", shape, json.loads(line)))
            assert isinstance(event, Event)
            true = true_of(rules, event)
            passed = sieve.record(line.encode())
            missed = true if passed is False else true - passed if passed is not None else frozenset()
            assert not missed, (spell.__name__, [rules[place].predicate for place in missed], line)
            assert sieve.lines(line.encode() + b"\n") or not true, line
            texts.append(line.encode())
            hits += len(true)
            narrowed += passed is not None
    assert sieve.sift(texts) == [sieve.record(text) for text in texts]
    for some in (Sieve(Wanted((place,)), rules) for place in range(0, _RULES, 7)):
        assert some.sift(texts) == [some.record(text) for text in texts]
    compile_regex.cache_clear()
    assert hits > 100
    assert narrowed > _RECORDS


@pytest.mark.parametrize("seed", range(6))
def test_a_chunk_with_a_record_that_a_rule_is_true_of_passes(seed: int, tmp_path: Path) -> None:
    """ "know what text a block does and does not contain, template and string tables included" (issue)."""
    chance, hits, passed = Random(seed), 0, 0
    rules, records = rules_and_fields(chance)
    kept = [rule for rule in rules if groups(rule, standing_in)]
    few = [kept[start : start + _FEW] for start in range(0, len(kept), _FEW)]
    sieves = [Sieve(Wanted(tuple(range(len(some)))), some) for some in few]
    for number, fields in enumerate(records):
        told = ScenarioEvent(f"e{number}", _WHEN, "WS01.example", made.CHANNEL, made.SYSMON, 1, fields)
        path = tmp_path / f"{number}.evtx"
        write_evtx(path, [record(one) for one in complete([told])])
        (raw,) = (one for one in Reading(Source(str(path), 1)) if isinstance(one, RawRecord))
        event = normalize(raw)
        assert isinstance(event, Event)
        block = path.read_bytes()[FILE_HEADER:]
        sound = glance(block)
        assert sound is not None
        for some, sieve in zip(few, sieves, strict=True):
            true = true_of(some, event)
            found = sieve.chunk(block[: sound.end])
            assert found or not true, ([some[place].predicate for place in true], fields)
            hits += len(true)
            passed += not found
    compile_regex.cache_clear()
    assert hits > 50
    assert passed > 10
