"""With the screen and without it: "Every such filter may only over-approximate; a differential test ... holds it" (design)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.synth import Options, load_scenario, render
from tests.scenarios.scoring import scenario_files

from .looking import Company, check_alike, unsampled

ROOT = Path(__file__).resolve().parents[2]
HELD_OUT = ROOT / "tests/scenarios/held_out"
FORMATS = ("evtx", "ecs", "es", "nxlog")


@pytest.fixture(autouse=True)
def _nothing_is_sampled() -> Iterator[None]:
    with unsampled():
        yield


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("company", ["shared", "loosestrife", "sagarpath"])
def test_scenarios_one_by_one(company: str, format: str, shared: Path, tmp_path: Path) -> None:
    folder = shared / "scenarios" if company == "shared" else HELD_OUT / company
    judge = Company(folder)
    found = 0
    for path in scenario_files(folder):
        evidence = tmp_path / path.stem
        render(load_scenario(path), format, evidence)
        whole = judge.scanned([evidence], prefilter=False)
        check_alike(judge.scanned([evidence]), whole)
        found += len(whole["findings"])
    assert found > 200


@pytest.mark.parametrize("format", ["evtx", "nxlog"])
@pytest.mark.parametrize("company", ["loosestrife", "sagarpath"])
def test_intrusions_among_honest_work(company: str, format: str, tmp_path: Path) -> None:
    """Every machine of the company is somebody's at some time, and most blocks still hold nothing."""
    for path in scenario_files(HELD_OUT / company):
        render(load_scenario(path), format, tmp_path / path.stem, options=Options(background=300))
    judge = Company(HELD_OUT / company)
    screened = judge.scanned([tmp_path])
    check_alike(screened, judge.scanned([tmp_path], prefilter=False))
    assert screened["stats"]["screened_out"] > 0


def test_the_samples() -> None:
    judge = Company(ROOT / "samples")
    check_alike(judge.scanned([ROOT / "samples/evidence"]), judge.scanned([ROOT / "samples/evidence"], prefilter=False))
