"""Real recordings, rules nobody here wrote: nothing raises, and the matcher says what the reference says."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.engine.match import Matcher
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.rule import RuleSet
from detector.rules import compile_regex

from .recordings import all_rules, compare, events_in, recordings

_EVERY = 4  # of the small files: about sixty
_SMALL = 200_000
_OF_THE_EVENTS = (
    7  # every seventh, for the slow reference; ``python -m tests.engine.recordings`` takes all of all files
)


@pytest.fixture(scope="module")
def happened(shared: Path) -> list[Event]:
    small = [file for file in recordings(shared) if file.stat().st_size < _SMALL]
    found = [one for file in small[::_EVERY] for one in events_in(file)]
    assert len(found) > 300
    return found


@pytest.fixture(scope="module")
def rules(shared: Path) -> RuleSet:
    found = all_rules(shared)
    assert len(found.rules) > 2500
    return found


def test_an_event_says_its_own_id_twice(happened: list[Event]) -> None:
    """The matcher leaves out rules for other event ids, so field and reference must agree."""
    assert all(event.fields["EventID"] == str(event.ref.event_id) for event in happened)


def test_matcher_and_reference_hit_the_same(happened: list[Event], rules: RuleSet) -> None:
    pairs, hits, differences = compare(rules, happened[::_OF_THE_EVENTS])
    assert differences == []
    assert hits > 10
    assert pairs > 10_000


def test_all_rules_on_real_events(happened: list[Event], rules: RuleSet) -> None:
    matcher = Matcher(rules, compile_regex)
    found = [one for event in happened for one in matcher.judge(event)]
    assert all(isinstance(one, Hit) for one in found)
    assert len(found) > 50
    assert all(name in one.event.fields for one in found if isinstance(one, Hit) for name in one.fields)
    assert matcher.coverage.losses(rules)
