"""EVTX files, byte by byte: a file header, then chunks of 64 KiB that hold everything their records need.

Layout after the published notes on the format (libyal, "Windows XML Event Log (EVTX)") and what Windows writes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from detector.synth.binxml import Instance, Tables, Writer
from detector.synth.values import Value, ValueType

FILE_HEADER = 4096
CHUNK = 65536
_CHUNK_HEADER = 512  # 128 bytes of header proper, the string table (64 x 4), the template table (32 x 4)
_RECORD_OVERHEAD = 28  # 24 bytes before the binary XML, the size again after it
_NONE = (1 << 64) - 1  # the number of a record that is not there, in a chunk without any
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One event: when it was written, and its XML."""

    time: datetime
    xml: Instance


def filetime(time: datetime) -> int:
    """``time`` (aware) in units of 100 ns since 1601."""
    return (time - _EPOCH) // timedelta(microseconds=1) * 10


def filetime_value(time: datetime) -> Value:
    """``time`` as a FILETIME substitution."""
    return Value(ValueType.FILETIME, struct.pack("<Q", filetime(time)))


class _Chunk:
    """One chunk being filled. ``first`` is the number of its first record, counted through the file from 1."""

    def __init__(self, first: int) -> None:
        self.first = self.next = first
        self._tables = Tables()
        self._body = bytearray()
        self._last_at = 0

    def add(self, record: Record) -> bool:
        """Append ``record``; false, and nothing changed, if it does not fit any more."""
        at = _CHUNK_HEADER + len(self._body)
        tables = self._tables.copy()
        writer = Writer(tables, at + 24)
        writer.fragment(record.xml)
        size = (len(writer.out) + _RECORD_OVERHEAD + 7) & ~7  # Windows pads records to eight bytes
        if at + size > CHUNK:
            return False
        xml = bytes(writer.out).ljust(size - _RECORD_OVERHEAD, b"\0")
        self._body += struct.pack("<4sIQQ", b"**\0\0", size, self.next, filetime(record.time)) + xml
        self._body += struct.pack("<I", size)
        self._tables, self._last_at, self.next = tables, at, self.next + 1
        return True

    def to_bytes(self) -> bytes:
        """The chunk with its tables and both checksums, padded with zeros."""
        last = self.next - 1 if self._body else _NONE
        end = _CHUNK_HEADER + len(self._body)
        head = struct.pack("<8s4Q", b"ElfChnk\0", self.first, last, self.first if self._body else _NONE, last)
        head += struct.pack("<4I", 128, self._last_at, end, zlib.crc32(self._body))
        head = head.ljust(120, b"\0")
        tables = struct.pack("<64I32I", *self._tables.name_heads, *self._tables.template_heads)
        flags_and_sum = struct.pack("<II", 0, zlib.crc32(tables, zlib.crc32(head)))
        return (head + flags_and_sum + tables + self._body).ljust(CHUNK, b"\0")


def write_evtx(path: Path, records: Iterable[Record]) -> int:
    """Write ``records`` in their order; returns how many. Raises ``ValueError`` for one that fits no chunk, ``OSError``.

    The numbers in the record headers count from 1, as in an exported file; ``EventRecordID`` is in the records' XML.
    """
    chunks, chunk = 0, _Chunk(1)
    with path.open("wb") as out:
        out.write(bytes(FILE_HEADER))
        for record in records:
            if not chunk.add(record):
                if chunk.next > chunk.first:
                    out.write(chunk.to_bytes())
                    chunks, chunk = chunks + 1, _Chunk(chunk.next)
                if not chunk.add(record):
                    raise ValueError("the event is longer than a chunk of an event log (64 KiB)")
        if chunk.next > chunk.first or not chunks:
            out.write(chunk.to_bytes())
            chunks += 1
        out.seek(0)
        out.write(_file_header(chunks, chunk.next))
    return chunk.next - 1


def _file_header(chunks: int, next_record: int) -> bytes:
    head = struct.pack("<8sQQQ", b"ElfFile\0", 0, chunks - 1, next_record)
    head += struct.pack("<IHHHH", 128, 1, 3, FILE_HEADER, chunks)
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(FILE_HEADER, b"\0")
