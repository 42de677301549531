"""Which rules may be true of a text, given which literals were found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from detector.engine.literals import Group, rarity

#: Groups of more literals are not looked through: that would cost more than it saves.
_FEW = 256


class Candidates:
    """Rules by the rarest group of literals that each of them needs.

    ``literals`` are all that must be searched for; ``always`` the places of rules of which nothing is known.
    """

    def __init__(self, groups: Mapping[int, Iterable[Group]]) -> None:
        self.always: frozenset[int] = frozenset(place for place, found in groups.items() if not tuple(found))
        self._by_literal: dict[str, list[int]] = {}
        self._others: dict[int, list[Group]] = {}
        for place, found in groups.items():
            ranked = sorted(found, key=rarity, reverse=True)
            for literal in ranked[0] if ranked else ():
                self._by_literal.setdefault(literal, []).append(place)
            others = [group for group in ranked[1:] if len(group) <= _FEW]
            if others:
                self._others[place] = others
        self.literals = tuple(sorted(self._by_literal))

    def places(self, found: Iterable[str], stands: Callable[[str], bool]) -> frozenset[int]:
        """The places of the rules that may be true where the literals ``found`` stand; ``stands`` tells of any other."""
        places = {place for literal in found for place in self._by_literal[literal]}
        others = self._others
        return self.always.union(
            place for place in places if all(any(map(stands, group)) for group in others.get(place, ()))
        )
