"""``policy.yml``: which remote and transfer tools are sanctioned, and who may reach AI assets.

The reading rules stand at the head of the file format (``docs/policy.md``): inside a clause every key must hold, a
list means any of these, an absent key does not matter, one clause has to cover the use completely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from detector.model.rule import Action


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of a week, local time. ``days``: Monday is 0. ``end`` before ``start`` runs past midnight."""

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class InstallTerms:
    """How an installation must come: ``by`` which program (parent image), ``origin`` from which path."""

    by: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolClause:
    """One sanctioned use of one tool. Empty tuple or ``None``: the key is absent and does not matter.

    ``hours`` and ``session_hours`` are resolved windows of the named entry. ``users``, ``hosts``, ``not_hosts`` and
    ``operators`` are patterns with groups already expanded. ``expires`` is the last day, local time.
    """

    id: str
    tool: str
    actions: frozenset[Action]
    hosts: tuple[str, ...] = ()
    not_hosts: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    tenant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    signer: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    install: InstallTerms | None = None
    hours: tuple[Window, ...] = ()
    session_hours: tuple[Window, ...] = ()
    needs_ticket: bool = False
    reach_ai: bool = False
    expires: date | None = None
    owner: str = ""
    reason: str = ""
    ticket: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class AccessClause:
    """An expected way to reach a host, no remote tool involved. ``expires`` is the last day, local time."""

    id: str
    origins: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    hours: tuple[Window, ...] = ()
    line: int = 0
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class BulkReadClause:
    """Who may read model files and data sets in bulk. ``shares`` are ``HOST\\share``; ``expires`` is the last day."""

    id: str
    users: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    hours: tuple[Window, ...] = ()
    line: int = 0
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open ticket: ``tool`` may be used on ``host`` from ``start`` to ``end`` (UTC, both included)."""

    id: str
    tool: str
    host: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole file. ``timezone`` is an IANA name; ``digest`` the SHA-256 of the file's bytes."""

    timezone: str = "UTC"
    tools: tuple[ToolClause, ...] = ()
    access: tuple[AccessClause, ...] = ()
    bulk_read: tuple[BulkReadClause, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    digest: str = ""


class Verdict(StrEnum):
    """What the policy says of a use."""

    ALLOWED = "allowed"  # a clause covers it; kept and shown, never raises an incident above informational
    UNSANCTIONED = "unsanctioned"  # the tool or asset is known to the policy, this use is not
    UNKNOWN = "unknown"  # no policy says anything


@dataclass(frozen=True, slots=True)
class Decision:
    """``policy`` is the clause that decided (the nearest one, for an unsanctioned use), ``because`` says it in words.

    ``undecided`` names what a clause asks and no event shows; such a use is not ``allowed``, and raises nothing alone.
    """

    verdict: Verdict
    policy: str | None
    because: str
    undecided: tuple[str, ...] = ()
