"""Lines that a screen passes over: only objects by themselves, never a part of one over several lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from detector.intake import Reading, Source
from detector.intake import json_log as reading
from detector.intake import lines as splitting
from detector.intake.screening import Verdict
from detector.model.event import RawRecord

PLAIN = b'{"Hostname": "A", "EventID": 1}\n'
BEGUN, ENDED = b'{"winlog": {"event_id": 7, "computer_name": "B"}\n', b', "@timestamp": "2025-10-14T03:52:20Z"}\n'


class _Says:
    """A screen for which no record matters, and blocks of lines do or do not."""

    first = True

    def __init__(self, lines: bool) -> None:
        self._lines = lines

    def chunk(self, data: bytes) -> bool:
        return False

    def lines(self, data: bytes) -> bool:
        return self._lines

    def record(self, text: bytes) -> Literal[False]:
        return False

    def sift(self, texts: Sequence[bytes]) -> list[Verdict]:
        return [False for _ in texts]


def _read(path: Path, text: bytes, screen: _Says) -> tuple[list[RawRecord], int]:
    path.write_bytes(text)
    made = Reading(Source(str(path), len(text)), screen=screen)
    records = list(made)
    assert all(isinstance(one, RawRecord) for one in records)
    return [one for one in records if isinstance(one, RawRecord)], made.passed.records


@pytest.fixture(autouse=True)
def _no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "is_sample", lambda number: False)


def test_an_object_that_goes_on_in_the_next_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "It may only over-approximate": the line that ends a block looks like an object and is only the begin of one."""
    monkeypatch.setattr(splitting, "_BLOCK", len(PLAIN + BEGUN))
    records, passed = _read(tmp_path / "log", PLAIN + BEGUN + ENDED + PLAIN, _Says(lines=False))
    assert [one.place for one in records] == ["line 2", "line 4"]
    assert records[0].payload["winlog"]["event_id"] == 7
    assert passed == 1


def test_an_object_within_a_block_that_matters(tmp_path: Path) -> None:
    records, passed = _read(tmp_path / "log", PLAIN + BEGUN + ENDED + PLAIN, _Says(lines=True))
    assert [one.place for one in records] == ["line 1", "line 2", "line 4"]
    assert passed == 0


def test_plain_lines_are_passed_over(tmp_path: Path) -> None:
    """Bar the last one, by which a file that was cut off is known."""
    for says in (True, False):
        records, passed = _read(tmp_path / "log", PLAIN * 5, _Says(lines=says))
        assert [one.place for one in records] == ["line 5"]
        assert passed == 4
