"""``docs/sigma.md``: "a table of every modifier and construct", held to the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from sigma.modifiers import modifier_mapping

from detector.engine.timestamps import OWN_TIME
from detector.rules import condition, detection, documents, kinds, load, scope, strings
from detector.rules import files as rule_files
from detector.rules.collection import collected
from detector.rules.documents import Document, read_documents
from detector.rules.files import RuleFile
from detector.rules.load import rules_of
from detector.rules.modifiers import KNOWN


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/sigma.md").read_text(encoding="utf-8")


def _section(page: str, title: str) -> str:
    return page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_modifier_is_in_the_table(page: str) -> None:
    rows = re.findall(r"^\| (.*?) \|", _section(page, "Modifiers"), re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted(KNOWN)


def test_every_modifier_of_pysigma_is_known() -> None:
    """ "every one of pySigma's 33 modifiers plus utf16le"."""
    assert len(modifier_mapping) == 33
    assert set(modifier_mapping) | {"utf16le"} == KNOWN


def test_the_names_of_an_events_own_time(page: str) -> None:
    sentence = page.split("When the event happened is asked by", 1)[1].split(": a field", 1)[0]
    assert set(re.findall(r"`([@\w]+)`", sentence)) == OWN_TIME


def test_the_limits_are_the_programs(page: str) -> None:
    limits = _section(page, "Limits")
    assert rule_files._LARGEST == 4_000_000
    assert "| 4 MB |" in limits
    assert kinds.KINDS["re"].cost == 1_000
    for number in (
        scope.MOST_TESTS,
        load._MOST,
        documents._MOST_NODES,
        detection._MOST_CONDITION,
        kinds._LONGEST_PATTERN,
    ):
        assert f"{number:,}" in limits
    assert f"brackets {condition._DEEPEST} deep" in limits
    assert f"any number; {strings._MOST_ENCODED} if" in limits


def test_the_examples_load(page: str) -> None:
    first, placeholders, last = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    head = "title: A\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nname: another_rules_name\n"
    logsource = "logsource: {category: process_creation, product: windows}\n"
    whole = f"{head}{logsource}{first}  condition: selection\n---\n{last}"
    files = [RuleFile("a.yml", whole.encode()), RuleFile("placeholders.yml", placeholders.encode())]
    rules, losses = rules_of(files)
    assert (len(rules.rules), losses) == (1, [])
    assert isinstance(yaml.safe_load(placeholders), dict)


def test_the_actions_are_the_programs(page: str) -> None:
    for action in re.findall(r"^\| `(\w+)` \|", _section(page, "Collections"), re.MULTILINE):
        text = f"title: A\n---\naction: {action}\nlevel: low\n"
        assert all(isinstance(found, Document) for found in collected(read_documents(text, "a.yml")))
