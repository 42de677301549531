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

from detector.model.predicate import Wildcard
from detector.rules.problem import RuleProblemError

Parts = tuple[str | Wildcard, ...]

_WILDCARDS = {SpecialChars.WILDCARD_MULTI: Wildcard.MANY, SpecialChars.WILDCARD_SINGLE: Wildcard.ONE}
#: Without one of these, a string means itself.
_SPECIAL = re.compile(r"[*?]|\\\\")

_DASHES = "-/\u2013\u2014\u2015"  # hyphen, slash, en dash, em dash, horizontal bar
_DASH = re.compile(rf"\B[{_DASHES}]\b")
_MOST_DASHES = 4  # 625 spellings

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
    """``windash``: each dash or slash that begins a word of a command line, in all five spellings."""
    pieces: list[tuple[str | Wildcard, ...]] = []
    for part in parts:
        if isinstance(part, Wildcard):
            pieces.append((part,))
            continue
        first, *others = _DASH.split(part)
        pieces.append((first,))
        for text in others:
            pieces += [tuple(_DASHES), (text,)]
    if sum(len(piece) > 1 for piece in pieces) > _MOST_DASHES:
        raise RuleProblemError(f"windash with more than {_MOST_DASHES} dashes in one value: split the value")
    return [_joined(spelling) for spelling in product(*pieces)]


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
