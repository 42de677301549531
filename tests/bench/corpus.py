"""What is measured on: large files built from real recordings, without hits and with some, made once and kept."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from detector.intake import Reading, Source
from detector.intake.chunk import CHUNK, FILE_HEADER, glance
from detector.model.event import RawRecord

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
SHARED = Path(os.environ.get("RMM_DETECTOR_SHARED", ROOT.parent / "shared"))
RECORDINGS = SHARED / "data/evtx-attack-samples"
PUBLIC_RULES = SHARED / "data/sigmahq"
PLACE = Path(os.environ.get("RMM_DETECTOR_BENCH", ROOT / ".bench"))

#: Recordings in which a remote tool, or what is as good as one, was used, and the pack says so: no log without hits.
WITH_USES = frozenset({"DE_sysmon-3-rdp-tun.evtx"})
#: A chunk that holds less is the end of a log: a real log of this size is nearly all full chunks.
_FULL = 56_000
_HEADER = struct.Struct("<8s3Q I 4H")


def full_chunks(folder: Path) -> list[bytes]:
    """Every full, sound chunk of the EVTX files below a folder in which no tool was used, as it is."""
    found = []
    for path in sorted(folder.rglob("*.evtx")):
        if path.name in WITH_USES:
            continue
        data = path.read_bytes()
        for offset in range(FILE_HEADER, len(data) - CHUNK + 1, CHUNK):
            block = data[offset : offset + CHUNK]
            seen = glance(block)
            if seen is not None and seen.end > _FULL:
                found.append(block)
    return found


def sample_chunks() -> list[bytes]:
    """The chunks of the samples' logs, which have hits."""
    found = []
    for path in sorted(SAMPLES.rglob("*.evtx")):
        data = path.read_bytes()
        found += [data[offset : offset + CHUNK] for offset in range(FILE_HEADER, len(data) - CHUNK + 1, CHUNK)]
    return found


def evtx(path: Path, chunks: Sequence[bytes], count: int, planted: Sequence[bytes] = (), every: int = 100) -> Path:
    """A file of ``count`` chunks taken in turn, one in ``every`` of them from ``planted``; kept if it is there."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    others = cycle(planted or chunks)
    with open(scratch, "wb") as out:
        out.write(_file_header(count))
        for number, chunk in enumerate(islice(cycle(chunks), count)):
            out.write(next(others) if planted and number % every == every // 2 else chunk)
    scratch.rename(path)
    return path


def _file_header(count: int) -> bytes:
    head = bytearray(FILE_HEADER)
    _HEADER.pack_into(head, 0, b"ElfFile\0", 0, count - 1, 1, 128, 1, 3, FILE_HEADER, min(count, 0xFFFF))
    struct.pack_into("<I", head, 124, zlib.crc32(head[:120]))
    return bytes(head)


def winlogbeat(path: Path, source: Path, size: int) -> Path:
    """The records of an EVTX file as Winlogbeat ships them, again and again up to about ``size`` bytes."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for one in _documents(source)]
    whole = b"".join(lines)
    scratch = path.with_suffix(".part")
    with open(scratch, "wb") as out:
        for _ in range(max(1, size // len(whole))):
            out.write(whole)
    scratch.rename(path)
    return path


def _documents(source: Path) -> Iterator[dict[str, Any]]:
    for record in Reading(Source(str(source), source.stat().st_size)):
        if isinstance(record, RawRecord):
            yield _document(record.payload["Event"])


def _document(event: dict[str, Any]) -> dict[str, Any]:
    system = event["System"]
    number = system["EventID"]
    number = number["#text"] if isinstance(number, dict) else number
    data = {
        name: _plain(value) for name, value in (event.get("EventData") or {}).items() if value not in (None, "", "-")
    }
    time = system["TimeCreated"]["#attributes"]["SystemTime"]
    told = "\n".join(f"{name}: {value}" for name, value in data.items())
    provider = system["Provider"]["#attributes"]
    return {
        "@timestamp": time[:23] + "Z",
        "message": f"Event {number}:\n{told}",
        "winlog": {
            "channel": system["Channel"],
            "provider_name": provider.get("Name", ""),
            "provider_guid": provider.get("Guid", ""),
            "event_id": str(number),
            "record_id": system["EventRecordID"],
            "computer_name": system["Computer"],
            "api": "wineventlog",
            "task": str(system.get("Task", "")),
            "process": {"pid": 4, "thread": {"id": 8}},
            "event_data": data,
        },
        "host": {"name": system["Computer"]},
        "event": {"kind": "event", "code": str(number), "provider": provider.get("Name", ""), "created": time},
        "log": {"level": "information"},
        "ecs": {"version": "8.0.0"},
        "agent": {"name": system["Computer"], "type": "winlogbeat", "version": "8.19.0", "id": "0" * 36},
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value
