"""Order statistics of a window that slides: any of its values by rank, in logarithmic time."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

Number = int | Fraction


class Ranks:
    """A multiset of numbers that are all known beforehand: a Fenwick tree of how many of each are in the window."""

    def __init__(self, numbers: Iterable[Number]) -> None:
        self._sorted = sorted(set(numbers))
        self._rank = {number: rank for rank, number in enumerate(self._sorted)}
        self._count = [0] * len(self._sorted)
        self._tree = [0] * (len(self._sorted) + 1)
        self._top = 1 << max(len(self._sorted).bit_length() - 1, 0)
        self.size = 0

    def add(self, number: Number, times: int = 1) -> None:
        """Take it in so many times; -1 takes out one that is there."""
        rank = self._rank[number]
        self._count[rank] += times
        self.size += times
        tree, place, end = self._tree, rank + 1, len(self._tree)
        while place < end:
            tree[place] += times
            place += place & -place

    def quantile(self, share: Fraction) -> Number:
        """The number below which this share (0 to 1) of the others lies, between two of them by linear interpolation.

        A half of an even number of values is the mean of the two in the middle: the median. There must be a number.
        """
        below, rest = divmod((self.size - 1) * share.numerator, share.denominator)
        rank, up_to = self._at(below)
        low = self._sorted[rank]
        if not rest or below + 1 < up_to:
            return low
        high = self._sorted[self._at(below + 1)[0]]
        return low + (high - low) * Fraction(rest, share.denominator)

    def _at(self, index: int) -> tuple[int, int]:
        """The rank of the number at this index of the sorted window, and how many are not greater than it."""
        tree, place, left, step = self._tree, 0, index, self._top
        while step:
            ahead = place + step
            if ahead < len(tree) and tree[ahead] <= left:
                place = ahead
                left -= tree[ahead]
            step >>= 1
        return place, index - left + self._count[place]
