"""The tool catalogue: ``tools.yml`` beside this file, read once, checked whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from detector.errors import Problem, RuleError
from detector.model.tool import Catalogue, Tool

TOOLS = Path(__file__).with_name("tools.yml")
KINDS = frozenset({"remote", "management", "copy", "tunnel", "protocol"})

_WORD = re.compile(r"[a-z0-9][a-z0-9.-]*")


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with the program. Raises :class:`RuleError` when the file is damaged."""
    return parse_catalogue(TOOLS.read_text(encoding="utf-8"), str(TOOLS))


def parse_catalogue(text: str, file: str) -> Catalogue:
    """The catalogue a YAML text describes. Raises :class:`RuleError` with every problem of it; ``file`` is for those."""
    try:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise RuleError([Problem(file, 0, 0, "", f"not YAML: {error}")]) from error
    if not isinstance(document, dict) or not document:
        raise RuleError([Problem(file, 0, 0, "", "a catalogue is a mapping of tool ids")])
    problems = [Problem(file, 0, 0, key, message) for key, message in _problems(document)]
    if problems:
        raise RuleError(problems)
    return Catalogue({tool_id: _tool(tool_id, entry) for tool_id, entry in document.items()})


def _tool(tool_id: str, entry: Mapping[str, Any]) -> Tool:
    return Tool(
        id=tool_id,
        name=entry["name"],
        kind=entry["kind"],
        vendor=entry.get("vendor", ""),
        aliases=tuple(entry.get("aliases", ())),
        images=tuple(entry.get("images", ())),
        signers=tuple(entry.get("signers", ())),
        traits={trait: tuple(patterns) for trait, patterns in entry.get("traits", {}).items()},
        about=entry.get("about", ""),
    )


def _problems(document: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    meant: dict[str, str] = {}
    for tool_id, entry in document.items():
        if not isinstance(tool_id, str) or not _WORD.fullmatch(tool_id):
            yield str(tool_id), "an id is lower-case letters, digits, dots and hyphens"
        elif not isinstance(entry, dict):
            yield tool_id, "an entry is a mapping"
        else:
            yield from _entry_problems(tool_id, entry)
            for word in (tool_id, *_words(entry.get("aliases"))):
                if word.lower() in meant:
                    yield tool_id, f"{word!r} already means {meant[word.lower()]}"
                meant.setdefault(word.lower(), tool_id)


def _entry_problems(tool_id: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        check = _CHECKS.get(key)
        if check is None:
            yield f"{tool_id}.{key}", f"unknown key; known are {', '.join(_CHECKS)}"
        else:
            yield from ((f"{tool_id}.{key}", message) for message in check(value))
    yield from ((f"{tool_id}.{key}", "is missing") for key in ("name", "kind") if key not in entry)


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _text(value: object) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield "must be a text"


def _kind(value: object) -> Iterator[str]:
    if not isinstance(value, str) or value not in KINDS:
        yield f"{value!r} is no kind; known are {', '.join(sorted(KINDS))}"


def _list(value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        yield "must be a list of texts"


def _traits(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "must be a mapping of trait names to lists of patterns"
        return
    for trait, patterns in value.items():
        yield from (f"{trait}: {message}" for message in _list(patterns))
        yield from (f"{trait}: {message}" for pattern in _words(patterns) for message in _pattern(pattern))


def _pattern(text: str) -> Iterator[str]:
    try:
        if not re.compile(text).groups:
            yield f"{text!r} has no group to take the value from"
    except re.error as error:
        yield f"{text!r} is no regular expression: {error}"


_CHECKS: Mapping[str, Callable[[object], Iterator[str]]] = {
    "name": _text,
    "kind": _kind,
    "vendor": _text,
    "about": _text,
    "aliases": _list,
    "images": _list,
    "signers": _list,
    "traits": _traits,
}
