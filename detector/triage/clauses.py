"""What is doubtful about the clauses of a policy themselves: expired, shadowed by another, or so broad that anybody fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

from detector.model.policy import AccessClause, BulkReadClause, Policy, ToolClause
from detector.model.rule import Action

Clause = ToolClause | AccessClause | BulkReadClause

_FOR_PEOPLE = frozenset({"id", "line", "owner", "reason", "ticket"})
#: What ties a clause to one installation, one person or one job; a machine alone does not.
_TYING = ("tenant", "path", "signer", "users", "operators", "config", "remotes", "install", "destinations")
_BY_PEOPLE = frozenset({Action.SESSION, Action.COMMAND, Action.TRANSFER, Action.TUNNEL, Action.UPLOAD})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at in the clause that stands on ``line``."""

    line: int
    clause: str
    text: str


def remarks(policy: Policy, today: date) -> list[Remark]:
    """All of them, in the order of the file. ``today`` is the local day."""
    clauses: list[Clause] = [*policy.tools, *policy.access, *policy.bulk_read]
    found = [Remark(clause.line, clause.id, text) for clause in clauses for text in _of(clause, policy, today)]
    return sorted(found, key=lambda one: (one.line, one.text))


def _of(clause: Clause, policy: Policy, today: date) -> Iterator[str]:
    if clause.expires is not None and clause.expires < today:
        yield f"it expired on {clause.expires}: it covers nothing after that day"
    if isinstance(clause, ToolClause):
        yield from _broad(clause)
        others: tuple[Clause, ...] = policy.tools
    else:
        if not clause.users:
            yield "it names no users: anybody may"
        others = policy.access if isinstance(clause, AccessClause) else policy.bulk_read
    before = others[: others.index(clause)]
    wider = next((one for one in others if one is not clause and _covers(one, clause)), None)
    if wider is not None and (wider in before or not _covers(clause, wider)):
        yield f"{wider.id} covers all that it covers: it decides nothing"


def _broad(clause: ToolClause) -> Iterator[str]:
    everywhere = not clause.hosts or "*" in clause.hosts
    tied = any(getattr(clause, key) for key in _TYING)
    if not tied:
        where = "on any machine" if everywhere else "on its hosts"
        yield f"nothing tells whose {clause.tool} it is (tenant, path, signer, users): anybody's {where} is covered"
    if clause.reach_ai and clause.actions & _BY_PEOPLE and not (clause.users or clause.operators):
        yield "it may reach AI assets (reach_ai) and names neither users nor operators"
    if clause.reach_ai and everywhere and not clause.expires and not tied:
        yield "it may reach AI assets from any machine and never expires"


def _covers(wide: Clause, narrow: Clause) -> bool:
    """Whether all that the narrow clause covers the wide one covers: key by key it asks nothing more."""
    if type(wide) is not type(narrow):
        return False
    if isinstance(wide, ToolClause) and isinstance(narrow, ToolClause):
        if wide.tool != narrow.tool or not wide.actions >= narrow.actions or (narrow.reach_ai and not wide.reach_ai):
            return False
        if wide.needs_ticket and not narrow.needs_ticket:
            return False
        if set(wide.not_hosts) - set(narrow.not_hosts):
            return False
    if wide.expires is not None and (narrow.expires is None or narrow.expires > wide.expires):
        return False
    special = _FOR_PEOPLE | {"tool", "actions", "reach_ai", "needs_ticket", "not_hosts", "expires"}
    keys = [one.name for one in fields(wide) if one.name not in special]
    return all(_asks_no_more(getattr(wide, key), getattr(narrow, key)) for key in keys)


def _asks_no_more(wide: object, narrow: object) -> bool:
    """Of one key: absent, or every value of the narrow one is one of the wide one's as it is written."""
    if not wide:
        return True
    if isinstance(wide, tuple) and isinstance(narrow, tuple):
        return bool(narrow) and ("*" in wide or set(narrow) <= set(wide))
    if isinstance(wide, dict) and isinstance(narrow, dict):
        return all(key in narrow and set(narrow[key]) <= set(values) for key, values in wide.items())
    return wide == narrow
