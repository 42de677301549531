"""Any bytes as an event log: records that normalise, or losses."""

from __future__ import annotations

from collections.abc import Iterator

from detector.intake.chunk import CHUNK, FILE_HEADER
from tests.fuzz.evidence import log_files
from tests.fuzz.log_bytes import read, words
from tests.fuzz.target import Target


def _seeds() -> Iterator[bytes]:
    yield from log_files()
    yield b"ElfFile\0" + bytes(FILE_HEADER)
    yield b"ElfChnk\0" + bytes(600)


def _check(data: bytes) -> set[str]:
    """As it is; and as a file that is whole, if it could be one."""
    _, losses = read(data)
    if data.startswith(b"ElfFile\0"):
        losses += read(data.ljust(FILE_HEADER + CHUNK, b"\0"))[1]
    return words(losses)


TARGET = Target(
    check=_check,
    seeds=_seeds,
    longest=9000,
)
