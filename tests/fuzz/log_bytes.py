"""Bytes read as a log: whatever they are, records or losses."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.intake import Reading, Source
from detector.model.event import Event, RawRecord
from detector.model.loss import Loss, LossKind
from detector.normalize import normalize

_NUMBER = re.compile(r"(?:0x)?[0-9a-fA-F]*\d[0-9a-fA-F]*")
_MEMORY = Path("/dev/shm")


@contextmanager
def as_file(data: bytes) -> Iterator[Path]:
    """A file that holds the bytes, in memory where the system has such a place."""
    with tempfile.NamedTemporaryFile(dir=_MEMORY if _MEMORY.is_dir() else None) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def read(data: bytes) -> tuple[list[RawRecord], list[Loss]]:
    """Read them as a file the user named, normalise what came; anything but an event or a loss is a fault."""
    with as_file(data) as path:
        reading = Reading(Source(str(path), len(data)))
        made = list(reading)
    records = [one for one in made if isinstance(one, RawRecord)]
    losses = [one for one in made if isinstance(one, Loss)]
    assert len(records) + len(losses) == len(made)
    assert reading.bytes == len(data)
    assert all(loss.count >= 1 and loss.why for loss in losses)
    assert records or losses or reading.kind == "ndjson", "nothing at all"  # an empty list is a log without a record
    for record in records:
        _normalises(record)
    return records, losses


def _normalises(record: RawRecord) -> None:
    made = normalize(record)
    if isinstance(made, Loss):
        assert made.kind is LossKind.UNPARSED
        return
    assert isinstance(made, Event)
    assert made.host
    assert made.ref.identity
    for text in made.fields.values():
        assert text is None or isinstance(text, str) or all(isinstance(part, str) for part in text)


def words(losses: Iterable[Loss]) -> set[str]:
    """What was said of what was lost, without its numbers."""
    return {f"{loss.kind} {_NUMBER.sub('', loss.why)}" for loss in losses}
