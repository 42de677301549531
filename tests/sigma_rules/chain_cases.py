"""The chains of the pack and the cases that hold them: ``chains/<stem>.yml`` beside ``sigma_rules/chains/<stem>.yml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from detector.engine.correlate import correlated
from detector.engine.correlate_observed import Observed
from detector.engine.correlate_watch import Watch
from detector.engine.match import Matcher
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.loss import Loss
from detector.model.rule import Phase, Rule, RuleSet
from detector.rules import compile_regex, load_rules
from tests.sigma_rules.rule_cases import CASES, CHAINS, PACK, pack_files, read_back, scenario_event, written

CHAIN_CASES = Path(__file__).with_name("chains")
_BEGIN = datetime(2026, 1, 15, 9, tzinfo=UTC)
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class ChainCase:
    """Events, and whether the chain is there."""

    name: str
    why: str
    matches: bool
    events: tuple[Event, ...]


@cache
def rules() -> RuleSet:
    """The whole pack."""
    return load_rules([PACK])[0]


@cache
def chains() -> dict[str, Rule]:
    """Every chain by its stem."""
    return {Path(rule.path).stem: rule for rule in rules().correlations}


def chain_files() -> list[str]:
    """The stem of every chain."""
    return [name.removeprefix(CHAINS) for name in pack_files() if name.startswith(CHAINS)]


def chain_cases(name: str) -> list[ChainCase]:
    """The cases of one chain, their events rendered to EVTX and read."""
    return [_case(entry) for entry in written(CHAIN_CASES, name)]


def found(name: str, events: tuple[Event, ...]) -> list[Hit]:
    """The hits of one chain on these events and of the rules below it; of a link, too, which is not told otherwise."""
    chain = replace(chains()[name], phase=Phase.DISCOVERY)
    others = tuple(rule for rule in rules().correlations if rule.id != chain.id)
    whole = replace(rules(), correlations=(*others, chain))
    observed, watch = Observed(), Watch(whole)
    for event in events:
        for hit in _matcher().judge(event):
            assert isinstance(hit, Hit), hit
            watch.note(hit, observed)
    results = correlated(observed, whole)
    assert not [one for one in results if isinstance(one, Loss)], results
    return [one for one in results if isinstance(one, Hit) and one.rule.id == chain.id]


@cache
def _matcher() -> Matcher:
    return Matcher(rules(), compile_regex)


def _case(entry: dict[str, Any]) -> ChainCase:
    assert set(entry) == {"name", "why", "expect", "events"}, sorted(entry)
    assert entry["expect"] in ("match", "no_match"), entry["expect"]
    events = [_event(number, link) for number, link in enumerate(entry["events"], start=1)]
    return ChainCase(entry["name"], entry["why"], entry["expect"] == "match", tuple(read_back(events).values()))


def _event(number: int, link: dict[str, Any]) -> Any:
    """The first event that a rule matches by its cases, or the one of a ``case``, at so long after the beginning."""
    assert set(link) <= {"of", "case", "at", "host", "fields"}, sorted(link)
    told = written(CASES, link["of"])
    wanted = [one for one in told if one["expect"] == "match" and one["name"] == link.get("case", one["name"])]
    event = dict(wanted[0]["event"])
    event["fields"] = event["fields"] | link.get("fields", {})
    event["host"] = link.get("host", "PC-01.corp.example")
    at = timedelta(seconds=int(link["at"][:-1]) * _UNITS[link["at"][-1]])
    return replace(scenario_event(number, event), time=_BEGIN + at)
