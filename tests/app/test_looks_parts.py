"""Looks at parts of files and by several workers: "Same input, same output, byte for byte, whatever the number of workers"."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from detector.app import workers
from detector.app.harvest import Gathered, Gatherer
from detector.app.units import Look, Unit
from detector.intake import discover
from detector.intake.parts import parts_of
from detector.intake.source import Source
from detector.synth import Options, load_scenario, render

from .looking import SMALL_PART, Company, Document, check_alike, unsampled

FOLDER = Path(__file__).resolve().parents[2] / "tests/scenarios/held_out/loosestrife"
FORMATS = ("evtx", "ecs")


@pytest.fixture(scope="module", params=FORMATS)
def evidence(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company's two intrusions among honest work, in files of several chunks."""
    folder = tmp_path_factory.mktemp("evidence")
    for name in ("D11", "D12"):
        render(load_scenario(FOLDER / f"{name}.yml"), request.param, folder / name, options=Options(background=700))
    sources = [one for one in discover([str(folder)]) if isinstance(one, Source)]
    with unsampled(part=SMALL_PART):
        assert sum(len(parts_of(source)) > 1 for source in sources) > 1
    return folder


@pytest.fixture
def whole(evidence: Path) -> Document:
    with unsampled():
        return Company(FOLDER).scanned([evidence], prefilter=False)


@pytest.mark.parametrize("prefilter", [True, False])
def test_parts_and_workers_change_nothing(
    evidence: Path, whole: Document, prefilter: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_WORTH_WORKERS", 0)
    with unsampled(part=SMALL_PART):
        one = Company(FOLDER).scanned([evidence], prefilter=prefilter)
        two = Company(FOLDER, jobs=2).scanned([evidence], prefilter=prefilter)
    assert one == two
    check_alike(one, whole)
    assert one["losses"] == two["losses"]
    if not prefilter:
        assert one | {"stats": None} == whole | {"stats": None}


def test_standard_input_is_read_once_and_whole(
    evidence: Path, whole: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look cannot be taken at a pipe, so nothing of it may be left for one."""
    files = sorted(evidence.rglob("*.ndjson")) or [
        max(evidence.rglob("*Sysmon*.evtx"), key=lambda file: file.stat().st_size)
    ]
    data = b"".join(file.read_bytes() for file in files)
    kept = tmp_path / "kept"
    kept.write_bytes(data)

    @dataclass
    class Piped:
        buffer: BinaryIO

    with unsampled(), kept.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", Piped(file))
        screened = Company(FOLDER).scanned([Path("-")])
        expected = Company(FOLDER).scanned([kept], prefilter=False)
    assert len(expected["findings"]) > 0
    assert [one["id"] for one in screened["findings"]] == [one["id"] for one in expected["findings"]]


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Files of which the second half goes between the first look and the second; all of them, when they are marked so."""
    paths: list[Path] = []
    gather = Gatherer.gather
    done: set[str] = set()

    def then(self: Gatherer, unit: Unit, look: Look) -> Gathered:
        if not look.first and not done:
            done.update(map(str, paths))
            for path in paths:
                os.truncate(path, path.stat().st_size // 2) if path.suffix else path.unlink()
        return gather(self, unit, look)

    monkeypatch.setattr(Gatherer, "gather", then)
    yield paths
    assert done


@pytest.mark.parametrize("part", [None, SMALL_PART])
@pytest.mark.parametrize("how", ["shorter", "gone"])
def test_a_file_that_changes_between_two_looks(
    evidence: Path, tmp_path: Path, changed: list[Path], how: str, part: int | None
) -> None:
    """What was there for the first look and not for the second is a loss."""
    for number, file in enumerate(sorted(file for file in evidence.rglob("*") if file.is_file())):
        copy = tmp_path / f"{number:03}{'.log' if how == 'shorter' else ''}"
        copy.write_bytes(file.read_bytes())
        changed.append(copy)
    with unsampled(part=part):
        report = Company(FOLDER).scanned([tmp_path])
    kinds = {loss["kind"] for loss in report["losses"]}
    assert ("truncated" if how == "shorter" else "unreadable") in kinds
    named = {loss["where"].split(":")[0] for loss in report["losses"] if loss["kind"] in ("truncated", "unreadable")}
    assert named == {one["path"] for one in report["inputs"] if one["kind"] in ("evtx", "ndjson")}
