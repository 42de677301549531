"""docs/scenarios.md: every key; "errors name file, line and key"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import ConfigError, InputError
from detector.synth import load_scenario
from detector.synth.scenario import LogLine, ScenarioEvent

_GOOD = """\
id: T01
title: t
verdict: malicious
rendering: ecs
t0: '2026-01-13T13:15:00Z'
expect: {min_level: high, asset: X, origin_hosts: [A], no_later_than: T01.02, evidence: [T01.01], policy_clause: null}
events:
  - {id: T01.01, at: '+00:00:01', host: A, channel: Security, provider: P, event_id: 4624, fields: {N: '007', M: null}}
  - {id: T01.02, at: '+2d 03:04:05', host: A, channel: null, provider: null, event_id: null, file: a.log, fields: {line: 'x'}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "T01.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_read(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, _GOOD))
    event, line = scenario.events
    assert isinstance(event, ScenarioEvent)
    assert isinstance(line, LogLine)
    assert event.fields == {"N": "007", "M": None}
    assert line.time - scenario.t0 == timedelta(days=2, hours=3, minutes=4, seconds=5)
    assert scenario.t0 == datetime(2026, 1, 13, 13, 15, tzinfo=UTC)
    assert (scenario.expect.asset, scenario.expect.evidence, scenario.expect.policy_clause) == ("X", ("T01.01",), ())


_BROKEN = {
    "a key that is none": ("title: t", "titel: t", 2, "titel", "did you mean title?"),
    "no t0": ("t0: '2026-01-13T13:15:00Z'\n", "", 1, "", "`t0` is missing"),
    "t0 is no time": ("2026-01-13T13:15:00Z", "yesterday", 5, "t0", "not a time"),
    "no such format": ("rendering: ecs", "rendering: xml", 4, "rendering", "one of evtx, ecs, es, nxlog"),
    "at is no offset": ("+00:00:01", "00:00:01", 8, "events[0].at", "not an offset"),
    "minutes past the hour": ("+00:00:01", "+00:61:01", 8, "events[0].at", "not an offset"),
    "back in time": ("+00:00:01", "+9d 00:00:00", 9, "events[1].at", "earlier"),
    "an id twice": ("id: T01.02, at", "id: T01.01, at", 9, "events[1].id", "used twice"),
    "evidence that is not told": ("evidence: [T01.01]", "evidence: [T01.09]", 6, "expect", "did you mean"),
    "no event id": ("event_id: 4624", "event_id: many", 8, "events[0]", "needs channel"),
    "an event id too large": ("event_id: 4624", "event_id: 70000", 8, "events[0]", "0-65535"),
    "a log line without a line": ("{line: 'x'}", "{text: 'x'}", 9, "events[1].fields", "`line`"),
    "a field that is a mapping": ("N: '007'", "N: {a: b}", 8, "events[0].fields.N", "one text"),
    "a NUL in a field": ("N: '007'", 'N: "a\\0b"', 8, "events[0].fields.N", "NUL"),
    "events are no list": ("events:\n", "events: {}\nmore:\n", 7, "events", "must be a list"),
    "not YAML": ("title: t", "title: [", 4, "", "expected"),
}


@pytest.mark.parametrize("case", _BROKEN)
def test_problems_name_line_and_key(tmp_path: Path, case: str) -> None:
    old, new, line, key, message = _BROKEN[case]
    assert old in _GOOD
    path = write(tmp_path, _GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    said = [str(problem) for problem in caught.value.problems]
    assert any(p.line == line and p.key == key and message in str(p) for p in caught.value.problems), said
    assert all(text.startswith(str(path)) for text in said)


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = _GOOD.replace("+00:00:01", "soon").replace("rendering: ecs", "rendering: xml")
    with pytest.raises(ConfigError) as caught:
        load_scenario(write(tmp_path, text))
    assert {problem.key for problem in caught.value.problems} == {"rendering", "events[0].at"}


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yml"):
        load_scenario(tmp_path / "none.yml")


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_scenario(path)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(alphabet="ideventsfils:- {}[]'\n+0", max_size=120)))
def test_no_file_gives_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "T.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError):
        load_scenario(path)
