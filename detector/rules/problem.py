"""What is wrong with one rule, before the line is known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

#: Characters of a value that a message quotes.
_QUOTED = 100
#: Words are compared one with another, and each comparison takes time by the square of their length.
_LONGEST, _MOST = 60, 500


class RuleProblemError(Exception):
    """A rule that cannot be used. ``path`` are the keys that lead to the place, outermost first."""

    def __init__(self, message: str, *path: str | int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.path, self.hint = message, path, hint

    def under(self, *keys: str | int) -> RuleProblemError:
        """The same problem, seen from further out."""
        return RuleProblemError(self.message, *keys, *self.path, hint=self.hint)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def quoted(value: object) -> str:
    """The value as a message shows it, in quotation marks when it is text."""
    return cut(repr(value))


def cut(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}..."


def nearest(word: str, valid: Iterable[str]) -> str:
    """A hint that names the valid word most like this one; empty when none is."""
    if len(word) > _LONGEST:
        return ""
    known = [one for one in islice(valid, _MOST) if len(one) <= _LONGEST]
    found = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else ""
