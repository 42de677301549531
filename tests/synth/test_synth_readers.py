"""Issue 3: "EVTX written byte by byte ... Three independent readers agree on every file it writes."."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.synth import Options, Scenario, SynthEvent, events_of, load_scenario, render
from detector.synth.events import complete
from detector.synth.evtx import write_evtx
from detector.synth.filling import short_name
from detector.synth.scenario import FieldText, ScenarioEvent
from detector.synth.to_evtx import record

from .readers import agree, with_evtx, with_libevtx

_START = datetime(2026, 1, 13, 13, 15, tzinfo=UTC)
_TS = "Microsoft-Windows-TerminalServices-RemoteConnectionManager"
SHARED = [f"D{n:02d}" for n in range(1, 9)] + [f"E{n:02d}" for n in range(1, 7)]


def one(
    fields: dict[str, FieldText], channel: str = "Security", provider: str = "Farolim-Test", event_id: int = 9000
) -> list[SynthEvent]:
    return complete([ScenarioEvent("t.1", _START, "FRL-LT-0001", channel, provider, event_id, fields)])


def by_file(events: list[SynthEvent]) -> dict[str, list[SynthEvent]]:
    found: dict[str, list[SynthEvent]] = {}
    for event in events:
        found.setdefault(f"{short_name(event.host)}_{event.channel.replace('/', '%4')}.evtx", []).append(event)
    return found


def check(scenario: Scenario, tmp_path: Path, options: Options) -> None:
    files = {path.name: path for path in render(scenario, "evtx", tmp_path, options=options) if path.suffix == ".evtx"}
    wanted = by_file(events_of(scenario, options))
    assert files.keys() == wanted.keys()
    for name, events in wanted.items():
        agree(files[name], events)


@pytest.mark.parametrize("name", SHARED)
def test_shared_scenarios(shared: Path, tmp_path: Path, name: str) -> None:
    check(load_scenario(shared / "scenarios" / f"{name}.yml"), tmp_path, Options())


@pytest.mark.parametrize("name", ["S01-anydesk", "S02-screenconnect", "S03-rclone", "S04-honest-day"])
def test_own_scenarios_with_background(root: Path, tmp_path: Path, name: str) -> None:
    """Also with everyday events of every kind mixed in."""
    check(load_scenario(root / "samples" / "scenarios" / f"{name}.yml"), tmp_path, Options(background=60, seed=3))


def test_many_chunks(root: Path, tmp_path: Path) -> None:
    """ "many chunks": templates and names are defined anew in each."""
    scenario = load_scenario(root / "samples" / "scenarios" / "S01-anydesk.yml")
    options = Options(background=900)
    paths = render(scenario, "evtx", tmp_path, options=options)
    largest = max(paths, key=lambda path: path.stat().st_size)
    assert largest.stat().st_size > 4096 + 3 * 65536
    agree(largest, by_file(events_of(scenario, options))[largest.name])


_CASES: dict[str, tuple[dict[str, FieldText], dict[str, str | int]]] = {
    "null in EventData": ({"A": None, "B": "x"}, {}),
    "empty": ({"A": "", "B": ""}, {}),
    "no field at all": ({}, {}),
    "markup": ({"A": "<a href=\"x\">&amp; ]]> 'b'</a>"}, {}),
    "white space": ({"A": "  two  ", "B": "\ta\n"}, {}),
    "percent": ({"A": "%1 %%1833 %n"}, {}),
    "beyond the BMP": ({"A": "\U0001f600 \U00010348"}, {}),
    "right to left and combining": ({"A": "\u202ecod.exe\u202c e\u0301"}, {}),
    "thirty thousand characters": ({"A": "ç" * 30_000}, {}),
    "classic list": ({"Data": ("a", "", "b")}, {"channel": "Application", "provider": "Old", "event_id": 1}),
    "classic, empty": ({"Data": ""}, {"channel": "Application", "provider": "Old", "event_id": 1}),
    "installer": ({"Data": "Product: A"}, {"channel": "Application", "provider": "MsiInstaller", "event_id": 11707}),
    "numbers that do not fit their type": (
        {"ProcessId": "-", "DestinationPort": "65536", "SourcePort": "007", "Initiated": "True"},
        {"channel": "Microsoft-Windows-Sysmon/Operational", "provider": "Microsoft-Windows-Sysmon", "event_id": 3},
    ),
    "log cleared": ({"SubjectUserName": "x"}, {"provider": "Microsoft-Windows-Eventlog", "event_id": 1102}),
}


@pytest.mark.parametrize("case", _CASES)
def test_odd_values(tmp_path: Path, case: str) -> None:
    fields, where = _CASES[case]
    events = one(fields, **where)  # type: ignore[arg-type]  # the table mixes texts and one number by design
    path = tmp_path / "odd.evtx"
    write_evtx(path, map(record, events))
    if None not in fields.values():
        agree(path, events)
        return
    texts = [dict(view["EventData"]) for view in with_evtx(path)]
    assert texts == [{"A": "", "B": "x"}]
    (xml,) = with_libevtx(path)  # drops an optional element whose value is null, as Windows does
    assert [element.get("Name") for element in xml[1]] == ["B"]


def test_null_in_user_data(tmp_path: Path) -> None:
    """rmm-facts 4.4: "Param2 domain (may be null)"."""
    path = tmp_path / "null.evtx"
    events = one({"Param1": "u", "Param2": None, "Param3": "192.0.2.1"}, f"{_TS}/Operational", _TS, 1149)
    write_evtx(path, map(record, events))
    (view,) = with_evtx(path)
    data = view["UserData"]["EventXML"]
    assert (data["Param1"], data["Param2"], data["Param3"]) == ("u", None, "192.0.2.1")


#: What all three give back unchanged. Control characters are below; a byte order mark at the head and the two
#: noncharacters of the BMP are eaten by libevtx, DEL by python-evtx.
_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff", include_characters="\t\n\r"
    ),
    max_size=60,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCDE"), _TEXT), min_size=1, max_size=12))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str]]) -> None:
    """Property: write, read with three readers, the same records."""
    told = [
        ScenarioEvent(f"t.{n}", _START + timedelta(seconds=n), "FRL-LT-0001", "X/Operational", "P", 7, {name: text})
        for n, (name, text) in enumerate(drawn)
    ]
    path = tmp_path_factory.mktemp("any") / "any.evtx"
    events = complete(told)
    write_evtx(path, map(record, events))
    agree(path, events)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(max_codepoint=0x9F, categories=["Cc"], exclude_characters="\0"), min_size=1, max_size=20))
def test_control_characters_reach_two_readers(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """XML 1.0 forbids them and Windows logs them all the same; python-evtx drops them, the other two keep them."""
    path = tmp_path_factory.mktemp("control") / "c.evtx"
    write_evtx(path, map(record, one({"A": text})))
    assert with_evtx(path)[0]["EventData"]["A"] == text


def test_records_of_one_second_keep_their_order(tmp_path: Path) -> None:
    """Record ids ascend with time in each log."""
    told = [ScenarioEvent(f"t.{n}", _START, "H", "Security", "P", 1, {"A": str(n)}) for n in range(50)]
    events = complete(told)
    assert [event.fields["A"] for event in events] == [str(n) for n in range(50)]
    assert all(before.record_id + 1 == after.record_id for before, after in pairwise(events))
    assert all(before.time < after.time for before, after in pairwise(events))
    assert events[-1].time < _START + timedelta(seconds=1)


def test_shuffled_copied_and_split_logs_too(root: Path, tmp_path: Path) -> None:
    scenario = load_scenario(root / "samples" / "scenarios" / "S03-rclone.yml")
    options = Options(background=60, shuffle=4, duplicate=0.3, split=2)
    known = {(short_name(e.host), e.channel, e.record_id): e for e in events_of(scenario, options)}
    for path in render(scenario, "evtx", tmp_path, options=options):
        systems = [view["System"] for view in with_evtx(path)]
        agree(path, [known[short_name(s["Computer"]), s["Channel"], s["EventRecordID"]] for s in systems])


def test_an_empty_log_is_empty_to_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "empty.evtx"
    write_evtx(path, [])
    agree(path, [])
