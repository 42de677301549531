"""The screen itself: from rules and names to what must stand in a block, in a record, for it to matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

from detector.engine.candidates import Candidates
from detector.engine.literals import groups
from detector.engine.patterns import BLANKS
from detector.model.rule import Rule
from detector.normalize import standing_in
from detector.screen.search import Search
from detector.screen.spelling import ODD_CHUNK, ODD_JSON, ODD_LINES, Needle, folded, in_chunk, in_json, stands_in_json


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a look is for. Rules are given by their places in the rule set.

    ``rules`` are looked for by their own literals. A record in which one of ``names`` stands is judged by the rules at
    ``around`` besides; one in which one of ``addresses`` stands is decoded for the sake of what else it says.

    A look after the ``first`` passes over what an earlier one judged whole: records in which one of ``seen`` stands, and
    those that cannot be judged by their bytes.
    """

    rules: tuple[int, ...] = ()
    names: tuple[Needle, ...] = ()
    around: frozenset[int] = field(default_factory=frozenset)
    addresses: tuple[Needle, ...] = ()
    seen: tuple[Needle, ...] = ()
    first: bool = True


class Sieve:
    """Says of blocks and records whether they can matter (:class:`detector.intake.Screen`). It errs on the side of yes."""

    def __init__(self, wanted: Wanted, rules: Sequence[Rule]) -> None:
        self.first = wanted.first
        self._around = wanted.around
        self._candidates = Candidates({place: groups(rules[place], standing_in) for place in wanted.rules})
        self._literals = self._candidates.literals
        count = len(self._literals)
        self._name, self._address, self._seen, self._odd = range(count, count + 4)
        needles: list[tuple[int, Needle]] = list(enumerate(self._literals))
        needles += [(self._name, needle) for needle in wanted.names]
        needles += [(self._address, needle) for needle in wanted.addresses]
        needles += [(self._seen, needle) for needle in wanted.seen]
        odd = [(self._odd, pattern) for pattern in ODD_JSON]
        self._in_chunk = Search((number, in_chunk(needle)) for number, needle in needles)
        self._odd_chunk = Search((self._odd, pattern) for pattern in ODD_CHUNK)
        self._in_json = Search([(number, in_json(needle)) for number, needle in needles] + odd, caseless=True)
        odd += [(self._odd, pattern) for pattern in ODD_LINES]
        self._in_lines = Search([(number, in_json(needle)) for number, needle in needles] + odd, caseless=True)

    def chunk(self, data: bytes) -> bool:
        """Whether an EVTX chunk, as it is stored, may hold a record that matters."""
        text = folded(data)
        found = self._in_chunk.found(text)
        if self._matters(found, lambda literal: BLANKS in literal or literal.encode() in text):
            return True
        return self.first and bool(self._odd_chunk.found(data))

    def lines(self, data: bytes) -> bool:
        """Whether lines of JSON may hold a record that matters, or are not one object each."""
        found = self._in_lines.found(data)
        return bool(found) and (self._odd in found or self._matters(found, stands_in_json(data)))

    def record(self, text: bytes) -> frozenset[int] | Literal[False] | None:
        """The rules to judge a record by, given its JSON; ``None`` for all, ``False`` when it cannot matter."""
        found = self._in_json.found(text)
        if self._odd in found:
            return None if self.first else False
        if not (found or self._candidates.always):
            return False
        places = self._places(found, stands_in_json(text))
        if self._name in found and self._seen not in found:
            return places | self._around
        return places if places or self._address in found else False

    def _matters(self, found: AbstractSet[int], stands: Callable[[str], bool]) -> bool:
        if self._name in found or self._address in found:
            return True
        return bool(self._candidates.always) or (bool(found) and bool(self._places(found, stands)))

    def _places(self, found: AbstractSet[int], stands: Callable[[str], bool]) -> frozenset[int]:
        literals, count = self._literals, len(self._literals)
        return self._candidates.places((literals[number] for number in found if number < count), stands)
