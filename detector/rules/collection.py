"""Rule collections: several documents of one file, with ``action: global``, ``reset`` and ``repeat``.

As specification 1.0 has it: what ``global`` documents say, together, is merged into every rule that follows (and wins over
the rule's own); ``repeat`` is the previous rule with what the document says instead. Maps are merged, all else is replaced.
Filters and correlation rules are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from detector.model.loss import Loss, LossKind
from detector.rules.documents import Document
from detector.rules.problem import nearest, quoted

_ACTIONS = ("global", "reset", "repeat")
#: Characters of all merged rules of a file: a long document repeated by a thousand short ones would fill the memory.
_MOST = 4_000_000


def collected(documents: Iterable[Document | Loss]) -> Iterator[Document | Loss]:
    """The documents of one file with its actions carried out; a :class:`Loss` for an action that cannot be."""
    collection = _Collection()
    for document in documents:
        if isinstance(document, Loss) or not isinstance(document.data, dict):
            yield document
            continue
        found = collection.take(document)
        if found is not None:
            yield found
        if collection.written > _MOST:
            why = f"rules merged from others, of more than {_MOST:,} characters in all: what follows is not read"
            yield Loss(LossKind.LIMIT, f"{document.file}:{document.line}", why)
            return


class _Collection:
    def __init__(self) -> None:
        self.written = 0
        self._global: Document | None = None
        self._previous: Document | None = None

    def take(self, document: Document) -> Document | Loss | None:
        """The rule that comes of a document, if one does."""
        if "action" not in document.data:
            if "correlation" in document.data or "filter" in document.data:
                return document
            return self._rule(document if self._global is None else self._merged(document, self._global, document))
        said = {key: value for key, value in document.data.items() if key != "action"}
        bare = replace(document, data=said)
        match document.data["action"]:
            case "global":
                self._global = bare if self._global is None else self._merged(self._global, bare, bare)
            case "reset":
                self._global = None
            case "repeat" if base := self._previous or self._global:
                return self._rule(self._merged(base, bare, bare))
            case "repeat":
                return _loss(document, "'action: repeat' with no rule before it")
            case other:
                hint = (nearest(other, _ACTIONS) if isinstance(other, str) else "") or f"one of {', '.join(_ACTIONS)}"
                return _loss(document, f"unknown action {quoted(other)} ({hint})")
        return None

    def _rule(self, document: Document) -> Document:
        self._previous = document
        return document

    def _merged(self, base: Document, winner: Document, place: Document) -> Document:
        """Both in one, standing where ``place`` does. Its text are both texts, in the order of the file."""
        first, second = sorted((base, winner), key=lambda one: one.line)
        text = f"{first.text}---\n{second.text}"
        self.written += len(text)
        inherited = "id" in winner.data if winner is not place else "id" in base.data and "id" not in place.data
        data, nodes = _deep(base.data, winner.data), (*winner.nodes, *base.nodes)
        return Document(place.file, place.line, text, data, nodes, inherited)


def _deep(base: dict[Any, Any], winner: dict[Any, Any]) -> dict[Any, Any]:
    merged = dict(base)
    for key, value in winner.items():
        ours = merged.get(key)
        merged[key] = _deep(ours, value) if isinstance(value, dict) and isinstance(ours, dict) else value
    return merged


def _loss(document: Document, why: str) -> Loss:
    return Loss(LossKind.RULE, f"{document.file}:{document.line_of(('action',))}", why)
