"""Records of an event log changed inside, in chunks whose checksums are right: each comes out or is counted as lost."""

from __future__ import annotations

from tests.fuzz.event_log import ROOM, changed, file_of, put_together, records_of
from tests.fuzz.evidence import bodies
from tests.fuzz.log_bytes import read, words
from tests.fuzz.target import Target


def _check(body: bytes) -> set[str]:
    """As they are, with whatever sizes; and with sizes and numbers that fit."""
    there = records_of(body[:ROOM])
    records, losses = read(file_of(body[:ROOM]))
    assert losses or len(records) >= len(there), "a record is missing, and nothing says so"
    records, more = read(file_of(put_together(there)))
    assert len(records) + sum(loss.count for loss in more) >= len(there), "more records are missing than losses count"
    return words(losses + more)


TARGET = Target(check=_check, seeds=bodies, longest=9000, change=changed)
