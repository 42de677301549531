"""Real recordings, rules nobody here wrote: nothing raises, and the matcher says what the reference says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from evtx import PyEvtxParser

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.model.event import Event, RawRecord, Shape
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from detector.normalize import normalize
from detector.rules import builtin_rules, compile_regex, load_rules

from .events import looks

_EVERY = 4  # of the small files: about sixty
_SMALL = 200_000
_RULES = 9  # every ninth public rule, for the slow reference


@pytest.fixture(scope="module")
def happened(shared: Path) -> list[Event]:
    files = sorted((shared / "data" / "evtx-attack-samples").rglob("*.evtx"))
    small = [file for file in files if file.stat().st_size < _SMALL]
    found = [one for file in small[::_EVERY] for one in _events(file)]
    assert len(found) > 300
    return found


def _events(file: Path) -> Iterator[Event]:
    records: Iterable[Any] = PyEvtxParser(str(file)).records_json()
    for record in records:
        one = normalize(RawRecord(file.name, "", Shape.WINLOG, orjson.loads(record["data"])))
        assert isinstance(one, Event)
        yield one


def test_an_event_says_its_own_id_twice(happened: list[Event]) -> None:
    """The matcher leaves out rules for other event ids, so field and reference must agree."""
    assert all(event.fields["EventID"] == str(event.ref.event_id) for event in happened)


def test_matcher_and_reference_hit_the_same(happened: list[Event], shared: Path) -> None:
    pack = load_rules([builtin_rules()])[0].rules
    public = load_rules([shared / "data" / "sigmahq"])[0].rules[::_RULES]
    rules = RuleSet((*pack, *public), "")
    matcher = Matcher(rules, compile_regex)
    hits = 0
    for event in happened:
        found = matcher.judge(event)
        judged = [one.rule.id for one in found if isinstance(one, Hit)]
        expected = [
            rule.id for rule in rules.rules if looks(rule, event) and holds(rule.predicate, event, compile_regex)
        ]
        assert judged == expected
        hits += len(judged)
        assert all(name in event.fields for one in found if isinstance(one, Hit) for name in one.fields)
    assert hits > 20


def test_all_public_rules_on_real_events(happened: list[Event], shared: Path) -> None:
    rules = load_rules([shared / "data" / "sigmahq"])[0]
    matcher = Matcher(rules, compile_regex)
    found = [one for event in happened for one in matcher.judge(event)]
    assert all(isinstance(one, Hit) for one in found)
    assert len(found) > 50
    assert matcher.coverage.losses(rules)
