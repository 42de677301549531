"""The pack against the public rules about the same behaviour (`public_rules.yml`), run from where they lie.

Issue: "Where SigmaHQ has a rule for the same behaviour, ours finds every event that rule finds on generated and real events,
or the difference is explained in the rule's own text."
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.engine.match import Matcher
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.rule import Rule, RuleSet
from detector.rules import compile_regex, load_rules
from tests.bench.noise import events_below, laboratories
from tests.sigma_rules.rule_cases import PACK, pack, written
from tests.sigma_rules.satisfying import satisfying
from tests.sigma_rules.test_rules_on_shared import recorded

TOLD = yaml.safe_load(Path(__file__).with_name("public_rules.yml").read_text(encoding="utf-8"))
FOUND: list[str] = TOLD["found"]
DIFFERS: dict[str, dict[str, str]] = {entry["rule"]: entry for entry in TOLD["differs"]}
#: Events made of one public rule.
EVENTS = 40


@cache
def public(folder: Path) -> dict[str, Rule]:
    """The public rules that are named, by their paths."""
    rules, losses = load_rules([folder])
    assert not losses, losses
    by_path = {Path(rule.path).relative_to(folder).as_posix(): rule for rule in rules.rules}
    return {path: by_path[path] for path in (*FOUND, *DIFFERS)}


@cache
def ours() -> Matcher:
    return Matcher(RuleSet(tuple(pack().values()), ""), compile_regex)


def missed(events: Iterator[Event]) -> tuple[int, list[dict[str, Any]]]:
    """How many events there were, and those that no rule of the pack is true of."""
    count, none = 0, []
    for event in events:
        count += 1
        if not any(isinstance(hit, Hit) for hit in ours().judge(event)):
            none.append(dict(event.fields))
    return count, none


@pytest.mark.parametrize("path", FOUND)
def test_what_a_public_rule_finds_is_found(path: str, shared: Path) -> None:
    count, none = missed(satisfying(public(shared / "data/sigmahq")[path], EVENTS))
    assert count
    assert none == []


@pytest.mark.parametrize("path", DIFFERS)
def test_what_is_not_found_is_explained_in_our_rule(path: str, shared: Path) -> None:
    told = DIFFERS[path]
    count, none = missed(satisfying(public(shared / "data/sigmahq")[path], EVENTS))
    assert len(none) < count, "found nowhere"
    assert [fields for fields in none if told["field"] not in fields] == []
    assert told["because"] in written(PACK, told["ours"])["description"]


def test_what_a_public_rule_finds_in_recordings_is_found(shared: Path, tmp_path: Path) -> None:
    """Every event of the recorded attacks and the laboratories that one of these public rules is true of."""
    theirs = Matcher(RuleSet(tuple(public(shared / "data/sigmahq").values()), ""), compile_regex)
    files = sorted((shared / "data/evtx-attack-samples").rglob("*.evtx"))
    count, none = 0, []
    for event in (
        *(event for file in files for event in recorded(file)),
        *events_below(laboratories(tmp_path, shared / "data/otrf")),
    ):
        hits = [hit for hit in theirs.judge(event) if isinstance(hit, Hit)]
        if hits:
            count += 1
            if not any(isinstance(hit, Hit) for hit in ours().judge(event)):
                none.append((sorted(Path(hit.rule.path).stem for hit in hits), dict(event.fields)))
    assert count > 50
    assert none == []
