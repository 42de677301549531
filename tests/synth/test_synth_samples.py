"""Issue 3: "`samples/` holds three own scenarios (one per tool, each ending at an AI server), one honest day with the same
tools, their assets and policy, the rendered evidence (under 5 MB) and a manifest with SHA-256; `make samples` makes them
again byte for byte."
"""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from detector.synth import Scenario, load_scenario
from detector.synth.__main__ import main
from detector.synth.samples import check_samples, write_samples


@pytest.fixture(scope="module")
def samples(root: Path) -> Path:
    return root / "samples"


@pytest.fixture(scope="module")
def scenarios(samples: Path) -> list[Scenario]:
    return [load_scenario(path) for path in sorted(samples.glob("scenarios/*.yml"))]


def test_made_again_byte_for_byte(samples: Path) -> None:
    assert check_samples(samples) == []


def test_manifest(samples: Path) -> None:
    manifest = json.loads((samples / "manifest.json").read_bytes())
    listed = {entry["path"]: entry for entry in manifest["files"]}
    present = {path.relative_to(samples).as_posix() for path in samples.glob("evidence/*/*")}
    assert listed.keys() == present
    for name, entry in listed.items():
        data = (samples / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
        assert entry["records"] > 0
        assert (samples / entry["scenario"]).is_file()
    assert sum(entry["records"] for entry in listed.values()) > 1500


def test_small_enough(samples: Path) -> None:
    assert sum(path.stat().st_size for path in samples.rglob("*") if path.is_file()) < 5_000_000


def test_three_intrusions_and_an_honest_day(scenarios: list[Scenario]) -> None:
    assert [scenario.verdict for scenario in scenarios] == ["malicious"] * 3 + ["benign"]
    assert {scenario.expect.asset for scenario in scenarios} == {"PREGAO-2", "MAREGRAFO", "CAIS-REG", None}
    assert {scenario.rendering for scenario in scenarios} == {"evtx", "ecs"}
    hosts = [set(scenario.expect.origin_hosts) for scenario in scenarios[:3]]
    assert all(first.isdisjoint(second) for first, second in pairwise(hosts))


def test_stories_lie_more_than_a_month_apart(scenarios: list[Scenario]) -> None:
    """rmm-facts 3.2: "extend to 30 d while the RMM remains installed"; nothing may join two of them."""
    for before, after in pairwise(scenarios):
        assert (after.events[0].time - before.events[-1].time).days > 30


def test_a_change_is_noticed(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "samples"
    shutil.copytree(samples, folder)
    victim = sorted(folder.glob("evidence/S03/*.evtx"))[0]
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    (folder / "evidence" / "S03" / "stray.evtx").write_bytes(b"")
    sorted(folder.glob("evidence/S02/*"))[0].unlink()
    assert main(["samples", "--check", "--folder", str(folder)]) == 1
    said = capsys.readouterr().err
    assert all(word in said for word in ("differs", "no scenario makes it", "missing"))
    write_samples(folder)
    assert check_samples(folder) == []
