"""``placeholders.yml``: the values that ``|expand`` puts for ``%name%``. A map of names to a value or a list of values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from detector.model.loss import Loss, LossKind
from detector.rules.documents import Document
from detector.rules.problem import quoted
from detector.rules.scope import Scalar

_NAMES = frozenset({"placeholders.yml", "placeholders.yaml"})


def holds_placeholders(path: str) -> bool:
    """Whether the file is one of placeholders, which its name says."""
    return PurePath(path).name.lower() in _NAMES


class PlaceholderBook:
    """The placeholders of a run, from all such files. The first that names one says what it means."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[Scalar, ...]] = {}
        self._named: dict[str, str] = {}

    def read(self, documents: Iterable[Document | Loss]) -> list[Loss]:
        """Take in one file's documents; a :class:`Loss` with file and line for each thing that is wrong there."""
        losses: list[Loss] = []
        for document in documents:
            if isinstance(document, Loss):
                losses.append(document)
            elif not isinstance(document.data, dict):
                losses.append(_loss(document, "placeholders are a map of names to values"))
            else:
                for name, given in document.data.items():
                    why = self._take(name, given, f"{document.file}:{document.line_of((str(name),))}")
                    losses += [_loss(document, why, str(name))] if why else []
        return losses

    def _take(self, name: object, given: object, where: str) -> str:
        """What is wrong with it, or nothing."""
        found = tuple(given) if isinstance(given, list) else (given,)
        if not isinstance(name, str) or not name or "%" in name or "\\" in name or name.split() != [name]:
            return f"{quoted(name)} is no name of a placeholder: one word, without percent signs or backslashes"
        if name in self._named:
            return f"the placeholder {quoted(name)} already has its values in {self._named[name]}"
        if not found:
            return f"the placeholder {quoted(name)} has no values"
        if not all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in found):
            return f"the values of the placeholder {quoted(name)} are text or numbers"
        self.values[name], self._named[name] = found, where
        return ""


def _loss(document: Document, why: str, *path: str) -> Loss:
    return Loss(LossKind.RULE, f"{document.file}:{document.line_of(path)}", why)
