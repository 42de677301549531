"""A large file in parts that can be read apart from each other: of an EVTX file its chunks, of JSON its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from detector.intake import chunk
from detector.intake.source import STANDARD_INPUT, Source

#: Bytes of a part; a file of less than two is read whole.
PART = 512 * chunk.CHUNK
#: How far from there a line is looked for that ends; longer ones leave a part as long as it takes.
_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a file: chunks from the number ``first`` on, of a file whose header says that ``used`` chunks are in use.

    ``last`` says that the file ends with it.
    """

    first: int
    used: int
    last: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from ``start`` to ``end`` of a file; ``stretch`` says which chunks they are, ``None`` for lines of JSON.

    ``index`` is its place among the file's parts.
    """

    index: int
    start: int
    end: int
    stretch: Stretch | None = None


def parts_of(source: Source) -> list[Part]:
    """The parts of a file that is worth it; none for any other (standard input, a small file, one of an odd form).

    Raises ``OSError``.
    """
    if source.path == STANDARD_INPUT or source.size < 2 * PART:
        return []
    from detector.intake.recognise import HEAD, Kind, recognise  # noqa: PLC0415 - orjson loads when something is read

    with open(source.place, "rb") as file:
        head = file.read(HEAD)
        found = recognise(head)
        if found.kind is Kind.EVTX:
            header = chunk.read_file_header(head[: chunk.FILE_HEADER])
            return list(_stretches(source.size, header.chunks)) if header.sound else []
        if found.kind is Kind.JSON and found.encoding == "utf-8" and not found.skip and head.startswith(b"{"):
            return list(_lines(file, source.size))
    return []


def _stretches(size: int, used: int) -> Iterator[Part]:
    starts = range(chunk.FILE_HEADER, size, PART)
    for index, start in enumerate(starts):
        end = min(start + PART, size)
        begin = start if index else 0  # with the file's header
        yield Part(index, begin, end, Stretch(index * (PART // chunk.CHUNK), used, end == size))


def _lines(file: BinaryIO, size: int) -> Iterator[Part]:
    index = start = 0
    while start < size:
        end = min(start + PART, size)
        if end < size:
            file.seek(end - 1)
            ahead = file.read(_LONGEST).find(b"\n")
            end = min(end + ahead, size) if ahead >= 0 else size
        yield Part(index, start, end)
        index, start = index + 1, end
