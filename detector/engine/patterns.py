"""Text without which a regular expression cannot match: a careful reading, which would rather know nothing than be wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

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
_ONCE_OR_NOT = ("?", "??")
#: A class of a few characters: each by itself, or escaped, or white space.
_FEW = re.compile(r"\[((?:[^\]\\^\-\[]|\\s|\\[^A-Za-z0-9]|-(?=\])){1,6})\]")
_OF_FEW = re.compile(r"\\?.", re.DOTALL)
#: Escapes that stand for the character itself.
_ITSELF = re.compile(r"\\[^A-Za-z0-9]")
#: Groups that ask for nothing of the text that is matched, or for its absence.
_BESIDE = re.compile(r"\(\?P?<?[=!]")
_DEEPEST = 50
#: The screen and the matcher ask for the same patterns.
_KEPT = 10_000
_PERHAPS = -1


#: In a text: white space of Unicode, any amount of it.
BLANKS = "\t"


@dataclass(slots=True)
class Alternatives:
    """One of several sequences; each is of texts and of alternatives that must stand there, ``None`` where anything may be."""

    sequences: list[list[str | Alternatives | None]] = field(default_factory=lambda: [[]])

    def add(self, item: str | Alternatives | None) -> None:
        """One more thing that the last sequence needs."""
        self.sequences[-1].append(item)


@lru_cache(_KEPT)
def needed_text(pattern: str, flags: str = "") -> Alternatives | None:
    """What the pattern needs, or ``None`` when that is not known. Letters of either case stand for themselves."""
    tokens = list(_TOKEN.finditer(pattern))
    if "x" in flags or any(token["unread"] for token in tokens):
        return None
    return _Reader([token[0] for token in tokens if not token["flags"]]).read()


def _plain(token: str) -> str:
    """The character that a token stands for; the token, when it is more."""
    return BLANKS if token == r"\s" else token[-1] if _ITSELF.fullmatch(token) else token


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._open: list[tuple[Alternatives, bool]] = []
        self._here = Alternatives()
        self._run: list[str] = []
        self._few: list[str | Alternatives | None] = []
        self._perhaps = False  # the next token says that the last one need not be there, which is known

    def read(self) -> Alternatives | None:
        for place, token in enumerate(self._tokens):
            least = _PERHAPS if self._once_or_not(place + 1) else self._least_of(place + 1)
            if not self._take(token, least) or len(self._open) > _DEEPEST:
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

    def _once_or_not(self, place: int) -> bool:
        """Whether what stands before that place is there once or not at all."""
        after = self._tokens[place : place + 2]
        return after[:1] != [] and after[0] in _ONCE_OR_NOT and not any(map(_REPEATED.fullmatch, after[1:]))

    def _take(self, token: str, least: int) -> bool:
        """Read one token; false when brackets do not go together."""
        few, self._few = self._few, []
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
            if self._run[-1:] != [BLANKS] and not self._perhaps:
                self._gap()
                self._here.sequences[-1] += few  # the last of them, as the first one
            self._perhaps = False
        else:
            self._character(token, least)
        return True

    def _character(self, token: str, least: int) -> None:
        plain = _plain(token)
        few = _FEW.fullmatch(token)
        if few and least:
            self._end()
            of_few: list[list[str | Alternatives | None]] = [[_plain(one)] for one in _OF_FEW.findall(few[1])]
            if least == _PERHAPS:
                self._add_perhaps(of_few)
            else:
                self._few = [Alternatives(of_few)]
                self._here.sequences[-1] += self._few
        elif not least or len(plain) != 1 or (plain == token and plain in "^$.[{\t"):
            self._gap()
        elif least == _PERHAPS:
            self._end()
            self._add_perhaps([[plain]])
        else:
            self._run.append(plain)

    def _close(self, least: int) -> bool:
        self._end()
        if not self._open:
            return False
        inner = self._here
        self._here, asked = self._open.pop()
        if asked and least == _PERHAPS:
            self._add_perhaps(inner.sequences)
        else:
            self._here.add(inner if asked and least else None)
        return True

    def _add_perhaps(self, sequences: list[list[str | Alternatives | None]]) -> None:
        """One of these, or nothing."""
        self._here.add(Alternatives([*sequences, [""]]))
        self._perhaps = True

    def _gap(self) -> None:
        self._end()
        self._here.add(None)

    def _end(self) -> None:
        if self._run:
            self._here.add("".join(self._run))
            self._run = []
