"""One source gathered: bounded in what it keeps, and stopped at once when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.app.harvest import Gatherer, Window
from detector.app.units import Look, Unit
from detector.intake import Source
from detector.model.loss import LossKind
from detector.model.rule import RuleSet

NO_RULES = RuleSet((), "")


def test_records_that_are_no_event_are_counted_not_listed(tmp_path: Path) -> None:
    """ "Memory is bounded by the block and the hits, never by the input" (design)."""
    path = tmp_path / "log.ndjson"
    path.write_bytes(b'{"winlog": {}}\n' * 5000)
    harvest = Gatherer(NO_RULES, Window()).gather(Unit(Source(str(path), 1)), Look()).harvest
    assert len(harvest.losses) == 101
    assert sum(loss.count for loss in harvest.losses) == harvest.records == 5000


@pytest.mark.parametrize("line", [b"{}\n", b"x\n", b"\0", b'{"winlog": {}}\n'])
def test_a_stop_is_heard_whatever_is_read(tmp_path: Path, line: bytes) -> None:
    """Ctrl-C must not wait for the end of a file that gives no record (a disk image in the folder)."""
    path = tmp_path / "file"
    path.write_bytes(line * (20 * 2**20 // len(line)))
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    harvest = Gatherer(NO_RULES, Window(), stopped).gather(Unit(Source(str(path), 1)), Look()).harvest
    assert LossKind.INTERRUPTED in {loss.kind for loss in harvest.losses}
    (read,) = harvest.inputs.values()
    assert 0 < read.bytes < 10 * 2**20
    assert read.sha256 == ""
