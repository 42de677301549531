"""Every spelling of one event gives one event (design: "the same event from EVTX, NDJSON and the cluster has one identity")."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.intake import Reading, Source, discover
from detector.model.event import Event, RawRecord
from detector.normalize import normalize
from detector.synth import load_scenario, render

#: What a spelling cannot say: Winlogbeat ships a mask's words, and their numbers only for audit events.
LOSSY = {"ecs": {"Keywords"}, "es": {"Keywords"}, "nxlog": set[str]()}


def events(folder: Path) -> dict[tuple[object, ...], Event]:
    """All events of a folder by identity; fails at any loss."""
    found: dict[tuple[object, ...], Event] = {}
    for source in discover([str(folder)]):
        assert isinstance(source, Source)
        for record in Reading(source):
            assert isinstance(record, RawRecord)
            event = normalize(record)
            assert isinstance(event, Event)
            found[event.ref.identity] = event
    return found


def scenarios(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.yml") if path.stem not in ("assets", "policy"))


def agree(path: Path, work: Path) -> int:
    """Render a scenario in every form, compare what comes out; how many events there were."""
    scenario = load_scenario(path)
    for form in ("evtx", *LOSSY):
        render(scenario, form, work / form)
    plain = events(work / "evtx")
    for form, lossy in LOSSY.items():
        other = events(work / form)
        assert set(other) == set(plain)
        for identity, event in plain.items():
            twin = other[identity]
            gone = lossy - set(twin.fields)
            assert dict(twin.fields) == {name: text for name, text in event.fields.items() if name not in gone}
            assert (twin.computer, twin.host) == (event.computer, event.host)
    return len(plain)


def test_own_scenarios(root: Path, tmp_path: Path) -> None:
    paths = scenarios(root / "samples/scenarios")
    assert sum(agree(path, tmp_path / path.stem) for path in paths) > 100


@pytest.mark.parametrize(
    "name", ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "E01", "E02", "E03", "E04", "E05", "E06"]
)
def test_shared_scenarios(shared: Path, tmp_path: Path, name: str) -> None:
    assert agree(shared / f"scenarios/{name}.yml", tmp_path) > 5


def test_real_recordings(shared: Path) -> None:
    """Every record of 277 files is an event, and what the parser types is text."""
    count = 0
    for source in discover([str(shared / "data/evtx-attack-samples")]):
        assert isinstance(source, Source)
        for record in Reading(source):
            assert isinstance(record, RawRecord)
            event = normalize(record)
            assert isinstance(event, Event)
            assert event.ref.record_id is not None
            assert all(isinstance(text, str | tuple | None) for text in event.fields.values())
            count += 1
    assert count == 8255
