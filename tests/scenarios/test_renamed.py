"""Issue: "Renaming every binary, service and folder in the development scenarios leaves every intrusion detected"."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.app.scan import Request, scan
from detector.synth import load_scenario, render
from tests.scenarios.renaming import others, renamed
from tests.scenarios.scoring import malicious_faults
from tests.scenarios.test_held_out import HELD_OUT, INTRUSIONS


def faults(path: Path, work: Path) -> list[str]:
    """What is wrong with the answer to a scenario in which everything was renamed: a road to its asset, high or above."""
    scenario = load_scenario(path)
    assert others(scenario), "nothing was renamed"
    render(renamed(scenario), "evtx", work / "evidence")
    report = scan(Request((str(work),), path.parent / "assets.yml", path.parent / "policy.yml", jobs=1))
    return malicious_faults(scenario, report, {}, ())


@pytest.mark.parametrize("name", [f"D{number:02}" for number in range(1, 9)])
def test_a_renamed_intrusion_is_detected(name: str, shared: Path, tmp_path: Path) -> None:
    assert faults(shared / "scenarios" / f"{name}.yml", tmp_path) == []


#: Of this story's programs nothing is logged but their names: no version data, no command line, no query.
NAMES_ALONE = ("D32",)


@pytest.mark.parametrize(("company", "name"), INTRUSIONS)
def test_a_renamed_intrusion_elsewhere_is_detected(company: str, name: str, tmp_path: Path) -> None:
    found = faults(HELD_OUT / company / f"{name}.yml", tmp_path)
    assert bool(found) is (name in NAMES_ALONE), found


def test_no_name_of_a_tool_is_left(shared: Path) -> None:
    """The renaming does what it says: the program that is AnyDesk and its folder have other names, its resources have not."""
    scenario = load_scenario(shared / "scenarios" / "D01.yml")
    assert {"anydesk.exe", "labelkit", "anydesk service", "rclone.exe"} <= set(others(scenario))
    texts = [
        text
        for event in renamed(scenario).events
        for name, text in getattr(event, "fields", {}).items()
        if name in ("Image", "CommandLine", "ServiceName", "ImagePath") and isinstance(text, str)
    ]
    assert texts
    assert not any(word in text.lower() for text in texts for word in ("anydesk.exe", "\\labelkit\\", "rclone.exe"))
