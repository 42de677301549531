"""The rule pack and the cases that hold it: ``cases/<folder>/<stem>.yml`` beside ``sigma_rules/<folder>/<stem>.yml``."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from detector.model.event import Event, RawRecord, Shape
from detector.model.rule import Rule
from detector.normalize import normalize
from detector.rules import builtin_rules, load_rules
from detector.synth.events import complete
from detector.synth.evtx import write_evtx
from detector.synth.scenario import ScenarioEvent
from detector.synth.to_evtx import record
from tests.intake.readings import read

PACK = builtin_rules()
CASES = Path(__file__).with_name("cases")
CHAINS = "chains/"


@dataclass(frozen=True)
class Case:
    """One event and whether the rule must match it. ``why`` says what makes the difference."""

    name: str
    why: str
    matches: bool
    event: Event


@cache
def pack() -> dict[str, Rule]:
    """Every rule of the pack by ``folder/stem``."""
    rules, losses = load_rules([PACK])
    assert not losses, losses
    return {Path(rule.path).relative_to(PACK).with_suffix("").as_posix(): rule for rule in rules.rules}


def rule_files() -> list[str]:
    """``folder/stem`` of every file of the pack that is no chain of other rules."""
    return [name for name in pack_files() if not name.startswith(CHAINS)]


def pack_files() -> list[str]:
    """``folder/stem`` of every file of the pack."""
    return sorted(path.relative_to(PACK).with_suffix("").as_posix() for path in PACK.rglob("*.yml"))


def case_files() -> list[str]:
    """``folder/stem`` of every case file."""
    return sorted(path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yml"))


def written(folder: Path, name: str) -> Any:
    """What a YAML file says."""
    return yaml.load((folder / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def cases_of(name: str) -> list[Case]:
    """The cases of one rule. ``AssertionError`` where one is not of the form in ``docs/rules.md``."""
    told = written(CASES, name)
    assert isinstance(told, list), "a case file is a list"
    return [_case(number, entry) for number, entry in enumerate(told, start=1)]


def _case(number: int, entry: Any) -> Case:
    assert isinstance(entry, dict), f"case {number} is a mapping"
    assert set(entry) == {"name", "why", "expect", "event"}, f"case {number} has {sorted(entry)}"
    assert entry["expect"] in ("match", "no_match"), f"case {number} expects {entry['expect']!r}"
    return Case(entry["name"], entry["why"], entry["expect"] == "match", event_of(number, entry["event"]))


def event_of(number: int, told: dict[str, Any]) -> Event:
    """The event as the detector would see it: through the normaliser, from the form that EVTX files are read into."""
    known = {"channel", "provider", "event_id", "fields", "host", "time", "user_data"}
    assert set(told) <= known, f"case {number} has {sorted(set(told) - known)}"
    system = {
        "Provider": {"#attributes": {"Name": told["provider"]}},
        "EventID": told["event_id"],
        "Channel": told["channel"],
        "Computer": told.get("host", "PC-01.corp.example"),
        "EventRecordID": number,
        "TimeCreated": {"#attributes": {"SystemTime": told.get("time", "2026-01-15T09:00:00Z")}},
    }
    data = {"UserData": {"EventXML": told["fields"]}} if told.get("user_data") else {"EventData": told["fields"]}
    event = normalize(RawRecord("cases", f"case {number}", Shape.WINLOG, {"Event": {"System": system, **data}}))
    assert isinstance(event, Event), event
    return event


def cases_from_evtx(name: str) -> list[Case]:
    """The cases of one rule as they come out of an event log: rendered to EVTX, read by the intake, normalised.

    Issue: "every rule has a positive and a near-miss as a scenario fragment rendered to EVTX".
    """
    told = written(CASES, name)
    events = read_back([scenario_event(number, entry["event"]) for number, entry in enumerate(told, start=1)])
    return [replace(case, event=events[number]) for number, case in enumerate(cases_of(name), start=1)]


def read_back(told: list[ScenarioEvent]) -> dict[int, Event]:
    """Events as they come out of an event log, by their record ids, which are the ids they have here."""
    whole = complete(told)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cases.evtx")
        write_evtx(path, [record(replace(event, record_id=int(event.id))) for event in whole])
        result = read(path)
    assert not result.losses, result.losses
    events = {event.ref.record_id or 0: event for event in map(normalize, result.records) if isinstance(event, Event)}
    assert len(events) == len(told), f"{len(told)} cases, {len(events)} events read"
    return events


def scenario_event(number: int, told: dict[str, Any]) -> ScenarioEvent:
    """The event that a case tells, as the ``number``-th of a log."""
    at = datetime.fromisoformat(told.get("time", "2026-01-15T09:00:00Z")).astimezone(UTC) + timedelta(seconds=number)
    fields = {
        name: tuple(map(_text, value)) if isinstance(value, list) else _text(value)
        for name, value in told["fields"].items()
    }
    host = told.get("host", "PC-01.corp.example")
    return ScenarioEvent(str(number), at, host, told["channel"], told["provider"], told["event_id"], fields)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
