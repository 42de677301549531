"""Files of Sigma rules to a :class:`RuleSet`; one broken rule beside good ones is a :class:`Loss`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from uuid import UUID, uuid5

from detector.errors import Problem, RuleError
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet
from detector.rules.collection import collected
from detector.rules.correlation import Draft, draft
from detector.rules.correlation_links import linked
from detector.rules.documents import Document, read_documents
from detector.rules.files import RuleFile
from detector.rules.filters import Filter, filter_of, filtered
from detector.rules.placeholders import PlaceholderBook, holds_placeholders
from detector.rules.problem import RuleProblemError, nearest
from detector.rules.scope import MOST_TESTS, Placeholders, Scope
from detector.rules.translate import rule

#: Tests of all rules together: each takes memory, and a few lines can make a hundred thousand.
_MOST = 3_000_000


def rules_of(files: Iterable[RuleFile | Loss]) -> tuple[RuleSet, list[Loss]]:
    """The rules of these files, ordered by id, and what was not loaded, what could not be read among it.

    Placeholders and filters count for all rules, whichever file they lie in. Each loss (kind ``RULE`` or ``LIMIT``) names
    file, line and reason. Raises :class:`RuleError` when no rule at all could be loaded.
    """
    texts = [file if isinstance(file, Loss) else _text(file) for file in files]
    book = PlaceholderBook()
    losses: list[Loss] = []
    for text in texts:
        if not isinstance(text, Loss) and holds_placeholders(text[0]):
            losses += book.read(read_documents(text[1], text[0]))
    reading = _Reading(book.values)
    for text in texts:
        if isinstance(text, Loss):
            losses.append(text)
        elif not holds_placeholders(text[0]):
            losses += reading.file(*text)
    rules, idle = filtered(list(reading.rules.values()), reading.filters)
    losses += idle
    if not rules:
        raise RuleError([_problem(loss) for loss in losses] or [_problem(Loss(LossKind.RULE, "", "no rules"))])
    correlations, unlinked = linked(reading.correlations, rules)
    losses += unlinked
    ordered = tuple(sorted(rules, key=lambda one: one.id))
    digest = sha256("".join(rule.digest for rule in (*ordered, *correlations)).encode()).hexdigest()
    return RuleSet(ordered, digest, tuple(correlations)), losses


def _text(file: RuleFile) -> tuple[str, str] | Loss:
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Loss(LossKind.RULE, file.path, f"not UTF-8 text (byte {error.start})")
    return file.path, text.replace("\r\n", "\n").replace("\r", "\n")


class _Reading:
    """Rules by id, filters and correlations, as files give them."""

    def __init__(self, placeholders: Placeholders) -> None:
        self.rules: dict[str, Rule] = {}
        self.filters: list[Filter] = []
        self.correlations: list[Draft] = []
        self._placeholders = placeholders
        self._left = _MOST

    def file(self, path: str, text: str) -> list[Loss]:
        """Take in one file; what of it could not be."""
        losses: list[Loss] = []
        nothing = True
        try:
            for document in collected(read_documents(text, path)):
                nothing = False
                losses += [document] if isinstance(document, Loss) else self._document(document)
        except RecursionError:
            losses.append(Loss(LossKind.RULE, path, "nested too deeply"))
        return [Loss(LossKind.RULE, path, "holds no rule")] if nothing and not losses else losses

    def _document(self, document: Document) -> Iterator[Loss]:
        scope = Scope(self._placeholders, min(MOST_TESTS, self._left))
        try:
            _check(document.data)
            if "filter" in document.data:
                self.filters.append(filter_of(document, scope))
            elif "correlation" in document.data:
                self.correlations.append(draft(document, scope))
            else:
                yield from self._rule(rule(document, scope), document)
        except RuleProblemError as problem:
            yield Loss(LossKind.RULE, f"{document.file}:{document.line_of(problem.path)}", str(problem))
        except RecursionError:
            yield Loss(LossKind.RULE, f"{document.file}:{document.line}", "nested too deeply")
        self._left -= scope.spent

    def _rule(self, found: Rule, document: Document) -> Iterator[Loss]:
        first = self.rules.get(found.id)
        if first is not None and document.inherited and first.path == found.path:
            # One id for a whole collection, as old ones have it: it is the first rule's, the others' are made of it.
            found = replace(found, id=str(uuid5(UUID(found.id), found.text)))
            first = self.rules.get(found.id)
        if first is not None:
            why = f"the id {found.id} is already that of a rule in {first.path}"
            yield Loss(LossKind.RULE, found.path, why)
            return
        self.rules[found.id] = found


def _check(data: object) -> None:
    """Raise :class:`RuleProblemError` for a document that is no rule, filter or correlation, saying what it is."""
    if not isinstance(data, dict):
        raise RuleProblemError("no Sigma rule: a rule is a map of attributes")
    if "detection" in data and "correlation" in data:
        raise RuleProblemError(
            "one document is a rule ('detection') or a correlation of rules, not both", "correlation"
        )
    if "detection" in data or "filter" in data or "correlation" in data:
        return
    if _is_pipeline(data):
        raise RuleProblemError(
            "no Sigma rule but a processing pipeline: fields are renamed here by the detector itself"
        )
    raise RuleProblemError("no Sigma rule: it has no 'detection'", hint=nearest("detection", map(str, data)))


def _is_pipeline(data: Sequence[object] | dict[object, object]) -> bool:
    return any(key in data for key in ("transformations", "postprocessing", "finalizers"))


def _problem(loss: Loss) -> Problem:
    file, _, line = loss.where.rpartition(":")
    if file and line.isdecimal():
        return Problem(file, int(line), 1, "", loss.why)
    return Problem(loss.where, 0, 0, "", loss.why)
