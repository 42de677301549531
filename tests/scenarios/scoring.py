"""The scoring of a scenario folder's README, over evidence rendered to real files and scanned.

``python -m tests.scenarios.scoring FOLDER [--format evtx|ecs|es|nxlog]`` prints how many pass.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.app.scan import Request, scan
from detector.model.event import EventRef
from detector.model.level import Level
from detector.model.policy import Verdict
from detector.model.report import Report
from detector.synth import Options, Scenario, SynthEvent, events_of, load_scenario, render


@dataclass(frozen=True, slots=True)
class Setting:
    """The inventory and policy of a folder of scenarios."""

    assets: Path
    policy: Path


@dataclass(frozen=True, slots=True)
class Score:
    """Whether a scenario passes, and if not, why."""

    id: str
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.faults


def scenario_files(folder: Path) -> list[Path]:
    """The scenarios of a folder: everything with an ``expect`` that is no inventory and no policy."""
    return sorted(path for path in folder.glob("*.yml") if path.stem not in ("assets", "policy"))


def score(path: Path, setting: Setting, format: str, work: Path, noise: Sequence[Path] = ()) -> Score:
    """Render, scan and judge one scenario by its ``expect``; ``noise`` are scenarios merged into its stream."""
    scenario = load_scenario(path)
    whole = _scanned(scenario, setting, format, work / "whole", Options(), noise)
    names = {_key(event): event.id for event in events_of(scenario)}
    if scenario.verdict == "benign":
        return Score(scenario.id, tuple(_benign_faults(scenario, whole)))
    cut = Options(only_before=scenario.expect.no_later_than)
    early = _scanned(scenario, setting, format, work / "early", cut, noise)
    faults = [f"at the end: {fault}" for fault in malicious_faults(scenario, whole, names, scenario.expect.evidence)]
    faults += [f"at {scenario.expect.no_later_than}: {fault}" for fault in malicious_faults(scenario, early, names, ())]
    return Score(scenario.id, tuple(faults))


def _scanned(
    scenario: Scenario, setting: Setting, format: str, work: Path, options: Options, noise: Sequence[Path]
) -> Report:
    render(scenario, format, work / scenario.id, options=options)
    for other in noise:
        render(load_scenario(other), format, work / other.stem)
    return scan(Request((str(work),), setting.assets, setting.policy, jobs=1))


def malicious_faults(
    scenario: Scenario, report: Report, names: dict[tuple[object, ...], str], evidence: Sequence[str]
) -> list[str]:
    """ "At least one incident of level high or above names asset and every one of origin_hosts ... and shows evidence"."""
    findings = {finding.id: finding for finding in report.findings}
    origins = {host.split(".")[0].upper() for host in scenario.expect.origin_hosts}
    best: list[str] | None = None
    for incident in report.incidents:
        shown = {names.get(_ref_key(ref)) for found in incident.findings for ref in findings[found].refs}
        faults = []
        if incident.level < Level.HIGH:
            faults.append(f"level is {incident.level.word}")
        if scenario.expect.asset not in incident.assets:
            faults.append(f"{scenario.expect.asset} is not among its assets {list(incident.assets)}")
        if not origins <= set(incident.origins):
            faults.append(f"{sorted(origins)} are not its origins {list(incident.origins)}")
        if missing := sorted(set(evidence) - {name for name in shown if name}):
            faults.append(f"it does not show {missing}")
        if best is None or len(faults) < len(best):
            best = faults
    return ["no incident"] if best is None else best


def _benign_faults(scenario: Scenario, report: Report) -> list[str]:
    """ "Nothing above informational is raised and every id in policy_clause is named as the reason"."""
    faults = [f"{i.level.word}: {i.title}: {i.reasons}" for i in report.incidents if i.level > Level.INFORMATIONAL]
    allowed = {finding.decision.policy for finding in report.findings if finding.decision.verdict is Verdict.ALLOWED}
    return faults + [f"{clause} is not named" for clause in scenario.expect.policy_clause if clause not in allowed]


def _key(event: SynthEvent) -> tuple[object, ...]:
    host = event.host.split(".")[0].upper()
    return host, event.channel.lower(), event.event_id, event.record_id, int(event.time.timestamp() * 1000)


def _ref_key(ref: EventRef) -> tuple[object, ...]:
    return ref.host, ref.channel.lower(), ref.event_id, ref.record_id, int(ref.time.timestamp() * 1000)


def main() -> None:
    """Score every scenario of a folder and print the result."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--format", default="evtx", choices=["evtx", "ecs", "es", "nxlog"])
    arguments = parser.parse_args()
    setting = Setting(arguments.folder / "assets.yml", arguments.folder / "policy.yml")
    scores = []
    for path in scenario_files(arguments.folder):
        with tempfile.TemporaryDirectory() as work:
            one = score(path, setting, arguments.format, Path(work))
        scores.append(one)
        print(one.id, "passes" if one.passed else "FAILS: " + "; ".join(one.faults))
    print(f"{sum(one.passed for one in scores)} of {len(scores)} pass, rendered to {arguments.format}")


if __name__ == "__main__":
    main()
