"""YAML changed by lines, keys and values, so that most of it still is YAML."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from random import Random

from tests.fuzz.target import WORDS, Plain

_KEY = re.compile(rb"(?m)^[ \-]*([\w|'-]+)(?=:)|(?<=\{)([\w|'-]+)(?=:)")
_VALUE = re.compile(rb"(?<=: )[^\n,{}\[\]]+|(?<=- )[^\n:{}\[\]]+|(?<=\[)[^\n\]]+")


@cache
def _words(name: str) -> tuple[bytes, ...]:
    """What stands in a file of words."""
    lines = (WORDS / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return tuple(ast.literal_eval(f"b{line}") for line in lines)


def changing(name: str) -> Callable[[bytes, Random, Plain, int], bytes]:
    """How inputs of that target are changed."""

    def changed(data: bytes, chance: Random, plain: Plain, most: int) -> bytes:
        for _ in range(chance.choice((1, 1, 2, 4))):
            data = chance.choice(_CHANGES)(data, chance, _words(name))
        return data[:most]

    return changed


def _somewhere(pattern: re.Pattern[bytes], data: bytes, chance: Random) -> re.Match[bytes] | None:
    place = chance.randrange(len(data) + 1)
    return pattern.search(data, place) or pattern.search(data)


def _value(data: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """Another value; one from elsewhere, a list of it, or a word."""
    found, other = _somewhere(_VALUE, data, chance), _somewhere(_VALUE, data, chance)
    if found is None or other is None:
        return data
    odd, told = chance.choice(_words("yaml_values")), chance.choice(words).strip()
    new = chance.choice((odd, told, b"", other[0], b"[" + found[0] + b", " + other[0] + b"]"))
    return data[: found.start()] + new + data[found.end() :]


def _in_value(data: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """A word, or a letter, within a value."""
    found = _somewhere(_VALUE, data, chance)
    if found is None:
        return data
    at = chance.randint(found.start(), found.end())
    new = chance.choice(
        (chance.choice(words).strip(), bytes([chance.randrange(32, 127)]), b"*", b"\\", "\u0130".encode())
    )
    return data[:at] + new + data[at + chance.randint(0, 2) :]


def _key(data: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """Another key, or the same with a modifier."""
    found, other = _somewhere(_KEY, data, chance), _somewhere(_KEY, data, chance)
    if found is None or other is None:
        return data
    group = 1 if found[1] else 2
    modifiers = [word for word in words if word.startswith(b"|") and len(word) > 2]
    name = found[group] + chance.choice(modifiers) if modifiers and chance.random() < 0.7 else other[1] or other[2]
    return data[: found.start(group)] + name + data[found.end(group) :]


def _line(data: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """A line once more, gone, elsewhere, or further in or out."""
    lines = data.splitlines(keepends=True) or [b""]
    at, there = chance.randrange(len(lines)), chance.randrange(len(lines))
    which = chance.randrange(5)
    if which == 0:
        lines.insert(there, lines[at])
    elif which == 1:
        del lines[at]
    elif which == 2:
        lines.insert(there, lines.pop(at))
    elif which == 3:
        lines[at] = b"  " + lines[at] if chance.random() < 0.5 else lines[at].removeprefix(b"  ")
    else:
        begin, end = sorted((at, there))
        lines[end:end] = lines[begin:end]
    return b"".join(lines)


def _word(data: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(words) + data[at:]


_CHANGES = (_value, _value, _in_value, _in_value, _key, _key, _line, _line, _word)
