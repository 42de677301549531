"""One thing to read, and how its name is shown."""

from __future__ import annotations

import os
from dataclasses import dataclass

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or ``-`` for standard input.

    ``path`` is what the user will see (a name that is not UTF-8 is escaped, ``\\xff``) and ``location`` where to open
    it, empty when that is the same. ``size`` is in bytes, when it was found; 0 for standard input. ``named`` says that
    the user named this very file, false for one found in a folder.
    """

    path: str
    size: int
    named: bool = True
    location: str = ""

    @property
    def place(self) -> str:
        """The path to open."""
        return self.location or self.path


def shown(path: str) -> str:
    """A path that any terminal, JSON document or log can hold: bytes that are not UTF-8 become ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
