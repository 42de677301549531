"""The findings of one story, and how sure we are of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.model.level import Level


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of the road: from ``origin`` (a host or ``"internet"``) to ``target`` by ``via`` (tool or protocol)."""

    origin: str
    target: str
    via: str
    user: str
    first_seen: datetime
    last_seen: datetime
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """One story. ``id`` is a hash of its content; ``reasons`` say why this level, ``checks`` what to look at next."""

    id: str
    level: Level
    title: str
    summary: str
    first_seen: datetime
    last_seen: datetime
    origins: tuple[str, ...]
    assets: tuple[str, ...]
    tools: tuple[str, ...]
    users: tuple[str, ...]
    edges: tuple[Edge, ...]
    findings: tuple[str, ...]
    reasons: tuple[str, ...]
    checks: tuple[str, ...]
