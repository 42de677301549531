"""What a search over raw records may look for: every text of an event stands in its record, but where it says it may not."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.intake import Reading, Source, discover
from detector.model.event import Event, RawRecord, Shape
from detector.normalize import MADE_FIELDS, normalize, standing, standing_in
from detector.normalize.fields import POWERSHELL, SECURITY, SYSMON, twins
from detector.synth import Options, load_scenario, render
from tests.normalize.records import event_of, nxlog, winlog, winlogbeat
from tests.normalize.test_spellings import scenarios


def scalars(raw: Any) -> Iterator[str]:
    """Every value of a record as its JSON has it, escapes undone."""
    stack = [raw]
    while stack:
        item = stack.pop()
        if isinstance(item, dict | list):
            stack.extend(item.values() if isinstance(item, dict) else item)
        elif isinstance(item, bool):
            yield str(item).lower()
        elif item is not None:
            yield str(item)


def texts(event: Event) -> Iterator[tuple[str, str]]:
    for name, value in event.fields.items():
        for text in (value,) if isinstance(value, str) else value or ():
            yield name, text


def strangers(record: RawRecord, event: Event, cut: slice = slice(None)) -> list[tuple[str, str]]:
    """Name and text of what should stand in the record and does not; ``cut`` takes a part of each value."""
    plain = "\0".join(scalars(record.payload))
    folded = plain.lower()
    return [
        (name, part)
        for name, text in texts(event)
        for part in standing_in(name, text[cut])
        if part not in plain and part.lower() not in folded
    ]


def check(records: Iterable[Any]) -> int:
    count = 0
    for record in records:
        assert isinstance(record, RawRecord)
        event = normalize(record)
        assert isinstance(event, Event)
        assert strangers(record, event) == [], record.payload
        count += 1
    return count


def of_folder(folder: Path) -> Iterator[Any]:
    for source in discover([str(folder)]):
        assert isinstance(source, Source)
        yield from Reading(source)


def test_real_recordings(shared: Path) -> None:
    assert check(of_folder(shared / "data/evtx-attack-samples")) == 8255


def test_real_records_of_nxlog(shared: Path, tmp_path: Path) -> None:
    for archive in sorted((shared / "data/otrf").glob("*.zip")):
        with zipfile.ZipFile(archive) as files:
            for name in files.namelist():
                with files.open(name) as content, (tmp_path / f"{archive.stem}.json").open("wb") as out:
                    out.writelines(line for _, line in zip(range(2000), content, strict=False))
    assert check(of_folder(tmp_path)) > 10_000


@pytest.mark.parametrize("form", ["evtx", "ecs", "es", "nxlog"])
def test_scenarios(root: Path, tmp_path: Path, form: str) -> None:
    for path in scenarios(root / "samples/scenarios"):
        options = Options(background=100, ecs=True, tool_logs=False)
        render(load_scenario(path), form, tmp_path / path.stem, options=options)
    assert check(of_folder(tmp_path)) > 400


# -- generated records: every field name the code knows, values of every form ----------------------------------------------

HEX = st.sampled_from("0123456789abcdefABCDEF")
GUIDS = st.tuples(*(st.text(HEX, min_size=n, max_size=n) for n in (8, 4, 4, 4, 12))).map("-".join)
WORDS = [
    "a\r\nb\r\n", "x\ny\n\n", "-", "", "0x3e7", r"\REGISTRY\MACHINE\A", "%%1876", "S-1-16-12288", "AUDIT_SUCCESS", "4", "ipv6",
    "User: a\r\nSession ID: 3\r\nSource: 192.0.2.9", "egress", "SUCCESS", "192.0.2.7", "C:\\a.exe", "Ωσς İ", "-1", "1_0",
    "\\REGI\ufb06RY\\MACHINE\\A", "SZ_DWORD", "%%1873",
]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    GUIDS,
    GUIDS.map("{{{}}}".format),
    st.integers(0, 999_999_999).map("2017-04-20T16:10:39.{:09d}Z".format),
)
PLAIN = st.one_of(TEXT, st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False))
VALUES = st.recursive(
    PLAIN,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["#text", "#attributes", "a"]), below),
    max_leaves=5,
)
PROVIDERS = [SYSMON, SECURITY, POWERSHELL, "Microsoft-Windows-TerminalServices-LocalSessionManager", "P"]
NUMBERS = [1, 3, 8, 13, 21, 22, 25, 4104, 4624, 4657, 4688, 5156]
NAMES = sorted(
    set(
        "Data Data_1 param1 param2 param10 Channel Message EventType ProcessID AccountName Binary b.c ObjectName".split()
    )
    | set(
        "NewValue NewValueType ObjectValueName MandatoryLabel SubjectUserName SubjectDomainName SubjectLogonId".split()
    )
    | {twin.name for provider in PROVIDERS for number in NUMBERS for twin in twins(provider, number).values()}
    | MADE_FIELDS
)
ECS = sorted(
    {path for provider in PROVIDERS for number in NUMBERS for path in twins(provider, number)}
    | set("user.name user.domain process.hash.md5 file.pe.imphash registry.data.type registry.data.strings".split())
)
ANSWERS = st.lists(st.fixed_dictionaries({"type": st.sampled_from(["A", "CNAME", "?"]), "data": TEXT}), max_size=2)
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
HEAD = st.tuples(st.sampled_from(PROVIDERS), st.sampled_from(NUMBERS) | st.sampled_from(NUMBERS).map(str))


@st.composite
def records(draw: st.DrawFn) -> RawRecord:
    provider, number = draw(HEAD)
    shape = draw(st.sampled_from(Shape))
    time = "2025-10-14T03:52:20.123Z"
    payload: dict[str, Any]
    if shape is Shape.WINLOG:
        system = {"Provider": {"#attributes": {"Name": provider}}, "EventID": number, "Computer": "A.b", "Channel": "C"}
        system["TimeCreated"] = {"#attributes": {"SystemTime": time}}
        part = draw(st.sampled_from(["EventData", "UserData"]))
        payload = {"Event": {"System": system, part: draw(FIELDS | VALUES)}}
    elif shape is Shape.WINLOGBEAT:
        winlog = {"provider_name": provider, "event_id": number, "event_data": draw(FIELDS), "user_data": draw(FIELDS)}
        ecs = draw(st.dictionaries(st.sampled_from(ECS), PLAIN, max_size=12))
        payload = {"@timestamp": time, "host.name": "a", "winlog": winlog, "dns.answers": draw(ANSWERS), **ecs}
    else:
        own = {"SourceName": provider, "EventID": number, "Hostname": "A.b", "@timestamp": time}
        payload = draw(FIELDS) | own
    return RawRecord("log", "line 1", shape, payload)


@given(records(), st.integers(0, 40), st.integers(0, 40))
def test_any_part_of_any_value(record: RawRecord, start: int, end: int) -> None:
    """A search "may only over-approximate" (design): what a rule asks of a field must stand, or not be looked for."""
    event = normalize(record)
    assert isinstance(event, Event)
    assert strangers(record, event) == []
    assert strangers(record, event, slice(start, end)) == []


REGISTRY = st.fixed_dictionaries(
    {
        "ObjectName": st.sampled_from(["\\REGISTRY\\MACHINE", "\\registry\\user", "\\REGI\ufb06RY\\USER"]).map(
            lambda key: key + r"\A\B"
        )
        | TEXT,
        "ObjectValueName": TEXT,
        "NewValueType": st.sampled_from(["%%1876", "%%1873"]),
        "NewValue": TEXT,
    }
)


@given(REGISTRY, st.integers(0, 40), st.integers(1, 40))
def test_any_part_of_a_registry_key(data: dict[str, Any], start: int, end: int) -> None:
    """4657 puts keys and values together from what was logged; their pieces still stand there."""
    system = {"Provider": {"#attributes": {"Name": SECURITY}}, "EventID": 4657, "Computer": "A"}
    system["TimeCreated"] = {"#attributes": {"SystemTime": "2025-10-14T03:52:20Z"}}
    record = RawRecord("log", "chunk 1", Shape.WINLOG, {"Event": {"System": system, "EventData": data}})
    event = normalize(record)
    assert isinstance(event, Event)
    assert strangers(record, event) == []
    assert strangers(record, event, slice(start, start + end)) == []


# -- nothing is set aside for no reason ------------------------------------------------------------------------------------

MADE: dict[str, Event] = {
    "Level": winlogbeat("P", 1, log={"level": "warning"}),
    "Keywords": nxlog("P", 1, Keywords=-9223372036854775808, x="y"),
    "NewProcessId": winlogbeat(SECURITY, 4688, process={"pid": 4556}),
    "ProcessId": winlogbeat(SECURITY, 4688, process={"parent": {"pid": 4556}}),
    "Initiated": winlogbeat(SYSMON, 3, network={"direction": "egress"}),
    "DestinationIsIpv6": winlogbeat(SYSMON, 3, network={"type": "ipv6"}),
    "QueryStatus": winlogbeat(SYSMON, 22, sysmon={"dns": {"status": "SUCCESS"}}),
    "QueryResults": winlogbeat(SYSMON, 22, dns={"answers": [{"type": "A", "data": "192.0.2.7"}]}),
    "Hashes": winlogbeat(SYSMON, 1, file={"hash": {"md5": "ab"}}),
    "User": winlogbeat(SYSMON, 1, user={"domain": "B", "name": "a"}),
    "IntegrityLevel": winlog(SECURITY, 4688, data={"MandatoryLabel": "S-1-16-4096"}),
    "TargetObject": winlog(SECURITY, 4657, data={"ObjectName": r"\REGISTRY\USER\a", "ObjectValueName": "b"}),
    "Details": winlog(SECURITY, 4657, data={"NewValueType": "%%1876", "NewValue": "1"}),
}


def test_every_made_field_has_its_example() -> None:
    assert set(MADE) == MADE_FIELDS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Level", "3"), ("Keywords", "0x8000000000000000"), ("NewProcessId", "0x11cc"), ("ProcessId", "0x11cc"),
        ("Initiated", "true"), ("DestinationIsIpv6", "true"), ("QueryStatus", "0"), ("QueryResults", "::ffff:192.0.2.7;"),
        ("Hashes", "MD5=AB"), ("User", r"B\a"), ("IntegrityLevel", "Low"), ("TargetObject", r"HKU\a\b"),
        ("Details", "DWORD (0x00000001)"),
    ],
)  # fmt: skip
def test_what_is_made(name: str, text: str) -> None:
    assert MADE[name].fields[name] == text


@pytest.mark.parametrize(
    ("sought", "parts"),
    [
        (r"\AnyDesk.exe", [r"\AnyDesk.exe"]),
        ("a\nb", ["a", "b"]),
        ("{365abb72-7c01", ["365abb72-7c01"]),
        ("10:39.123456Z", ["10:39.123456"]),
        ("192.0.2.7", ["192.0.2.7"]),
        ("id}", ["id}"]),
        ("5938", []), ("1.5", []), ("1e5", []), ("{12}", []), ("Z", []), ("\n", []), ("", []),
    ],
)  # fmt: skip
def test_standing(sought: str, parts: list[str]) -> None:
    assert standing(sought) == parts


@pytest.mark.parametrize(
    ("name", "sought", "parts"),
    [
        ("Image", r"\a.exe", [r"\a.exe"]),
        ("User", r"B\a", []),
        ("TargetObject", r"HKLM\SOFTWARE\AnyDesk", ["SOFTWARE", "AnyDesk"]),
        ("TargetObject", r"klm\Run\{365abb72-7c01}", ["Run", "365abb72-7c01"]),
        ("Details", "DWORD (0x00000001)", []),
        ("Details", "rd (0x0", []),
        ("Details", "a.exe", ["a.exe"]),
    ],
)
def test_standing_in_made_fields(name: str, sought: str, parts: list[str]) -> None:
    assert standing_in(name, sought) == parts


@pytest.mark.parametrize(
    ("raw", "made"),
    [("a\r\nb", "a\nb"), ("365ABB72-7C01-5CC4-0000-00102B3E0C00", "{365abb72-7c01-5cc4-0000-00102b3e0c00}"),
     ("2017-04-20T16:10:39.1234567Z", "2017-04-20T16:10:39.123456Z"), (1e22, "1" + "0" * 22)],
)  # fmt: skip
def test_why_parts_are_left_out(raw: Any, made: str) -> None:
    """These come to one form in any field, so what cannot be relied on is a part of the text, not the field."""
    event = event_of(
        Shape.NXLOG,
        {"EventID": 1, "SourceName": "P", "Hostname": "A", "@timestamp": "2025-10-14T03:52:20Z", "Any": raw},
    )
    assert event.fields["Any"] == made
    assert made not in str(raw)
