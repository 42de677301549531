"""Sigma's specification as data: each case of ``cases/*.yml`` holds one sentence, and both evaluators to it.

A case: ``says`` (the sentence), ``where`` (which document of the specification 2.1.0, or whose decision where it is
silent), ``detection`` (its condition is ``selection`` unless given), ``logsource`` (process creation unless given),
``match`` and ``miss`` (events, as their fields), ``fields`` (those a hit of the first matching event names) -
or ``refused``: what the reason says for which such a rule is not loaded.

``documents`` instead of ``detection`` are the documents of one file (what a rule needs besides is filled in; an event
matches when some rule of the file hits), ``placeholders`` are those of a ``placeholders.yml`` beside it, ``losses``
what is said of it besides.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.errors import RuleError
from detector.model.hit import Hit
from detector.model.rule import Rule, RuleSet
from detector.rules.files import RuleFile
from detector.rules.load import rules_of
from detector.rules.regexes import compile_regex

from .events import event

CASES = Path(__file__).with_name("cases")
_KEYS = {
    "says",
    "where",
    "detection",
    "documents",
    "logsource",
    "placeholders",
    "match",
    "miss",
    "fields",
    "refused",
    "losses",
}
_LEAST = 300


def _read() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for file in sorted(CASES.iterdir()):
        cases = yaml.safe_load(file.read_text(encoding="utf-8"))
        found += [(f"{file.stem}-{place}", case) for place, case in enumerate(cases, 1)]
    return found


_ALL = _read()


def _loaded(case: dict[str, Any]) -> tuple[tuple[Rule, ...], list[str]]:
    """The rules of a case, and what is said of those that are not loaded."""
    whole = {
        "title": "Case",
        "logsource": case.get("logsource", {"product": "windows", "category": "process_creation"}),
    }
    if "documents" in case:
        documents = [{"title": f"Case {place}"} | document for place, document in enumerate(case["documents"])]
    else:
        documents = [whole | {"detection": {"condition": "selection"} | case["detection"]}]
    files = [RuleFile("case.yml", _dumped(*documents))]
    if "placeholders" in case:
        files.append(RuleFile("placeholders.yml", _dumped(case["placeholders"])))
    try:
        found, losses = rules_of(files)
    except RuleError as error:
        return (), [str(problem) for problem in error.problems]
    return found.rules, [loss.why for loss in losses]


def _dumped(*documents: object) -> bytes:
    return yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False).encode()


def test_every_file_is_a_list_of_whole_cases() -> None:
    """An orphan, an empty file or a half case must not pass for a test."""
    for file in CASES.iterdir():
        assert file.suffix == ".yml", f"{file.name} is no case file"
        cases = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert isinstance(cases, list), f"{file.name} holds no list of cases"
        assert cases, f"{file.name} is empty"
    for name, case in _ALL:
        assert set(case) <= _KEYS, f"{name}: {set(case) - _KEYS}"
        assert {"says", "where"} <= set(case), name
        assert ("detection" in case) != ("documents" in case), name
        judged = bool(case.get("match")) and bool(case.get("miss"))
        assert judged != ("refused" in case), f"{name} needs both match and miss, or refused"
    assert len(_ALL) >= _LEAST
    repeated = [
        key
        for key, times in Counter(repr(case.get("detection", case.get("documents"))) for _, case in _ALL).items()
        if times > 1
    ]
    assert not repeated


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in _ALL])
def test_case(case: dict[str, Any]) -> None:
    """The case's own sentence."""
    rules, losses = _loaded(case)
    if "refused" in case:
        assert rules == ()
        assert any(case["refused"] in why for why in losses), losses
        return
    assert len(losses) == len(case.get("losses", ())), losses
    assert all(said in why for said, why in zip(case.get("losses", ()), losses, strict=True)), losses
    matcher = Matcher(RuleSet(rules, ""), compile_regex)
    verdicts = [(given, expected) for expected in ("match", "miss") for given in case[expected]]
    for given, expected in verdicts:
        of_matcher = "match" if matcher.judge(event(given)) else "miss"
        assert of_matcher == expected, given
        if "logsource" not in case:  # the reference judges predicates only: routing is the matcher's
            held = any(holds(rule.predicate, event(given), compile_regex) for rule in rules)
            assert ("match" if held else "miss") == expected, given
    if "fields" in case:
        (hit,) = matcher.judge(event(case["match"][0]))
        assert isinstance(hit, Hit)
        assert list(hit.fields) == case["fields"]
