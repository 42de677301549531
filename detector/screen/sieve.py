"""The screen itself: from rules and names to what must stand in a block, in a record, for it to matter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple

from detector.engine.candidates import Candidates
from detector.engine.literals import groups
from detector.model.rule import Rule
from detector.normalize import standing_in
from detector.screen.route import RouteTable
from detector.screen.search import Keep, Search, Trace, make_anew
from detector.screen.spelling import (
    ODD_CHUNK,
    ODD_FOLDED,
    ODD_JSON,
    ODD_LINES,
    Needle,
    folded,
    in_chunk,
    in_json,
    in_raw_chunk,
)

#: What is to become of a record: the places of the rules to judge it by; ``None`` for all; ``False`` when it cannot matter.
Verdict = frozenset[int] | Literal[False] | None

#: So few names are searched for in a chunk as it is.
_FEW_NAMES = 4


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


class _Numbers(NamedTuple):
    name: int
    address: int
    seen: int
    odd: int


class Sieve:
    """Says of blocks and records whether they can matter (:class:`detector.intake.Screen`). It errs on the side of yes."""

    def __init__(self, wanted: Wanted, rules: Sequence[Rule], keep: Keep = make_anew) -> None:
        self.first = wanted.first
        self._keep = keep
        self._wanted = wanted
        self._rules = rules

    # Small inputs are read whole as samples: what is not asked for is not made.

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates({place: groups(self._rules[place], standing_in) for place in self._wanted.rules})

    @cached_property
    def _routes(self) -> RouteTable:
        return RouteTable(self._rules)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        return self._candidates.literals

    @cached_property
    def _numbers(self) -> _Numbers:
        return _Numbers(*range(len(self._literals), len(self._literals) + 4))

    @cached_property
    def _in_chunk(self) -> Search:
        return Search(self._spelt(in_chunk, *ODD_FOLDED), keep=self._keep)

    @property
    def _few(self) -> bool:
        """Whether only a few names are looked for: then to fold a chunk takes longer than to search more."""
        return not self._wanted.rules and len(self._wanted.names) + len(self._wanted.addresses) <= _FEW_NAMES

    @cached_property
    def _in_raw_chunk(self) -> Search:
        numbers, wanted = self._numbers, self._wanted
        names = [(numbers.name, in_raw_chunk(needle)) for needle in wanted.names]
        names += [(numbers.address, in_raw_chunk(needle)) for needle in wanted.addresses]
        return Search(names, caseless=True, keep=self._keep)

    @cached_property
    def _odd_chunk(self) -> Search:
        return Search((self._numbers.odd, pattern) for pattern in ODD_CHUNK)

    @cached_property
    def _in_json(self) -> Search:
        return Search(self._spelt(in_json, *ODD_JSON), caseless=True, keep=self._keep)

    @cached_property
    def _in_lines(self) -> Search:
        return Search(self._spelt(in_json, *ODD_JSON, *ODD_LINES), caseless=True, keep=self._keep)

    @cached_property
    def _more_in_chunk(self) -> Search:
        return Search(self._spelt_others(in_chunk), keep=self._keep)

    @cached_property
    def _more_in_json(self) -> Search:
        return Search(self._spelt_others(in_json), caseless=True, keep=self._keep)

    @cached_property
    def _trace(self) -> Trace:
        return Trace((pattern for _, pattern in self._spelt(in_json, *ODD_JSON)), caseless=True, keep=self._keep)

    def _spelt_others(self, spell: Callable[[Needle], bytes]) -> Iterator[tuple[int, bytes]]:
        return ((number, spell(literal)) for number, literal in enumerate(self._candidates.others))

    def _spelt(self, spell: Callable[[Needle], bytes], *odd: bytes) -> Iterator[tuple[int, bytes]]:
        """Everything that is looked for, with the number it is known by: a rule's literals each by its own."""
        numbers, wanted = self._numbers, self._wanted
        yield from ((number, spell(literal)) for number, literal in enumerate(self._literals))
        for number, needles in zip(numbers, (wanted.names, wanted.addresses, wanted.seen), strict=False):
            yield from ((number, spell(needle)) for needle in needles)
        yield from ((numbers.odd, pattern) for pattern in odd)

    def prepare(self, form: str) -> None:
        """Make what a form needs now, not when it is first asked for."""
        of_form = (
            (self._in_chunk, self._odd_chunk, self._in_json) if form == "evtx" else (self._in_lines, self._in_json)
        )
        assert all(of_form)

    def chunk(self, data: bytes) -> bool:
        """Whether an EVTX chunk, as it is stored, may hold a record that matters."""
        if self._few:
            return bool(self._in_raw_chunk.found(data)) or (self.first and bool(self._odd_chunk.found(data)))
        text = folded(data)
        found = self._in_chunk.found(text)
        if self._matters(found, lambda: self._more_in_chunk.found(text)):
            return True
        return self.first and self._numbers.odd in found and bool(self._odd_chunk.found(data))

    def lines(self, data: bytes) -> bool:
        """Whether lines of JSON may hold a record that matters, or are not one object each."""
        found = self._in_lines.found(data)
        return bool(found) and (
            self._numbers.odd in found or self._matters(found, lambda: self._more_in_json.found(data))
        )

    def record(self, text: bytes) -> Verdict:
        """The rules to judge a record by, given its JSON; ``None`` for all, ``False`` when it cannot matter."""
        found = self._in_json.found(text)
        if self._numbers.odd in found:
            return None if self.first else False
        if not (found or self._candidates.always):
            return False
        places = self._places(found, lambda: self._more_in_json.found(text))
        route = self._routes.places(text) if places else None
        if route is not None:
            places &= route
        if self._numbers.name in found and self._numbers.seen not in found:
            return places | self._wanted.around
        return places if places or self._numbers.address in found else False

    def sift(self, texts: Sequence[bytes]) -> list[Verdict]:
        """The same of many at once, none of which holds a line end."""
        ends = None if self._candidates.always else self._trace.ends(b"\n".join(texts))
        if ends is None:
            return [self.record(text) for text in texts]
        begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
        found: list[Verdict] = [False] * len(texts)
        for number in {bisect_left(begins, end) - 1 for end in ends}:
            found[number] = self.record(texts[number])
        return found

    def _matters(self, found: AbstractSet[int], more: Callable[[], AbstractSet[int]]) -> bool:
        if self._numbers.name in found or self._numbers.address in found:
            return True
        return bool(self._candidates.always) or (bool(found) and bool(self._places(found, more)))

    def _places(self, found: AbstractSet[int], more: Callable[[], AbstractSet[int]]) -> frozenset[int]:
        literals, others = self._literals, self._candidates.others
        count = len(literals)
        return self._candidates.places(
            [literals[number] for number in found if number < count],
            lambda: {others[number] for number in more()},
        )
