"""Regular expressions made by chance, each with a text that it may match: all that two engines read, and what only one does."""

from __future__ import annotations

import re
from random import Random
from typing import Any

#: A pattern, and a text that it was made for.
Pair = tuple[str, str]

_WORDS = (
    "mimikatz", "enc", "Kiwi", "sst", "\u017fekurlsa", "\u212ailo", "\u0130st", "x64", "\u00e9t\u00e9", "--", "id", "e<=1}"
)  # fmt: skip
_SIGNS = "abkis AKIS.-_\\/{}()[]+*?|^$\"'<>&=,:;#!~019\t"
_SPECIAL = frozenset("\\.+*?()|[]^$")
_BLANKS = ("\t", "\r\n", "\u00a0", "\x0b", " ", "\u2003", "\x85", "\u3000", "\x1c")
_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (".", ("q", "\u00e9", " ")),
    (r"\d", ("7",)),
    (r"\w", ("w", "_")),
    (r"\W", ("-",)),
    (r"\S", ("z",)),
    (r"\s", _BLANKS),
    (r"\s", _BLANKS),
    (r"[\s\w]", (" ", "r")),
    ("[abc]", ("b",)),
    ("[^a]", ("q",)),
    ("[]a]", ("]",)),
    ("[^]a]", ("q",)),
    (r"[\]a]", ("]",)),
    ("[[:alpha:]]", ("g",)),
    ("[[:^digit:]]", ("g",)),
    ("[[:^digit:]-]", ("-",)),
    (r"[a\\]", ("\\",)),
    (r"[\\/]", ("\\", "/")),
    (r"[=\s]", ("=", *_BLANKS)),
    (r"[\"']", ("'", '"')),
    ("[b-]", ("b", "-")),
    ("[.$^]", (".", "$", "^")),
    (r"[[a]", ("[",)),
    (r"[a-\d]", ("-", "1")),
    (r"\x41", ("A",)),
    (r"\x{42}", ("B",)),
    (r"\u0043", ("C",)),
    (r"\U00000044", ("D",)),
    (r"\N{LATIN SMALL LETTER E}", ("e",)),
    (r"\101", ("A",)),
    (r"\0", ("\0",)),
    (r"\061bc", ("1bc",)),
    (r"\pL", ("t",)),
    (r"\p{Lu}", ("T",)),
    (r"\p{^L}", ("1",)),
    (r"\PL", ("1",)),
    (r"\Qa.b\E", ("a.b",)),
    (r"\R", ("\n", "\r\n")),
    (r"\h", (" ",)),
    (r"\X", ("x",)),
    (r"\n", ("\n",)),
    (r"\t", ("\t",)),
)
#: Matches nothing of the text, where it does at all.
_BESIDE = (
    *("^", "$", r"\b", r"\B", r"\A", r"\z", r"\Z", "(?i)", "(?i)", "(?s)", "(?-i)", "(?V1)", "(?f)", "(?a)", r"\K", "", ""),
    *("(?#a comment)", "(?!not this)", "(?<!nor this)", "(?=)", r"\E", "(?:)", "(?x)"),
)  # fmt: skip
_OFTEN: tuple[tuple[str, tuple[int, ...]], ...] = (
    *(("?", (0, 1)), ("*", (0, 2)), ("+", (1, 2)), ("{0}", (0,)), ("{0,}", (0, 1)), ("{1}", (1,)), ("{2}", (2,))),
    *(("{1,3}", (1, 2)), ("{,2}", (0, 1)), ("{,}", (0,)), ("{}", (0, 1)), ("{00}", (0,)), ("{01}", (1,)), ("{2}{0}", (0,))),
    *(("??", (0,)), ("*?", (0, 1)), ("+?", (1,)), ("{1,2}?", (1,)), ("?+", (0, 1)), ("*+", (0, 1)), ("++", (1,))),
    *(("{e}", (1,)), ("{e<=1}", (1,)), ("{i<=1,s<=2}", (1,)), ("{ 2 }", (2,)), ("(?#c)*", (0,)), ("(?i)*", (0,)), ("**", (0,))),
)  # fmt: skip
_OPENED = (
    *("(", "(", "(", "(?:", "(?:", "(?:", "(?i:", "(?-i:", "(?s-i:", "(?P<n>", "(?<n>", "(?>", "(?=", "(?<="),
    *("(?x:", "(?V1:", "(?fi:"),
)  # fmt: skip
_AGAIN = ("", "", "", "", "", "", r"\1", "(?P=n)", "(?P>n)", "(?&n)", "(?1)")


def pattern_and_text(chance: Random, depth: int = 2) -> Pair:
    """One of each; the text is whole, with everything that the pattern names."""
    pattern = text = ""
    for _ in range(chance.randint(0 if depth < 2 else 1, 4)):
        piece, told = _piece(chance, depth)
        if chance.random() < 0.2:
            how, times = chance.choice(_OFTEN)
            piece, told = piece + how, told * chance.choice(times)
        pattern, text = pattern + piece, text + told
    return pattern, text


def _piece(chance: Random, depth: int) -> Pair:
    kind = chance.random()
    if kind < 0.3:
        word = chance.choice(_WORDS)
        return word, chance.choice((word, word, word.upper(), word.swapcase(), word.replace("i", "\u0131"), word[1:]))
    if kind < 0.45:
        sign = chance.choice(_SIGNS)
        escaped = (sign in _SPECIAL or not sign.isalnum()) and chance.random() < 0.8
        return "\\" * escaped + sign, sign
    if kind < 0.65:
        pattern, texts = chance.choice(_CLASSES)
        return pattern, chance.choice(texts)
    if kind < 0.75 or not depth:
        return chance.choice(_BESIDE), ""
    return _group(chance, depth - 1)


def _group(chance: Random, depth: int) -> Pair:
    opened, again = chance.choice(_OPENED), chance.choice(_AGAIN)
    branches = [pattern_and_text(chance, depth) for _ in range(chance.randint(1, 3))]
    text = chance.choice(branches)[1]
    pattern = opened + "|".join(one for one, _ in branches) + ")" + again
    if opened in ("(?=", "(?<="):
        return pattern, chance.choice(("", text))
    return pattern, text + text * bool(again)


def text_of(pattern: str, chance: Random) -> str:
    """A text that the pattern matches as the standard library reads it, but for look-around and anchors."""
    return _text(re._parser.parse(pattern), chance)  # type: ignore[attr-defined]


def _text(parsed: Any, chance: Random) -> str:
    return "".join(_part(str(kind), found, chance) for kind, found in parsed)


def _part(kind: str, found: Any, chance: Random) -> str:
    if kind == "LITERAL":
        return chr(found)
    if kind == "IN":
        return _member(found, chance)
    if kind == "BRANCH":
        return _text(chance.choice(found[1]), chance)
    if kind == "SUBPATTERN":
        return _text(found[3], chance)
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = found
        return "".join(_text(inner, chance) for _ in range(chance.randint(least, min(most, least + 2))))
    return "x" if kind in ("ANY", "NOT_LITERAL") else ""


_CATEGORIES = {"CATEGORY_SPACE": _BLANKS, "CATEGORY_DIGIT": "7", "CATEGORY_WORD": "w_", "CATEGORY_NOT_SPACE": "z"}


def _member(found: Any, chance: Random) -> str:
    kind, what = found[0] if str(found[0][0]) == "NEGATE" else chance.choice(found)
    if str(kind) == "LITERAL":
        return chr(what)
    if str(kind) == "RANGE":
        return chr(chance.randint(*what))
    return chance.choice(_CATEGORIES.get(str(what), "-~"))
