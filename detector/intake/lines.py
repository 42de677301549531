"""Bytes of any of the usual encodings to numbered lines of UTF-8, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from detector.intake.tape import Tape

#: The longest line (or object over several lines) that is kept, in bytes of UTF-8.
LONGEST = 64 << 20
_BLOCK = 256 << 10


class TooLong(bytes):
    """Stands for a line longer than ``LONGEST``, whose content was passed over."""


class Hole(bytes):
    """Stands for zeros in the middle of a file, before the line of the same number: what was there is lost."""


def lines(tape: Tape, encoding: str = "utf-8", longest: int = LONGEST) -> Iterator[tuple[int, bytes]]:
    """Each line with its number from 1, without its end; zeros around it are taken off.

    Zeros at the begin and the end of a file are room of a log that was cut or copied while open; elsewhere a ``Hole``.
    """
    number, size = 1, 0
    kept: list[bytes] = []
    for block in _blocks(tape, encoding):
        pieces = block.split(b"\n")
        for piece in pieces[:-1]:
            if number > 1 and (kept[0] if kept else piece).startswith(b"\0"):
                yield number, Hole()
            yield number, _joined(kept, piece, size + len(piece) > longest)
            number, kept, size = number + 1, [], 0
        size += len(pieces[-1])
        if size > longest:
            kept.clear()
        else:
            kept.append(pieces[-1])
    if size:
        yield number, _joined(kept, b"", size > longest)


def _joined(kept: list[bytes], last: bytes, too_long: bool) -> bytes:
    return TooLong() if too_long else b"".join([*kept, last]).strip(b"\r\0")


def _blocks(tape: Tape, encoding: str) -> Iterator[bytes]:
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
    while block := tape.read(_BLOCK):
        yield block if decoder is None else decoder.decode(block).encode("utf-8", "replace")
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
