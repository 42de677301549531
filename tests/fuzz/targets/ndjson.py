"""Any bytes as a file of JSON (or whatever it is taken for): records that normalise, or losses."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conftest import ROOT
from tests.fuzz.evidence import json_lines
from tests.fuzz.json_changes import changed
from tests.fuzz.log_bytes import read
from tests.fuzz.target import Target

_ODD = (
    b"[\n{}\n]\n",
    b'{"hits": {"total": {"value": 1}, "hits": [{"_index": "a", "_source": {"winlog": {"event_id": 1}}}]}}\n',
    b'Record 1 (0x1)\n{"Event": {"System": {"EventID": 1}}}\n',
    b'{\n  "Event": {\n    "System": {"EventID": {"#text": 1}}\n  }\n}\n',
    b"\xff\xfe" + '{"EventID": 1, "Hostname": "A", "EventTime": "2025-10-14 03:52:20"}\n'.encode("utf-16-le"),
    b'{"EventID": 1, "Hostname": "A"}{"EventID": 1, "Hostname": "B"},\n',
    b"\0" * 64 + b'{"EventID": 1}\n\0\0{"EventID": 2}\n',
)


def _seeds() -> Iterator[bytes]:
    yield from _ODD
    yield from json_lines()
    yield (ROOT / "samples/manifest.json").read_bytes()[:800]


def _check(data: bytes) -> None:
    read(data)


TARGET = Target(
    check=_check,
    seeds=_seeds,
    longest=6000,
    change=changed,
)
