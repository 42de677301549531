"""Which rules may be true of a text, given which literals were found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from detector.engine.literals import Group


class Candidates:
    """Rules by the first group of literals, which is the rarest, of those that each of them needs.

    ``literals`` must be searched for, ``others`` where one of them was found; ``always`` are the places of rules of which
    nothing is known.
    """

    def __init__(self, groups: Mapping[int, Iterable[Group]]) -> None:
        self.always: frozenset[int] = frozenset(place for place, found in groups.items() if not tuple(found))
        self._by_literal: dict[str, list[int]] = {}
        self._others: dict[int, list[Group]] = {}
        for place, found in groups.items():
            first, *rest = tuple(found) or (Group(),)
            for literal in first:
                self._by_literal.setdefault(literal, []).append(place)
            if rest:
                self._others[place] = rest
        self.literals = tuple(sorted(self._by_literal))
        self.others = tuple(
            sorted({literal for found in self._others.values() for group in found for literal in group})
        )

    def places(self, found: Iterable[str], others: Callable[[], AbstractSet[str]]) -> frozenset[int]:
        """The places of the rules that may be true where ``found`` of the literals stand, and ``others`` of the others."""
        places = {place for literal in found for place in self._by_literal[literal]}
        narrowed = [place for place in places if place in self._others]
        if narrowed:
            there = others()
            for place in narrowed:
                if any(group.isdisjoint(there) for group in self._others[place]):
                    places.remove(place)
        return self.always.union(places) if places else self.always
