"""Many patterns, one pass: Hyperscan, which tells which of them stand anywhere in some bytes."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from contextlib import suppress

import hyperscan

#: Gives what was made before under a name and for a key, or makes it.
Keep = Callable[[str, bytes, Callable[[], bytes]], bytes]

#: Compiling fewer takes less time than looking them up.
_FEW = 20


def make_anew(name: str, key: bytes, make: Callable[[], bytes]) -> bytes:
    """Keeps nothing."""
    return make()


class Search:
    """A compiled set of patterns, each with the number it is to be known by; several may share one."""

    def __init__(
        self, patterns: Iterable[tuple[int, bytes]], *, caseless: bool = False, keep: Keep = make_anew
    ) -> None:
        found = sorted(set(patterns))
        self._found: set[int] = set()
        self._database = _database(found, caseless, keep) if found else None

    def found(self, data: bytes) -> set[int]:
        """The numbers of the patterns that stand in it. The set is used again by the next call."""
        self._found.clear()
        if self._database is not None:
            self._database.scan(data, match_event_handler=self._see)
        return self._found

    def _see(self, number: int, begin: int, end: int, flags: int, context: object) -> None:
        self._found.add(number)


class Trace:
    """The same patterns, told where they end: in bytes in which hardly any of them stands."""

    #: More places are not worth looking at one by one.
    MOST = 200

    def __init__(self, patterns: Iterable[bytes], *, caseless: bool = False, keep: Keep = make_anew) -> None:
        found = [(0, pattern) for pattern in sorted(set(patterns))]
        self._ends: list[int] = []
        self._database = _database(found, caseless, keep, once=False) if found else None

    def ends(self, data: bytes) -> list[int] | None:
        """Where a pattern ends, in order; ``None`` for too many places."""
        self._ends.clear()
        if self._database is not None:
            with suppress(hyperscan.ScanTerminated):
                self._database.scan(data, match_event_handler=self._see)
        return self._ends if len(self._ends) <= self.MOST else None

    def _see(self, number: int, begin: int, end: int, flags: int, context: object) -> bool:
        self._ends.append(end)
        return len(self._ends) > self.MOST


def _database(
    patterns: list[tuple[int, bytes]], caseless: bool, keep: Keep, *, once: bool = True
) -> hyperscan.Database:
    """``once``: each pattern is told when it is first found, and not again."""
    flags = (hyperscan.HS_FLAG_SINGLEMATCH if once else 0) | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    if len(patterns) < _FEW or keep is make_anew:
        return _compiled(patterns, flags)
    key = repr((getattr(hyperscan, "__version__", ""), platform.machine(), flags, patterns)).encode()
    kept = keep("hyperscan", key, lambda: hyperscan.dumpb(_compiled(patterns, flags)))
    try:
        database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        return database
    except hyperscan.HyperscanError:  # of another machine
        return _compiled(patterns, flags)


def _compiled(patterns: list[tuple[int, bytes]], flags: int) -> hyperscan.Database:
    numbers, expressions = zip(*patterns, strict=True)
    flags |= hyperscan.HS_FLAG_DOTALL
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=expressions, ids=numbers, elements=len(numbers), flags=[flags] * len(numbers))
    return database
