"""The block screen on event logs: nothing that is found by decoding everything is left out because of it."""

from __future__ import annotations

from tests.fuzz.event_log import changed, file_of, put_together, records_of
from tests.fuzz.evidence import bodies
from tests.fuzz.screening import same_either_way
from tests.fuzz.target import Target


def _check(body: bytes) -> None:
    """In a chunk that is sound: no other is screened."""
    same_either_way(file_of(put_together(records_of(body))))


TARGET = Target(check=_check, seeds=bodies, longest=9000, change=changed, gate=800)
