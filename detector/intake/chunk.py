"""One chunk of an EVTX file: what its header promises, which records are there, and an image that a parser can walk.

A file is a header block of 4,096 bytes and chunks of 65,536. A chunk has a header of 512 bytes (signature, first and last
record number, offset of its free space, two CRC32, tables of strings and templates) and then records: signature, size,
number, time, binary XML, size again. Layout: "Windows XML Event Log (EVTX) format", libevtx documentation.

The parser trusts headers: one wrong size ends a chunk for it, a string table that points in a circle keeps it busy for
ever. So it is never given a chunk as it is, but an :func:`image <examine>` with a header of ours, no tables (they only save it
time: measured on 277 real files, the same records in the same time) and a stand-in for each stretch that is no record.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FILE_SIGNATURE, SIGNATURE, RECORD_SIGNATURE = b"ElfFile\0", b"ElfChnk\0", b"\x2a\x2a\0\0"
FILE_HEADER, CHUNK, FIRST_RECORD = 4096, 65536, 512
_SMALLEST_RECORD = 28
#: More records than fit in a chunk: a header that says so is wrong.
_MOST_RECORDS = (CHUNK - FIRST_RECORD) // _SMALLEST_RECORD
#: Number of a stand-in; Windows counts from 1.
STAND_IN = 0
_NO_NUMBER = (1 << 64) - 1

_FILE_HEADER = struct.Struct("<8s3Q I 4H")
_HEADER = struct.Struct("<8s 4Q 4I")
_RECORD = struct.Struct("<4sIQQ")
_RECORD_NUMBER = int.from_bytes(RECORD_SIGNATURE, "little")
#: The signature, and the part of the size that is nothing when it is a multiple of eight.
_ROW_MASK = (1 << 35) - 1


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What the file's header says. ``chunks`` is how many are in use (fewer than there are, in a file copied while open)."""

    chunks: int
    sound: bool


def read_file_header(block: bytes) -> FileHeader:
    """The header block of a file; ``sound`` is false when signature or checksum is wrong, and the rest is not to be trusted."""
    if len(block) < 128:
        return FileHeader(0, False)
    signature, *_, chunks = _FILE_HEADER.unpack_from(block)
    checksum = int.from_bytes(block[124:128], "little")
    return FileHeader(chunks, signature == FILE_SIGNATURE and checksum == zlib.crc32(block[:120]))


#: A header for the parser: one chunk, version 3.1. It is never a real file's, so a damaged one harms nothing.
PLAIN_FILE_HEADER = _FILE_HEADER.pack(FILE_SIGNATURE, 0, 0, 1, 128, 1, 3, FILE_HEADER, 1).ljust(FILE_HEADER, b"\0")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk, examined.

    ``promised`` is how many records its header says it has, ``None`` when the header is not to be trusted. ``found`` are the
    numbers of the records that are there, in order; ``gaps`` the offsets in the chunk of stretches between them that are
    no record. ``faults`` says in words what is wrong with it. ``image`` is what to give to a parser, behind
    ``PLAIN_FILE_HEADER``.
    """

    promised: int | None
    found: tuple[int, ...]
    gaps: tuple[int, ...]
    faults: tuple[str, ...]
    image: bytes


def examine(block: bytes) -> Chunk:
    """Look a chunk through. ``block`` is at most 65,536 bytes; a shorter one was cut off, and what is missing is zeros."""
    data = bytearray(block.ljust(CHUNK, b"\0"))
    signature, first, last, _, _, _, _, free, checksum = _HEADER.unpack_from(data)
    sound = signature == SIGNATURE and FIRST_RECORD <= free <= CHUNK
    faults = [] if sound else ["its header is damaged"]
    if sound and len(block) == CHUNK:
        faults += _checksum_faults(data, free, checksum)
    found, gaps, end = _walk(data, free if sound else CHUNK)
    data[:FIRST_RECORD] = _header(data, end)
    return Chunk(_promised(first, last) if sound else None, tuple(found), tuple(gaps), tuple(faults), bytes(data))


@dataclass(frozen=True, slots=True)
class Glance:
    """A sound chunk as its header tells it: how many records, the times of the first and the last, and where they end."""

    records: int
    first: datetime
    last: datetime
    end: int


def glance(block: bytes) -> Glance | None:
    """What a whole chunk's header says, when both checksums are right and the records are there, one behind the other (tools
    that hide a record write it into the one before it and mend the checksums).

    ``None``: it is to be :func:`examined <examine>`.
    """
    if len(block) < CHUNK:
        return None
    signature, first, last, _, _, _, _, end, checksum = _HEADER.unpack_from(block)
    if signature != SIGNATURE or not FIRST_RECORD < end <= CHUNK or block.startswith(RECORD_SIGNATURE, end):
        return None
    last_at = None if _checksum_faults(block, end, checksum) else _last_of_row(block, first, last, end)
    if last_at is None:
        return None
    begin, close = _time_of(block, FIRST_RECORD), _time_of(block, last_at)
    return Glance(last - first + 1, begin, close, end) if begin is not None and close is not None else None


def _last_of_row(block: bytes, first: int, last: int, end: int) -> int | None:
    """Where the last record begins, when the records from the number ``first`` to ``last`` follow each other up to ``end``.

    A record begins on a multiple of eight bytes, as Windows writes them; whatever does not is for :func:`examine`.
    """
    if not first <= last < first + _MOST_RECORDS or end & 7:
        return None
    words = memoryview(block)[:end].cast("Q")  # a record's first one: its signature, then its size
    at = place = FIRST_RECORD >> 3
    try:
        for _ in range(first, last + 1):
            word = words[at := place]
            if word & _ROW_MASK != _RECORD_NUMBER:
                return None
            place += word >> 35
    except IndexError:
        return None
    at <<= 3
    ends = place << 3 == end and block[end - 4 : end] == block[at + 4 : at + 8]
    numbers = (_RECORD.unpack_from(block, FIRST_RECORD)[2], _RECORD.unpack_from(block, at)[2])
    return at if ends and numbers == (first, last) else None


def image_of(block: bytes, seen: Glance) -> bytes:
    """What to give to a parser of a chunk that was found sound at a :func:`glance`."""
    return _header(block, seen.end) + block[FIRST_RECORD:]


def _header(block: bytes | bytearray, end: int) -> bytes:
    """A header for the parser. It stops early at the record whose number the header calls the last: here none has it."""
    nobody = next(number for number in range(_NO_NUMBER, 0, -1) if number.to_bytes(8, "little") not in block)
    header = _HEADER.pack(SIGNATURE, 1, nobody, 1, nobody, 128, end, end, 0)
    return header.ljust(FIRST_RECORD, b"\0")


def _time_of(block: bytes, offset: int) -> datetime | None:
    """When the record at that offset was written."""
    filetime = _RECORD.unpack_from(block, offset)[3]
    return _FILETIME_BEGINS + timedelta(microseconds=filetime // 10) if filetime < _LATEST else None


_FILETIME_BEGINS = datetime(1601, 1, 1, tzinfo=UTC)
#: The year 9999.
_LATEST = 2_650_467_744_000_000_000


def _promised(first: int, last: int) -> int | None:
    if _NO_NUMBER in (first, last):
        return 0  # a chunk nothing was written to yet
    count = last - first + 1
    return count if 0 <= count <= _MOST_RECORDS else None


def _checksum_faults(data: bytes | bytearray, free: int, checksum: int) -> list[str]:
    faults, view = [], memoryview(data)
    if struct.unpack_from("<I", data, 124)[0] != zlib.crc32(view[128:FIRST_RECORD], zlib.crc32(view[:120])):
        faults.append("the checksum of its header is wrong")
    if checksum != zlib.crc32(view[FIRST_RECORD:free]):
        faults.append("the checksum of its records is wrong")
    return faults


def _walk(data: bytearray, limit: int) -> tuple[list[int], list[int], int]:
    """Numbers of the records, offsets of the gaps, and where the last record ends; fills the gaps with stand-ins.

    Up to ``limit`` a gap is looked across for the next record. Beyond it (a file that was copied while open has a header
    older than its records) only records that carry on from the last one are taken: what else lies there is left over.
    """
    found: list[int] = []
    gaps: list[int] = []
    offset = end = FIRST_RECORD
    while True:
        size = _record_size(data, offset)
        number = _RECORD.unpack_from(data, offset)[2] if size else 0
        if size and (offset < limit or (found and number == found[-1] + 1)):
            found.append(number)
            offset = end = offset + size
            continue
        following = _next_record(data, offset, limit)
        if following is None:
            if end < limit and any(data[end:limit]):
                gaps.append(end)
            return found, gaps, end
        gaps.append(offset)
        data[offset:following] = _stand_in(following - offset)
        offset = following


def _record_size(data: bytearray, offset: int) -> int:
    """The size of the record at ``offset``; 0 when none is there."""
    if offset + _SMALLEST_RECORD > CHUNK or data[offset : offset + 4] != RECORD_SIGNATURE:
        return 0
    size = _RECORD.unpack_from(data, offset)[1]
    after = offset + size
    if size < _SMALLEST_RECORD or after > CHUNK:
        return 0
    whole = int.from_bytes(data[after - 4 : after], "little") == size
    return size if whole or data[after : after + 4] == RECORD_SIGNATURE else 0


def _next_record(data: bytearray, offset: int, limit: int) -> int | None:
    """Where the next record begins that leaves room for a stand-in before it."""
    place = offset + _SMALLEST_RECORD - 1
    while (place := data.find(RECORD_SIGNATURE, place + 1, limit)) >= 0:
        if _record_size(data, place):
            return place
    return None


def _stand_in(size: int) -> bytes:
    return _RECORD.pack(RECORD_SIGNATURE, size, STAND_IN, 0).ljust(size, b"\0")
