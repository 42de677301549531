"""Blocks of UTF-8 to numbered lines, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from detector.intake.tape import Tape

#: The longest line (or object over several lines) that is kept, in bytes of UTF-8.
LONGEST = 64 << 20
#: How much is read at once: small enough that a block with nothing to look for is common.
_BLOCK = 64 << 10


class TooLong(bytes):
    """Stands for a line longer than ``LONGEST``, whose content was passed over."""


class Hole(bytes):
    """Stands for zeros in the middle of a file, before the line of the same number: what was there is lost."""


class Liner:
    """Feed it blocks in order; then finish. Each line comes with its number from 1, without its end.

    Zeros at the begin and the end of a file are room of a log that was cut or copied while open and are taken off;
    elsewhere they give a ``Hole``. ``number`` is that of the next line.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._kept: list[bytes] = []
        self._size = 0
        self.number = 1

    @property
    def between(self) -> bool:
        """Whether the next byte begins a line."""
        return not self._size

    def feed(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that end in this block."""
        pieces = block.split(b"\n")
        for piece in pieces[:-1]:
            if self.number > 1 and (self._kept[0] if self._kept else piece).startswith(b"\0"):
                yield self.number, Hole()
            yield self.number, self._joined(piece)
            self.number += 1
        self._size += len(pieces[-1])
        if self._size > self._longest:
            self._kept.clear()
        elif pieces[-1]:
            self._kept.append(pieces[-1])

    def skip(self, count: int) -> None:
        """So many lines were passed over."""
        self.number += count

    def finish(self) -> Iterator[tuple[int, bytes]]:
        """A last line without an end."""
        if self._size:
            yield self.number, self._joined(b"")

    def _joined(self, last: bytes) -> bytes:
        too_long = self._size + len(last) > self._longest
        line = TooLong() if too_long else b"".join([*self._kept, last]).strip(b"\r\0")
        self._kept, self._size = [], 0
        return line


def blocks(tape: Tape, encoding: str = "utf-8") -> Iterator[bytes]:
    """The text in UTF-8; of a file in UTF-8 each block ends with a line, as far as its lines are shorter than a block."""
    if encoding != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while block := tape.read(_BLOCK):
            yield decoder.decode(block).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
        return
    rest = b""
    while block := tape.read(_BLOCK):
        end = block.rfind(b"\n") + 1
        if not end:
            yield rest + block
            rest = b""
        else:
            yield rest + block[:end] if rest else block[:end]
            rest = block[end:]
    yield rest
