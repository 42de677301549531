"""Files in parts: the same as whole, wherever the parts meet, and whatever is wrong with the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from random import Random

import pytest

from detector.intake import Source, parts, parts_of
from detector.intake.chunk import CHUNK, FILE_HEADER
from tests.app.looking import Company, Document, unsampled

from .made_lines import file

FOLDER = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="module")
def judge() -> Company:
    return Company(FOLDER)


def told(document: Document) -> Document:
    """All but how it was read."""
    return document | {"stats": None}


def check(judge: Company, path: Path, part: int) -> None:
    """The same report whole and in parts, with the screen too."""
    with unsampled():
        whole = judge.scanned([path], prefilter=False)
    with unsampled(part=part):
        assert told(judge.scanned([path], prefilter=False)) == told(whole)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
def test_lines(share: float, judge: Company, tmp_path: Path) -> None:
    """Where anything but an event on each line is found, the file is read as a whole, for it may belong to another part."""
    split = 0
    for seed in range(40):
        path = tmp_path / f"{seed}.ndjson"
        path.write_bytes(file(Random(seed), 40, share))
        part = Random(seed).choice((90, 500, 1000, 3000))
        check(judge, path, part)
        with unsampled(part=part):
            split += len(parts_of(Source(str(path), path.stat().st_size))) > 1
    assert split > 20


def test_parts_of_lines_are_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte is in one part, and every part but the last ends with a line."""
    for seed in range(40):
        data = file(Random(seed), 30, 0.1)
        path = tmp_path / "log"
        path.write_bytes(data)
        monkeypatch.setattr(parts, "PART", Random(seed).randint(60, 2000))
        found = parts_of(Source(str(path), len(data)))
        if found:
            assert b"".join(data[part.start : part.end] for part in found) == data
            assert all(data[part.end - 1 : part.end] == b"\n" for part in found[:-1])
            assert [part.index for part in found] == list(range(len(found)))


@pytest.fixture(scope="module")
def log() -> bytes:
    """A file of five chunks."""
    found = sorted(FOLDER.rglob("*Sysmon*.evtx"), key=lambda path: path.stat().st_size)[-1].read_bytes()
    chunks = [found[start : start + CHUNK] for start in range(FILE_HEADER, len(found), CHUNK)]
    return headed([chunks[number % len(chunks)] for number in range(5)])


def headed(chunks: list[bytes], used: int | None = None) -> bytes:
    count = len(chunks) if used is None else used
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, count - 1, 1, 128, 1, 3, FILE_HEADER, count).ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(FILE_HEADER, b"\0") + b"".join(chunks)


def chunks_of(log: bytes) -> list[bytes]:
    return [log[start : start + CHUNK] for start in range(FILE_HEADER, len(log), CHUNK)]


_ZEROS = bytes(CHUNK)
#: What is done to a file's chunks: in words, the chunks (numbers; ``None``: zeros), how many the header says are in use.
SPOILT: list[tuple[str, list[int | None], int | None]] = [
    ("nothing", [0, 1, 2, 3, 4], None),
    ("room that Windows keeps", [0, 1, None, None, None], 2),
    ("zeros at the end that should be chunks", [0, 1, None, None, None], None),
    ("some of them", [0, 1, None, None, None], 4),
    ("a hole of one chunk", [0, None, 2, 3, 4], None),
    ("a hole over parts", [0, None, None, None, 4], None),
    ("a hole at the begin", [None, None, 2, 3, 4], None),
    ("two holes", [None, 1, None, None, 4], None),
    ("fewer chunks than the header says", [0, 1, 2, 3], 7),
    ("more chunks than the header says", [0, 1, 2, 3, 4], 2),
    ("only zeros", [None, None, None, None], 4),
]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(("chunks", "used"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT])
def test_chunks(
    chunks: list[int | None], used: int | None, size: int, judge: Company, log: bytes, tmp_path: Path
) -> None:
    whole = chunks_of(log)
    path = tmp_path / "log.evtx"
    path.write_bytes(headed([_ZEROS if number is None else whole[number] for number in chunks], used))
    check(judge, path, size * CHUNK)


@pytest.mark.parametrize("cut", [1, 100, CHUNK // 2, CHUNK - 1, CHUNK + 7])
@pytest.mark.parametrize("size", [1, 2])
def test_a_file_that_ends_in_a_chunk(cut: int, size: int, judge: Company, log: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log[:-cut])
    check(judge, path, size * CHUNK)


@pytest.mark.parametrize("place", [5, 124, FILE_HEADER + 3, FILE_HEADER + CHUNK + 700, FILE_HEADER + 3 * CHUNK + 52])
def test_a_byte_that_is_wrong(place: int, judge: Company, log: bytes, tmp_path: Path) -> None:
    """Also in the file's header: then the file is read whole, with what it says about that."""
    spoilt = bytearray(log)
    spoilt[place] ^= 255
    path = tmp_path / "log.evtx"
    path.write_bytes(spoilt)
    check(judge, path, CHUNK)
