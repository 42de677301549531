"""The same story in four formats: "the same (host, channel, provider, event id, record id, time to the ms) identities and
the same field values"; "on demand shuffled, duplicated, split".
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from detector.errors import UsageError
from detector.synth import Options, Scenario, SynthEvent, events_of, load_scenario, render
from detector.synth.__main__ import main
from detector.synth.filling import short_name

from .readers import expected, see_json, with_evtx

Key = tuple[str, str, str, int, int, str]


@pytest.fixture(params=["S01-anydesk", "S02-screenconnect", "S03-rclone", "S04-honest-day"])
def scenario(request: pytest.FixtureRequest, root: Path) -> Scenario:
    return load_scenario(root / "samples" / "scenarios" / f"{request.param}.yml")


def instant(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def key(event: SynthEvent) -> Key:
    return (
        short_name(event.host), event.channel, event.provider, event.event_id, event.record_id, instant(event.time),
    )  # fmt: skip


def lines(paths: list[Path]) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in paths
        if path.suffix == ".ndjson"
        for line in path.read_bytes().splitlines()
        if line
    ]


def beat(document: dict[str, Any]) -> tuple[Key, dict[str, Any]]:
    log = document["winlog"]
    assert document["event"]["code"] == log["event_id"]
    assert document["host"]["name"] == log["computer_name"].lower()
    host = document["host"]["name"].split(".")[0].upper()
    where = (
        host,
        log["channel"],
        log["provider_name"],
        int(log["event_id"]),
        int(log["record_id"]),
        document["@timestamp"],
    )
    return where, {
        name: value for name, value in (log.get("event_data") or log["user_data"]).items() if name != "xml_name"
    }


def parameters(event: SynthEvent) -> dict[str, Any]:
    """The fields as Winlogbeat names them: strings without a name are param1, param2, ..."""
    data = event.fields.get("Data")
    rest = {name: value for name, value in event.fields.items() if name != "Data"}
    return rest if data is None else {f"param{n}": text for n, text in enumerate(data, 1)} | rest


def test_winlogbeat(scenario: Scenario, tmp_path: Path) -> None:
    documents = dict(beat(document) for document in lines(render(scenario, "ecs", tmp_path)))
    assert documents == {key(event): parameters(event) for event in events_of(scenario)}


def test_elasticsearch_hits_wrap_the_same_documents(scenario: Scenario, tmp_path: Path) -> None:
    hits = lines(render(scenario, "es", tmp_path / "es"))
    plain = lines(render(scenario, "ecs", tmp_path / "ecs"))
    assert [hit["_source"] for hit in hits] == plain
    assert len({hit["_id"] for hit in hits}) == len(hits)
    assert all(hit["_index"].startswith(".ds-winlogbeat-") for hit in hits)


def test_nxlog(scenario: Scenario, tmp_path: Path) -> None:
    """rmm-facts 4.4: "EventTime local, TimeCreated UTC"; the source is Hostname, EventID a number."""
    records = {}
    for line in lines(render(scenario, "nxlog", tmp_path)):
        host = line["Hostname"].split(".")[0].upper()
        where = (host, line["Channel"], line["SourceName"], line["EventID"], line["RecordNumber"], line["@timestamp"])
        records[where] = line
    events = {key(event): event for event in events_of(scenario)}
    assert records.keys() == events.keys()
    for where, event in events.items():
        line = records[where]
        for name, value in event.fields.items():
            assert line[name] == (list(value) if isinstance(value, tuple) else value)
        local = datetime.strptime(line["EventTime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Europe/Lisbon"))
        assert local.astimezone(UTC) == event.time.replace(microsecond=0)


def test_local_time_differs_from_utc_in_summer(root: Path, tmp_path: Path) -> None:
    scenario = load_scenario(root / "samples" / "scenarios" / "S04-honest-day.yml")
    first = lines(render(scenario, "nxlog", tmp_path))[0]
    assert first["EventTime"][11:13] == "04"
    assert first["@timestamp"][11:13] == "03"


def test_evtx_has_the_same_identities(scenario: Scenario, tmp_path: Path) -> None:
    paths = [path for path in render(scenario, "evtx", tmp_path) if path.suffix == ".evtx"]
    known = {(event.channel, event.record_id, short_name(event.host)): event for event in events_of(scenario)}
    seen = 0
    for path in paths:
        for view in with_evtx(path):
            system = view["System"]
            event = known[system["Channel"], system["EventRecordID"], short_name(system["Computer"])]
            assert see_json(view, event) == expected(event)
            seen += 1
    assert seen == len(known)


def test_tool_logs(root: Path, tmp_path: Path) -> None:
    scenario = load_scenario(root / "samples" / "scenarios" / "S01-anydesk.yml")
    paths = render(scenario, "ecs", tmp_path / "with")
    (trace,) = [path for path in paths if path.name == "FRL-LT-0418_connection_trace.txt"]
    assert trace.read_text(encoding="utf-8").endswith("Passwd    1183406772    1183406772\n")
    without = render(scenario, "ecs", tmp_path / "without", options=Options(tool_logs=False))
    assert {path.suffix for path in without} == {".ndjson"}


def identities(paths: list[Path]) -> Counter[Key]:
    return Counter(beat(document)[0] for document in lines(paths))


def test_shuffled(scenario: Scenario, tmp_path: Path) -> None:
    plain = render(scenario, "ecs", tmp_path / "plain")
    shuffled = render(scenario, "ecs", tmp_path / "shuffled", options=Options(shuffle=5))
    again = render(scenario, "ecs", tmp_path / "again", options=Options(shuffle=5))
    other = render(scenario, "ecs", tmp_path / "other", options=Options(shuffle=6))
    assert identities(plain) == identities(shuffled)
    assert [path.read_bytes() for path in shuffled] == [path.read_bytes() for path in again]
    assert [path.read_bytes() for path in shuffled] != [path.read_bytes() for path in other]


def test_duplicated_in_another_file(scenario: Scenario, tmp_path: Path) -> None:
    """ "same event again in another file, as WEF + agent do"."""
    options = Options(duplicate=0.5)
    plain = identities(render(scenario, "ecs", tmp_path / "plain"))
    paths = render(scenario, "ecs", tmp_path / "twice", options=options)
    twice = identities(paths)
    assert plain.keys() == twice.keys()
    copies = [path for path in paths if path.name.startswith("ForwardedEvents")]
    assert sum(twice.values()) - sum(plain.values()) == len(lines(copies))
    assert 0.2 < len(lines(copies)) / len(plain) < 0.8
    assert sum(identities(render(scenario, "ecs", tmp_path / "all", options=Options(duplicate=1))).values()) == 2 * len(
        plain
    )


@pytest.mark.parametrize("format", ["evtx", "nxlog"])
def test_split(scenario: Scenario, tmp_path: Path, format: str) -> None:
    """ "each channel over N files"."""
    whole = render(scenario, format, tmp_path / "whole", options=Options(background=90))
    parts = render(scenario, format, tmp_path / "parts", options=Options(background=90, split=3))
    logs = [path for path in whole if path.suffix in (".evtx", ".ndjson")]
    assert len(logs) < len([path for path in parts if path.suffix in (".evtx", ".ndjson")]) <= 3 * len(logs)
    if format == "nxlog":
        assert sorted(line["RecordNumber"] for line in lines(whole)) == sorted(
            line["RecordNumber"] for line in lines(parts)
        )


def test_only_before(scenario: Scenario) -> None:
    """ "events up to and including that one: for no_later_than scoring"."""
    last = scenario.expect.no_later_than or "S04.20"
    everything = events_of(scenario, Options(background=80))
    cut = events_of(scenario, Options(background=80, only_before=last))
    told = [event.id for event in cut if not event.id.startswith("bg.")]
    assert told[-1] == last
    assert cut == [event for event in everything if event in cut]
    end = max(event.time for event in cut if event.id == last)
    assert all(event.time <= end for event in cut)
    assert any(event.id.startswith("bg.") for event in cut)


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("xml", Options()), ("ecs", Options(split=0)), ("ecs", Options(duplicate=1.5)), ("ecs", Options(background=-1)),
        ("ecs", Options(only_before="S99.01")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(root: Path, tmp_path: Path, format: str, options: Options) -> None:
    scenario = load_scenario(root / "samples" / "scenarios" / "S03-rclone.yml")
    with pytest.raises(UsageError):
        render(scenario, format, tmp_path, options=options)


def test_ecs_fields_on_demand(root: Path, tmp_path: Path) -> None:
    scenario = load_scenario(root / "samples" / "scenarios" / "S03-rclone.yml")
    raw = lines(render(scenario, "ecs", tmp_path / "raw"))
    both = lines(render(scenario, "ecs", tmp_path / "both", options=Options(ecs=True)))
    assert [document["winlog"] for document in raw] == [document["winlog"] for document in both]
    assert not any("process" in document for document in raw)
    assert any("command_line" in document.get("process", {}) for document in both)


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


@pytest.mark.parametrize("format", ["evtx", "es"])
def test_the_same_bytes_in_another_process(root: Path, tmp_path: Path, format: str) -> None:
    """ "Deterministic to the byte: no clock, no randomness without seed, ... no dependence on locale/hash seed"."""
    source = root / "samples" / "scenarios" / "S01-anydesk.yml"
    asked = ["render", str(source), "--format", format, "--background", "50", "--shuffle", "2", "--duplicate", "0.3"]
    assert main([*asked, "--out", str(tmp_path / "a")]) == 0
    subprocess.run(
        [sys.executable, "-m", "detector.synth", *asked, "--out", str(tmp_path / "b")],
        check=True, cwd=root, capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C", "TZ": "Pacific/Chatham"},
    )  # fmt: skip
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_command_line_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(tmp_path / "none.yml"), "--out", str(tmp_path)]) == 2
    assert "none.yml" in capsys.readouterr().err
    assert main(["samples", "--folder", str(tmp_path)]) == 2


@pytest.mark.parametrize("name", [f"D{n:02d}" for n in range(1, 9)] + [f"E{n:02d}" for n in range(1, 7)])
def test_shared_scenarios_in_their_format(shared: Path, tmp_path: Path, name: str) -> None:
    scenario = load_scenario(shared / "scenarios" / f"{name}.yml")
    paths = render(scenario, scenario.rendering, tmp_path)
    assert paths
    assert scenario.zone == "Australia/Adelaide"
    told = {event.id: event for event in scenario.events}
    for event in events_of(scenario):
        given = told[event.id]
        assert abs((event.time - given.time).total_seconds()) < 1
        for field, text in getattr(given, "fields", {}).items():
            if field != "Data":
                assert event.fields[field] == text
