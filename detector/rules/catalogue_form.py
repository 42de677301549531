"""Whether a tool's file is of the form of the catalogue: its keys, their values, and each fact by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from detector.model.tool import Sure
from detector.rules.catalogue_facts import objection

KINDS = ("remote", "management", "execution", "copy", "tunnel", "protocol")
#: Kinds of facts, in the order in which they are told.
FACTS = (
    *(
        "images",
        "original_names",
        "products",
        "companies",
        "signers",
        "paths",
        "services",
        "tasks",
        "pipes",
        "registry",
    ),
    *("ports", "domains", "agents", "switches"),
)
_WORD = re.compile(r"[a-z0-9][a-z0-9.-]*")
_SURE = tuple(map(str, Sure))
_NEEDED = ("name", "kind", "sure")
#: What a file that was looked through has.
_REVIEWED = ("about", "sources", "reviewed")

#: Key within the file, and what is wrong there.
_Found = tuple[str, str]


def problems_of(documents: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Tool, key and message of everything that is wrong, in each file and between them."""
    meant: dict[str, str] = {}
    owners: dict[str, str] = {}
    for tool_id, entry in documents.items():
        if not _WORD.fullmatch(tool_id):
            yield tool_id, "", "an id is lower-case letters, digits, dots and hyphens"
        if not isinstance(entry, dict):
            yield tool_id, "", "a tool is a mapping"
            continue
        yield from ((tool_id, key, message) for key, message in _entry(entry))
        for word in (tool_id, *_texts(entry.get("aliases"))):
            if meant.setdefault(word.lower(), tool_id) != tool_id:
                yield tool_id, "aliases", f"{word!r} already means {meant[word.lower()]}"
        for image in map(_value, _list(entry.get("images"))):
            if owners.setdefault(image, tool_id) != tool_id:
                yield tool_id, "images", f"{image} is already a program of {owners[image]}"


def _entry(entry: Mapping[str, Any]) -> Iterator[_Found]:
    yield from ((key, "is missing") for key in _NEEDED if not entry.get(key))
    if entry.get("reviewed") or entry.get("sources"):
        yield from ((key, "is missing in a file that was looked through") for key in _REVIEWED if not entry.get(key))
    for key, value in entry.items():
        if key in FACTS:
            yield from ((key, message) for message in _facts(key, value))
        elif key in _CHECKS:
            yield from ((key, message) for message in _CHECKS[key](value))
        else:
            yield str(key), f"unknown key; known are {', '.join((*_CHECKS, *FACTS))}"


def _facts(kind: str, told: object) -> Iterator[str]:
    if not isinstance(told, list):
        yield "must be a list"
        return
    for one in told:
        if isinstance(one, dict) and (len(one) != 1 or next(iter(one.values())) not in _SURE):
            yield f"{one}: a fact is a text, or {{text: {' | '.join(_SURE)}}}"
        elif not isinstance(_value(one), str) or not _value(one):
            yield f"{one!r} is no text"
        elif said := objection(kind, _value(one)):
            yield f"{_value(one)!r}: {said}"
    values = list(map(repr, map(_value, told)))
    yield from (f"{value} stands there twice" for value in sorted({one for one in values if values.count(one) > 1}))


def _value(fact: Any) -> Any:
    return next(iter(fact)) if isinstance(fact, dict) and fact else fact


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [word for word in _list(value) if isinstance(word, str)]


def _text(value: object) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield "must be a text"


def _one_of(words: tuple[str, ...]) -> Callable[[object], Iterator[str]]:
    def check(value: object) -> Iterator[str]:
        if value not in words:
            yield f"{value!r} is none of {', '.join(words)}"

    return check


def _all_texts(value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        yield "must be a list of texts"


def _links(value: object) -> Iterator[str]:
    yield from _all_texts(value)
    yield from (f"{one} is no https address" for one in _texts(value) if not one.startswith("https://"))


def _logs(value: object) -> Iterator[str]:
    if not isinstance(value, dict) or not all(
        isinstance(part, str) and part for pair in value.items() for part in pair
    ):
        yield "must be a mapping of log files or channels to what they tell"


def _tenant(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "must be a mapping of keys"
        return
    for key, pin in value.items():
        if not isinstance(pin, dict) or set(pin) != {"shows", "patterns"} or not isinstance(pin["shows"], str):
            yield f"{key}: must have 'shows' and 'patterns'"
        else:
            yield from (f"{key}: {message}" for message in _patterns(pin["patterns"]))


def _session(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "must be a mapping of traits to patterns"
        return
    for key, patterns in value.items():
        yield from (f"{key}: {message}" for message in _patterns(patterns))


def _patterns(value: object) -> Iterator[str]:
    yield from _all_texts(value)
    for text in _texts(value):
        try:
            if not re.compile(text).groups:
                yield f"{text!r} has no group to take the value from"
        except re.error as error:
            yield f"{text!r} is no regular expression: {error}"


def _abuse(value: object) -> Iterator[str]:
    for one in _list(value) or [value]:
        if not isinstance(one, dict) or set(one) != {"by", "how", "source"} or not all(map(_is_text, one.values())):
            yield "must be a list of {by, how, source}"
        else:
            yield from _links([one["source"]])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _day(value: object) -> Iterator[str]:
    if not isinstance(value, date):
        yield "must be a day, as 2026-11-25"


_CHECKS: Mapping[str, Callable[[object], Iterator[str]]] = {
    "name": _text,
    "kind": _one_of(KINDS),
    "vendor": _text,
    "about": _text,
    "aliases": _all_texts,
    "sure": _one_of(_SURE),
    "logs": _logs,
    "tenant": _tenant,
    "session": _session,
    "abuse": _abuse,
    "sources": _links,
    "reviewed": _day,
}
