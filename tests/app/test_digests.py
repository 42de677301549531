"""Docs: "files that are read in parts ... are hashed afterwards ... and only when a finding quotes them" (docs/scanning.md)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from detector.app.scan import Request, scan
from detector.intake import parts
from detector.intake.chunk import CHUNK
from detector.synth import Options, load_scenario, render
from tests.scenarios.scoring import scenario_files

SAGARPATH = Path(__file__).resolve().parents[1] / "scenarios/held_out/sagarpath"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An intrusion, and a log of the same length in which nothing happens."""
    folder = tmp_path_factory.mktemp("digests")
    render(load_scenario(scenario_files(SAGARPATH)[0]), "evtx", folder, options=Options(background=4000))
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("hash_all", [False, True])
def test_large_files_are_hashed_when_they_are_quoted(
    evidence: Path, jobs: int, hash_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 2 * CHUNK)
    setting = (SAGARPATH / "assets.yml", SAGARPATH / "policy.yml")
    report = scan(Request((str(evidence),), *setting, jobs=jobs, hash_all=hash_all))
    quoted = {ref.source for finding in report.findings for ref in finding.refs}
    large = {one.path for one in report.inputs if one.bytes >= 4 * CHUNK}
    assert large & quoted
    assert large - quoted
    for one in report.inputs:
        known = hash_all or one.path not in large or one.path in quoted
        assert one.sha256 == (sha256(Path(one.path).read_bytes()).hexdigest() if known else "")
