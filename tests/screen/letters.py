"""Letters that a comparison without case takes for ASCII ones."""

from __future__ import annotations

_LOOKALIKE = str.maketrans({"\u212a": "k", "\u017f": "s", "\u0130": "i", "\u0131": "i"})


def told(text: str) -> str:
    """The text in lower case, Kelvin's K, the long s and the Turkish letters as the ASCII letters they may stand for."""
    return text.translate(_LOOKALIKE).lower()
