"""Text without which a regular expression cannot match: a careful reading, which would rather know nothing than be wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\\(?:[pPxuN]\{[^}]*\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-9]+|[gkL]<[^>]*>|[pP].|.)   # an escape
    | \[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]                              # a class
    | \(\?\#[^)]*\) | \(\?[a-zA-Z^-]*\) | \(\?[a-zA-Z]*V[01]             # a comment, flags
    | \(\?(?:P?<\w+>|[a-zA-Z^-]*:|P?<?[=!]|>) | \(\*|\(\?. | \(      # a group opens
    | \) | \|
    | \{\d*,?\d*\}[?+]? | [*+?][?+]?                                    # how often
    | \{[0-9<=,+\ ]*[eids][^}]*\}                                      # how wrong
    | .""",
    re.VERBOSE | re.DOTALL,
)
_REPEATED = re.compile(r"(?:\{(\d*),?\d*\}|([*+?]))[?+]?")
#: Escapes that stand for the character itself.
_ITSELF = re.compile(r"\\[^A-Za-z0-9]")
#: Groups that ask for nothing of the text that is matched, or for its absence.
_BESIDE = re.compile(r"\(\?P?<?[=!]|\(\?\#")
#: Blanks that mean nothing, quotation, and what else is not read here.
_UNREAD = re.compile(r"\(\?(?:[a-zA-Z^]*(?:[xf]|V[01])|[(R0-9&|+]).*|\(\*|\\[QCG]|\{.*[eids]", re.DOTALL)
#: Only an engine reads this for which white space is more than ASCII's.
_UNICODE = re.compile(r"\(\?(?:P?<?[=!]|>|P=)|\\[1-9]|[*+?}]\+")
_FLAGS = re.compile(r"\(\?[a-zA-Z^-]*\)")
_DEEPEST = 50


#: In a text: white space, any amount of it.
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
    if "x" in flags:
        return None
    return _Reader(pattern).read()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._tokens = [match[0] for match in _TOKEN.finditer(pattern)]
        self._open: list[tuple[Alternatives, bool]] = []
        self._here = Alternatives()
        self._run: list[str] = []
        self._blanks = BLANKS if not _UNICODE.search(pattern) else ""

    def read(self) -> Alternatives | None:
        for place, token in enumerate(self._tokens):
            if _UNREAD.match(token) or not self._take(token, self._least_of(place + 1)) or len(self._open) > _DEEPEST:
                return None
        self._end()
        return None if self._open else self._here

    def _least_of(self, place: int) -> int:
        """How often what stands before that place is there at least."""
        found = _REPEATED.fullmatch(self._tokens[place]) if place < len(self._tokens) else None
        if found is None:
            return 1
        if found[1] is not None:
            return int(found[1][:6] or 0)
        return 1 if found[2] == "+" else 0

    def _take(self, token: str, least: int) -> bool:
        """Read one token; false when brackets do not go together."""
        if token == ")":
            return self._close(least)
        if token == "|":
            self._end()
            self._here.sequences.append([])
        elif token[0] == "(" and not _FLAGS.fullmatch(token) and not token.startswith("(?#"):
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
        plain = self._blanks if token == r"\s" else token[-1] if _ITSELF.fullmatch(token) else token
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
