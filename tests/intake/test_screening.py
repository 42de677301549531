"""What is told of a chunk without decoding it: "EVTX chunks have checksums; a record that is there is read, or is a loss"."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from detector.intake.chunk import (
    CHUNK,
    FILE_HEADER,
    FIRST_RECORD,
    RECORD_SIGNATURE,
    Chunk,
    Glance,
    examine,
    glance,
    image_of,
)


def chunks_of(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.rglob("*.evtx")):
        data = file.read_bytes()
        yield from (data[start : start + CHUNK] for start in range(FILE_HEADER, len(data), CHUNK))


def is_sound(block: bytes, chunk: Chunk) -> bool:
    whole = len(block) == CHUNK and not chunk.faults and not chunk.gaps
    return whole and bool(chunk.found) and chunk.promised == len(chunk.found)


def check(block: bytes) -> Glance | None:
    """What is seen at a glance is what is there."""
    seen, chunk = glance(block), examine(block)
    if seen is not None:
        assert is_sound(block, chunk)
        assert seen.records == len(chunk.found)
        assert image_of(block, seen) == chunk.image
    return seen


def test_real_chunks(shared: Path) -> None:
    """Nearly every chunk that is in order is known to be at a glance."""
    blocks = list(chunks_of(shared / "data/evtx-attack-samples"))
    seen = sum(check(block) is not None for block in blocks)
    sound = sum(is_sound(block, examine(block)) for block in blocks)
    assert sound * 0.98 < seen <= sound
    assert seen > 300


@pytest.fixture(scope="module")
def block(root: Path) -> bytes:
    blocks = list(chunks_of(root / "samples/evidence/S01"))
    return max((one for one in blocks if glance(one)), key=lambda one: len(examine(one).found))


def resealed(block: bytearray) -> bytes:
    """With both checksums mended, as by a tool that hides what it did."""
    (free,) = struct.unpack_from("<I", block, 48)
    struct.pack_into("<I", block, 52, zlib.crc32(block[FIRST_RECORD : max(FIRST_RECORD, min(free, CHUNK))]))
    struct.pack_into("<I", block, 124, zlib.crc32(block[128:FIRST_RECORD], zlib.crc32(block[:120])))
    return bytes(block)


def starts(block: bytes) -> list[int]:
    found, offset = [], FIRST_RECORD
    for _ in examine(block).found:
        found.append(offset)
        offset += struct.unpack_from("<I", block, offset + 4)[0]
    return found


def places(block: bytes) -> list[int]:
    """Bytes worth changing: of the header, and of the heads and ends of records."""
    heads = [place for start in starts(block) for place in (*range(start, start + 24), start - 4, start - 3)]
    return [*range(128), *heads]


def test_any_change_is_seen_or_changes_nothing(block: bytes) -> None:
    """Wrong checksums: then a change of what they cover is seen."""
    chance, where, before, seen = Random(1), places(block), glance(block), 0
    for _ in range(1500):
        changed = bytearray(block)
        for _ in range(chance.randint(1, 3)):
            place = chance.choice(where) if chance.random() < 0.7 else chance.randrange(CHUNK)
            changed[place] ^= 1 << chance.randrange(8)
        found = check(bytes(changed))
        assert found in (None, before)
        seen += found is None
    assert seen > 500


def test_any_change_under_mended_checksums(block: bytes) -> None:
    """Who mends the checksums can change what is said, but not make it say what is not there."""
    chance, where, seen = Random(2), places(block), 0
    for _ in range(1500):
        changed = bytearray(block)
        for _ in range(chance.randint(1, 2)):
            place = chance.choice(where)
            changed[place] = chance.choice((changed[place] ^ 1 << chance.randrange(8), 0, 255))
        seen += check(resealed(changed)) is None
    assert seen > 500


def test_a_record_hidden_in_the_one_before_it(block: bytes) -> None:
    """As eventlogedit does: the size of a record takes the next one in, numbers and checksums are mended."""
    changed, (first, second, *_) = bytearray(block), starts(block)
    size = sum(struct.unpack_from("<I", block, start + 4)[0] for start in (first, second))
    struct.pack_into("<I", changed, first + 4, size)
    struct.pack_into("<I", changed, first + size - 4, size)
    hidden = resealed(changed)
    assert glance(hidden) is None
    assert len(examine(hidden).found) < (examine(hidden).promised or 0)


@pytest.mark.parametrize("length", [0, 100, FIRST_RECORD, CHUNK - 1])
def test_a_chunk_cut_short_is_not_judged_at_a_glance(block: bytes, length: int) -> None:
    assert glance(block[:length]) is None


def test_records_behind_the_end_that_the_header_knows(block: bytes) -> None:
    """A file copied while open: what carries on behind is no record that may be passed over."""
    seen = glance(block)
    assert seen is not None
    changed = bytearray(block)
    last = starts(block)[-1]
    numbers = struct.unpack_from("<QQ", block, 8)
    struct.pack_into("<QQQQ", changed, 8, numbers[0], numbers[1] - 1, numbers[0], numbers[1] - 1)
    struct.pack_into("<I", changed, 48, last)
    assert changed.startswith(RECORD_SIGNATURE, last)
    assert check(resealed(changed)) is None
