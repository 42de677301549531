"""What could not be read, parsed or judged. A run with losses says "incomplete", never "clean"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LossKind(StrEnum):
    """Why something is missing from the result."""

    UNREADABLE = "unreadable"  # the file or folder could not be opened or read (permission, lock, I/O error)
    NOT_A_LOG = "not-a-log"  # content that no reader recognises
    EMPTY = "empty"  # a log file without a byte, or of zeros only
    TRUNCATED = "truncated"  # the file ends before its own header says
    DAMAGED = "damaged"  # a header, chunk or checksum is wrong
    UNPARSED = "unparsed"  # one record or line that could not be decoded or normalised
    RULE = "rule"  # a rule that could not be loaded
    NOT_EVALUABLE = "not-evaluable"  # a rule that cannot be judged on this source: a field it needs is not there
    TIMEOUT = "timeout"  # a regular expression of a rule took too long on one event
    LIMIT = "limit"  # a cap of ours was reached; what was dropped is counted
    INTERRUPTED = "interrupted"  # the user stopped the run; this was not read
    WORKER = "worker"  # a worker process died; its block was not judged


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One thing we could not see.

    ``where`` names the file (and chunk, byte offset or line), rule or source; ``why`` says it in plain words;
    ``count`` is the number of records or items lost, at least 1 (for a chunk of unknown content: 1).
    """

    kind: LossKind
    where: str
    why: str
    count: int = 1
