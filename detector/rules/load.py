"""Files of Sigma rules to a :class:`RuleSet`; one broken rule beside good ones is a :class:`Loss`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from detector.errors import Problem, RuleError
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet
from detector.rules.documents import Document, read_documents
from detector.rules.files import RuleFile
from detector.rules.problem import RuleProblemError
from detector.rules.translate import rule


def rules_of(files: Iterable[RuleFile | Loss]) -> tuple[RuleSet, list[Loss]]:
    """The rules of these files, ordered by id, and what was not loaded, what could not be read among it.

    Each loss (kind ``RULE``) names file, line and reason. Raises :class:`RuleError` when no rule at all could be loaded.
    """
    rules: dict[str, Rule] = {}
    losses: list[Loss] = []
    for found in _read(files):
        if isinstance(found, Loss):
            losses.append(found)
        elif found.id in rules:
            first = rules[found.id].path
            losses.append(Loss(LossKind.RULE, found.path, f"the id {found.id} is already that of a rule in {first}"))
        else:
            rules[found.id] = found
    if not rules:
        raise RuleError([_problem(loss) for loss in losses])
    ordered = tuple(rules[rule_id] for rule_id in sorted(rules))
    digest = sha256("".join(rule.digest for rule in ordered).encode()).hexdigest()
    return RuleSet(ordered, digest), losses


def _read(files: Iterable[RuleFile | Loss]) -> Iterator[Rule | Loss]:
    for file in files:
        if isinstance(file, Loss):
            yield file
            continue
        try:
            text = file.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            yield Loss(LossKind.RULE, file.path, f"not UTF-8 text (byte {error.start})")
        else:
            yield from _rules(text.replace("\r\n", "\n").replace("\r", "\n"), file.path)


def _rules(text: str, file: str) -> Iterator[Rule | Loss]:
    nothing = True
    for document in read_documents(text, file):
        nothing = False
        yield document if isinstance(document, Loss) else _translated(document)
    if nothing:
        yield Loss(LossKind.RULE, file, "holds no rule")


def _translated(document: Document) -> Rule | Loss:
    try:
        return rule(document)
    except RuleProblemError as problem:
        return Loss(LossKind.RULE, f"{document.file}:{document.line_of(problem.path)}", str(problem))
    except RecursionError:
        return Loss(LossKind.RULE, f"{document.file}:{document.line}", "nested too deeply")


def _problem(loss: Loss) -> Problem:
    file, _, line = loss.where.rpartition(":")
    if file and line.isdecimal():
        return Problem(file, int(line), 1, "", loss.why)
    return Problem(loss.where, 0, 0, "", loss.why)
