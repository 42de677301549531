"""Lines of JSON written in another way, or changed where readers are touchy: escapes, letters of odd case, line ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.target import Plain

_LETTER = re.compile(rb"(?<!\\)[!#-\[\]-~ ]")
_GAP = re.compile(rb"(?<=[{}\[\],:])")
_ODD = ("\u0130", "\u0131", "\u017f", "\u212a", "\u2013", "\u00df", "\ufeff", "\u2028")
_ESCAPES = (b"\\u0000", b"\\ud800", b"\\n", b"\\/", b"\\\\", b'\\"', b"\\u003c", b"\\u0130", b"\\u017F")
_NUMBERS = (b"1e999", b"-0", b"0x1", b"18446744073709551616", b"1.0", b"null", b"true", b"[]", b"{}", b'""')


def changed(data: bytes, chance: Random, plain: Plain, most: int) -> bytes:
    """The same with one change, or a few."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(_CHANGES)(data, chance)
    if chance.random() < 0.15:
        place = chance.randrange(len(data) + 1)
        data = data[:place] + plain(data[place : place + 40] or b"\0", 80) + data[place + 40 :]
    return data[:most]


def _put(data: bytes, place: int, end: int, new: bytes) -> bytes:
    return data[:place] + new + data[end:]


def _letter(data: bytes, chance: Random) -> re.Match[bytes] | None:
    """A character somewhere that is no quote and no backslash."""
    return _LETTER.search(data, chance.randrange(len(data) + 1))


def _escaped(data: bytes, chance: Random) -> bytes:
    found = _letter(data, chance)
    if found is None:
        return data
    spelt = b"\\u%04x" % found[0][0] if chance.random() < 0.5 else b"\\u%04X" % found[0][0]
    return _put(data, found.start(), found.end(), spelt)


def _cased(data: bytes, chance: Random) -> bytes:
    found = _letter(data, chance)
    return data if found is None else _put(data, found.start(), found.end(), found[0].swapcase())


def _odd(data: bytes, chance: Random) -> bytes:
    found = _letter(data, chance)
    return data if found is None else _put(data, found.start(), found.end(), chance.choice(_ODD).encode())


def _escape(data: bytes, chance: Random) -> bytes:
    found = _letter(data, chance)
    return data if found is None else _put(data, found.start(), found.end(), chance.choice(_ESCAPES))


def _spaced(data: bytes, chance: Random) -> bytes:
    found = _GAP.search(data, chance.randrange(len(data) + 1))
    return (
        data if found is None else _put(data, found.start(), found.end(), chance.choice((b" ", b"\t", b"\r\n", b"\n")))
    )


def _another_value(data: bytes, chance: Random) -> bytes:
    found = re.compile(rb'(?<=:)\s*(?:"(?:[^"\\]|\\.)*"|-?[0-9.]+)').search(data, chance.randrange(len(data) + 1))
    if found is None:
        return data
    new = chance.choice((*_NUMBERS, b"[" + found[0] + b"]", b"[" + found[0] + b"," + found[0] + b"]"))
    return _put(data, found.start(), found.end(), new)


def _lines(data: bytes, chance: Random) -> bytes:
    """Lines in another order, twice, joined, or ended in another way."""
    lines = data.splitlines(keepends=True) or [b""]
    which = chance.randrange(5)
    if which == 0:
        chance.shuffle(lines)
    elif which == 1:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    elif which == 2:
        at = chance.randrange(len(lines))
        lines[at] = lines[at].rstrip(b"\r\n") + chance.choice((b"", b"\r\n", b"\r", b"\n\n", b",\n", b" \n", b"\0\n"))
    elif which == 3:
        lines = [b"[", b",".join(lines), b"]\n"]
    else:
        del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def _copied(data: bytes, chance: Random) -> bytes:
    here, there = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
    return data[:there] + data[here : here + chance.choice((1, 6, 30, 200))] + data[there:]


def _cut(data: bytes, chance: Random) -> bytes:
    here = chance.randrange(len(data) + 1)
    return data[:here] + data[here + chance.choice((1, 3, 30)) :]


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_escaped, _cased, _odd, _escape, _spaced, _another_value, _lines, _copied, _cut),
)
