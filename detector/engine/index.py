"""Which of a route's rules an event can be a hit of: a few look-ups instead of a thousand rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from detector.engine.commonness import commonness
from detector.engine.gates import Key, gate, keys
from detector.engine.probe import Bits, Probe
from detector.engine.view import View
from detector.model.predicate import Predicate

#: What many rules ask for is seldom rare.
_LIKED = 4


class Index:
    """The gates of some predicates, by field."""

    def __init__(self, predicates: Sequence[Predicate]) -> None:
        popular = Counter(key for predicate in predicates for key in keys(predicate))

        def weight(key: Key) -> float:
            return commonness(key) + popular[key] / _LIKED

        fields: dict[str, dict[Key, Bits]] = {}
        self._open: Bits = 0
        for place, predicate in enumerate(predicates):
            found = gate(predicate, weight)
            if found is None:
                self._open |= 1 << place
            for key in found or ():
                of_field = fields.setdefault(key.field, {})
                of_field[key] = of_field.get(key, 0) | 1 << place
        self._probes = [(name, Probe(of_field)) for name, of_field in fields.items()]

    def look(self, view: View) -> list[int]:
        """The places of the predicates that may hold, in order: all that do, and a few more."""
        fields = view.event.fields
        bits = self._open
        for name, probe in self._probes:
            value = fields.get(name)
            if value is not None:
                known = probe.known.get(value)
                bits |= probe.look(value, view[name]) if known is None else known
        return _places(bits)


def _places(bits: Bits) -> list[int]:
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found
