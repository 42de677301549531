"""Losses of one file: the first ones named, the others counted, so that a file full of them costs no more memory."""

from __future__ import annotations

from collections.abc import Iterator

from detector.model.loss import Loss, LossKind

#: How many losses of one file are named; the rest are counted.
NAMED = 100


class Tally:
    """Iterate for the losses taken in. ``what`` names, in words, those that are only counted."""

    def __init__(self, path: str, what: str) -> None:
        self._path = path
        self._what = what
        self._named: list[Loss] = []
        self._others = 0
        self.count = 0

    def add(self, kind: LossKind, where: str, why: str, count: int = 1) -> None:
        """Take in one."""
        self.count += count
        if len(self._named) < NAMED:
            self._named.append(Loss(kind, where, why, count))
        else:
            self._others += count

    def __iter__(self) -> Iterator[Loss]:
        yield from self._named
        if self._others:
            why = f"more {self._what}, after the first {NAMED}"
            yield Loss(LossKind.UNPARSED, self._path, why, self._others)
