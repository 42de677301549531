"""The result of a run: everything a renderer may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from detector.model.finding import Finding
from detector.model.incident import Incident
from detector.model.loss import Loss

SCHEMA = "rmm-detector/report/1"


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read. ``kind`` is evtx, ndjson, or ignored (named, known to be no log: rules, notes).

    ``first_seen`` and ``last_seen`` are the times of its first and last record, ``None`` without a record.
    """

    path: str
    sha256: str
    bytes: int
    kind: str
    records: int
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """What produced the report. Digests are SHA-256, ``None`` where nothing was given; times of scope are UTC."""

    version: str
    rules: str
    rule_count: int
    assets: str | None
    policy: str | None
    scope: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """How much was seen. ``duplicates``: hits on an event that was there before.

    Of ``blocks`` of input ``screened_out`` were not decoded, because nothing in them could match. ``seconds`` by stage would
    make two reports of the same input differ, so a scan gives none.
    """

    records: int = 0
    duplicates: int = 0
    blocks: int = 0
    screened_out: int = 0
    judged: int = 0
    seconds: Mapping[str, float] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Report:
    """One run. Complete means nothing was lost."""

    run: Run
    inputs: tuple[Input, ...]
    incidents: tuple[Incident, ...]
    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...]
    stats: Stats

    @property
    def complete(self) -> bool:
        """False if there is any loss."""
        return not self.losses
