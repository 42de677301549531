"""rclone and what surrounds a tool's use, on the shared scenarios: no step of a story may go by unseen.

Issue: "remote session on host A, then a logon, RDP, SMB or SSH from A touching asset B"; scenarios' README: "shows every
`evidence` event at the end".
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.engine.match import Matcher
from detector.model.rule import Role, RuleSet
from detector.rules import compile_regex
from tests.sigma_rules.rule_cases import event_of, pack

FOLDERS = ("rclone/", "movement/", "discovery/", "collection/", "cover_up/", "exfiltration/")

#: Programs and services of remote tools: their events are hit by the rules of these tools, not by those looked at here.
REMOTE_TOOL = re.compile(
    r"anydesk|screenconnect|action1|rustdesk|gotoresolve|teamviewer|supremo|rdsetup|--set-password", re.I
)
KEYS = ("channel", "provider", "event_id", "fields", "host")


def told(shared: Path, scenario: str) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """The events of a scenario that come from Windows logs, and the ids of those that are evidence."""
    document = yaml.safe_load((shared / "scenarios" / f"{scenario}.yml").read_text(encoding="utf-8"))
    return [entry for entry in document["events"] if "file" not in entry], frozenset(document["expect"]["evidence"])


def missed(entries: list[dict[str, Any]]) -> list[str]:
    """The ids of those entries that no rule looked at here hits."""
    rules = tuple(rule for name, rule in pack().items() if name.startswith(FOLDERS))
    judge = Matcher(RuleSet(rules, ""), compile_regex).judge
    numbered = enumerate(entries, start=1)
    return [entry["id"] for n, entry in numbered if not judge(event_of(n, {key: entry[key] for key in KEYS}))]


@pytest.mark.parametrize("scenario", ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08"])
def test_every_evidence_event_of_no_remote_tool_is_hit(shared: Path, scenario: str) -> None:
    entries, evidence = told(shared, scenario)
    wanted = [e for e in entries if e["id"] in evidence and not REMOTE_TOOL.search(json.dumps(e))]
    assert wanted
    assert missed(wanted) == []


@pytest.mark.parametrize("scenario", ["D01", "D04", "D06", "D08", "E02", "E05"])
def test_every_event_that_names_rclone_is_hit(shared: Path, scenario: str) -> None:
    entries, _ = told(shared, scenario)
    named = [entry for entry in entries if "rclone" in json.dumps(entry["fields"]).lower()]
    assert named
    assert missed(named) == []


def test_what_surrounds_a_use_is_no_use() -> None:
    """docs/architecture.md: "context: ordinary alone, told only around a use"."""
    surrounding = {name: rule.role for name, rule in pack().items() if name.startswith(FOLDERS[1:])}
    assert {name for name, role in surrounding.items() if role is not Role.CONTEXT} == set()
    assert {rule.role for name, rule in pack().items() if name.startswith("rclone/")} == {Role.USE}
