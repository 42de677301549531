"""Many patterns, one pass: Hyperscan, which tells which of them stand anywhere in some bytes."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

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


def _database(patterns: list[tuple[int, bytes]], caseless: bool, keep: Keep) -> hyperscan.Database:
    if len(patterns) < _FEW or keep is make_anew:
        return _compiled(patterns, caseless)
    key = repr((getattr(hyperscan, "__version__", ""), platform.machine(), caseless, patterns)).encode()
    kept = keep("hyperscan", key, lambda: hyperscan.dumpb(_compiled(patterns, caseless)))
    try:
        database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        return database
    except hyperscan.HyperscanError:  # of another machine
        return _compiled(patterns, caseless)


def _compiled(patterns: list[tuple[int, bytes]], caseless: bool) -> hyperscan.Database:
    numbers, expressions = zip(*patterns, strict=True)
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
    if caseless:
        flags |= hyperscan.HS_FLAG_CASELESS
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=expressions, ids=numbers, elements=len(numbers), flags=[flags] * len(numbers))
    return database
