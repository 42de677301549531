"""What one rule may use: the values of placeholders, and so many tests and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from detector.rules.problem import RuleProblemError, nearest

#: Tests of one rule. The largest public rule has about 4,500; a few lines of windash and base64 could make billions.
MOST_TESTS = 100_000

Scalar = str | int | float
Placeholders = Mapping[str, tuple[Scalar, ...]]

#: Backslashes and a percent sign, or a placeholder; an odd number of backslashes makes the sign an ordinary character.
_PERCENT = re.compile(r"(?P<escapes>\\*)%(?P<name>[^%\s\\]+(?=%))?")
_TRAILING = re.compile(r"\\+\Z")


class Scope:
    """One rule's. ``used`` are the placeholders it named so far, with their values."""

    def __init__(self, placeholders: Placeholders | None = None, most: int = MOST_TESTS) -> None:
        self._known = placeholders or {}
        self._most = self._left = most
        self.used: dict[str, tuple[Scalar, ...]] = {}

    @property
    def spent(self) -> int:
        """Tests it has."""
        return self._most - self._left

    def spend(self, tests: int) -> None:
        """Count tests before they are made. Raises :class:`RuleProblemError` when they are too many."""
        self._left -= tests
        if self._left < 0:
            raise RuleProblemError(f"a rule of more than {self._most:,} values (a regular expression counts as 1,000)")

    def expanded(self, value: object, raw: bool) -> Sequence[object]:
        """Every value that ``expand`` makes of one, placeholders replaced; what is no text stays.

        A value that is nothing but a placeholder becomes its values, numbers among them. ``raw``: the text is no Sigma
        string (but a regular expression, a network), so its backslashes escape percent signs only.
        Raises :class:`RuleProblemError` for a placeholder without values.
        """
        if not isinstance(value, str):
            return [value]
        pieces = list(self._pieces(value))
        many = prod(map(len, pieces))
        self.spend(many - 1)
        if len(pieces) == 1:
            return pieces[0]
        return [_joined(spelling, raw) for spelling in product(*pieces)]

    def _pieces(self, text: str) -> list[tuple[Scalar, ...]]:
        pieces: list[tuple[Scalar, ...]] = []
        plain = ""
        at = 0
        while found := _PERCENT.search(text, at):
            escapes, name = found["escapes"], found["name"]
            plain += text[at : found.start()]
            at = found.end()
            if len(escapes) % 2:
                plain += escapes[:-1] + "%"
                at = found.start() + len(escapes) + 1
            elif name is None:
                plain += found[0]
            else:
                plain += escapes
                pieces += [(plain,)] if plain else []
                pieces.append(self._values(name))
                plain = ""
                at += 1
        plain += text[at:]
        return [*pieces, (plain,)] if plain or not pieces else pieces

    def _values(self, name: str) -> tuple[Scalar, ...]:
        if name not in self._known:
            hint = nearest(name, self._known) or "give them in a file placeholders.yml beside the rules"
            raise RuleProblemError(f"the placeholder %{name}% has no values", hint=hint)
        self.used[name] = self._known[name]
        return self._known[name]


def _joined(pieces: Sequence[Scalar], raw: bool) -> str:
    """One text of several; a backslash that ends a piece escapes nothing in the next."""
    text = ""
    for piece in map(str, pieces):
        if not raw and piece[:1] in ("\\", "*", "?"):
            text = _TRAILING.sub(lambda run: "\\" * (len(run[0]) + len(run[0]) % 2), text)
        text += piece
    return text
