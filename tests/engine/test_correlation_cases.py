"""The specification's sentences on correlations, and our own, as data: rules and a log in, findings out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.app.scan import Request, scan
from detector.model.finding import Finding
from detector.render import document

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("correlation_cases.yml").read_text("utf-8"))
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
EVENT_IDS = {"a": 4624, "b": 4625, "c": 4648}
BASE = "".join(
    f"title: Rule {name}\nname: {name}\nlogsource: {{product: windows, service: security}}\n"
    f"detection: {{selection: {selection}, condition: selection}}\n---\n"
    for name, selection in {
        **{name: f"{{EventID: {number}}}" for name, number in EVENT_IDS.items()},
        "d": "{EventID: 4624, LogonType: 10}",
    }.items()
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['where']}: {case['says']}"[:90])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    report = scan(Request(_logs(tmp_path, case["events"], 1), rules=(_rules(tmp_path, case),), jobs=1))
    found = [one for one in report.findings if case.get("all") or not one.rule.title.startswith("Rule ")]
    assert [_second(one.time) for one in found] == [wanted["at"] for wanted in case["findings"]]
    for one, wanted in zip(found, case["findings"], strict=True):
        _check(one, wanted)
    assert len(report.losses) == len(case.get("losses", []))
    for loss, words in zip(report.losses, case.get("losses", []), strict=True):
        assert words in f"{loss.where} {loss.why}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['where']}: {case['says']}"[:90])
def test_neither_files_nor_their_order_show(case: dict[str, Any], tmp_path: Path) -> None:
    """ "Same input, same output, byte for byte, whatever the number of workers or the order of files." """
    rules = (_rules(tmp_path, case),)
    paths = _logs(tmp_path, case["events"], 3)
    reports = [
        document(scan(Request(order, rules=rules, jobs=jobs))) for order in (paths, paths[::-1]) for jobs in (1, 2)
    ]
    assert all(json.dumps(one) == json.dumps(reports[0]) for one in reports)


def _check(one: Finding, wanted: dict[str, Any]) -> None:
    assert one.rule.title == wanted.get("title", "Correlation")
    if "of" in wanted:
        assert [_second(ref.time) for ref in one.refs] == wanted["of"]
    assert dict(one.fields) | wanted.get("fields", {}) == dict(one.fields)
    assert (one.tool, one.user) == (wanted.get("tool", one.tool), wanted.get("user", one.user))


def _second(time: datetime) -> float:
    return (time - MIDNIGHT).total_seconds()


def _rules(folder: Path, case: dict[str, Any]) -> Path:
    path = folder / "rules.yml"
    text = case.get("rules") or yaml.safe_dump({"title": "Correlation", "correlation": case["correlation"]})
    path.write_text(BASE + text, encoding="utf-8")
    return path


def _logs(folder: Path, events: Iterable[list[Any]], files: int) -> tuple[str, ...]:
    lines: list[list[str]] = [[] for _ in range(files)]
    for number, (second, rule, *fields) in enumerate(events):
        event_id = EVENT_IDS[rule]
        record = {
            "@timestamp": (MIDNIGHT + timedelta(seconds=second)).isoformat(timespec="milliseconds"),
            "winlog": {
                "channel": "Security",
                "provider_name": "Microsoft-Windows-Security-Auditing",
                "event_id": str(event_id),
                "record_id": 100 + number,
                "computer_name": "WS01.corp.example",
                "event_data": {"TargetUserName": "ann", "LogonType": "3"} | (fields[0] if fields else {}),
            },
        }
        lines[number % files].append(json.dumps(record) + "\n")
    paths = [folder / f"{place}.ndjson" for place in range(files) if lines[place]]
    for place, path in enumerate(paths):
        path.write_text("".join(lines[place]), encoding="utf-8")
    return tuple(map(str, paths))
