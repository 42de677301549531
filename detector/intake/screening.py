"""What a reader asks of a screen, and what it keeps of records that were passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

#: Besides the first blocks of a file one in so many is read whole, whatever is in it.
_SAMPLED = 4096


#: The places of the rules to judge a record by; ``None`` for all; ``False`` when it cannot matter.
Verdict = frozenset[int] | Literal[False] | None


class Screen(Protocol):
    """Says of bytes whether a record in them can matter. It may err on the side of yes only.

    ``first``: nothing was looked at before. Then some blocks are read whole, as a sample of what a source shows; later they
    are passed over.
    """

    first: bool

    def chunk(self, data: bytes) -> bool:
        """Whether an EVTX chunk, as it is stored, may hold such a record."""
        ...

    def lines(self, data: bytes) -> bool:
        """Whether lines of JSON (UTF-8, an object on each) may hold such a record, or are no such lines."""
        ...

    def record(self, text: bytes) -> Verdict:
        """What is to become of a record, given its JSON."""
        ...

    def sift(self, texts: Sequence[bytes]) -> list[Verdict]:
        """The same of many at once, none of which holds a line end."""
        ...


def is_sample(number: int) -> bool:
    """Whether the block of this number is read whole, so that what a source shows at all is known: 0, 1, 2, 4, 8, ..."""
    return number & (number - 1) == 0 or number % _SAMPLED == 0


@dataclass(slots=True)
class Passed:
    """What was counted without being decoded.

    ``blocks`` are all blocks, ``screened`` those of them that were passed over whole, ``sifted`` those of which records were
    looked at one by one; ``records`` were passed over, in any of them. ``first`` and ``last`` are the times of records as
    far as a block's head tells them.
    """

    blocks: int = 0
    screened: int = 0
    sifted: int = 0
    records: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def see(self, first: datetime, last: datetime) -> None:
        """Records from ``first`` to ``last`` are there."""
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
