"""Hostile input: any bytes give records and losses, any record an event or a loss; never anything else, and none in silence.

``RMM_DETECTOR_FUZZ=1`` tries a hundred times as many (docs/fuzzing.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.intake import Reading, Source
from detector.intake.chunk import CHUNK, FILE_HEADER, FIRST_RECORD, examine
from detector.model.event import Event, RawRecord, Shape
from detector.model.loss import Loss, LossKind
from detector.normalize import normalize
from tests.conftest import ROOT

MANY = 100 if os.environ.get("RMM_DETECTOR_FUZZ") == "1" else 1


def examples(count: int) -> settings:
    return settings(
        max_examples=count * MANY,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@cache
def sample() -> bytes:
    """An event log of one chunk. No fixture: hypothesis would print it with every failing case."""
    return (ROOT / "samples/evidence/S01/FS01_Security.evtx").read_bytes()


@cache
def lines() -> list[bytes]:
    return (ROOT / "samples/evidence/S02/DC01_ecs.ndjson").read_bytes().splitlines()[:3]


@cache
def whole() -> int:
    """How many records the event log holds."""
    return len(examine(sample()[FILE_HEADER:]).found)


def read(folder: Path, data: bytes) -> tuple[list[RawRecord], list[Loss], Reading]:
    """Read it, normalise what came; anything but a record or a loss fails."""
    path = folder / "fuzzed"
    path.write_bytes(data)
    reading = Reading(Source(str(path), len(data)))
    made = list(reading)
    records = [one for one in made if isinstance(one, RawRecord)]
    assert all(isinstance(normalize(record), Event | Loss) for record in records)
    assert reading.bytes == len(data)
    return records, [one for one in made if isinstance(one, Loss)], reading


@examples(150)
@given(data=st.binary(max_size=3000))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    records, losses, reading = read(tmp_path, data)
    assert records or losses or reading.kind == "ndjson"  # an empty list is a log without a record
    assert all(loss.count >= 1 and loss.why for loss in losses)


SIGNATURES = [
    b"ElfFile\0",
    b"ElfChnk\0",
    b"**\0\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0" * 100,
    b'{"',
    b"[{",
    b"]\n",
    b'"}\n',
    b"},",
]


@examples(150)
@given(parts=st.lists(st.sampled_from(SIGNATURES) | st.binary(max_size=40), max_size=30))
def test_any_mixture_of_what_readers_look_for(tmp_path: Path, parts: list[bytes]) -> None:
    read(tmp_path, b"".join(parts))


def mutated(data: bytes, changes: Iterable[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(changed)] = value
    return bytes(changed)


@examples(120)
@given(changes=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 255)), min_size=1, max_size=60))
def test_a_mutated_event_log(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """Whatever is hit: of the records that were there, each came out or is counted in a loss."""
    records, losses, _ = read(tmp_path, mutated(sample(), changes))
    missing = whole() - len(records)
    assert missing <= 0 or losses


@examples(80)
@given(
    changes=st.lists(
        st.tuples(st.integers(FILE_HEADER, FILE_HEADER + FIRST_RECORD - 1), st.sampled_from([0, 1, 2, 127, 128, 255])),
        min_size=1,
        max_size=12,
    )
)
def test_a_mutated_chunk_header_loses_no_record(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """A chunk's header is not needed to read its records, and a changed one is named (bar its flags, in no checksum)."""
    data = mutated(sample(), [(place, value) for place, value in changes if not 120 <= place - FILE_HEADER < 124])
    records, losses, _ = read(tmp_path, data)
    free = int.from_bytes(data[FILE_HEADER + 48 : FILE_HEADER + 52], "little")
    if free == int.from_bytes(sample()[FILE_HEADER + 48 : FILE_HEADER + 52], "little"):
        assert len(records) == whole()
    assert data == sample() or [loss for loss in losses if loss.kind is LossKind.DAMAGED]


@examples(40)
@given(length=st.integers(0, FILE_HEADER + CHUNK))
def test_an_event_log_cut_anywhere(tmp_path: Path, length: int) -> None:
    records, losses, _ = read(tmp_path, sample()[:length])
    assert len(records) == whole() or losses


@examples(150)
@given(changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_json_lines(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """A change in one line costs that line (or two, where it joins or parts them): the others are read."""
    hit = mutated(lines()[1], changes)
    records, losses, _ = read(tmp_path, b"\n".join([lines()[0], hit, lines()[2], b""]))
    assert len(records) >= 2
    assert len(records) > 2 or losses


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    "Event System EventData UserData EventID Computer Provider TimeCreated SystemTime #attributes #text Name Data Data_1 "
    "Channel Level Keywords EventRecordID winlog event_data user_data event_id computer_name record_id provider_name @timestamp "
    "event code host name process executable pid parent user domain dns answers registry data strings type hash md5 file path "
    "Hostname SourceName EventTime RecordNumber Message EventType ProcessID AccountType param1 param99999999 winlog.event_id "
    "winlog.event_data.Image keywords log level time_created created module".split()
) | st.text(max_size=5)
TELLING = st.sampled_from(
    ["2025-10-14T03:52:20.123Z", "Microsoft-Windows-Sysmon", "Microsoft-Windows-Security-Auditing", "A", "4688", 4688, 1, 22,
     4657, "-", "0x3e7", "sysmon", "SZ_DWORD", "%%1876", "9" * 5000, 1 << 400, -1, ["Audit Success"], "\ud800", "\0", "\r\n"]
)  # fmt: skip
EVENTS = st.recursive(
    TELLING | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=30,
)


def holds(record: RawRecord) -> Any:
    made = normalize(record)
    if isinstance(made, Event):
        assert made.host
        assert made.ref.identity
        for text in made.fields.values():
            assert text is None or isinstance(text, str) or all(isinstance(part, str) for part in text)
    else:
        assert made.kind is LossKind.UNPARSED
    return made


@examples(200)
@given(shape=st.sampled_from(Shape), payload=st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_any_json_value(shape: Shape, payload: dict[str, Any]) -> None:
    """ "Normalise never raises for any JSON value"."""
    holds(RawRecord("log", "line 1", shape, payload))


@examples(400)
@given(shape=st.sampled_from(Shape), payload=st.dictionaries(KEYS, EVENTS, max_size=8))
def test_anything_in_the_place_of_anything(shape: Shape, payload: dict[str, Any]) -> None:
    holds(RawRecord("log", "line 1", shape, payload))


@examples(300)
@given(
    shape=st.sampled_from(Shape),
    provider=TELLING,
    number=st.sampled_from([1, 3, 22, 13, 1149, 4657, 4688, "4104", 7045]),
    data=st.dictionaries(KEYS, EVENTS, max_size=8),
)
def test_any_fields_of_a_real_event(shape: Shape, provider: Any, number: Any, data: dict[str, Any]) -> None:
    """With its identity in place, a record is an event whatever its fields are."""
    time, computer = "2025-10-14T03:52:20.123Z", "A"
    payload = {
        Shape.WINLOG: {
            "Event": {
                "System": {
                    "EventID": number,
                    "Computer": computer,
                    "Provider": {"#attributes": {"Name": provider}},
                    "TimeCreated": {"#attributes": {"SystemTime": time}},
                },
                "EventData": data,
                "UserData": {"X": data},
            }
        },
        Shape.WINLOGBEAT: {
            **{name: item for name, item in data.items() if not name.startswith("winlog")},
            "@timestamp": time,
            "winlog": {
                "event_id": number, "computer_name": computer, "provider_name": provider, "time_created": time,
                "event_data": data, "user_data": data,
            },
        },
        Shape.NXLOG: data | {"EventID": number, "Hostname": computer, "SourceName": provider, "@timestamp": time},
    }[shape]  # fmt: skip
    assert isinstance(holds(RawRecord("log", "line 1", shape, payload)), Event)


def test_nesting_beyond_pythons_stack() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = {"a": [deep]}
    system = {"EventID": 1, "Computer": "A", "TimeCreated": {"#attributes": {"SystemTime": "2025-10-14T03:52:20Z"}}}
    for payload in (
        {"Event": {"System": system, "UserData": deep}},
        {"Event": {"System": system, "EventData": {"b": deep}}},
    ):
        assert isinstance(holds(RawRecord("log", "line 1", Shape.WINLOG, payload)), Event)
    flat = {"winlog": {"event_id": 1, "computer_name": "A", "event_data": deep}, "@timestamp": "2025-10-14T03:52:20Z"}
    assert isinstance(holds(RawRecord("log", "line 1", Shape.WINLOGBEAT, flat)), Event)
    while isinstance(deep, dict):  # taken apart by hand: the interpreter's own clean-up is what nests too deep
        deep = deep["a"].pop()


def test_a_number_beyond_pythons_digits() -> None:
    huge = 10**5000
    for payload in (
        {"EventID": huge, "Hostname": "A"},
        {"EventID": 1, "Hostname": "A", "@timestamp": "2025-10-14", "x": huge},
    ):
        holds(RawRecord("log", "line 1", Shape.NXLOG, payload | {"RecordNumber": huge}))


def test_the_samples_lines_are_events() -> None:
    assert all("winlog" in json.loads(line) for line in lines())
