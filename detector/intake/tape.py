"""A file read once from front to back, hashed on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO

BLOCK = 1 << 20


class StoppedError(Exception):
    """The user wants no more to be read."""


class Tape:
    """Reads forward only; one may look ahead. ``sha256`` and ``position`` are of what was read so far.

    ``length`` bounds how much is read (bytes), so that a file somebody still writes to is read as it was at the start.
    ``stopped`` is asked before anything is read, block by block; then ``StoppedError`` is raised.
    """

    def __init__(
        self,
        file: BinaryIO,
        length: int | None = None,
        stopped: Callable[[], bool] = lambda: False,
        *,
        hashed: bool = True,
    ) -> None:
        self._file = file
        self._stopped = stopped
        self._left = length
        self._ahead = b""
        self._hash = hashlib.sha256() if hashed else None
        self.position = 0

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of what was read; empty when none is wanted."""
        return self._hash.hexdigest() if self._hash is not None else ""

    def peek(self, count: int) -> bytes:
        """Up to ``count`` bytes from here on, which stay unread."""
        while len(self._ahead) < count:
            more = self._pull(count - len(self._ahead))
            if not more:
                break
            self._ahead += more
        return self._ahead[:count]

    def read(self, count: int) -> bytes:
        """``count`` bytes, fewer only at the end."""
        found = self.peek(count)
        self._ahead = self._ahead[len(found) :]
        if self._hash is not None:
            self._hash.update(found)
        self.position += len(found)
        return found

    def drain(self) -> None:
        """Read what is left, for its digest."""
        while self.read(BLOCK):
            pass

    def _pull(self, count: int) -> bytes:
        if self._stopped():
            raise StoppedError
        if self._left is not None:
            count = min(count, self._left)
        more = self._file.read(count) if count else b""
        if self._left is not None:
            self._left -= len(more)
        return more
