"""Event logs taken apart and put together: records of one chunk, with headers and checksums that are right."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from detector.intake.chunk import CHUNK, FILE_HEADER, FILE_SIGNATURE, FIRST_RECORD, RECORD_SIGNATURE, SIGNATURE
from tests.fuzz.target import Plain

#: The most that the records of a chunk take.
ROOM = CHUNK - FIRST_RECORD
_AROUND = 28
_RECORD = struct.Struct("<4sIQQ")
_LAST_TIME = 2_650_467_743_999_999_999
#: Words of binary XML: what a parser switches on, and sizes that are none.
_WORDS = (
    *(bytes([token]) for token in (*range(16), 0x21, 0x41, 0x45, 0x46, 0x47, 0x81, 0x82, 0x8D)),
    *(b"\0\0", b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\x7f", b"\x00\x02\x00\x00", b"\x18\x02\x00\x00"),
    *(b"\x0f\x01\x01\x00", b"\x0c\x01", b"\x2a\x2a\x00\x00"),
    *(b"\x30\x01", b"\x31\x01", b"\x7f\x01", b"\x2a\x21"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """One record: when it was written (100 ns since 1601), and its binary XML."""

    time: int
    xml: bytes


def body_of(file: bytes) -> bytes:
    """The records of a file's only chunk, as they lie there."""
    end = int.from_bytes(file[FILE_HEADER + 48 : FILE_HEADER + 52], "little")
    return file[FILE_HEADER + FIRST_RECORD : FILE_HEADER + end]


def chunk_of(body: bytes) -> bytes:
    """A chunk around these records, or whatever it is, with a header and checksums that fit."""
    places = [place for place, _ in _found(body)]
    numbers = [_RECORD.unpack_from(body, place)[2] for place in places] or [1]
    last_at = FIRST_RECORD + (places[-1] if places else 0)
    end = FIRST_RECORD + len(body)
    head = struct.pack(
        "<8s4Q4I", SIGNATURE, numbers[0], numbers[-1], numbers[0], numbers[-1], 128, last_at, end, zlib.crc32(body)
    )
    head = head.ljust(120, b"\0")
    tables = bytes(FIRST_RECORD - 128)
    return (head + struct.pack("<II", 0, zlib.crc32(tables, zlib.crc32(head))) + tables + body).ljust(CHUNK, b"\0")


def file_of(*bodies: bytes) -> bytes:
    """An event log of a chunk for each body."""
    head = struct.pack("<8sQQQIHHHH", FILE_SIGNATURE, 0, len(bodies) - 1, 1 << 40, 128, 1, 3, FILE_HEADER, len(bodies))
    head = head.ljust(120, b"\0")
    head += struct.pack("<II", 0, zlib.crc32(head))
    return head.ljust(FILE_HEADER, b"\0") + b"".join(map(chunk_of, bodies))


def records_of(body: bytes) -> list[Written]:
    """The records that are there."""
    return [
        Written(_RECORD.unpack_from(body, place)[3], body[place + 24 : place + size - 4])
        for place, size in _found(body)
    ]


def put_together(records: Sequence[Written]) -> bytes:
    """Records one behind the other, numbered from 1; those that still have room."""
    body = bytearray()
    for number, record in enumerate(records, 1):
        size = (len(record.xml) + _AROUND + 7) & ~7
        if len(body) + size <= ROOM:
            body += _RECORD.pack(RECORD_SIGNATURE, size, number, min(record.time, _LAST_TIME))
            body += record.xml.ljust(size - _AROUND, b"\0") + struct.pack("<I", size)
    return bytes(body)


def _found(body: bytes) -> Iterator[tuple[int, int]]:
    """Place and size of each record."""
    place = 0
    while (place := body.find(RECORD_SIGNATURE, place)) >= 0:
        size = int.from_bytes(body[place + 4 : place + 8], "little")
        if place + _AROUND <= len(body) and _AROUND <= size <= len(body) - place:
            yield place, size
            place += size
        else:
            place += 4


def changed(body: bytes, chance: Random, plain: Plain, most: int) -> bytes:
    """Another body: something inside its records is changed, or there are more, fewer or others; the frame fits again.

    Most changes leave a record's size as it is: what lies behind it is pointed at by its place in the chunk.
    """
    records = records_of(body) or [Written(0, body[:1000])]
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(records))
        change = chance.choice(_CHANGES)
        records[at : at + 1] = [Written(records[at].time, xml) for xml in change(records[at].xml, chance, plain)]
        records = records or [Written(0, b"")]
    return put_together(records)[:most]


def _overwrite(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    word = chance.choice(_WORDS)
    place = chance.randrange(len(xml) + 1)
    return [(xml[:place] + word + xml[place + len(word) :])[: len(xml)]]


def _plainly(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    """The fuzzer's own change of a stretch, whose size stays."""
    place = chance.randrange(len(xml) + 1)
    piece = xml[place : place + chance.choice((4, 16, 64, 400))]
    if not piece:
        return [xml]
    new = plain(piece, len(piece))[: len(piece)].ljust(len(piece), b"\0")
    return [xml[:place] + new + xml[place + len(piece) :]]


def _freely(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    return [plain(xml or b"\0", min(len(xml) + 200, 8000))]


def _text(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    """A letter of a wide text becomes another: of the other case, or one that only looks like it."""
    place = chance.randrange(max(len(xml), 1)) & ~1
    letters = [at for at in range(place, max(len(xml) - 1, 0), 2) if 32 <= xml[at] < 127 and not xml[at + 1]]
    if not letters:
        return [xml]
    at = chance.choice(letters[:20])
    new = chance.choice(
        (chr(xml[at]).swapcase(), chr(chance.randrange(32, 127)), *"\u0130\u0131\u017f\u212a\0 \\/-\u2013")
    )
    return [xml[:at] + new.encode("utf-16-le")[:2] + xml[at + 2 :]]


def _copy(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    """A stretch of it once more, elsewhere."""
    size = chance.choice((2, 8, 20, 100))
    here, there = chance.randrange(len(xml) + 1), chance.randrange(len(xml) + 1)
    piece = xml[here : here + size]
    return [(xml[:there] + piece + xml[there + len(piece) :])[: len(xml)]]


def _twice(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    return [xml, xml]


def _none(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    return []


def _cut(xml: bytes, chance: Random, plain: Plain) -> list[bytes]:
    return [xml[: chance.randrange(len(xml) + 1)]]


_CHANGES = (*(_overwrite, _plainly, _text, _copy) * 4, _freely, _freely, _twice, _none, _cut)
