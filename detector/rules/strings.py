"""Sigma strings: escapes through pySigma's parser, and the modifiers that make one string several.

Encodings and dashes are computed here: pySigma 1.5 encodes the backslash of ``a\\*b``, cuts ``base64offset`` by
characters where bytes count (``é`` then matches everything), writes a wrong byte order mark for ``utf16``, and refuses
``wide`` beyond ASCII.
"""

from __future__ import annotations

import re
from base64 import b64encode
from itertools import product

from sigma.types import SigmaString, SpecialChars

from detector.model.predicate import DASHES, Wildcard
from detector.rules.problem import RuleProblemError

Parts = tuple[str | Wildcard, ...]

_WILDCARDS = {SpecialChars.WILDCARD_MULTI: Wildcard.MANY, SpecialChars.WILDCARD_SINGLE: Wildcard.ONE}
#: Without one of these, a string means itself.
_SPECIAL = re.compile(r"[*?]|\\\\")

_DASH = re.compile(rf"\B[{DASHES}]\b")
#: Dashes whose spellings are written out: plain texts, of which one look finds any. More of them become wildcards.
_WRITTEN_OUT = 2  # 25 spellings
#: Dashes of a value that is encoded: no wildcard can stand in what is encoded.
_MOST_ENCODED = 4  # 625 spellings

_BYTE_ORDER_MARK = b"\xff\xfe"
#: Where the characters that depend on the bytes before and after end and begin, by the number of bytes before/in all.
_FIRST_KNOWN = (0, 2, 3)
_LAST_KNOWN = (None, -3, -2)


def parse(text: str) -> Parts:
    """Text with wildcards from a Sigma string: ``*`` and ``?`` unless escaped, ``\\\\`` is one backslash."""
    if not _SPECIAL.search(text):
        return (text,) if text else ()
    return tuple(_WILDCARDS[part] if isinstance(part, SpecialChars) else str(part) for part in SigmaString(text).s)


def dashes(parts: Parts) -> list[Parts]:
    """``windash``: each dash or slash that begins a word of a command line, in all five spellings.

    Many dashes would make very many spellings, so then each becomes :attr:`Wildcard.DASH`, which means the same.
    """
    pieces: list[str | Wildcard] = []
    for part in parts:
        if isinstance(part, Wildcard):
            pieces.append(part)
            continue
        first, *others = _DASH.split(part)
        pieces += [first, *(piece for text in others for piece in (Wildcard.DASH, text))]
    found = tuple(piece for piece in pieces if piece)
    return _written_out(found) if _dashes_of(found) <= _WRITTEN_OUT else [found]


def spellings(parts: Parts, modifier: str) -> list[Parts]:
    """The value with every :attr:`Wildcard.DASH` written out, for a ``modifier`` that encodes it."""
    if _dashes_of(parts) > _MOST_ENCODED:
        raise RuleProblemError(f"{modifier} of a value with more than {_MOST_ENCODED} dashes", hint="split the value")
    return _written_out(parts)


def _dashes_of(parts: Parts) -> int:
    return sum(part is Wildcard.DASH for part in parts)


def _written_out(parts: Parts) -> list[Parts]:
    choices = [tuple(DASHES) if part is Wildcard.DASH else (part,) for part in parts]
    return [_joined(spelling) for spelling in product(*choices)]


def _joined(pieces: tuple[str | Wildcard, ...]) -> Parts:
    parts: list[str | Wildcard] = []
    for piece in pieces:
        if parts and not isinstance(piece, Wildcard) and not isinstance(parts[-1], Wildcard):
            parts[-1] += piece
        elif piece:
            parts.append(piece)
    return tuple(parts)


def plain_text(parts: Parts, modifier: str) -> str:
    """The text of a string without wildcards, which ``modifier`` asks for."""
    if any(isinstance(part, Wildcard) for part in parts):
        raise RuleProblemError(f"{modifier} takes no wildcards", hint="escape them: \\* \\?")
    return "".join(parts)


def wide(text: str, modifier: str) -> bytes:
    """``wide``/``utf16le``, ``utf16be`` and ``utf16`` (with byte order mark)."""
    match modifier:
        case "utf16be":
            return text.encode("utf-16-be")
        case "utf16":
            return _BYTE_ORDER_MARK + text.encode("utf-16-le")
        case _:
            return text.encode("utf-16-le")


def base64(data: bytes) -> str:
    """``base64``: the whole value encoded."""
    return b64encode(data).decode("ascii")


def base64_anywhere(data: bytes) -> list[str]:
    """``base64offset``: what stands in the encoding whatever comes before and after, for the three alignments."""
    found = [
        b64encode(b" " * before + data)[_FIRST_KNOWN[before] : _LAST_KNOWN[(len(data) + before) % 3]].decode("ascii")
        for before in range(3)
    ]
    if not all(found):
        raise RuleProblemError("base64offset of so short a value leaves nothing to look for")
    return found
