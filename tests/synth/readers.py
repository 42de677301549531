"""Three independent EVTX readers, each giving the same plain view of a file, and what a whole event should look like."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import evtx

from detector.synth.events import SynthEvent
from detector.synth.values import ValueType

libevtx: Any = import_module("pyevtx")  # these two have no types
python_evtx: Any = import_module("Evtx.Evtx")
_HEX = {ValueType.HEX32, ValueType.HEX64}


@dataclass(frozen=True, slots=True)
class Seen:
    """One record as a reader shows it: identity, then fields in order as texts (GUIDs upper case without braces)."""

    provider: str
    event_id: int
    level: int
    task: int
    opcode: int
    version: int
    record_id: int
    channel: str
    computer: str
    milliseconds: int
    fields: tuple[tuple[str, str], ...]


def expected(event: SynthEvent) -> Seen:
    """What every reader must show of ``event``."""
    types = {field.name: field.type for field in event.kind.fields}
    fields: list[tuple[str, str]] = []
    for name, value in event.fields.items():
        texts = value if isinstance(value, tuple) else (value or "",)
        fields += [(name, canonical(types.get(name, ValueType.STRING), text)) for text in texts]
    return Seen(
        event.provider, event.event_id, event.kind.level, event.kind.task, event.kind.opcode, event.kind.version,
        event.record_id, event.channel, event.host, round(event.time.timestamp() * 1000), tuple(fields),
    )  # fmt: skip


def canonical(kind: ValueType, text: str) -> str:
    """Readers differ in the case and braces of GUIDs, in leading zeros of hexadecimal numbers, in line ends of XML."""
    if kind is ValueType.GUID:
        return text.strip("{}").upper()
    if kind in _HEX and re.fullmatch(r"0x[0-9a-f]+", text):
        return hex(int(text, 16))
    if kind is ValueType.BOOLEAN:
        return text.lower()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def with_evtx(path: Path) -> list[dict[str, Any]]:
    """``evtx`` (Rust), through its JSON: the XML it prints pads empty elements with white space."""
    parser: Any = evtx.PyEvtxParser(str(path))
    return [json.loads(record["data"])["Event"] for record in parser.records_json()]


def with_libevtx(path: Path) -> list[ET.Element]:
    """``libevtx`` (C); also asks it whether anything was recovered or damaged."""
    file = libevtx.file()
    file.open(str(path))
    assert not file.is_corrupted()
    assert file.number_of_recovered_records == 0
    records = [ET.fromstring(file.get_record(index).get_xml_string()) for index in range(file.number_of_records)]
    file.close()
    return records


def with_python_evtx(path: Path) -> list[ET.Element]:
    """``python-evtx`` (Python); also verifies the checksums of the file and of every chunk."""
    with python_evtx.Evtx(str(path)) as log:
        header = log.get_file_header()
        assert header.verify()
        assert not header.is_dirty()
        assert not header.is_full()
        assert all(chunk.verify() for chunk in log.chunks())
        return [ET.fromstring(record.xml()) for record in log.records()]


def see_json(record: dict[str, Any], kinds: SynthEvent) -> Seen:
    system = record["System"]
    number = system["EventID"]
    provider = system["Provider"]["#attributes"]["Name"]
    created = datetime.fromisoformat(system["TimeCreated"]["#attributes"]["SystemTime"])
    data = next(iter((record.get("UserData") or {}).values()), None) or record.get("EventData") or {}
    types = {field.name: field.type for field in kinds.kind.fields}
    fields: list[tuple[str, str]] = []
    for name, value in data.items():
        if name in ("#attributes", "Binary") and not value:
            continue
        if name == "#attributes":
            continue
        texts = value["#text"] if isinstance(value, dict) else value
        fields += [
            (name, canonical(types.get(name, ValueType.STRING), _json_text(text)))
            for text in (texts if isinstance(texts, list) else [texts])
        ]
    return Seen(
        provider, int(number["#text"] if isinstance(number, dict) else number), system["Level"], system["Task"],
        system["Opcode"], system["Version"], system["EventRecordID"], system["Channel"], system["Computer"],
        round(created.timestamp() * 1000), tuple(fields),
    )  # fmt: skip


def _json_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def see_xml(record: ET.Element, kinds: SynthEvent) -> Seen:
    names = {element.tag.rsplit("}", 1)[-1]: element for element in record[0]}

    def number(name: str) -> int:
        return int(names[name].text or 0)

    types = {field.name: field.type for field in kinds.kind.fields}
    payload = record[1] if record[1].tag.endswith("EventData") else record[1][0]
    fields: list[tuple[str, str]] = []
    for element in payload:
        name = element.get("Name") or element.tag.rsplit("}", 1)[-1]
        text = element.text or ""
        if name == "Binary":
            fields += [(name, _binary(text))] if text else []
        elif name == "Data" and "<string>" in text:  # how python-evtx shows an array of strings
            fields += [
                (name, canonical(ValueType.STRING, part)) for part in re.findall(r"<string>(.*?)</string>", text, re.S)
            ]
        else:
            fields.append((name, canonical(types.get(name, ValueType.STRING), text)))
    created = names["TimeCreated"].get("SystemTime") or ""
    created = re.sub(r"(\.\d{6})\d*", r"\1", created)
    return Seen(
        names["Provider"].get("Name") or "", number("EventID"), number("Level"), number("Task"), number("Opcode"),
        number("Version"), number("EventRecordID"), names["Channel"].text or "", names["Computer"].text or "",
        round(datetime.fromisoformat(created).timestamp() * 1000), tuple(fields),
    )  # fmt: skip


def _binary(text: str) -> str:
    if re.fullmatch(r"(?:[0-9A-F]{2})+", text):
        return text
    return base64.b64decode(text).hex().upper()


Reader = Callable[[Path], list[Any]]
READERS: dict[str, tuple[Reader, Callable[[Any, SynthEvent], Seen]]] = {
    "evtx": (with_evtx, see_json),
    "libevtx": (with_libevtx, see_xml),
    "python-evtx": (with_python_evtx, see_xml),
}


def agree(path: Path, events: list[SynthEvent]) -> None:
    """Every reader gives exactly ``events``, in their order, from the file at ``path``."""
    for name, (read, see) in READERS.items():
        records = read(path)
        assert len(records) == len(events), name
        for record, event in zip(records, events, strict=True):
            assert see(record, event) == expected(event), name
