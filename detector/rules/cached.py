"""Rules of files and folders: the one way in. pySigma is imported only when a rule has to be parsed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detector.errors import Problem, RuleError
from detector.model.loss import Loss
from detector.model.rule import RuleSet
from detector.rules.files import read_files


def load_rules(paths: Sequence[Path]) -> tuple[RuleSet, list[Loss]]:
    """The rules of these files and folders (``.yml``, ``.yaml``, recursive), ordered by id, and what was not loaded.

    Each loss (kind ``RULE``) names file, line and reason. Raises :class:`InputError` when a path is not there, and
    :class:`RuleError` when no rule at all could be loaded.
    """
    files = read_files(paths)
    if not files:
        raise RuleError([Problem(", ".join(map(str, paths)), 0, 0, "", "no rules: no .yml or .yaml file")])
    from detector.rules.load import rules_of  # noqa: PLC0415 - pySigma is slow to import

    return rules_of(files)
