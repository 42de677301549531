"""Rules and events made by chance out of the same few words, so that they meet; some letters have odd case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from detector.model.event import Event
from detector.model.level import Level
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    TimePart,
    Unit,
    Wildcard,
)
from detector.model.rule import LogSource, Rule
from detector.rules.regexes import RegexError, compile_regex

from .events import SECURITY, SYSMON, event

#: Kelvin, dotted capital I, three sigmas, sharp and long s, a lone surrogate, a code point beyond the first plane.
_ODD = (
    "\u212a",
    "\u0130",
    "\u0131",
    "\u03a3",
    "\u03c3",
    "\u03c2",
    "\u00df",
    "\u017f",
    "\u00b5",
    "\ud800",
    "\U00010400",
)
#: Letters that some notion of case takes for the same.
_LOOKALIKE = str.maketrans({"s": "\u017f", "k": "\u212a", "i": "\u0131", "I": "\u0130", "S": "\u017f", "K": "\u212a"})
_WORDS = (
    *(
        "\\cmd.exe",
        "\\CMD.EXE",
        "C:\\Windows\\",
        "powershell",
        "PowerShell",
        " -enc ",
        " /c ",
        "-",
        "/",
        "\u2013",
        " ",
        "\\",
    ),
    *(
        "kiwi",
        "\u212aIWI",
        "s\u0131gma",
        "\u0130stanbul",
        "istanbul",
        "mimi::k",
        "::",
        "e",
        "E",
        "xe",
        "ell",
        "\n",
        "\0",
        "a.b",
    ),
    *("1", "0x2", "10.0.0.1", "::ffff:10.0.0.1", "2026-01-02 03:04:05.678"),
)
_NAMES = ("Image", "CommandLine", "ParentImage", "User", "A", "UtcTime")
_LOGS = (
    LogSource(product="windows"),
    LogSource(category="process_creation", product="windows"),
    LogSource(category="process_creation", product="windows"),
    LogSource(product="windows", service="security"),
    LogSource(product="windows", service="sysmon"),
)
_KINDS = (
    {"EventID": 1, "Provider_Name": SYSMON},
    {"EventID": 1, "Provider_Name": SYSMON},
    {"EventID": 4688, "Provider_Name": SECURITY},
    {"EventID": 3, "Provider_Name": SYSMON},
)


def _text(chance: Random, most: int = 5) -> str:
    return "".join(_word(chance) for _ in range(chance.randint(0, most)))


def _word(chance: Random) -> str:
    which = chance.random()
    if which < 0.05:
        return chance.choice(_ODD)
    word = chance.choice(_WORDS)
    return word.translate(_LOOKALIKE) if which < 0.12 else word


def _piece(chance: Random) -> str:
    """Some of a text, in one case or the other."""
    text = _text(chance, 3)
    start = chance.randrange(len(text)) if text and chance.random() < 0.5 else 0
    end = chance.randint(start, len(text)) if chance.random() < 0.4 else len(text)
    return chance.choice((str, str, str.upper, str.lower))(text[start:end])


def _like(chance: Random) -> Like:
    many, one, dash = Wildcard.MANY, Wildcard.ONE, Wildcard.DASH
    forms: tuple[tuple[str | Wildcard | None, ...], ...] = (
        *((None,), (many, None), (many, None), (None, many), (many, None, many), (many, None, many)),
        *((many, None, one, None), (None, many, None), (many, dash, None, many), (one, None, one, many), (), (many,)),
    )
    parts = (_piece(chance) if part is None else part for part in chance.choice(forms))
    return Like(tuple(part for part in parts if part), chance.random() < 0.1)


_CLASSES = (".", "\\w", "\\s", "[a-k]", "[^\\\\]", "\\b", "(?=e)", "(?!x)", "(?<=e)", "^", "$")
_TIMES = ("", "", "", "?", "*", "+", "{0,2}", "{2}", "+?")


def _pattern(chance: Random, depth: int = 2) -> str:
    def item() -> str:
        if depth and chance.random() < 0.25:
            group = chance.choice(("(", "(?:", "(?i:"))
            return group + "|".join(_pattern(chance, depth - 1) for _ in range(chance.randint(1, 3))) + ")"
        if chance.random() < 0.25:
            return chance.choice(_CLASSES)
        text = _piece(chance)
        return "".join(f"\\{letter}" if not letter.isalnum() and letter.isascii() else letter for letter in text)

    return "".join(
        item() + (chance.choice(_TIMES) if chance.random() < 0.3 else "") for _ in range(chance.randint(1, 3))
    )


def _regex(chance: Random) -> Regex:
    while True:
        test = Regex(_pattern(chance), chance.choice(("", "i", "i", "s", "m")))
        try:
            compile_regex(test)
        except RegexError:
            continue
        return test


_OTHERS: tuple[Callable[[Random], Test], ...] = (
    lambda chance: Cidr(chance.choice(("10.0.0.0/8", "::/0", "192.0.2.0/24"))),
    lambda chance: Compare(chance.choice(tuple(Comparison)), chance.randint(0, 3)),
    lambda chance: TimePart(chance.choice(tuple(Unit)), chance.randint(0, 3), chance.randint(0, 2030)),
    lambda chance: FieldRef(
        chance.choice(_NAMES), chance.choice(("equals", "startswith", "endswith", "contains")), chance.random() < 0.5
    ),
    lambda chance: IsNull(),
    lambda chance: Exists(chance.random() < 0.5),
)


def _leaf(chance: Random) -> Predicate:
    which = chance.random()
    if which < 0.06:
        return KeywordTest(_like(chance) if chance.random() < 0.8 else _regex(chance))
    if which < 0.1:
        return FieldTest("EventID", Like((chance.choice(("1", "3", "4688")),)))
    name = chance.choice(_NAMES)
    if which < 0.8:
        return FieldTest(name, _like(chance))
    return FieldTest(name, _regex(chance) if which < 0.93 else chance.choice(_OTHERS)(chance))


def _predicate(chance: Random, depth: int = 3) -> Predicate:
    which = chance.random()
    if not depth or which < 0.25:
        return _leaf(chance)
    if which < 0.32:
        return Not(_predicate(chance, depth - 1))
    if which < 0.33:
        name = chance.choice(_NAMES)  # a long list of one field
        return AnyOf(
            tuple(FieldTest(name, Like((Wildcard.MANY, _piece(chance) or "x", Wildcard.MANY))) for _ in range(80))
        )
    parts = tuple(_predicate(chance, depth - 1) for _ in range(chance.randint(0 if which > 0.98 else 1, 3)))
    return AllOf(parts) if which < 0.75 else AnyOf(parts)


def _asked(chance: Random) -> Predicate:
    """Mostly of several parts that must all hold, as rules are; some of one test that is not text."""
    if chance.random() < 0.2:
        return FieldTest(
            chance.choice(_NAMES), _regex(chance) if chance.random() < 0.5 else chance.choice(_OTHERS)(chance)
        )
    return AllOf(tuple(_predicate(chance, 2) for _ in range(chance.randint(1, 3))))


def rules_of(chance: Random, count: int) -> tuple[Rule, ...]:
    """So many rules, ordered by id."""
    return tuple(Rule(f"{n:04}", f"rule {n}", Level.LOW, chance.choice(_LOGS), _asked(chance)) for n in range(count))


def events_of(chance: Random, count: int) -> Iterator[Event]:
    """So many events of a few kinds."""
    for number in range(count):
        fields = {name: _value(chance) for name in _NAMES if chance.random() < 0.7}
        yield event(fields | chance.choice(_KINDS), record_id=number)


def _value(chance: Random) -> object:
    which = chance.random()
    if which < 0.05:
        return None
    if which < 0.12:
        return [_text(chance) for _ in range(chance.randint(0, 3))]
    return _text(chance)
