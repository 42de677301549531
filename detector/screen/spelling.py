"""How a literal is spelt in the bytes of a log: in an EVTX chunk, and in JSON, whoever wrote it.

An EVTX chunk keeps text as UTF-16 and, seldom, in one byte a character. It is *folded* before it is searched: its NUL bytes
are dropped, which makes one text of both at whatever alignment, and A to Z are lowered.

JSON is searched as it is. A writer may spell any character as an escape; which ones do is known (``\\\\``, ``\\"``, and for
some ``\\/``, ``\\u003c``), and a text with an escape that nobody writes is not judged by its bytes: see :data:`ODD_JSON`.

The same holds for letters beyond ASCII that a comparison without case takes for ASCII: Kelvin's K, the long s, and the I and i
of Turkish.
"""

from __future__ import annotations

import re

from detector.engine.patterns import BLANKS

#: A literal; or, character by character, those that may stand there.
Needle = str | tuple[str, ...]
#: In a needle: any one character.
ANY_ONE = "\n"

_FOLD = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))


def folded(chunk: bytes) -> bytes:
    """The text of an EVTX chunk as it is searched."""
    return chunk.translate(_FOLD, b"\0")


def in_chunk(needle: Needle) -> bytes:
    """A pattern for the needle in a folded chunk."""
    return b"".join(_MANY_IN_CHUNK.get(one) or _one_of(one, _plain) for one in needle)


def in_raw_chunk(needle: Needle) -> bytes:
    """A pattern for a name in a chunk that is not folded, to be searched without case: quicker, for a few needles."""
    narrow = b"".join(_MANY_IN_CHUNK.get(one) or _one_of(one, _plain) for one in needle)
    wide = b"".join(rb"(?:..){1,2}" if one == ANY_ONE else _one_of(one, _plain) + rb"\x00" for one in needle)
    return b"(?:" + narrow + b"|" + wide + b")"


def in_json(needle: Needle) -> bytes:
    """A pattern for the needle in JSON, to be searched without case."""
    return b"".join(_MANY_IN_JSON.get(one) or _one_of(one, _escaped) for one in needle)


#: White space of Unicode: U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F; U+1680; U+3000, whose NUL byte is dropped.
_BLANKS_IN_CHUNK = rb"(?:[\t-\r\x1c-\x20\x85\xa00]|[\x01-\x0a()/_]\x20|\x80\x16)+"
_BLANKS_IN_JSON = (
    rb"(?:[\t-\r ]|\\[tnrf]|\\u(?:000[9a-d]|001[c-f]|0085|00a0|1680|20(?:0[0-9a]|2[89f]|5f)|3000)"
    rb"|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)+"
)
_MANY_IN_CHUNK = {BLANKS: _BLANKS_IN_CHUNK, ANY_ONE: rb".{1,4}"}
_MANY_IN_JSON = {BLANKS: _BLANKS_IN_JSON, ANY_ONE: rb"(?:[^\x80-\xff\\]|[\x80-\xff]{2,4}|\\u.{4}(?:\\u.{4})?|\\[^u])"}


def _one_of(characters: str, spell: dict[str, bytes]) -> bytes:
    spelt = [spell[one] for one in characters]
    return spelt[0] if len(spelt) == 1 else b"(?:" + b"|".join(spelt) + b")"


_plain = {one: re.escape(one).encode() for one in map(chr, range(32, 127))}
#: The characters of needles.
PRINTABLE = "".join(one for one in _plain if not one.isupper())
#: What writers make of a character besides itself.
_escaped = _plain | {
    "\\": rb"\\\\",
    '"': rb"\\(?:\"|u0022)",
    "/": rb"(?:/|\\/|\\u002f)",
    "<": rb"(?:<|\\u003c)",
    ">": rb"(?:>|\\u003e)",
    "&": rb"(?:&|\\u0026)",
    "'": rb"(?:'|\\u0027)",
    "+": rb"(?:\+|\\u002b)",
    "`": rb"(?:`|\\u0060)",
}

#: Letters of a chunk that fold to ASCII letters though they are none, beside ASCII text or each other.
_ODD_LETTERS = rb"(?:[\x30\x31\x7f]\x01|\x2a\x21)"
#: An exclamation mark in front of nothing else than a number of type 0x21 (embedded binary XML) would be found in many
#: chunks; no literal begins with such a letter and the mark.
_TEXT = rb"[\t-\r\x20\x22-\x7e\x85\xa0]\x00"
ODD_CHUNK = (rb"[\t-\r\x20-\x7e\x85\xa0]\x00" + _ODD_LETTERS, _ODD_LETTERS + _TEXT, _ODD_LETTERS + _ODD_LETTERS)
#: What is left of these in a folded chunk, and of much else: where none of it stands there is no need to look.
ODD_FOLDED = (
    rb"[\t-\r\x20-\x7e\x85\xa0]" + _ODD_LETTERS,
    _ODD_LETTERS + rb"[\t-\r\x20\x22-\x7e\x85\xa0]",
    _ODD_LETTERS + _ODD_LETTERS,
)
#: JSON that is not judged by its bytes: the same letters, escapes of what nobody escapes, an answer of a search with many
#: records in it, and lines that are not one object each.
ODD_JSON = (
    rb"\xc4[\xb0\xb1]",
    rb"\xc5\xbf",
    rb"\xe2\x84\xaa",
    rb"\\u(?:013[01]|017f|212a)",
    rb"\\u00(?:2[0134589acde]|3[0-9abdf]|4.|5.|6[1-9a-f]|7[0-9a-e])",
    rb"\"hits\"",
    # What stands in no whole line: two objects, zeros, a record's begin behind another that was cut off (but at a colon).
    rb"\}[ \t]*\{",
    rb"[\x00\x1e]",
    rb"[^:\[\s]\{\"@timestamp\"",
    rb"[^:\[\s]\{\"_index\"",
)
ODD_LINES = (rb"[^}\r]\n", rb"[^}]\r\n", rb"\n[^{]")
