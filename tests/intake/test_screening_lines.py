"""Lines that are passed over: what is broken among them is a loss as ever, the rest is counted."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from detector.intake import Reading, Source, json_log
from detector.intake import lines as splitting
from detector.model.event import RawRecord
from detector.model.loss import Loss
from detector.screen import Sieve, Wanted

from .made_lines import file

_STRANGER = "no known spelling"


def read(path: Path, screen: Sieve | None) -> tuple[list[RawRecord], list[Loss], Reading]:
    reading = Reading(Source(str(path), path.stat().st_size), screen=screen)
    made = list(reading)
    return [one for one in made if isinstance(one, RawRecord)], [one for one in made if isinstance(one, Loss)], reading


def broken(losses: list[Loss]) -> list[Loss]:
    """Without what is whole and no event: of that, what is passed over is counted only."""
    return [loss for loss in losses if _STRANGER not in loss.why]


@pytest.mark.parametrize("block", [300, 1000, 4000])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.3])
def test_what_is_broken_is_a_loss_all_the_same(
    share: float, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Nothing is lost in silence" (house rules): with a screen that lets nothing pass."""
    monkeypatch.setattr(json_log, "is_sample", lambda number: False)
    monkeypatch.setattr(splitting, "_BLOCK", block)
    sieve, path, passed = Sieve(Wanted(), []), tmp_path / "log", 0
    for seed in range(60):
        path.write_bytes(file(Random(seed), 60, share))
        records, losses, whole = read(path, None)
        some, missed, reading = read(path, sieve)
        assert broken(missed) == broken(losses), seed
        strangers = sum(loss.count for loss in losses) - sum(loss.count for loss in missed)
        assert len(some) + reading.passed.records == len(records) + strangers, seed
        assert {one.place for one in some} <= {one.place for one in records}
        assert (reading.sha256, reading.bytes, reading.kind) == (whole.sha256, whole.bytes, whole.kind)
        passed += reading.passed.records
    assert passed > 50
