"""Issue 3: "EVTX written byte by byte (header, chunks, string and template tables, typed substitutions, checksums; many
chunks)". Held against the layout itself, without a reader.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.synth.binxml import Template, name_hash, template_bucket
from detector.synth.events import complete
from detector.synth.evtx import CHUNK, FILE_HEADER, write_evtx
from detector.synth.scenario import ScenarioEvent
from detector.synth.to_evtx import record
from detector.synth.values import Value, ValueType, text_value, value_of

_START = datetime(2026, 1, 13, 13, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    told = [
        ScenarioEvent(
            f"t.{n}", _START + timedelta(seconds=n), "FRL-LT-0001", "Microsoft-Windows-Sysmon/Operational",
            "Microsoft-Windows-Sysmon", (1, 3, 11, 22)[n % 4], {"Image": rf"C:\Windows\notepad{n}.exe"},
        )
        for n in range(400)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("evtx") / "log.evtx"
    assert write_evtx(path, map(record, complete(told))) == 400
    return path.read_bytes()


def chunks(log: bytes) -> list[bytes]:
    return [log[at : at + CHUNK] for at in range(FILE_HEADER, len(log), CHUNK)]


def records(chunk: bytes) -> Iterator[tuple[int, int, int]]:
    """Offset, size and number of each record."""
    at, end = 512, struct.unpack_from("<I", chunk, 48)[0]
    while at < end:
        magic, size, number = struct.unpack_from("<4sIQ", chunk, at)
        assert magic == b"**\0\0"
        assert struct.unpack_from("<I", chunk, at + size - 4)[0] == size
        yield at, size, number
        at += size
    assert at == end


def test_file_header(log: bytes) -> None:
    magic, first, last, following = struct.unpack_from("<8sQQQ", log)
    header, minor, major, block, count = struct.unpack_from("<IHHHH", log, 32)
    assert (magic, first, last, following) == (b"ElfFile\0", 0, count - 1, 401)
    assert (header, minor, major, block) == (128, 1, 3, 4096)
    assert count == len(chunks(log)) > 3
    assert len(log) == FILE_HEADER + count * CHUNK
    flags, checksum = struct.unpack_from("<II", log, 120)
    assert flags == 0
    assert checksum == zlib.crc32(log[:120])


def test_chunk_headers_and_checksums(log: bytes) -> None:
    following = 1
    for chunk in chunks(log):
        magic, first, last, first_id, last_id = struct.unpack_from("<8s4Q", chunk)
        header, last_at, free, records_sum = struct.unpack_from("<4I", chunk, 40)
        found = list(records(chunk))
        assert (magic, header, first, first_id, last_id) == (b"ElfChnk\0", 128, following, first, last)
        assert [number for _, _, number in found] == list(range(first, last + 1))
        assert last_at == found[-1][0]
        assert records_sum == zlib.crc32(chunk[512:free])
        assert struct.unpack_from("<I", chunk, 124)[0] == zlib.crc32(chunk[:120] + chunk[128:512])
        assert not any(chunk[free:])
        following = last + 1


def test_string_table_leads_to_every_name(log: bytes) -> None:
    """Each chain starts at its bucket, newest name first, and every name in it hashes to that bucket."""
    for chunk in chunks(log):
        names = set()
        for bucket, head in enumerate(struct.unpack_from("<64I", chunk, 128)):
            at = head
            while at:
                following, hashed, length = struct.unpack_from("<IHH", chunk, at)
                name = chunk[at + 8 : at + 8 + 2 * length].decode("utf-16-le")
                assert chunk[at + 8 + 2 * length : at + 10 + 2 * length] == b"\0\0"
                assert hashed == name_hash(name)
                assert hashed % 64 == bucket
                assert following < at
                assert name not in names
                names.add(name)
                at = following
        assert {"Event", "System", "Provider", "EventData", "Data", "Name", "xmlns"} <= names


def test_templates_lie_inline_once_and_are_pointed_at(log: bytes) -> None:
    for chunk in chunks(log):
        defined = {}
        for bucket, head in enumerate(struct.unpack_from("<32I", chunk, 384)):
            at = head
            while at:
                following, guid, size = struct.unpack_from("<I16sI", chunk, at)
                assert template_bucket(guid) == bucket
                assert chunk[at + 24 : at + 28] == b"\x0f\x01\x01\x00"
                assert chunk[at + 24 + size - 1] == 0
                defined[at] = guid
                at = following
        assert len(defined) == 5  # System, and four kinds of event
        for at, _, _ in records(chunk):
            token, version, identity, offset = struct.unpack_from("<BB4sI", chunk, at + 28)
            assert (token, version) == (0x0C, 1)
            assert defined[offset][:4] == identity


@pytest.mark.parametrize(
    ("name", "hashed"),
    [
        ("Event", 0x0CBA),
        ("xmlns", 0x0FBC),
        ("System", 0x546F),
        ("Provider", 0x7BF1),
        ("Name", 0x954B),
        ("Guid", 0x1529),
    ],
)
def test_name_hash_is_windows_own(name: str, hashed: int) -> None:
    """Values read from logs that Windows wrote."""
    assert name_hash(name) == hashed


def test_an_event_longer_than_a_chunk_is_refused(tmp_path: Path) -> None:
    (event,) = complete([ScenarioEvent("t", _START, "H", "C", "P", 1, {"A": "x" * 32_450})])
    with pytest.raises(ValueError, match="longer than a chunk"):
        write_evtx(tmp_path / "long.evtx", [record(event)])
    (event,) = complete([ScenarioEvent("t", _START, "H", "C", "P", 1, {"A": "x" * 40_000})])
    with pytest.raises(ValueError, match="does not fit"):
        write_evtx(tmp_path / "longer.evtx", [record(event)])


def test_an_empty_log_is_one_empty_chunk(tmp_path: Path) -> None:
    path = tmp_path / "empty.evtx"
    assert write_evtx(path, []) == 0
    assert path.stat().st_size == FILE_HEADER + CHUNK


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_text_no_reader_gives_back_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        text_value(text)


@pytest.mark.parametrize(
    ("kind", "text", "data"),
    [
        (ValueType.UINT16, "443", b"\xbb\x01"),
        (ValueType.INT32, "-1", b"\xff\xff\xff\xff"),
        (ValueType.UINT64, "18446744073709551615", b"\xff" * 8),
        (ValueType.HEX64, "0x3e7", b"\xe7\x03" + b"\0" * 6),
        (ValueType.BOOLEAN, "true", b"\x01\0\0\0"),
        (ValueType.GUID, "{54849625-5478-4994-A5BA-3E3B0328C30D}", bytes.fromhex("2596845478549449a5ba3e3b0328c30d")),
        (ValueType.SID, "S-1-5-18", bytes.fromhex("010100000000000512000000")),
        (ValueType.BINARY, "00FF", b"\x00\xff"),
    ],
)
def test_typed_values(kind: ValueType, text: str, data: bytes) -> None:
    assert value_of(kind, text) == Value(kind, data)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ValueType.UINT16, "65536"), (ValueType.UINT16, "007"), (ValueType.UINT32, "-1"), (ValueType.UINT32, "٣"),
        (ValueType.HEX64, "0x3E7"), (ValueType.HEX64, "3e7"), (ValueType.BOOLEAN, "True"), (ValueType.GUID, "-"),
        (ValueType.SID, "S-1-05"), (ValueType.SID, "S-1-5-4294967296"), (ValueType.BINARY, "0F 0F"), (ValueType.BINARY, "ff"),
    ],
)  # fmt: skip
def test_a_text_its_type_would_change_stays_text(kind: ValueType, text: str) -> None:
    """What a scenario says is what a reader reads."""
    assert value_of(kind, text) == text_value(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_of_any_type_is_a_value(text: str) -> None:
    for kind in ValueType:
        if "\0" in text:
            continue
        value = value_of(kind, text)
        assert value.type in (kind, ValueType.STRING)


def test_equal_templates_are_one() -> None:
    (a,) = complete([ScenarioEvent("a", _START, "H", "C", "P", 1, {"A": "1"})])
    (b,) = complete([ScenarioEvent("b", _START, "H", "C", "P", 2, {"A": "2"})])
    assert record(a).xml.template.guid == Template(record(b).xml.template.root).guid
