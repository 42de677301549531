"""Workers and parts: "one bad worker costs its block, not the run" (issue); a stop costs what was not read, and says so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from detector.app import workers
from detector.app.harvest import Gathered, Gatherer, Window
from detector.app.looks import Looks
from detector.app.scan import load_setting
from detector.app.units import Look, Unit
from detector.app.workers import Crew, Work
from detector.intake import Source, parts_of
from detector.model.loss import LossKind
from detector.synth import Options, load_scenario, render

from .looking import SMALL_PART, pack, unsampled

FOLDER = Path(__file__).resolve().parents[2] / "tests/scenarios/held_out/loosestrife"
#: A part that a worker dies of.
DEADLY = 1

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what a test changes is in a worker only if it is forked"
)


@pytest.fixture(scope="module", params=["evtx", "ecs"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A file of three parts or more."""
    folder = tmp_path_factory.mktemp("evidence")
    render(load_scenario(FOLDER / "D11.yml"), request.param, folder, options=Options(background=900))
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    found = Source(str(largest), largest.stat().st_size)
    with unsampled(part=SMALL_PART):
        assert len(parts_of(found)) > 2
    return found


def looks(crew: Crew) -> Looks:
    return Looks(
        crew, pack(), load_setting(FOLDER / "assets.yml", FOLDER / "policy.yml"), prefilter=False, hash_all=True
    )


def test_a_part_that_a_worker_dies_of(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_WORTH_WORKERS", 0)
    with unsampled(part=SMALL_PART):
        with Crew(Work(pack(), Window()), 1) as crew:
            whole, _ = looks(crew).harvest([source])
        gather, here = Gatherer.gather, os.getpid()
        deadly = parts_of(source)[DEADLY]

        def dies(self: Gatherer, unit: Unit, look: Look) -> Gathered:
            if unit.part is not None and unit.part.index == DEADLY and os.getpid() != here:
                os._exit(9)
            return gather(self, unit, look)

        monkeypatch.setattr(Gatherer, "gather", dies)
        with Crew(Work(pack(), Window()), 2) as crew:
            found, _ = looks(crew).harvest([source])
    (loss,) = found.losses
    assert (loss.kind, loss.where) == (LossKind.WORKER, f"{source.path}: bytes {deadly.start} to {deadly.end}")
    assert 0 < whole.records - found.records < whole.records / 2
    (read,) = found.inputs.values()
    assert read.bytes == source.size - (deadly.end - deadly.start)
    assert read.sha256 == whole.inputs[source.path].sha256


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stop_between_parts(source: Source, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is kept, what was not is a loss: nothing waits, and the file is not begun again."""
    monkeypatch.setattr(workers, "_WORTH_WORKERS", 0)
    done: list[Unit] = []
    work = Work(pack(), Window(), stopped=lambda: len(done) > 1, done=done.append)
    with unsampled(part=SMALL_PART), Crew(work, jobs) as crew:
        found, _ = looks(crew).harvest([source])
    assert LossKind.INTERRUPTED in {loss.kind for loss in found.losses}
    assert {loss.where for loss in found.losses} == {source.path}
    assert len(found.inputs) == 1
