"""Issue: "``rules coverage`` shows tool by phase by log source (Sysmon, Security only, System only, network only)"."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from detector.cli import cli

RULES = """
title: A service with the name of a tool
id: 5b3a2c52-3e0b-4ad9-9d0c-0d6f4b7e7a01
logsource: {product: windows}
detection:
  selection: {EventID: [7045, 4697], ServiceName: AnyDesk}
  condition: selection
level: low
rmm: {tool: anydesk, phase: install}
---
title: A look-up of a tool's network
id: 5b3a2c52-3e0b-4ad9-9d0c-0d6f4b7e7a02
logsource: {product: windows, category: dns_query}
detection:
  selection: {QueryName: boot.net.anydesk.com}
  condition: selection
level: low
rmm: {tool: anydesk, phase: install}
---
title: Something else
id: 5b3a2c52-3e0b-4ad9-9d0c-0d6f4b7e7a03
logsource: {product: windows, service: terminalservices-localsessionmanager}
detection:
  selection: {EventID: 21}
  condition: selection
level: low
"""


def covered(rules: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["rules", "coverage", "--no-cache", "--rules", str(rules), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_row_for_each_tool_and_phase(tmp_path: Path) -> None:
    (tmp_path / "some.yml").write_text(RULES, encoding="utf-8")
    lines = covered(tmp_path).splitlines()
    names = lines[0].split()[3:]
    rows = {tuple(line.split()[:2]): dict(zip(names, line.split()[3:], strict=True)) for line in lines[1:3]}
    none = dict.fromkeys(names, "-")
    assert rows["-", "-"] == none | {"logons": "1"}
    assert rows["anydesk", "install"] == none | {"sysmon": "1", "security": "1", "system": "1", "network": "1"}
    assert lines[-2] == "3 rules, 1 tools"
    assert "sysmon 1, security 1, system 1, application 0" in lines[-1]


def test_for_machines_the_rules_are_named(tmp_path: Path) -> None:
    (tmp_path / "some.yml").write_text(RULES, encoding="utf-8")
    told = json.loads(covered(tmp_path, "--format", "json", "--tool", "any-desk"))
    assert [(row["tool"], row["phase"], len(row["rules"])) for row in told] == [("anydesk", "install", 2)]
    assert told[0]["sources"]["network"] == ["5b3a2c52-3e0b-4ad9-9d0c-0d6f4b7e7a02"]
    assert told[0]["sources"]["system"] == ["5b3a2c52-3e0b-4ad9-9d0c-0d6f4b7e7a01"]


def test_a_broken_rule_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.yml").write_text(RULES, encoding="utf-8")
    (tmp_path / "broken.yml").write_text("title: x\nlogsource: {product: windows}\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["rules", "coverage", "--no-cache", "--rules", str(tmp_path)])
    assert result.exit_code == 0
    assert "broken.yml" in result.output
    assert "anydesk" in result.output
