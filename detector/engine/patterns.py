"""Text without which a regular expression cannot match: a careful reading, which would rather know nothing than be wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: What two engines read alike. The rest is ``unread``: escapes that only one of them knows, approximate matches (``{e<=1}``),
#: flags that change how a pattern is written or which letters are the same, conditions, recursion, comments, quotation.
_TOKEN = re.compile(
    r"""\\(?:[pP](?:\{[^}]*\}|[^{])|x\{[^}]*\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-9]+|[abdfnrstvwzABDSWZ]|[^A-Za-z0-9])
    | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]                          # a class
    | (?P<flags>\(\?[imsU-]*\))
    | \(\?(?:P?<\w+>|[imsU-]*:|P?<?[=!]|>) | \((?![?*]) | \) | \|       # groups
    | \{\d*,?\d*\}[?+]? | [*+?][?+]?                                  # how often
    | \{(?![^{}]*[ides]) | (?P<unread>[\\({]) | .""",
    re.VERBOSE | re.DOTALL,
)
_REPEATED = re.compile(r"(?:\{(\d*),?\d*\}|([*+?]))[?+]?")
#: Escapes that stand for the character itself.
_ITSELF = re.compile(r"\\[^A-Za-z0-9]")
#: Groups that ask for nothing of the text that is matched, or for its absence.
_BESIDE = re.compile(r"\(\?P?<?[=!]")
_DEEPEST = 50


#: In a text: white space of Unicode, any amount of it.
BLANKS = "\t"


@dataclass(slots=True)
class Alternatives:
    """One of several sequences; each is of texts and of alternatives that must stand there, ``None`` where anything may be."""

    sequences: list[list[str | Alternatives | None]] = field(default_factory=lambda: [[]])

    def add(self, item: str | Alternatives | None) -> None:
        """One more thing that the last sequence needs."""
        self.sequences[-1].append(item)


def needed_text(pattern: str, flags: str = "") -> Alternatives | None:
    """What the pattern needs, or ``None`` when that is not known. Letters of either case stand for themselves."""
    tokens = list(_TOKEN.finditer(pattern))
    if "x" in flags or any(token["unread"] for token in tokens):
        return None
    return _Reader([token[0] for token in tokens if not token["flags"]]).read()


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._open: list[tuple[Alternatives, bool]] = []
        self._here = Alternatives()
        self._run: list[str] = []

    def read(self) -> Alternatives | None:
        for place, token in enumerate(self._tokens):
            if not self._take(token, self._least_of(place + 1)) or len(self._open) > _DEEPEST:
                return None
        self._end()
        return None if self._open else self._here

    def _least_of(self, place: int) -> int:
        """How often what stands before that place is there at least."""
        least = 1
        while place < len(self._tokens) and (found := _REPEATED.fullmatch(self._tokens[place])):
            least = min(least, int(found[1][:6] or 0) if found[1] is not None else found[2] == "+")
            place += 1
        return least

    def _take(self, token: str, least: int) -> bool:
        """Read one token; false when brackets do not go together."""
        if token == ")":
            return self._close(least)
        if token == "|":
            self._end()
            self._here.sequences.append([])
        elif token[0] == "(":
            self._end()
            self._open.append((self._here, _BESIDE.match(token) is None))
            self._here = Alternatives()
        elif _REPEATED.fullmatch(token):
            if self._run[-1:] != [BLANKS]:
                self._gap()
        else:
            self._character(token, least)
        return True

    def _character(self, token: str, least: int) -> None:
        plain = BLANKS if token == r"\s" else token[-1] if _ITSELF.fullmatch(token) else token
        if least and len(plain) == 1 and (plain != token or plain not in "^$.[{\t"):
            self._run.append(plain)
        else:
            self._gap()

    def _close(self, least: int) -> bool:
        self._end()
        if not self._open:
            return False
        inner = self._here
        self._here, asked = self._open.pop()
        self._here.add(inner if asked and least else None)
        return True

    def _gap(self) -> None:
        self._end()
        self._here.add(None)

    def _end(self) -> None:
        if self._run:
            self._here.add("".join(self._run))
            self._run = []
