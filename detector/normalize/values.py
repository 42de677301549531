"""Values as text, one form for every spelling.

Windows types its values; each exporter prints the types in its own way. Here they get one text:

- numbers in decimal, hexadecimal as logged (``4624``, ``0x3e7``); booleans ``true`` and ``false``, as Windows prints them;
- a GUID in lower case with braces, as Windows prints it (the EVTX parser leaves the braces out);
- line ends as ``\\n`` and none at the end, because Winlogbeat ships them so and nothing brings ``\\r\\n`` back;
- a time that is a typed value (``...T...Z``) with microseconds, because the EVTX parser keeps no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from detector.model.event import FieldValue

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_FINE_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})\d{1,3}Z")
#: Longer integers are no Windows value; hexadecimal keeps them without Python's limit on decimal digits.
_DECIMAL_BITS = 128
_WHOLE_FLOATS = 2.0**_DECIMAL_BITS
#: Lengths of text that may be a GUID (without or with its braces) or a time with more than six decimals.
TYPED_LENGTHS = frozenset({28, 29, 30, 36, 38})


def value(raw: Any) -> FieldValue:
    """A JSON value as a field's value: text, ``None`` for null, a tuple for a list of several (a null in it is empty)."""
    form = _FORMS.get(type(raw))
    if form is not None:
        return form(raw)
    if isinstance(raw, list | tuple):
        parts = [scalar(item) for _, item in leaves("", raw)]
        return parts[0] if len(parts) == 1 else tuple(part or "" for part in parts)
    if isinstance(raw, dict):
        return value(raw["#text"]) if "#text" in raw else value([item for _, item in leaves("", raw)])
    return str(raw)


def scalar(raw: Any) -> str | None:
    """One plain JSON value as text."""
    return _FORMS.get(type(raw), str)(raw)


def word(raw: Any) -> str:
    """Text or a number as text, trimmed; empty for anything else."""
    if type(raw) is str:
        return _text(raw).strip()
    form = _WORDS.get(type(raw))
    return form(raw) if form else ""


def _text(raw: str) -> str:
    if "\n" in raw:
        raw = raw.replace("\r\n", "\n").rstrip("\n")
    return _typed(raw) if len(raw) in TYPED_LENGTHS else raw


@lru_cache(maxsize=4096)
def _typed(raw: str) -> str:
    """A GUID or a fine time in one form. GUIDs of processes and logons come again and again."""
    guid = _GUID.fullmatch(raw)
    if guid:
        return f"{{{guid[1].lower()}}}"
    time = _FINE_TIME.fullmatch(raw)
    return f"{time[1]}Z" if time else raw


def _whole(raw: int) -> str:
    return str(raw) if raw.bit_length() <= _DECIMAL_BITS else hex(raw)


def _float(raw: float) -> str:
    return str(int(raw)) if raw.is_integer() and abs(raw) < _WHOLE_FLOATS else str(raw)


def _truth(raw: bool) -> str:
    return "true" if raw else "false"


_WORDS: Mapping[type, Callable[[Any], str]] = {int: _whole, float: _float, bool: _truth}
_FORMS: Mapping[type, Callable[[Any], str | None]] = {str: _text, type(None): lambda raw: None, **_WORDS}


def leaves(name: str, raw: Any) -> Iterator[tuple[str, Any]]:
    """The plain values below an object or list, each with the name nearest above it, in order; XML attributes left out.

    Iterative, because hostile input nests deeper than Python calls.
    """
    stack = [(name, raw)]
    while stack:
        name, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(
                (name if key == "#text" else str(key), below)
                for key, below in reversed(item.items())
                if key != "#attributes" and not str(key).endswith("_attributes")
            )
        elif isinstance(item, list | tuple):
            stack.extend((name, below) for below in reversed(item))
        else:
            yield name, item


def gather(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Name and value pairs as a mapping; a name that comes again collects its values in a list."""
    found: dict[str, Any] = {}
    for name, item in pairs:
        found[name] = [found[name], item] if name in found else item
    return found
