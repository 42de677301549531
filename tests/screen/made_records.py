"""Records and rules made by chance out of the same texts, so that they meet; records spelt by several writers."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from detector.model.event import Shape
from detector.model.level import Level
from detector.model.predicate import AllOf, AnyOf, FieldTest, KeywordTest, Like, Not, Predicate, Regex, Wildcard
from detector.model.rule import LogSource, Rule

SYSMON = "Microsoft-Windows-Sysmon"
CHANNEL = f"{SYSMON}/Operational"
#: Of Sysmon's event 1, all of them text.
FIELDS = ("CommandLine", "Image", "ParentCommandLine", "Company", "User")

_WORDS = (
    *("AnyDesk.exe", " --set-password ", "C:\\Program Files (x86)\\A", "\\\\HOST\\C$", "https://relay.example/?a=1&b='2'"),
    *("<script>", "`+`", '"C:\\a b"', "K!", "!K", "kiwi", "silks", "{365abb72-7c01-5cc4-0000-00102b3e0c00}", "0x1F4", "1.50"),
    *("true", "S-1-5-18", "2017-04-20T16:10:39.1234567Z", "\\u0041", "%00", "::", "ab\\", "/c start", "a=b;", "~#@[]{}^|"),
    *("192.0.2.7", "1", "\\\\\\", "HKLM\\Software", "E:\\new\\table", "inf", "nan"),
)  # fmt: skip
_BLANKS = (" ", "  ", "\t", "\r\n", "\n", "\u00a0", "\u3000", "\u2003", "\x0b", "\x85", "\u2028", " \t")
_LETTERS = "kKsSiIaA0!\u212a\u017f\u0130\u0131\u00e9\u00df\u212b\u0307\U00010400"
_LOOKALIKE = str.maketrans({"s": "\u017f", "k": "\u212a", "i": "\u0130", "I": "\u0130", "S": "\u017f", "K": "\u212a"})


def text(chance: Random) -> str:
    """A value of a field."""
    parts = []
    for _ in range(chance.randint(1, 5)):
        kind = chance.random()
        if kind < 0.65:
            word = chance.choice(_WORDS)
            parts.append(word.translate(_LOOKALIKE) if chance.random() < 0.06 else word)
        elif kind < 0.85:
            parts.append(chance.choice(_BLANKS))
        else:
            parts.append("".join(chance.choice(_LETTERS) for _ in range(chance.randint(1, 4))))
    return "".join(parts)


def fields(chance: Random) -> dict[str, str]:
    """The fields of a record."""
    return {name: text(chance) for name in FIELDS if chance.random() < 0.8}


# -- rules -----------------------------------------------------------------------------------------------------------------


def rule(chance: Random, place: int, texts: list[str]) -> Rule:
    """A rule that asks for pieces of the texts."""
    source = LogSource("process_creation", "windows") if chance.random() < 0.5 else LogSource(product="windows")
    return Rule(f"{place:04}", f"rule {place}", Level.LOW, source, _predicate(chance, texts, 2))


def _predicate(chance: Random, texts: list[str], depth: int) -> Predicate:
    kind = chance.random()
    if not depth or kind < 0.55:
        test = _regex(chance, texts) if chance.random() < 0.4 else _like(chance, texts)
        return KeywordTest(test) if chance.random() < 0.15 else FieldTest(chance.choice(FIELDS), test)
    if kind < 0.65:
        return Not(_predicate(chance, texts, depth - 1))
    parts = tuple(_predicate(chance, texts, depth - 1) for _ in range(chance.randint(1, 3)))
    return AllOf(parts) if kind < 0.75 else AnyOf(parts)


def _piece(chance: Random, texts: list[str]) -> str:
    whole = chance.choice(texts)
    start = chance.randint(0, max(0, len(whole) - 3))
    piece = whole[start : start + chance.randint(2, 14)].replace("\r\n", "\n")
    return chance.choice((str, str.upper, str.lower, str.swapcase, _as_ascii))(piece)


def _as_ascii(piece: str) -> str:
    return piece.translate(str.maketrans("\u212a\u017f\u0130\u0131", "ksii"))


def _like(chance: Random, texts: list[str]) -> Like:
    piece = _piece(chance, texts)
    at = chance.randint(0, len(piece))
    inner: tuple[str | Wildcard, ...] = (piece,)
    if chance.random() < 0.3 and 0 < at < len(piece):
        inner = (piece[:at], chance.choice((Wildcard.MANY, Wildcard.ONE)), piece[at + 1 :])
    inner = tuple(part for part in inner if part)
    return Like((Wildcard.MANY, *inner, Wildcard.MANY), chance.random() < 0.1)


def _regex(chance: Random, texts: list[str]) -> Regex:
    pattern = "".join(_spelt(chance, one) for one in _piece(chance, texts))
    if chance.random() < 0.2:
        pattern = f"(?:{pattern}|xyz{_spelt(chance, chance.choice(_LETTERS))})"
    return Regex(pattern + chance.choice(("", "", "(?!never)", "\\b|")), chance.choice(("i", "i", "i", "", "is")))


def _spelt(chance: Random, one: str) -> str:
    if one.isspace():
        return chance.choice((r"\s", r"\s+", r"[\s]"))
    return f"\\{one}" if one.isascii() and not one.isalnum() and one.isprintable() else one


# -- records ---------------------------------------------------------------------------------------------------------------

_TIME = "2025-10-14T03:52:20.123456Z"


def winlog(event: dict[str, str]) -> dict[str, Any]:
    system = {
        "Provider": {"#attributes": {"Name": SYSMON}},
        "EventID": 1,
        "Version": 5,
        "Channel": CHANNEL,
        "Computer": "A.b",
    }
    return {
        "Event": {"System": system | {"TimeCreated": {"#attributes": {"SystemTime": _TIME}}}, "EventData": dict(event)}
    }


def winlogbeat(event: dict[str, str]) -> dict[str, Any]:
    winlog = {
        "provider_name": SYSMON,
        "channel": CHANNEL,
        "event_id": 1,
        "computer_name": "A.b",
        "event_data": dict(event),
    }
    return {"@timestamp": _TIME, "winlog": winlog, "message": "Process Create:"}


def nxlog(event: dict[str, str]) -> dict[str, Any]:
    return {"@timestamp": _TIME, "SourceName": SYSMON, "Channel": CHANNEL, "EventID": 1, "Hostname": "A.b"} | event


SPELLINGS: dict[Shape, Callable[[dict[str, str]], dict[str, Any]]] = {
    Shape.WINLOG: winlog,
    Shape.WINLOGBEAT: winlogbeat,
    Shape.NXLOG: nxlog,
}


#: How a writer spells one character of a text.
Spell = Callable[[str, Random], str]


def written(payload: Any, spell: Spell, chance: Random) -> str:
    """The payload as JSON on one line."""
    if isinstance(payload, str):
        return '"' + "".join(spell(one, chance) for one in payload) + '"'
    if isinstance(payload, dict):
        pairs = (f"{json.dumps(name)}:{written(item, spell, chance)}" for name, item in payload.items())
        return "{" + ",".join(pairs) + "}"
    return json.dumps(payload)


def _plain(one: str, chance: Random) -> str:
    return json.dumps(one, ensure_ascii=False)[1:-1]


def _ascii(one: str, chance: Random) -> str:
    return json.dumps(one)[1:-1]


def _slashes(one: str, chance: Random) -> str:
    return "\\/" if one == "/" else _ascii(one, chance)


def _html(one: str, chance: Random) -> str:
    return f"\\u{ord(one):04x}" if one in "<>&'+`/\u2028\"" else _plain(one, chance)


def _control(one: str, chance: Random) -> str:
    return f"\\u{ord(one):04X}" if one < " " else _plain(one, chance)


def _any(one: str, chance: Random) -> str:
    return f"\\u{ord(one):04x}" if one < "\uffff" and chance.random() < 0.03 else _plain(one, chance)


WRITERS: tuple[Spell, ...] = (_plain, _ascii, _slashes, _html, _control, _any)
