"""JSON in all its framings: "recognised by content" (issue, intake); a broken line costs that line only."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from detector.intake import frames as framing
from detector.intake import lines as splitting
from detector.intake.frames import Broken, Frame, Framer
from detector.model.event import Shape
from detector.model.loss import LossKind
from tests.intake.readings import read_bytes

BEAT: dict[str, Any] = {
    "@timestamp": "2025-10-14T03:52:20.123Z",
    "winlog": {"event_id": "1", "computer_name": "A", "event_data": {"CommandLine": 'x "{[" \\'}},
}
DOTTED: dict[str, Any] = {"@timestamp": "2025-10-14T03:52:20.123Z", "winlog.event_id": 1, "winlog.computer_name": "A"}
NXLOG: dict[str, Any] = {"EventID": 1, "Hostname": "A", "SourceName": "S", "EventTime": "2025-10-14 13:22:20"}
DUMP: dict[str, Any] = {"Event": {"System": {"EventID": 1, "Computer": "A"}, "EventData": {"a": ["\u00e4"]}}}


def hits(*documents: dict[str, Any]) -> dict[str, Any]:
    found = [{"_index": "logs", "_id": str(n), "_source": document} for n, document in enumerate(documents)]
    return {"took": 3, "_shards": {"total": 5, "failed": 0}, "hits": {"total": {"value": len(found)}, "hits": found}}


def dumped(*values: Any, **options: Any) -> str:
    return "\n".join(json.dumps(value, **options) for value in values) + "\n"


#: name, text, how many records, their shape
WHOLE: list[tuple[str, str, int, Shape]] = [
    ("Winlogbeat lines", dumped(BEAT, BEAT), 2, Shape.WINLOGBEAT),
    ("dotted keys", dumped(DOTTED), 1, Shape.WINLOGBEAT),
    ("NXLog lines", dumped(NXLOG, NXLOG), 2, Shape.NXLOG),
    ("evtx_dump -o jsonl", dumped(DUMP, DUMP), 2, Shape.WINLOG),
    ("evtx_dump -o json", "".join(f"Record {n}\n{dumped(DUMP, indent=2)}" for n in (1, 2, 3)), 3, Shape.WINLOG),
    ("one object over several lines", dumped(DUMP, indent=2), 1, Shape.WINLOG),
    ("several of them", dumped(BEAT, BEAT, indent=4), 2, Shape.WINLOGBEAT),
    ("no indent", dumped(BEAT, BEAT, indent=0), 2, Shape.WINLOGBEAT),
    ("list on one line", dumped([BEAT, BEAT, BEAT]), 3, Shape.WINLOGBEAT),
    ("list, one element a line", f"[\n{json.dumps(BEAT)},\n{json.dumps(BEAT)}\n]\n", 2, Shape.WINLOGBEAT),
    ("list, brackets with elements", f"[{json.dumps(BEAT)},\n{json.dumps(BEAT)}]", 2, Shape.WINLOGBEAT),
    ("list, commas in front", f"[ {json.dumps(BEAT)}\n,{json.dumps(BEAT)}\n]", 2, Shape.WINLOGBEAT),
    ("list, pretty", dumped([BEAT, DUMP | {"x": []}], indent=2), 2, Shape.WINLOGBEAT),
    ("list, no indent", dumped([BEAT, BEAT], indent=0), 2, Shape.WINLOGBEAT),
    ("hits, one a line", dumped(*hits(BEAT, DOTTED)["hits"]["hits"]), 2, Shape.WINLOGBEAT),
    ("search response", dumped(hits(BEAT, BEAT)), 2, Shape.WINLOGBEAT),
    ("search responses", dumped(hits(BEAT), hits(BEAT)), 2, Shape.WINLOGBEAT),
    ("search response, pretty", dumped(hits(BEAT, BEAT), indent=2), 2, Shape.WINLOGBEAT),
    ("search response without a hit", dumped(hits()), 0, Shape.WINLOGBEAT),
    ("empty list", "[]\n", 0, Shape.WINLOGBEAT),
    ("hit with fields", dumped({"_index": "a", "fields": {key: [value] for key, value in DOTTED.items()}}), 1, Shape.WINLOGBEAT),
    ("NXLog as hits", dumped(hits(NXLOG)), 1, Shape.NXLOG),
    ("blank lines", "\n\n  \n" + dumped(BEAT) + "\n\n" + dumped(BEAT), 2, Shape.WINLOGBEAT),
    ("no line end at the end", dumped(BEAT, BEAT).rstrip(), 2, Shape.WINLOGBEAT),
    ("objects one behind the other", dumped(BEAT, BEAT, BEAT).replace("\n", ""), 3, Shape.WINLOGBEAT),
    ("objects with old line ends", dumped(BEAT, BEAT, BEAT).replace("\n", "\r"), 3, Shape.WINLOGBEAT),
    ("pretty objects that touch", dumped(BEAT, BEAT, BEAT, indent=2).replace("}\n{", "}{"), 3, Shape.WINLOGBEAT),
    ("a byte order mark before each", "\ufeff".join(["", *dumped(BEAT, BEAT).splitlines(keepends=True)]), 2, Shape.WINLOGBEAT),
    ("record separators (RFC 7464)", "\x1e".join(["", *dumped(BEAT, BEAT).splitlines(keepends=True)]), 2, Shape.WINLOGBEAT),
    ("commas behind lines", f"{json.dumps(BEAT)},\n{json.dumps(BEAT)},\n", 2, Shape.WINLOGBEAT),
]  # fmt: skip
NAMES = [case[0] for case in WHOLE]
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le with mark": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be with mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "zeros before and behind": lambda text: bytes(5000) + text.encode() + bytes(5000),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("text", "count", "shape"), [case[1:] for case in WHOLE], ids=NAMES)
def test_whole(tmp_path: Path, text: str, count: int, shape: Shape, encoding: str) -> None:
    data = ENCODINGS[encoding](text)
    result = read_bytes(tmp_path, data)
    assert result.losses == []
    assert len(result.records) == count
    assert not count or result.records[0].shape is shape
    assert (result.reading.kind, result.reading.bytes) == ("ndjson", len(data))


def test_values_come_through(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, codecs.BOM_UTF16_LE + dumped(BEAT, DUMP, ensure_ascii=False).encode("utf-16-le"))
    assert [record.payload for record in result.records] == [BEAT, DUMP]
    assert [record.place for record in result.records] == ["line 1", "line 2"]


GOOD = json.dumps(BEAT)
#: name, text, records that are left, kinds of losses, where the first one is
BROKEN: list[tuple[str, str, int, list[LossKind], str]] = [
    ("garbage between", f"{GOOD}\nnot json\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
    ("half a line between", f"{GOOD}\n{GOOD[:50]}\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
    ("two halves", f"{GOOD}\n{GOOD[:50]}\n{GOOD[:60]}\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
    ("last line half written", f"{GOOD}\n{GOOD[:50]}", 1, [LossKind.TRUNCATED], "line 2"),
    ("last line half written, in a text", f"{GOOD}\n{GOOD[:-4]}", 1, [LossKind.TRUNCATED], "line 2"),
    ("first line the end of another", f"{GOOD[50:]}\n{GOOD}\n", 1, [LossKind.UNPARSED], "line 1"),
    ("half a line alone", GOOD[:50], 0, [LossKind.TRUNCATED], "line 1"),
    ("too many brackets", f"{GOOD}}}\n{GOOD}\n", 1, [LossKind.UNPARSED], "line 1"),
    ("list not closed", f"[\n{GOOD},\n{GOOD}\n", 2, [LossKind.TRUNCATED], "the last line"),
    ("list cut in an element", f"[\n{GOOD},\n{GOOD[:50]}", 1, [LossKind.TRUNCATED], "line 3"),
    ("pretty, cut", dumped(DUMP, DUMP, indent=2)[:-20], 1, [LossKind.TRUNCATED], "line "),
    ("records, one broken", f"Record 1\n{dumped(DUMP, indent=2)}Record 2\n{{\n  \"a\": [\nRecord 3\n{dumped(DUMP, indent=2)}",
     2, [LossKind.UNPARSED], "line "),
    ("touching objects, the last cut", f"{GOOD}{GOOD}{GOOD[:50]}\n{GOOD}\n", 3, [LossKind.UNPARSED], "line 1"),
    ("zeros between lines", f"{GOOD}\n{chr(0) * 5000}{GOOD}\n", 2, [LossKind.DAMAGED], "line 2"),
    ("zeros in a line", f"{GOOD}\n{GOOD[:50]}{chr(0) * 5000}{GOOD}\n", 1, [LossKind.UNPARSED], "line 2"),
    ("foreign event among ours", f"{GOOD}\n{{\"timestamp\": 1}}\n", 1, [LossKind.UNPARSED], "line 2"),
    ("not an event among ours", f"{GOOD}\n{{\"a\": 1}}\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
    ("failed shards", dumped(hits(BEAT) | {"_shards": {"total": 5, "failed": 2}}), 1, [LossKind.UNREADABLE], "line 1"),
    ("timed out", dumped(hits(BEAT) | {"timed_out": True}), 1, [LossKind.UNREADABLE], "line 1"),
    ("deep nesting", f"{GOOD}\n{'[' * 100_000}\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
    ("deep nesting, closed", f"{GOOD}\n{'[' * 100_000}{']' * 100_000}\n{GOOD}\n", 2, [LossKind.UNPARSED], "line 2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count", "kinds", "where"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_broken(tmp_path: Path, text: str, count: int, kinds: list[LossKind], where: str) -> None:
    result = read_bytes(tmp_path, text.encode(), named=False)
    assert len(result.records) == count
    assert result.kinds == kinds
    assert where in result.losses[0].where
    assert result.reading.kind == "ndjson"


@pytest.mark.parametrize(
    ("spelt", "expected"),
    [
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        (r'"half \ud800 pair"', "half ? pair"),
        ("1e400", None),
        ("123456789012345678901234567890", 1.2345678901234568e29),
        ('1, "x": 2', 2),
    ],
)
def test_what_strict_json_forbids_is_read_all_the_same(tmp_path: Path, spelt: str, expected: object) -> None:
    """An attacker must not be able to hide an event by a file name that makes its line bad JSON."""
    result = read_bytes(tmp_path, f'{{"winlog": {{"event_id": 1}}, "x": {spelt}}}\n'.encode())
    assert len(result.records) + len(result.losses) == 1
    if expected is not None:
        assert result.records[0].payload["x"] == expected


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, GOOD.replace("CommandLine", "CommandL\udcff").encode("utf-8", "surrogateescape"))
    assert result.losses == []
    assert "CommandL\ufffd" in result.records[0].payload["winlog"]["event_data"]


def test_many_broken_lines_are_counted_not_listed(tmp_path: Path) -> None:
    """Memory is bounded by the block and the hits, never by the input (design)."""
    result = read_bytes(tmp_path, (GOOD + "\n" + "oops}\n" * 5000).encode())
    assert len(result.losses) == 101
    assert result.lost == 5000


def test_a_line_beyond_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Memory bounded by the line (with a cap on line length ... LIMIT loss)"; other lines are read."""
    monkeypatch.setattr(splitting, "LONGEST", 1000)
    monkeypatch.setattr(splitting.Liner.__init__, "__defaults__", (1000,))
    long = json.dumps(BEAT | {"x": "y" * 1_000_000})
    for text, places in (
        (f"{GOOD}\n{long}\n{GOOD}\n{long}", ["line 2", "line 4"]),
        (f"{long}\n{GOOD}\n{GOOD}\n", ["line 1"]),
    ):
        result = read_bytes(tmp_path, text.encode())
        assert len(result.records) == 2
        assert result.kinds == [LossKind.LIMIT] * len(places)
        assert [loss.where.rsplit(": ")[-1] for loss in result.losses] == places


def frames(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Frame | Broken]:
    framer = Framer()
    for number, line in numbered:
        yield from framer.feed(number, line)
    yield from framer.finish()


def test_an_object_beyond_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "LONGEST", 1000)
    text = ["{", *(['  "a": ["bbbbbbbbbbbbbbbbbbbb"],'] * 100)]
    made = list(frames(enumerate((line.encode() for line in text), 1)))
    assert [one.kind for one in made if isinstance(one, Broken)][:1] == [LossKind.LIMIT]


def test_frames_keep_order_and_place() -> None:
    numbered = [(1, b"{"), (2, b'"a": 1'), (3, b"}"), (4, b"[1, 2]")]
    assert list(frames(numbered)) == [Frame("line 1", {"a": 1}), Frame("line 4", [1, 2])]
