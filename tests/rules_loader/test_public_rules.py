"""The public Windows rules: all load, and mean what pySigma's own parse of them means.

"2,407 Sigma rules of SigmaHQ: for compatibility and speed with a large rule set" (the shared folder's README).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sigma.rule import SigmaRule

from detector.model.loss import Loss
from detector.model.predicate import AnyOf
from detector.model.rule import RuleSet
from detector.rules import load_rules

from .trees import plain, tree


@pytest.fixture(scope="module")
def loaded(shared: Path) -> tuple[RuleSet, list[Loss]]:
    return load_rules([shared / "data" / "sigmahq"])


def test_all_load(loaded: tuple[RuleSet, list[Loss]]) -> None:
    rules, losses = loaded
    assert losses == []
    assert len(rules.rules) == 2407


def test_they_mean_what_pysigma_reads(loaded: tuple[RuleSet, list[Loss]], shared: Path) -> None:
    """Our modifiers against pySigma's, on rules that step into none of its traps: the same tree of tests."""
    ours = {rule.id: rule.predicate for rule in loaded[0].rules}
    different = []
    for file in sorted((shared / "data" / "sigmahq").rglob("*.yml")):
        parsed = SigmaRule.from_dict(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        theirs = AnyOf(tuple(tree(condition.parsed) for condition in parsed.detection.parsed_condition))
        if plain(theirs) != plain(ours[str(parsed.id)]):
            different.append(file.name)
    assert different == []
