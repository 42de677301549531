"""Typed values of event fields: what a scenario says as text, as the bytes an event record holds ([MS-EVEN6] 2.2.12.1)."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class ValueType(IntEnum):
    """The types of substituted values that event providers use ([MS-EVEN6] 2.2.12.1)."""

    NULL = 0x00
    STRING = 0x01
    UINT8 = 0x04
    UINT16 = 0x06
    INT32 = 0x07
    UINT32 = 0x08
    UINT64 = 0x0A
    BOOLEAN = 0x0D
    BINARY = 0x0E
    GUID = 0x0F
    FILETIME = 0x11
    SID = 0x13
    HEX32 = 0x14
    HEX64 = 0x15
    BINXML = 0x21
    STRINGS = 0x81  # an array of strings, the Data of classic providers


@dataclass(frozen=True, slots=True)
class Value:
    """One substitution as it lies in a record."""

    type: ValueType
    data: bytes = b""


NULL = Value(ValueType.NULL)


def text_value(text: str) -> Value:
    """A UTF-16 string value. Raises ``ValueError`` for what no reader gives back: a NUL, half a surrogate pair."""
    if "\0" in text:
        raise ValueError("a NUL character cannot stand in an event's text")
    try:
        return Value(ValueType.STRING, text.encode("utf-16-le"))
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair cannot stand in an event's text") from None


def strings_value(texts: Sequence[str]) -> Value:
    """The string array of a classic provider: each text closed by a NUL."""
    return Value(ValueType.STRINGS, b"".join(text_value(text).data + b"\0\0" for text in texts))


def sid_bytes(text: str) -> bytes:
    """``S-1-5-21-...`` as it lies in a record. Raises ``ValueError`` if ``text`` is no SID."""
    if not re.fullmatch(r"S-1-(0|[1-9][0-9]{0,9})(-(0|[1-9][0-9]{0,9})){0,15}", text):
        raise ValueError(f"not a SID: {text}")
    revision, authority, *rest = (int(part) for part in text.split("-")[1:])
    if any(part > 0xFFFFFFFF for part in rest):
        raise ValueError(f"not a SID: {text}")
    return struct.pack("<BB", revision, len(rest)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rest)}I", *rest)


def _number(form: str) -> Callable[[str], bytes]:
    def encode(text: str) -> bytes:
        number = int(text) if text.isascii() else -1
        if str(number) != text:
            raise ValueError(text)
        return struct.pack(form, number)

    return encode


def _hexadecimal(form: str) -> Callable[[str], bytes]:
    def encode(text: str) -> bytes:
        number = int(text, 16)
        if f"0x{number:x}" != text:
            raise ValueError(text)
        return struct.pack(form, number)

    return encode


def _guid(text: str) -> bytes:
    if not re.fullmatch(r"\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}", text):
        raise ValueError(text)
    return uuid.UUID(text).bytes_le


def _binary(text: str) -> bytes:
    if not re.fullmatch(r"(?:[0-9A-F]{2})+", text):
        raise ValueError(text)
    return bytes.fromhex(text)


def _boolean(text: str) -> bytes:
    return struct.pack("<I", ("false", "true").index(text))


_ENCODERS: Mapping[ValueType, Callable[[str], bytes]] = {
    ValueType.UINT8: _number("<B"),
    ValueType.UINT16: _number("<H"),
    ValueType.INT32: _number("<i"),
    ValueType.UINT32: _number("<I"),
    ValueType.UINT64: _number("<Q"),
    ValueType.HEX32: _hexadecimal("<I"),
    ValueType.HEX64: _hexadecimal("<Q"),
    ValueType.GUID: _guid,
    ValueType.BOOLEAN: _boolean,
    ValueType.SID: sid_bytes,
    ValueType.BINARY: _binary,
}


def value_of(kind: ValueType, text: str | None) -> Value:
    """``text`` as a value of ``kind``, or as a string when the type could not give the same text back.

    So what a scenario says is what a reader reads, but for the case and braces of a GUID, which are the reader's choice.
    """
    if text is None:
        return NULL
    encode = _ENCODERS.get(kind)
    if encode is not None:
        try:
            return Value(kind, encode(text))
        except (ValueError, struct.error):
            pass
    return text_value(text)
