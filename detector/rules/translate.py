"""One YAML document to one :class:`Rule`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from detector.engine.logsource import UnknownLogSourceError, sources
from detector.model.level import Level
from detector.model.predicate import Predicate
from detector.model.rule import Action, LogSource, Phase, Role, Rule
from detector.rules.catalogue import load_catalogue
from detector.rules.detection import detection
from detector.rules.documents import Document
from detector.rules.problem import RuleProblemError, nearest, quoted
from detector.rules.scope import Scope

#: Ids of rules that have none are made from their text, in a space of our own.
_NO_ID = UUID("7c2f6f0e-6b0a-4a55-9d0b-3f0f6a2c9b11")
#: The ways an event moves from one machine to another, as triage tells them.
PROTOCOLS = ("command", "http", "logon", "network", "nfs", "rdp", "rpc", "smb", "ssh", "vnc", "winrm")


def rule(document: Document, scope: Scope) -> Rule:
    """The rule a document describes. Raises :class:`RuleProblemError` for what is no rule we can judge by.

    Other attributes (author, date, references ...) are documentation: nothing wrong in them keeps a rule from judging.
    """
    data = document.data
    if data.get("taxonomy") not in (None, "sigma"):
        raise RuleProblemError(f"the taxonomy {quoted(data['taxonomy'])} is not known: only Sigma's own", "taxonomy")
    predicate = _detection(data.get("detection"), scope)
    return Rule(logsource=_logsource(data.get("logsource")), predicate=predicate, **attributes(document, scope))


def attributes(document: Document, scope: Scope) -> dict[str, Any]:
    """What rules and correlation rules say alike, by the names of :class:`Rule`'s fields."""
    data = document.data
    return {
        "id": _id(data.get("id"), document.text),
        "title": title(data.get("title")),
        "level": _level(data.get("level")),
        "tags": _tags(data.get("tags")),
        "path": document.file,
        "text": document.text,
        "digest": digest(document.text, scope),
        "name": name if isinstance(name := data.get("name"), str) else "",
        **_rmm(data.get("rmm")),
    }


def digest(text: str, scope: Scope) -> str:
    """SHA-256 of a document's text, and of the placeholders it uses, with their values."""
    whole = sha256(text.encode())
    if scope.used:
        whole.update(json.dumps(scope.used, sort_keys=True).encode())
    return whole.hexdigest()


def _id(value: object, text: str) -> str:
    """The rule's own id; a rule without one gets an id that stays as long as its text does."""
    if value is None:
        return str(uuid5(_NO_ID, sha256(text.encode()).hexdigest()))
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise RuleProblemError(f"the id {quoted(value)} is no UUID", "id") from None


def title(value: object) -> str:
    """A rule's title, or a filter's."""
    if not isinstance(value, str) or not value.strip():
        raise RuleProblemError("a rule needs a 'title'", "title")
    return value


def _level(value: object) -> Level:
    """Sigma's level is optional; a rule that says nothing is worth a look, so it counts as medium."""
    if value is None:
        return Level.MEDIUM
    words = {level.word: level for level in Level}
    return words[_word(value, words, "level")]


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise RuleProblemError("'tags' must be a list of words", "tags")
    return tuple(value)


def _logsource(value: object) -> LogSource:
    logsource = words_of_logsource(value)
    try:
        sources(logsource)
    except UnknownLogSourceError as error:
        hint = nearest(error.word, error.valid) if error.word else ""
        raise RuleProblemError(str(error), "logsource", error.attribute, hint=hint) from error
    return logsource


def words_of_logsource(value: object) -> LogSource:
    """A ``logsource``, whether we know such logs or not. Raises :class:`RuleProblemError`."""
    if not isinstance(value, dict):
        raise RuleProblemError("a rule needs a 'logsource': a map of category, product, service", "logsource")
    words = {}
    for key in ("category", "product", "service"):
        word = value.get(key)
        if word is not None and not isinstance(word, str):
            raise RuleProblemError(f"logsource {key} must be text", "logsource", key)
        words[key] = word or ""
    return LogSource(**words)


def _detection(value: object, scope: Scope) -> Predicate:
    try:
        return detection(value, scope)
    except RuleProblemError as problem:
        raise problem.under("detection") from problem


def _rmm(value: object) -> dict[str, Any]:
    """What the custom attribute ``rmm`` says, by the names of :class:`Rule`'s fields."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RuleProblemError("'rmm' must be a map", "rmm")
    return {key: _rmm_entry(key, word) for key, word in value.items()}


def _rmm_entry(key: object, word: object) -> str | Phase | Action | Role:
    match key:
        case "tool":
            return _word(word, load_catalogue().tools, "rmm", key)
        case "protocol":
            return _word(word, PROTOCOLS, "rmm", key)
        case "phase":
            return Phase(_word(word, map(str, Phase), "rmm", key))
        case "action":
            return Action(_word(word, map(str, Action), "rmm", key))
        case "role":
            return Role(_word(word, map(str, Role), "rmm", key))
        case _:
            hint = nearest(str(key), ("tool", "phase", "action", "role", "protocol"))
            raise RuleProblemError(f"unknown key {quoted(key)} in 'rmm'", "rmm", str(key), hint=hint)


def _word(value: object, valid: Iterable[str], *path: str) -> str:
    """``value`` if it is one of the valid words, in any case."""
    words = list(valid)
    if isinstance(value, str) and value.lower() in words:
        return value.lower()
    listed = f"one of {', '.join(words)}"
    hint = (nearest(value, words) if isinstance(value, str) else "") or listed
    raise RuleProblemError(f"unknown {path[-1]} {quoted(value)}", *path, hint=hint)
