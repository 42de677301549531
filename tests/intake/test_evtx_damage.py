"""EVTX whole and damaged: "chunk by chunk ... so that a bad chunk costs that chunk only and is a Loss" (issue, intake)."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.intake.chunk import CHUNK, FILE_HEADER, FIRST_RECORD, examine
from detector.model.event import Shape
from detector.model.loss import LossKind
from tests.intake.readings import Result, read, read_bytes

Spoil = Callable[[bytearray], bytes | bytearray]


@pytest.fixture(scope="module")
def whole(root: Path) -> bytes:
    """A file of three chunks."""
    found = next(iter(sorted((root / "samples/evidence/S01").glob("*Sysmon*.evtx")))).read_bytes()
    assert len(found) == FILE_HEADER + 3 * CHUNK
    return found


@pytest.fixture(scope="module")
def counts(whole: bytes) -> list[int]:
    """Records a chunk."""
    return [len(examine(whole[start : start + CHUNK]).found) for start in range(FILE_HEADER, len(whole), CHUNK)]


def ids(result: Result) -> list[int]:
    return [record.payload["Event"]["System"]["EventRecordID"] for record in result.records]


def record_at(data: bytes, chunk: int, number: int) -> tuple[int, int]:
    """Offset in the file and size of the ``number``th record of a chunk."""
    offset = FILE_HEADER + chunk * CHUNK + FIRST_RECORD
    for _ in range(number):
        offset += int(struct.unpack_from("<I", data, offset + 4)[0])
    return offset, int(struct.unpack_from("<I", data, offset + 4)[0])


def test_whole_file(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    result = read_bytes(tmp_path, whole)
    assert result.losses == []
    assert len(result.records) == sum(counts) > 100
    assert {record.shape for record in result.records} == {Shape.WINLOG}
    assert [record.place for record in result.records].count("chunk 1") == counts[1]
    assert ids(result) == sorted(ids(result))
    assert (result.reading.kind, result.reading.bytes) == ("evtx", len(whole))


def _put(where: int, content: bytes) -> Spoil:
    def spoil(data: bytearray) -> bytearray:
        data[where : where + len(content)] = content
        return data

    return spoil


CHUNK_1 = FILE_HEADER + CHUNK

#: What is done, and: how many chunks' records are missing at most; kind and, in words, why.
HARMLESS_BUT_NAMED: list[tuple[str, Spoil, LossKind, str]] = [
    ("file header's signature", _put(0, b"XXXXXXXX"), LossKind.DAMAGED, "file's header is damaged"),
    ("file header's checksum", _put(124, b"\1\2\3\4"), LossKind.DAMAGED, "file's header is damaged"),
    ("file header zeroed", _put(0, bytes(FILE_HEADER)), LossKind.DAMAGED, "file's header is damaged"),
    ("no file header at all", lambda data: data[FILE_HEADER:], LossKind.DAMAGED, "file's header is damaged"),
    ("chunk signature", _put(CHUNK_1, b"XXXXXXXX"), LossKind.DAMAGED, "its header is damaged"),
    ("chunk header zeroed", _put(CHUNK_1, bytes(FIRST_RECORD)), LossKind.DAMAGED, "its header is damaged"),
    ("header checksum", _put(CHUNK_1 + 124, b"\1\2\3\4"), LossKind.DAMAGED, "checksum of its header"),
    ("record checksum", _put(CHUNK_1 + 52, b"\1\2\3\4"), LossKind.DAMAGED, "checksum of its records"),
    ("string table", _put(CHUNK_1 + 128, b"\xab" * 256), LossKind.DAMAGED, "checksum of its header"),
    ("template table", _put(CHUNK_1 + 384, b"\xab" * 128), LossKind.DAMAGED, "checksum of its header"),
]


@pytest.mark.parametrize(("spoil", "kind", "why"), [case[1:] for case in HARMLESS_BUT_NAMED])
def test_damage_that_hits_no_record_loses_none(
    tmp_path: Path, whole: bytes, spoil: Spoil, kind: LossKind, why: str
) -> None:
    """A wrong header is a loss, because what it guards cannot be vouched for; the records are read all the same."""
    result = read_bytes(tmp_path, bytes(spoil(bytearray(whole))))
    assert ids(result) == ids(read_bytes(tmp_path, whole))
    assert [(loss.kind, why in loss.why) for loss in result.losses] == [(kind, True)]


def test_a_corrupt_record_costs_that_record(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    offset, size = record_at(whole, 1, 9)
    data = bytearray(whole)
    data[offset + 24 : offset + size - 4] = random.Random(1).randbytes(size - 28)
    result = read_bytes(tmp_path, bytes(data))
    assert len(result.records) == sum(counts) - 1
    assert {"chunk 1" in loss.where for loss in result.losses} == {True}
    assert LossKind.UNPARSED in result.kinds


@pytest.mark.parametrize("content", [b"XX", b"**\0\0\0\0\0\0", b"**\0\0\x40\0\0\0", b"**\0\0\xff\xff\xff\x7f"])
def test_a_corrupt_record_header_costs_that_record(
    tmp_path: Path, whole: bytes, counts: list[int], content: bytes
) -> None:
    """The parser gives a chunk up at the first bad record header: "records in a half-damaged chunk that can be read are kept"."""
    offset, _ = record_at(whole, 1, 9)
    result = read_bytes(tmp_path, bytes(_put(offset, content)(bytearray(whole))))
    assert len(result.records) == sum(counts) - 1
    assert (LossKind.DAMAGED, f"{counts[1] - 1} of {counts[1]} records could be read") in [
        (loss.kind, loss.why.rsplit("; ")[-1]) for loss in result.losses
    ]


def test_a_hole_of_zeros_costs_what_it_covers(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    start, _ = record_at(whole, 1, 9)
    end, _ = record_at(whole, 1, 12)
    result = read_bytes(tmp_path, bytes(_put(start, bytes(end - start))(bytearray(whole))))
    assert len(result.records) == sum(counts) - 3
    assert [(loss.kind, loss.count) for loss in result.losses] == [(LossKind.DAMAGED, 3)]


def test_records_missing_at_the_end_of_a_chunk(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """ "If fewer came out than the chunk header promises, that is a Loss with the count"."""
    start, _ = record_at(whole, 1, counts[1] - 5)
    result = read_bytes(tmp_path, bytes(_put(start, bytes(FILE_HEADER + 2 * CHUNK - start))(bytearray(whole))))
    assert len(result.records) == sum(counts) - 5
    assert [(loss.kind, loss.count) for loss in result.losses] == [(LossKind.DAMAGED, 5)]


def test_records_the_header_does_not_know_yet(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """A file copied while open: records lie beyond what its chunk header calls free space."""
    start, _ = record_at(whole, 2, counts[2] - 4)
    free = start - FILE_HEADER - 2 * CHUNK
    data = bytearray(whole)
    first, last = struct.unpack_from("<QQ", data, FILE_HEADER + 2 * CHUNK + 8)
    struct.pack_into("<QQQQ", data, FILE_HEADER + 2 * CHUNK + 8, first, last - 4, first, last - 4)
    struct.pack_into("<I", data, FILE_HEADER + 2 * CHUNK + 48, free)
    assert ids(read_bytes(tmp_path, bytes(data))) == ids(read_bytes(tmp_path, whole))


def test_what_lies_in_free_space_is_not_read_again(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """Left-overs of an earlier use of the chunk are no records of this one."""
    data = bytearray(whole)
    start = FILE_HEADER + 2 * CHUNK
    (free,) = struct.unpack_from("<I", data, start + 48)
    offset, size = record_at(whole, 2, 0)
    assert free + size < CHUNK
    data[start + free : start + free + size] = data[offset : offset + size]
    result = read_bytes(tmp_path, bytes(data))
    assert (len(result.records), result.losses) == (sum(counts), [])


def test_zero_chunk_in_the_middle(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    result = read_bytes(tmp_path, bytes(_put(CHUNK_1, bytes(CHUNK))(bytearray(whole))))
    assert len(result.records) == counts[0] + counts[2]
    assert [(loss.kind, "filled with zeros" in loss.why) for loss in result.losses] == [(LossKind.DAMAGED, True)]
    assert f"chunk 1 at byte {CHUNK_1}" in result.losses[0].where


def test_room_after_the_last_chunk_is_no_loss(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """Windows keeps zeros behind the last chunk in use: 208 such chunks in the recordings."""
    result = read_bytes(tmp_path, whole + bytes(4 * CHUNK))
    assert (len(result.records), result.losses) == (sum(counts), [])


def test_last_chunk_zeroed_though_in_use(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    result = read_bytes(tmp_path, bytes(_put(CHUNK_1, bytes(2 * CHUNK))(bytearray(whole))))
    assert len(result.records) == counts[0]
    assert [(loss.kind, loss.count) for loss in result.losses] == [(LossKind.DAMAGED, 2)]


def test_a_long_hole_is_one_loss(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """A copy with a hole of a gigabyte must not make a report of 16,000 lines."""
    data = whole[:CHUNK_1] + bytes(500 * CHUNK) + whole[CHUNK_1:]
    result = read_bytes(tmp_path, data)
    assert len(result.records) == sum(counts)
    assert [(loss.kind, loss.count) for loss in result.losses] == [(LossKind.DAMAGED, 500)]
    assert f"chunk 1 at byte {CHUNK_1}" in result.losses[0].where
    assert "the next 499 chunks" in result.losses[0].why


def test_many_undecodable_records_are_counted_not_listed(tmp_path: Path, whole: bytes) -> None:
    """ "Memory is bounded by the block and the hits, never by the input" (design)."""
    body = b"".join(
        struct.pack("<4sIQQ", b"**\0\0", 32, number, 0) + b"\xee" * 4 + struct.pack("<I", 32)
        for number in range(1, 2001)
    )
    chunk = b"ElfChnk\0" + bytes(504) + body
    result = read_bytes(tmp_path, whole[:FILE_HEADER] + chunk.ljust(CHUNK, b"\0") * 3)
    assert result.records == []
    undecoded = [loss for loss in result.losses if loss.kind is LossKind.UNPARSED]
    assert len(undecoded) == 101
    assert sum(loss.count for loss in undecoded) == 6000


def test_more_chunks_than_the_header_says(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """A dirty header, copied while the log was open: the chunks are read all the same."""
    data = bytearray(whole)
    struct.pack_into("<H", data, 42, 1)
    struct.pack_into("<I", data, 120, 1)
    struct.pack_into("<I", data, 124, zlib.crc32(bytes(data[:120])))
    result = read_bytes(tmp_path, bytes(data))
    assert (len(result.records), result.losses) == (sum(counts), [])


@pytest.mark.parametrize("missing", [1, 1000, 30_000, CHUNK - 600])
def test_truncated_inside_a_chunk(tmp_path: Path, whole: bytes, counts: list[int], missing: int) -> None:
    """The parser reads nothing of a chunk that is cut off; here what is whole is kept and the rest counted."""
    result = read_bytes(tmp_path, whole[: FILE_HEADER + 2 * CHUNK - missing])
    assert counts[0] <= len(result.records) <= counts[0] + counts[1]
    assert LossKind.TRUNCATED in result.kinds
    inside = next(loss for loss in result.losses if "inside this chunk" in loss.why)
    assert inside.count == max(1, counts[0] + counts[1] - len(result.records))


def test_truncated_between_chunks(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    result = read_bytes(tmp_path, whole[: FILE_HEADER + CHUNK])
    assert len(result.records) == counts[0]
    assert [(loss.kind, loss.count) for loss in result.losses] == [(LossKind.TRUNCATED, 2)]


def test_header_only(tmp_path: Path, whole: bytes) -> None:
    result = read_bytes(tmp_path, whole[:FILE_HEADER])
    assert result.records == []
    assert (result.kinds, result.reading.kind) == ([LossKind.TRUNCATED], "evtx")


def test_cut_off_inside_the_file_header(tmp_path: Path, whole: bytes) -> None:
    result = read_bytes(tmp_path, whole[:100])
    assert (result.records, result.kinds) == ([], [LossKind.DAMAGED])


def test_first_chunks_overwritten(tmp_path: Path, whole: bytes, counts: list[int]) -> None:
    """Some ransomware encrypts the beginning of files only: the chunks behind are still evidence."""
    garbage = random.Random(2).randbytes(FILE_HEADER + CHUNK)
    result = read_bytes(tmp_path, garbage + whole[FILE_HEADER + CHUNK :])
    assert len(result.records) == counts[1] + counts[2]
    assert set(result.kinds) == {LossKind.DAMAGED}


def test_a_string_table_in_a_circle_does_not_hang(tmp_path: Path, whole: bytes) -> None:
    """A hostile chunk whose strings point at each other keeps the parser busy for ever when it follows the table."""
    data = bytearray(whole)
    for here, there in ((1000, 2000), (2000, 1000)):
        struct.pack_into("<IHH", data, FILE_HEADER + here, there, 0, 0)
    struct.pack_into("<I", data, FILE_HEADER + 128, 1000)
    path = tmp_path / "circle.evtx"
    path.write_bytes(data)
    program = "import sys; from detector.intake import *; print(len(list(Reading(Source(sys.argv[1], 1)))))"
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, timeout=60, check=True)
    assert int(done.stdout) > 100


def test_real_recordings_are_read_whole(shared: Path) -> None:
    """ "Reads all 277 files ... names each unreadable part as a loss" (issue, done when 2)."""
    files = sorted((shared / "data/evtx-attack-samples").rglob("*.evtx"))
    results = [read(path) for path in files]
    assert len(files) == 277
    assert {result.reading.kind for result in results} == {"evtx"}
    assert [loss for result in results for loss in result.losses] == []
    assert sum(len(result.records) for result in results) == 8255
