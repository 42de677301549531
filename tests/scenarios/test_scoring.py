"""The shared scenarios, by the scoring of their README: what passes must go on passing, in every rendering."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.scoring import Setting, scenario_files, score

PASSING = (*(f"D{number:02}" for number in range(1, 9)), *(f"E{number:02}" for number in range(1, 7)))
FORMATS = ("evtx", "ecs", "es", "nxlog")


@pytest.fixture(scope="module")
def setting(shared: Path) -> Setting:
    return Setting(shared / "scenarios/assets.yml", shared / "scenarios/policy.yml")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", PASSING)
def test_a_scenario_passes(name: str, format: str, setting: Setting, shared: Path, tmp_path: Path) -> None:
    """Scenarios: "at least one incident of level high or above names asset and every one of origin_hosts"."""
    assert score(shared / f"scenarios/{name}.yml", setting, format, tmp_path).faults == ()


@pytest.mark.parametrize("name", [name for name in PASSING if name.startswith("D")])
def test_honest_days_in_the_same_stream_change_nothing(
    name: str, setting: Setting, shared: Path, tmp_path: Path
) -> None:
    """Scenarios: "`E*` events merged into a `D*` stream must change neither result"."""
    honest = [path for path in scenario_files(shared / "scenarios") if path.stem.startswith("E")]
    assert len(honest) == 6
    assert score(shared / f"scenarios/{name}.yml", setting, "evtx", tmp_path, honest).faults == ()
