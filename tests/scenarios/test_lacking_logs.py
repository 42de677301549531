"""Issue: "With Sysmon removed, and then with 4688 command lines removed, and then with logon, share and TerminalServices events
alone, what can still be detected is detected; what cannot is shown as not evaluable".

What is left of a story is told below: the intrusions that are still found whole, to their asset, at high or above, and
those of which a part is. Of the others the report must say that it could not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from detector.app.scan import Request, scan
from detector.model.level import Level
from detector.model.loss import LossKind
from detector.model.report import Report
from detector.synth import Scenario, load_scenario, render
from detector.synth.scenario import ScenarioEvent
from tests.scenarios.scoring import malicious_faults, scenario_files
from tests.scenarios.test_held_out import HELD_OUT

_LOGONS = frozenset((4624, 4625, 4634, 4647, 4648, 4672, 4768, 4769, 4776, 4778, 4779, 5140, 5145))
Less = Callable[[ScenarioEvent], ScenarioEvent | None]


def without_sysmon(event: ScenarioEvent) -> ScenarioEvent | None:
    return None if "Sysmon" in event.channel else event


def without_command_lines(event: ScenarioEvent) -> ScenarioEvent | None:
    left = without_sysmon(event)
    if left is None or left.event_id != 4688:
        return left
    return replace(left, fields={name: text for name, text in left.fields.items() if name != "CommandLine"})


def logons_alone(event: ScenarioEvent) -> ScenarioEvent | None:
    security = event.channel == "Security" and event.event_id in _LOGONS
    return event if security or "TerminalServices" in event.channel else None


#: Where the story is still told to its end.
WHOLE: dict[Less, str] = {
    without_sysmon: "D01 D02 D03 D04 D06 D07 D14 D15 D16 D22 D24 D26 D31 D32 D36",
    without_command_lines: "D01 D02 D03 D04 D06 D07 D14 D15 D16 D22 D24 D26 D31 D32 D36",
    logons_alone: "",
}
#: Where a tool is still seen, and nothing shows what was done through it; or the reading, and no tool.
PART: dict[Less, str] = {
    without_sysmon: "D08 D13 D21 D25 D34",
    without_command_lines: "D08 D13 D21 D25 D34",
    logons_alone: "D01 D04 D06 D14 D16 D21 D25 D31 D32",
}
#: Where another machine goes on logging started programs, and the one that stopped is not named yet.
SEEN_ELSEWHERE = {("without_sysmon", "D35")}
NAMES = [f"D{number:02}" for number in (*range(1, 9), *range(11, 17), *range(21, 27), *range(31, 37))]
CASES = [(less, name) for less in WHOLE for name in NAMES]


def scenario_file(name: str, shared: Path) -> Path:
    held_out = [path for path in HELD_OUT.rglob(f"{name}.yml") if path in scenario_files(path.parent)]
    return held_out[0] if held_out else shared / "scenarios" / f"{name}.yml"


def reduced(scenario: Scenario, less: Less) -> Scenario:
    told = [event for event in scenario.events if isinstance(event, ScenarioEvent)]
    return replace(scenario, events=tuple(left for event in told if (left := less(event)) is not None))


def says_it_could_not_see(report: Report) -> bool:
    return any(loss.kind is LossKind.NOT_EVALUABLE for loss in report.losses)


@pytest.mark.parametrize(("less", "name"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_left_is_found_and_the_rest_is_said(less: Less, name: str, shared: Path, tmp_path: Path) -> None:
    path = scenario_file(name, shared)
    scenario = reduced(load_scenario(path), less)
    if not scenario.events:
        assert name not in (WHOLE[less] + PART[less]).split()
        return
    render(scenario, "evtx", tmp_path / "evidence")
    report = scan(Request((str(tmp_path),), path.parent / "assets.yml", path.parent / "policy.yml", jobs=1))
    faults = malicious_faults(scenario, report, {}, ())
    if name in WHOLE[less].split():
        assert faults == []
        return
    said = says_it_could_not_see(report)
    assert said is ((less.__name__, name) not in SEEN_ELSEWHERE), "what is missing: where it is said now, say so above"
    assert faults, f"{name} is found: say so above"
    levels = [incident.level for incident in report.incidents]
    assert (max(levels, default=Level.INFORMATIONAL) >= Level.MEDIUM) is (name in PART[less].split())
