"""The nearest valid word to a mistyped one."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: Longer words are no typing errors, and comparing them takes quadratic time.
_LONGEST = 64


def nearest(word: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """The known word most like ``word`` (case does not count); empty when none is near."""
    if len(word) > _LONGEST:
        return ""
    spelt = {one.lower(): one for one in sorted(known, reverse=True)}
    found = get_close_matches(word.lower(), sorted(spelt), n=1, cutoff=cutoff)
    return spelt[found[0]] if found else ""


def hint(word: str, known: Collection[str]) -> str:
    """What to write instead: the nearest word, or all of them when they are few."""
    near = nearest(word, known)
    if near:
        return f"did you mean '{near}'?"
    return f"one of: {', '.join(sorted(known))}" if 0 < len(known) <= 20 else ""
