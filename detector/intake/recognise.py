"""What a file is, by its first bytes; its name says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import orjson

from detector.intake.chunk import CHUNK, FILE_HEADER, FILE_SIGNATURE, SIGNATURE
from detector.intake.shapes import shape_of

#: How far to look: an EVTX file whose first chunks are overwritten is still one (some ransomware does that).
HEAD = FILE_HEADER + 16 * CHUNK

_BINARY = (
    (b"\x1f\x8b", "compressed (gzip): unpack it first"),
    (b"PK\x03\x04", "an archive (zip): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z): unpack it first"),
    (b"Rar!", "an archive (rar): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd): unpack it first"),
    (b"\xfd7zXZ\0", "compressed (xz): unpack it first"),
    (b"BZh", "compressed (bzip2): unpack it first"),
    (b"\x30\0\0\0LfLe", "an event log of Windows XP (.evt), which is not read"),
)
_ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_JSON = re.compile(r'[\s\ufeff\x1e]*(?:\{\s*(?:"|\}|$)|\[\s*(?:\{|\]|$)|Record \d+\s)')
_STAMP = re.compile(r"\d{4}[-/.]\d\d[-/.]\d\d[ T]+\d\d:\d\d|\d\d:\d\d:\d\d")
#: A column of its own in the head of a table.
_EVENT_ID_COLUMN = re.compile(r"(?i)(?:^|[,;\t])[\"\s]*event[ _]?id[\"\s]*(?:[,;\t]|$)")
_LINES = 40
OWN = "a report that this program wrote, not a log; look at report.json with: rmm-detector show"
#: How the table of findings begins that this program writes.
_OWN_TABLE = "id,time,level,rule,rule_id,tool,"


class Kind(StrEnum):
    """What was recognised."""

    EVTX = "evtx"
    JSON = "json"
    ZEROS = "zeros"  # nothing but zeros, as far as was looked
    TEXT = "text"  # text that is no log
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recognised:
    """``encoding`` and ``skip`` (bytes before the text) are for JSON; ``why`` says what an unknown file is."""

    kind: Kind
    why: str = ""
    encoding: str = "utf-8"
    skip: int = 0


def recognise(head: bytes) -> Recognised:
    """The kind of a file that begins with ``head`` (at most ``HEAD`` bytes; all of a shorter file)."""
    if _is_evtx(head):
        return Recognised(Kind.EVTX)
    if not any(head):
        return Recognised(Kind.ZEROS)
    for signature, why in _BINARY:
        if head.startswith(signature):
            return Recognised(Kind.UNKNOWN, why)
    body = head.lstrip(b"\0")  # a log cut while its writer has it open begins with zeros
    encoding, mark = _encoding(body)
    skip = len(head) - len(body) + mark
    text = head[skip : skip + CHUNK].decode(encoding, "replace")
    if _JSON.match(text) or any(_is_record(line) for line in text.split("\n", _LINES)[:_LINES]):
        return Recognised(Kind.JSON, "", encoding, skip)
    if _is_binary(text):
        return Recognised(Kind.UNKNOWN, "neither an event log (EVTX) nor JSON")
    return _text(text)


def _is_evtx(head: bytes) -> bool:
    places = (0, *range(FILE_HEADER, len(head), CHUNK))
    return head.startswith(FILE_SIGNATURE) or any(head.startswith(SIGNATURE, place) for place in places)


def _encoding(head: bytes) -> tuple[str, int]:
    for mark, encoding in _ENCODINGS:
        if head.startswith(mark):
            return encoding, len(mark)
    if head[1:2] == b"\0" and head[:1] in b"{[":
        return "utf-16-le", 0
    return "utf-8", 0


def _is_record(line: str) -> bool:
    """Whether a line alone is an event, which makes a log even of a file that begins in the middle of another line."""
    if not line.startswith("{"):
        return False
    try:
        return shape_of(orjson.loads(line)) is not None
    except ValueError:
        return False


def _is_binary(text: str) -> bool:
    odd = sum(
        1 for character in text if character in "\0\ufffd" or (character < " " and character not in "\t\r\n\f\x1b")
    )
    return odd * 20 > len(text)


def _text(text: str) -> Recognised:
    """Text: a log of some other form is to be named as not read, notes and rules are not."""
    start = text.lstrip()
    if start.startswith(_OWN_TABLE):
        return Recognised(Kind.TEXT, OWN)
    lines = [line for line in text.splitlines() if line.strip()][:_LINES]
    stamped = sum(1 for line in lines if _STAMP.search(line))
    for is_one, why in _TEXT_LOGS:
        if is_one(start):
            return Recognised(Kind.UNKNOWN, why)
    if len(lines) > 1 and stamped * 2 > len(lines):
        return Recognised(Kind.UNKNOWN, "a text log of a form that is not read (EVTX and JSON are)")
    return Recognised(Kind.TEXT, "text that is neither an event log (EVTX) nor JSON")


_TEXT_LOGS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (
        lambda text: text.startswith("<") and re.search(r"<Events?[\s>]", text[:2000]) is not None,
        "events as XML, which is not read: export them as EVTX or JSON",
    ),
    (
        lambda text: _EVENT_ID_COLUMN.search(text.partition("\n")[0]) is not None,
        "events as a table (CSV), which is not read: export them as EVTX or JSON",
    ),
)
