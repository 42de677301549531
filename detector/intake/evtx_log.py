"""EVTX to records: one chunk at a time, so that damage costs what it hit and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import evtx
import orjson

from detector.intake import chunk as chunks
from detector.intake.chunk import CHUNK, FILE_HEADER, SIGNATURE, Chunk, examine
from detector.intake.parts import Stretch
from detector.intake.screening import Passed, Screen, is_sample
from detector.intake.tally import Tally
from detector.intake.tape import Tape
from detector.model.event import RawRecord, Shape
from detector.model.loss import Loss, LossKind

#: The parser may name an error for each record and stand-in of a chunk; beyond that it makes no headway.
_MOST_ERRORS = 2 * CHUNK // 28


class EvtxLog:
    """Iterate once for the records of one file, and a loss for whatever was promised and did not come.

    Compared are: the file's size and its header's number of chunks with the chunks that are there; each chunk's header
    with the records that came out of it; checksums with content. Zeros after the last chunk in use are room Windows keeps.

    With a screen, sound chunks that cannot matter are not decoded; ``passed`` counts them. Of a stretch, afterwards
    ``shows`` says whether any of its chunks is more than zeros, or should be, and ``open_end`` whether its last one is not.
    """

    def __init__(self, tape: Tape, path: str, screen: Screen | None = None, stretch: Stretch | None = None) -> None:
        self._tape = tape
        self._path = path
        self._screen = screen
        self._stretch = stretch
        self._undecoded = Tally(path, "records that could not be decoded")
        self.passed = Passed()
        self.shows = self.open_end = False

    def __iter__(self) -> Iterator[RawRecord | Loss]:
        if self._stretch is not None:
            self._tape.read(0 if self._stretch.first else FILE_HEADER)
            yield from self._chunks(self._stretch, FILE_HEADER)
            return
        start = 0 if self._tape.peek(len(SIGNATURE)) == SIGNATURE else FILE_HEADER
        header = chunks.read_file_header(self._tape.read(start))
        if not header.sound:
            yield Loss(LossKind.DAMAGED, self._path, "the file's header is damaged; its chunks were read without it")
        yield from self._chunks(Stretch(0, header.chunks if header.sound else 0, True), start)

    def _chunks(self, stretch: Stretch, start: int) -> Iterator[RawRecord | Loss]:
        number, empty = stretch.first - 1, 0
        while block := self._tape.read(CHUNK):
            number += 1
            if not any(block):
                empty += 1
                continue
            self.shows = True
            yield from _zeros(self._path, number - empty, number, start)
            empty = 0
            yield from self._chunk(block, number, start + number * CHUNK)
        self.open_end = empty > 0
        lost = list(_zeros(self._path, number + 1 - empty, min(stretch.used, number + 1), start))
        self.shows = self.shows or bool(lost)
        yield from lost
        yield from self._undecoded
        if stretch.last and stretch.used > number + 1:
            missing = stretch.used - number - 1
            why = f"the file ends before its header says: {missing} of {stretch.used} chunks are missing"
            yield Loss(LossKind.TRUNCATED, self._path, why, missing)

    def _chunk(self, block: bytes, number: int, offset: int) -> Iterator[RawRecord | Loss]:
        """The records of a chunk, unless the screen says that none of them can matter."""
        self.passed.blocks += 1
        screen = self._screen
        if screen is not None and not screen.first and (is_sample(number) or not screen.chunk(block)):
            return  # nothing of it is counted any more
        seen = chunks.glance(block) if screen is not None else None
        if seen is None or screen is None:
            yield from self._read(block, number, offset)
            return
        self.passed.see(seen.first, seen.last)
        if is_sample(number):
            yield from self._read(block, number, offset)
        elif not screen.first or screen.chunk(block[: seen.end]):
            self.passed.sifted += 1
            made = list(_texts(chunks.image_of(block, seen)))
            texts = [text for text in made if isinstance(text, str)]
            if len(texts) == len(made) == seen.records:
                yield from self._sifted(texts, number, offset, screen)
            else:
                yield from self._read(block, number, offset, screen)
        else:
            self.passed.screened += 1
            self.passed.records += seen.records

    def _sifted(self, texts: Sequence[str], number: int, offset: int, screen: Screen) -> Iterator[RawRecord]:
        """Those records of a sound chunk that can matter."""
        place = f"chunk {number}"
        for text, candidates in zip(texts, screen.sift([text.encode() for text in texts]), strict=True):
            if candidates is False:
                self.passed.records += 1
                continue
            payload = _payload(text)
            if isinstance(payload, _Undecoded):
                self._miss(payload.why, _where(self._path, number, offset))
            else:
                yield RawRecord(self._path, place, Shape.WINLOG, payload, candidates)

    def _miss(self, why: str, where: str) -> None:
        self._undecoded.add(LossKind.UNPARSED, where, f"a record could not be decoded: {why}")

    def _read(self, block: bytes, number: int, offset: int, screen: Screen | None = None) -> Iterator[RawRecord | Loss]:
        """All records of a chunk, and what is wrong with it; with a screen those that can matter."""
        chunk = examine(block)
        came, failures = 0, []
        for text in _texts(chunk.image, len(chunk.gaps)) if chunk.found else ():
            payload = _payload(text) if isinstance(text, str) else text
            if isinstance(payload, _Undecoded):
                failures.append(payload.why)
                continue
            came += 1
            candidates = screen.record(text.encode()) if screen is not None and isinstance(text, str) else None
            if candidates is False:
                self.passed.records += 1
            else:
                yield RawRecord(self._path, f"chunk {number}", Shape.WINLOG, payload, candidates)
        where = _where(self._path, number, offset)
        for why in failures:
            self._miss(why, where)
        yield from _lost(block, chunk, came, len(failures), where)


@dataclass(frozen=True, slots=True)
class _Undecoded:
    """A record that could not be decoded, and why."""

    why: str


def _zeros(path: str, first: int, end: int, start: int) -> Iterator[Loss]:
    """One loss for a run of chunks, ``end`` not among them."""
    if first < end:
        where = _where(path, first, start + first * CHUNK)
        run = "the chunk is" if end - first == 1 else f"this and the next {end - first - 1} chunks are"
        yield Loss(LossKind.DAMAGED, where, f"{run} filled with zeros", end - first)


def _where(path: str, number: int, offset: int) -> str:
    return f"{path}: chunk {number} at byte {offset}"


def _lost(block: bytes, chunk: Chunk, came: int, failed: int, where: str) -> Iterator[Loss]:
    """What a chunk holds less than it says."""
    if len(block) < CHUNK:
        why = f"the file ends inside this chunk, {CHUNK - len(block)} bytes short; {_read_of(came, chunk)}"
        yield Loss(LossKind.TRUNCATED, where, why, max(1, (chunk.promised or 0) - came))
        return
    unseen = (chunk.promised or 0) - came - failed
    if chunk.faults or chunk.gaps or unseen > 0:
        faults = list(chunk.faults) or ["it is damaged" if chunk.gaps else "it holds fewer records than it says"]
        yield Loss(LossKind.DAMAGED, where, f"{' and '.join(faults)}; {_read_of(came, chunk)}", max(1, unseen))


def _read_of(came: int, chunk: Chunk) -> str:
    if chunk.promised is None:
        return f"{came} records could be read, how many there were is not known"
    return f"{came} of {chunk.promised} records could be read"


def _texts(image: bytes, stand_ins: int = 0) -> Iterator[str | _Undecoded]:
    """Each record of a chunk's image as the parser's JSON, or why there is none; so many of their number are stand-ins."""
    made = evtx.PyEvtxParser(io.BytesIO(chunks.PLAIN_FILE_HEADER + image), 1).records_json()
    errors = 0
    while errors < _MOST_ERRORS:
        try:
            record = next(made)
            if record is None:
                continue
            if record["event_record_id"] == chunks.STAND_IN and stand_ins:
                stand_ins -= 1
                continue
            yield record["data"]
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError, TypeError, KeyError) as error:
            errors += 1
            if _is_stand_in(error) and stand_ins:
                stand_ins -= 1
            else:
                yield _Undecoded(_plain(error))


def _payload(text: str) -> Mapping[str, Any] | _Undecoded:
    try:
        payload: Mapping[str, Any] = orjson.loads(text)
    except ValueError as error:
        return _Undecoded(_plain(error))
    return payload


def _is_stand_in(error: Exception) -> bool:
    return f"record number {chunks.STAND_IN}:" in str(error)


def _plain(error: Exception) -> str:
    """The parser's words, short enough for a report."""
    return " ".join(str(error).split())[:200]
