"""What a source is, by its content: "recognised by content" (issue), "nothing is lost in silence" (design)."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from detector.intake import Reading, Source, discover
from detector.intake.tape import Tape
from detector.model.event import RawRecord
from detector.model.loss import Loss, LossKind
from detector.render.written import CSV_COLUMNS
from tests.intake.readings import read, read_bytes

LINE = b'{"winlog": {"event_id": 1}}\n'


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("log.json", LINE)
    return made.getvalue()


NOTES = b"# Case 17\n\nCollected by hand on 2025-10-14.\n- see also rules\n"
RULE = b"title: A rule\nlogsource:\n    product: windows\ndetection:\n    a:\n        Image: x.exe\n    condition: a\n"
MANIFEST = json.dumps({"files": [{"path": "a.evtx", "sha256": "00"}], "made": "2025"}, indent=2).encode()
REPORT_LINE = b'{"schema": "rmm-detector/report/1", "type": "run", "time": "2025-10-14T00:00:00Z"}\n{"time": "x"}\n'
SUMS = b"".join(hashlib.sha256(bytes([n])).hexdigest().encode() + b"  file.evtx\n" for n in range(9))

#: What is plainly no log.
PLAIN = {
    "notes": NOTES,
    "notes in UTF-16": codecs.BOM_UTF16_LE + NOTES.decode().encode("utf-16-le"),
    "a rule": RULE,
    "a program": b"import json\n\nprint(json.dumps({}))\n",
    "check sums": SUMS,
    "settings": b"[build-system]\nrequires = ['x']\n",
    "a manifest": MANIFEST,
    "a manifest as a list": json.dumps([{"path": "a", "sha256": "b"}] * 3).encode(),
    "a report of ours": json.dumps({"schema": "rmm-detector/report/1", "incidents": []}).encode(),
    "a report of ours as lines": REPORT_LINE,
    "findings of ours": b'{"kind": "finding", "time": "2025-10-14T00:00:00Z", "rule": {}, "decision": {}, "refs": []}\n'
    * 3,
    "losses of ours": b'{"kind": "loss", "loss": "empty", "where": "a", "why": "b", "count": 1}\n',
    "a table of ours": ",".join(CSV_COLUMNS).encode() + b"\r\nf-1,2025-10-14T00:00:00Z,high\r\n",
    "a number": b"17\n",
}

#: What may be a log, and is not read: it must never go unseen. With a word of the reason.
FOREIGN = {
    "gzip": (gzip.compress(LINE), "unpack"),
    "zip": (zipped(), "unpack"),
    "program": (b"MZ" + bytes(range(256)) * 20, "neither"),
    "random": (os.urandom(5000), "neither"),
    "event XML": (b"<?xml version='1.0'?>\n<Events><Event xmlns='x'><System/></Event></Events>", "XML"),
    "event XML in UTF-16": (codecs.BOM_UTF16_LE + "<Event xmlns='x'/>".encode("utf-16-le"), "XML"),
    "CSV": (b"Level,Date and Time,Source,Event ID,Task Category\nInformation,1/1/2025,x,1,y\n", "CSV"),
    "a time-stamped log": (b"2025-10-14 03:52:20.123 info app.service - started\n" * 9, "text log"),
    "an old event log": (b"\x30\0\0\0LfLe" + bytes(100), "XP"),
}  # fmt: skip


@pytest.mark.parametrize("content", PLAIN.values(), ids=PLAIN)
def test_what_is_no_log(tmp_path: Path, content: bytes) -> None:
    """In a folder it is named and no loss; named by the user it is one, because he expected it to be read."""
    found = read_bytes(tmp_path, content, named=False)
    assert (found.records, found.losses, found.reading.kind) == ([], [], "ignored")
    asked = read_bytes(tmp_path, content)
    assert (asked.records, asked.kinds, asked.reading.kind) == ([], [LossKind.NOT_A_LOG], "")
    assert asked.reading.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("content", "word"), FOREIGN.values(), ids=FOREIGN)
def test_what_may_be_a_log(tmp_path: Path, content: bytes, word: str, named: bool) -> None:
    result = read_bytes(tmp_path, content, named=named)
    assert (result.records, result.kinds, result.reading.kind) == ([], [LossKind.NOT_A_LOG], "")
    assert word in result.losses[0].why
    assert result.reading.sha256 == hashlib.sha256(content).hexdigest()


def test_events_of_something_else_are_a_loss(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, b'{"eventTime": "2025-10-14T03:52:20Z", "eventName": "Get"}\n' * 3, named=False)
    assert result.kinds == [LossKind.UNPARSED] * 3


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (bytes(1), "zeros"), (bytes(5000), "zeros"), (bytes(3 << 20), "zeros")]
)
@pytest.mark.parametrize("named", [True, False])
def test_empty(tmp_path: Path, content: bytes, why: str, named: bool) -> None:
    result = read_bytes(tmp_path, content, named=named)
    assert (result.records, result.kinds) == ([], [LossKind.EMPTY])
    assert why in result.losses[0].why
    assert result.reading.sha256 == hashlib.sha256(content).hexdigest()


def test_zeros_and_then_a_log(tmp_path: Path) -> None:
    """A log cut while its writer has it open begins with a hole as long as what was there."""
    result = read_bytes(tmp_path, bytes((3 << 20) + 17) + LINE)
    assert (len(result.records), result.losses) == (1, [])


def test_digest_and_size(tmp_path: Path, root: Path) -> None:
    for path in [*(root / "samples/evidence").rglob("*.*")][:20]:
        content = path.read_bytes()
        reading = read(path, named=False).reading
        assert (reading.sha256, reading.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_the_samples_manifest_agrees(root: Path) -> None:
    """Every file of the samples is read, or known to be none."""
    for source in discover([str(root / "samples")]):
        assert isinstance(source, Source)
        reading = Reading(source)
        assert [one for one in reading if isinstance(one, Loss)] == []
        assert reading.kind in ("evtx", "ndjson", "ignored")


@pytest.mark.parametrize("place", ["samples/evidence/S01/DC01_Security.evtx", "samples/evidence/S02/DC01_ecs.ndjson"])
def test_standard_input(root: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """ "- is standard input; EVTX on it must work too": a pipe, which cannot be sought in."""
    content = (root / place).read_bytes()
    here, there = os.pipe()
    if os.fork() == 0:
        os.close(here)
        with os.fdopen(there, "wb") as file:
            file.write(content)
        os._exit(0)
    os.close(there)
    with os.fdopen(here) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        reading = Reading(Source("-", 0))
        made = list(reading)
    os.wait()
    expected = [one.payload for one in Reading(Source(str(root / place), 0)) if isinstance(one, RawRecord)]
    assert [one.payload for one in made if isinstance(one, RawRecord)] == expected
    assert {one.source for one in made if isinstance(one, RawRecord)} == {"-"}
    assert (reading.sha256, reading.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_gone_before_it_is_read(tmp_path: Path) -> None:
    reading = Reading(Source(str(tmp_path / "gone"), 17))
    assert list(reading) == [
        Loss(LossKind.UNREADABLE, str(tmp_path / "gone"), "could not be read: no such file or directory")
    ]
    assert (reading.sha256, reading.kind) == ("", "")


def test_an_error_in_the_middle_keeps_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An I/O error, a lock that Windows puts on a part: a loss, after what could be read."""
    path = tmp_path / "log.json"
    path.write_bytes(LINE * 200_000)
    pulled = Tape._pull

    def failing(tape: Tape, count: int) -> bytes:
        if tape.position > 2 << 20:
            raise OSError(5, "Input/output error")
        return pulled(tape, count)

    monkeypatch.setattr(Tape, "_pull", failing)
    result = read(path)
    assert len(result.records) > 50_000
    assert result.losses == [Loss(LossKind.UNREADABLE, str(path), "could not be read: input/output error")]
    assert result.reading.sha256 == ""


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(LINE * 100_000)
    size = path.stat().st_size
    reading = iter(found := Reading(Source(str(path), size)))
    next(reading)
    with path.open("ab") as file:
        file.write(LINE * 100_000)
    assert sum(1 for _ in reading) == 99_999
    assert found.bytes == size


def test_a_file_that_shrinks_is_a_loss(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(LINE * 200_000)
    reading = iter(Reading(Source(str(path), path.stat().st_size)))
    next(reading)
    os.truncate(path, len(LINE) * 100_000)
    made = list(reading)
    assert LossKind.TRUNCATED in [one.kind for one in made if isinstance(one, Loss)]


def test_reading_a_log_that_is_abandoned(tmp_path: Path) -> None:
    """A user who stops leaves no open file and no digest of a part."""
    path = tmp_path / "log.json"
    path.write_bytes(LINE * 1000)
    reading = Reading(Source(str(path), 1))
    records = iter(reading)
    next(records)
    records.close()  # type: ignore[attr-defined]  # it is a generator
    assert (reading.sha256, reading.kind) == ("", "ndjson")


def test_light_to_import() -> None:
    """ "--help in under 0.3 s": the parsers load when there is something for them to read."""

    program = "import sys, detector.intake; print({'evtx', 'orjson'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
