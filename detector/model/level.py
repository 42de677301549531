"""Sigma's five levels, ordered."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """Severity as in the Sigma specification (rules, attribute ``level``); compares by weight."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The level as Sigma spells it, lower case."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Level:
        """The level spelt ``word`` (any case). Raises ``KeyError`` for another word."""
        return cls[word.strip().upper()]
