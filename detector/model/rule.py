"""A Sigma rule, understood: what it asks, where it looks, and what a hit of it means in an incident."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from detector.model.correlation import Correlation
from detector.model.level import Level
from detector.model.predicate import Predicate


class Phase(StrEnum):
    """Where in a story a hit stands. The first eight are of a tool's use; the last three are its surroundings."""

    ARRIVAL = "arrival"
    INSTALL = "install"
    UNATTENDED_ACCESS = "unattended-access"
    SESSION = "session"
    COMMAND = "command"
    TRANSFER = "transfer"
    EXFILTRATION = "exfiltration"
    COVER_UP = "cover-up"
    DISCOVERY = "discovery"
    MOVEMENT = "movement"
    COLLECTION = "collection"


class Action(StrEnum):
    """What a use of a tool does, in the words of ``policy.yml``."""

    INSTALL = "install"
    UPDATE = "update"
    CONNECT = "connect"  # the agent runs and talks to its own service
    SESSION = "session"  # a person takes control
    COMMAND = "command"  # scripts or a shell, also as SYSTEM
    TRANSFER = "transfer"  # files through the tool
    DOWNLOAD = "download"  # copy tools, seen from our side
    UPLOAD = "upload"
    TUNNEL = "tunnel"  # port forwarding


class Role(StrEnum):
    """What a hit of a rule may do."""

    USE = "use"  # a use of a tool: a finding by itself, decided by policy
    CONTEXT = "context"  # ordinary alone (a logon, a recon command): looked for only around a use, told in its story


@dataclass(frozen=True, slots=True)
class LogSource:
    """Sigma's ``logsource``; empty text where the rule names nothing."""

    category: str = ""
    product: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``tool`` is an id of the tool catalogue, ``protocol`` how a movement rule's event moves (``rdp``).

    ``tool``, ``phase``, ``action`` and ``protocol`` come from the rule's custom attribute ``rmm``; a rule without it
    (any public Sigma rule) has none of them and role ``use``. ``path`` is where it lies, ``text`` its YAML (of several
    documents, if it was merged of them), ``digest`` the SHA-256 of that text, of the placeholders it uses and of the filters
    that are applied to it. ``name`` is what correlations and filters may call it by. A rule with a ``correlation`` has a
    predicate that is true of no event: its hits are made of other rules' hits.
    """

    id: str
    title: str
    level: Level
    logsource: LogSource
    predicate: Predicate
    role: Role = Role.USE
    tool: str | None = None
    phase: Phase | None = None
    action: Action | None = None
    protocol: str | None = None
    tags: tuple[str, ...] = ()
    path: str = ""
    text: str = ""
    digest: str = ""
    name: str = ""
    correlation: Correlation | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a run, ordered by id; ``digest`` is the SHA-256 over the rules' digests in that order.

    ``correlations`` are the rules that have one, ordered by id, too; what they look at is in the set. Their digests come
    after the others'.
    """

    rules: tuple[Rule, ...]
    digest: str
    correlations: tuple[Rule, ...] = ()
