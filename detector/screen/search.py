"""Many patterns, one pass: Hyperscan, which tells which of them stand anywhere in some bytes."""

from __future__ import annotations

from collections.abc import Iterable

import hyperscan


class Search:
    """A compiled set of patterns, each with the number it is to be known by; several may share one."""

    def __init__(self, patterns: Iterable[tuple[int, bytes]], *, caseless: bool = False) -> None:
        self._found: set[int] = set()
        self._scan = None
        numbers, expressions = zip(*sorted(set(patterns)), strict=True) if (patterns := list(patterns)) else ((), ())
        if not numbers:
            return
        flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
        if caseless:
            flags |= hyperscan.HS_FLAG_CASELESS
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(expressions=expressions, ids=numbers, elements=len(numbers), flags=[flags] * len(numbers))
        self._scan = database.scan

    def found(self, data: bytes) -> set[int]:
        """The numbers of the patterns that stand in it. The set is used again by the next call."""
        self._found.clear()
        if self._scan is not None:
            self._scan(data, match_event_handler=self._see)
        return self._found

    def _see(self, number: int, begin: int, end: int, flags: int, context: object) -> None:
        self._found.add(number)
