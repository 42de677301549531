"""Verdicts a person reached from a public rule's text and a real event's fields, before asking the matcher.

An entry of ``checked/*.yml``: ``rule`` (its id), ``recording`` (a file of the public recordings), ``channel`` and ``record``
(which event of it), ``verdict``, and ``why`` in a sentence. Those that do not hold are near: the rule looks at such events, and
all but one of its parts are true, or one filter stops it, or it would hold if case, escapes or wildcards were read otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.intake import Reading, Source
from detector.model.event import Event, RawRecord
from detector.model.hit import Hit
from detector.model.rule import Rule, RuleSet
from detector.normalize import normalize
from detector.rules import compile_regex, load_rules

from .events import looks

CHECKED = Path(__file__).with_name("checked")
_KEYS = {"rule", "recording", "channel", "record", "verdict", "why"}
_VERDICTS = {"hit", "no hit"}
_LEAST = 200  # of each verdict
_MOST_OF_ONE_RULE = 2
_LONGEST = 300  # lines of a file
_ID = re.compile(r"^id: (\S+)$", re.MULTILINE)

Entry = dict[str, Any]
Place = tuple[str, str, int | None]


def _read() -> list[tuple[str, Entry]]:
    found = []
    for file in sorted(CHECKED.iterdir()):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        found += [(f"{file.stem}-{place}", entry) for place, entry in enumerate(entries, 1)]
    return found


_ALL = _read()


def _place(entry: Entry) -> Place:
    return entry["recording"], entry["channel"], entry["record"]


@pytest.fixture(scope="module")
def rules(shared: Path) -> dict[str, Rule]:
    """The rules that entries name, by id: only their files are loaded."""
    wanted = {entry["rule"] for _, entry in _ALL}
    files = []
    for file in sorted((shared / "data" / "sigmahq").rglob("*.yml")):
        found = _ID.search(file.read_text(encoding="utf-8"))
        if found and found[1] in wanted:
            files.append(file)
    loaded, losses = load_rules(files)
    assert losses == []
    return {rule.id: rule for rule in loaded.rules}


@pytest.fixture(scope="module")
def matcher(rules: dict[str, Rule]) -> Matcher:
    return Matcher(RuleSet(tuple(rules[name] for name in sorted(rules)), ""), compile_regex)


@pytest.fixture(scope="module")
def happened(shared: Path) -> dict[Place, Event]:
    """The events that entries name: only their recordings are read."""
    wanted = {_place(entry) for _, entry in _ALL}
    folder = shared / "data" / "evtx-attack-samples"
    events: dict[Place, Event] = {}
    for name in sorted({recording for recording, _, _ in wanted}):
        for event in _events(folder / name):
            place = (name, event.ref.channel, event.ref.record_id)
            if place in wanted:
                assert place not in events, f"{place} is two events"
                events[place] = event
    return events


def _events(file: Path) -> Iterator[Event]:
    for record in Reading(Source(str(file), file.stat().st_size)):
        if isinstance(record, RawRecord):
            event = normalize(record)
            assert isinstance(event, Event), event
            yield event


def test_entries_are_whole_and_many() -> None:
    """Issue: "200 hits and 200 near hits were checked by hand against the rule's text"."""
    for file in CHECKED.iterdir():
        assert file.suffix == ".yml", f"{file.name} is no file of entries"
        assert len(file.read_text(encoding="utf-8").splitlines()) <= _LONGEST, file.name
    for name, entry in _ALL:
        assert set(entry) == _KEYS, name
        assert entry["verdict"] in _VERDICTS, name
        assert entry["why"].endswith("."), name
    assert all(times >= _LEAST for times in Counter(entry["verdict"] for _, entry in _ALL).values())
    assert max(Counter(entry["rule"] for _, entry in _ALL).values()) <= _MOST_OF_ONE_RULE
    assert len({(entry["rule"], _place(entry)) for _, entry in _ALL}) == len(_ALL)


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in _ALL])
def test_entry(entry: Entry, rules: dict[str, Rule], happened: dict[Place, Event], matcher: Matcher) -> None:
    """Matcher and reference say what the person said; and the rule looks at such events, so that a miss is a near one."""
    rule, event = rules[entry["rule"]], happened[_place(entry)]
    expected = entry["verdict"] == "hit"
    assert looks(rule, event)
    found = [one for one in matcher.judge(event) if isinstance(one, Hit)]
    assert (rule in [hit.rule for hit in found]) == expected, entry["why"]
    assert holds(rule.predicate, event, compile_regex) == expected, entry["why"]
