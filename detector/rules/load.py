"""Files and folders of Sigma rules to a :class:`RuleSet`; one broken rule beside good ones is a :class:`Loss`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from detector.errors import InputError, Problem, RuleError
from detector.model.loss import Loss, LossKind
from detector.model.rule import Rule, RuleSet
from detector.rules.documents import Document, read_documents
from detector.rules.problem import RuleProblemError
from detector.rules.translate import rule

_SUFFIXES = frozenset({".yml", ".yaml"})
_PACK = "sigma_rules"


def builtin_rules() -> Path:
    """The folder of the built-in pack: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / _PACK
    return installed if installed.is_dir() else package.parent / _PACK


def load_rules(paths: Sequence[Path]) -> tuple[RuleSet, list[Loss]]:
    """The rules of these files and folders (``.yml``, ``.yaml``, recursive), ordered by id, and what was not loaded.

    Each loss (kind ``RULE``) names file, line and reason. Raises :class:`InputError` when a path is not there, and
    :class:`RuleError` when no rule at all could be loaded.
    """
    rules: dict[str, Rule] = {}
    losses: list[Loss] = []
    for found in _read(_files(paths)):
        if isinstance(found, Loss):
            losses.append(found)
        elif found.id in rules:
            first = rules[found.id].path
            losses.append(Loss(LossKind.RULE, found.path, f"the id {found.id} is already that of a rule in {first}"))
        else:
            rules[found.id] = found
    if not rules:
        raise RuleError([_problem(loss) for loss in losses] or [_none_there(paths)])
    ordered = tuple(rules[rule_id] for rule_id in sorted(rules))
    digest = sha256("".join(rule.digest for rule in ordered).encode()).hexdigest()
    return RuleSet(ordered, digest), losses


def _files(paths: Iterable[Path]) -> Iterator[Path | Loss]:
    """The files, each once, in the order of the paths and sorted inside a folder; folders that cannot be listed."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputError(f"no such file or folder: {path}")
        for file in _inside(path) if path.is_dir() else [path]:
            if isinstance(file, Loss):
                yield file
            elif file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _inside(folder: Path) -> list[Path | Loss]:
    unlisted: list[Loss] = []
    found = [
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=lambda error: unlisted.append(_unread(error.filename, error)))
        for name in names
        if Path(name).suffix.lower() in _SUFFIXES
    ]
    return [*sorted(found), *unlisted]


def _unread(path: str | Path, error: OSError) -> Loss:
    return Loss(LossKind.RULE, str(path), f"cannot be read: {error.strerror or error}")


def _read(files: Iterable[Path | Loss]) -> Iterator[Rule | Loss]:
    for file in files:
        if isinstance(file, Loss):
            yield file
            continue
        if file.exists() and not file.is_file():  # a pipe would be waited for without end
            yield Loss(LossKind.RULE, str(file), "not a regular file")
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
        except OSError as error:
            yield _unread(file, error)
        except UnicodeDecodeError as error:
            yield Loss(LossKind.RULE, str(file), f"not UTF-8 text (byte {error.start})")
        else:
            yield from _rules(text, str(file))


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


def _none_there(paths: Sequence[Path]) -> Problem:
    return Problem(", ".join(map(str, paths)), 0, 0, "", "no rules: no .yml or .yaml file")
