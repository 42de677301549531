"""EVTX to records: one chunk at a time, so that damage costs what it hit and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import evtx
import orjson

from detector.intake import chunk as chunks
from detector.intake.chunk import CHUNK, FILE_HEADER, SIGNATURE, Chunk, examine
from detector.intake.tally import Tally
from detector.intake.tape import Tape
from detector.model.event import RawRecord, Shape
from detector.model.loss import Loss, LossKind

#: The parser may name an error for each record and stand-in of a chunk; beyond that it makes no headway.
_MOST_ERRORS = 2 * CHUNK // 28


def read_evtx(tape: Tape, path: str) -> Iterator[RawRecord | Loss]:
    """The records of one file, and a loss for whatever was promised and did not come.

    Compared are: the file's size and its header's number of chunks with the chunks that are there; each chunk's header
    with the records that came out of it; checksums with content. Zeros after the last chunk in use are room Windows keeps.
    """
    start = 0 if tape.peek(len(SIGNATURE)) == SIGNATURE else FILE_HEADER
    header = chunks.read_file_header(tape.read(start))
    if not header.sound:
        yield Loss(LossKind.DAMAGED, path, "the file's header is damaged; its chunks were read without it")
    number, empty = -1, 0
    undecoded = Tally(path, "records that could not be decoded")
    while block := tape.read(CHUNK):
        number += 1
        if not any(block):
            empty += 1
            continue
        yield from _zeros(path, number - empty, number, start)
        empty = 0
        yield from _read_chunk(block, path, number, start + number * CHUNK, undecoded)
    used = header.chunks if header.sound else 0
    yield from _zeros(path, number + 1 - empty, min(used, number + 1), start)
    yield from undecoded
    if used > number + 1:
        missing = used - number - 1
        why = f"the file ends before its header says: {missing} of {used} chunks are missing"
        yield Loss(LossKind.TRUNCATED, path, why, missing)


def _zeros(path: str, first: int, end: int, start: int) -> Iterator[Loss]:
    """One loss for a run of chunks, ``end`` not among them."""
    if first < end:
        where = _where(path, first, start + first * CHUNK)
        run = "the chunk is" if end - first == 1 else f"this and the next {end - first - 1} chunks are"
        yield Loss(LossKind.DAMAGED, where, f"{run} filled with zeros", end - first)


def _where(path: str, number: int, offset: int) -> str:
    return f"{path}: chunk {number} at byte {offset}"


def _read_chunk(block: bytes, path: str, number: int, offset: int, undecoded: Tally) -> Iterator[RawRecord | Loss]:
    where = _where(path, number, offset)
    chunk = examine(block)
    came, failures = 0, []
    for made in _records(chunk):
        if isinstance(made, str):
            failures.append(made)
        else:
            came += 1
            yield RawRecord(path, f"chunk {number}", Shape.WINLOG, made)
    if len(block) < CHUNK:
        why = f"the file ends inside this chunk, {CHUNK - len(block)} bytes short; {_read_of(came, chunk)}"
        yield Loss(LossKind.TRUNCATED, where, why, max(1, (chunk.promised or 0) - came))
        return
    for why in failures:
        undecoded.add(LossKind.UNPARSED, where, f"a record could not be decoded: {why}")
    unseen = (chunk.promised or 0) - came - len(failures)
    if chunk.faults or chunk.gaps or unseen > 0:
        faults = list(chunk.faults) or ["it is damaged" if chunk.gaps else "it holds fewer records than it says"]
        yield Loss(LossKind.DAMAGED, where, f"{' and '.join(faults)}; {_read_of(came, chunk)}", max(1, unseen))


def _read_of(came: int, chunk: Chunk) -> str:
    if chunk.promised is None:
        return f"{came} records could be read, how many there were is not known"
    return f"{came} of {chunk.promised} records could be read"


def _records(chunk: Chunk) -> Iterator[Mapping[str, Any] | str]:
    """Each record as parsed JSON, or in words why it could not be."""
    if not chunk.found:
        return
    made = evtx.PyEvtxParser(io.BytesIO(chunks.PLAIN_FILE_HEADER + chunk.image), 1).records_json()
    errors = 0
    while errors < _MOST_ERRORS:
        try:
            record = next(made)
            if record is None or record["event_record_id"] == chunks.STAND_IN:
                continue
            yield orjson.loads(record["data"])
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError, TypeError, KeyError) as error:
            errors += 1
            if not _is_stand_in(error):
                yield _plain(error)


def _is_stand_in(error: Exception) -> bool:
    return f"record number {chunks.STAND_IN}:" in str(error)


def _plain(error: Exception) -> str:
    """The parser's words, short enough for a report."""
    return " ".join(str(error).split())[:200]
