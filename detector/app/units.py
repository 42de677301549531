"""What there is to do, in pieces that workers take: a file, a part of a large one, or its digest; and what a look is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.intake import Part, Source, parts_of
from detector.screen import Wanted


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work: the whole source; or, of one that is read in parts, a ``part`` or the ``digest`` of its bytes."""

    source: Source
    part: Part | None = None
    digest: bool = False

    @property
    def size(self) -> int:
        """Bytes that are read."""
        return self.part.end - self.part.start if self.part is not None else self.source.size


@dataclass(frozen=True, slots=True)
class Look:
    """One pass over the sources. ``wanted``: what for; ``None`` for everything. The ``first`` look counts what is there."""

    wanted: Wanted | None = None

    @property
    def first(self) -> bool:
        """Whether nothing was read before."""
        return self.wanted is None or self.wanted.first


def units_of(source: Source, *, digest: bool = True) -> Iterator[Unit]:
    """The pieces of one source, in the order of its bytes."""
    try:
        parts = parts_of(source)
    except OSError:
        parts = []  # reading it says what is wrong
    if not parts:
        yield Unit(source)
        return
    if digest:
        yield Unit(source, digest=True)
    yield from (Unit(source, part) for part in parts)
