"""How many events a key may let through: a guess, by which the best of a rule's gates is chosen. Being wrong costs time only."""

from __future__ import annotations

from detector.engine.gates import Key, Way
from detector.engine.rarity import rare_part

#: By how many characters are left of the text without these.
_BY_LENGTH = {0: 1000.0, 1: 1000.0, 2: 300.0, 3: 100.0, 4: 20.0, 5: 10.0}
_LONG = 3.0
#: Fields by which events are led to their rules: most events that come by have the value.
_OF_THE_ROUTE = frozenset({"EventID", "Channel", "Provider_Name"})


def commonness(key: Key) -> float:
    """On no particular scale, and more than nothing."""
    if key.field in _OF_THE_ROUTE:
        return 1000.0
    if key.way is Way.EQUALS:
        return 1.0
    return _BY_LENGTH.get(rare_part(key.text), _LONG)
