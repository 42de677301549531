"""Reading bytes and files in tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from detector.intake import Reading, Source
from detector.model.event import RawRecord
from detector.model.loss import Loss, LossKind


@dataclass(frozen=True)
class Result:
    """All that a reading gave."""

    records: list[RawRecord]
    losses: list[Loss]
    reading: Reading

    @property
    def kinds(self) -> list[LossKind]:
        return [loss.kind for loss in self.losses]

    @property
    def lost(self) -> int:
        return sum(loss.count for loss in self.losses)


def read(path: Path, *, named: bool = True) -> Result:
    """The file, whole."""
    reading = Reading(Source(str(path), path.stat().st_size, named))
    made = list(reading)
    return Result(
        [one for one in made if isinstance(one, RawRecord)], [one for one in made if isinstance(one, Loss)], reading
    )


def read_bytes(folder: Path, data: bytes, *, named: bool = True) -> Result:
    """A file of this content, with a name that says nothing."""
    path = folder / "input.bin"
    path.write_bytes(data)
    return read(path, named=named)
