"""Was this way to an AI asset expected? One movement against ``access``, ``bulk_read`` and clauses with ``reach_ai``."""

from __future__ import annotations

from collections.abc import Iterator

from detector.model.policy import AccessClause, BulkReadClause, Decision, Policy, ToolClause, Verdict
from detector.model.rule import Action
from detector.triage import hours, names
from detector.triage.clause_keys import ticketed
from detector.triage.identity import Directory, Member, unc_path
from detector.triage.movement import Movement

#: A network logon or an explicit credential shows no protocol: it is compared on the other keys.
_NO_PROTOCOL = frozenset({"logon", "command", "network"})

#: What a tool's clause must allow before its account may move like this (rule 3: an entry covers only its actions).
_NEEDS = {
    "rdp": frozenset({Action.SESSION}),
    "vnc": frozenset({Action.SESSION}),
    "ssh": frozenset({Action.SESSION, Action.COMMAND, Action.TRANSFER, Action.TUNNEL}),
    "winrm": frozenset({Action.SESSION, Action.COMMAND}),
}


def decide_movement(move: Movement, policy: Policy | None, directory: Directory) -> Decision:
    """The verdict on one way to a machine: allowed by one clause that covers it whole, or not expected at all.

    Where all that a clause asks holds but for the machine it came from, and nothing tells which machine the address was,
    that is said, and it is neither.
    """
    if policy is None:
        return Decision(Verdict.UNKNOWN, None, "no policy was given")
    nearest: tuple[int, str, tuple[str, ...]] | None = None
    for clause_id, failing, because in _compared(move, policy, directory):
        if not failing:
            return Decision(Verdict.ALLOWED, clause_id, because)
        if nearest is None or len(failing) < nearest[0]:
            nearest = len(failing), clause_id, failing
    who = f" by {move.user}" if move.user else ""
    what = f"{move.protocol} from {move.origin or 'an unnamed machine'} to {_target(move)}{who}"
    if nearest is None or nearest[0] > 1:
        return Decision(Verdict.UNSANCTIONED, None, f"no clause expects {what}")
    _, clause_id, (key,) = nearest
    if key == "from" and directory.is_nameless_inside(move.origin):
        because = f"{clause_id} would expect {what}, but no event tells which machine {move.origin} was"
        return Decision(Verdict.UNKNOWN, clause_id, because, ("from",))
    return Decision(Verdict.UNSANCTIONED, clause_id, f"no clause expects {what}; {clause_id} would, but for its {key}")


def is_access_clause(decision: Decision, policy: Policy | None) -> bool:
    """Whether an ``access`` clause decided: those hold only where no remote tool is involved."""
    return policy is not None and any(clause.id == decision.policy for clause in policy.access)


def _compared(move: Movement, policy: Policy, directory: Directory) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each clause about this machine, the keys of it that do not hold, and what to say where all do."""
    for access in policy.access:
        if (failing := _access(access, move, policy, directory)) is not None:
            yield access.id, failing, f"{access.id} expects {move.protocol} from {move.origin} to {_target(move)}"
    for bulk in policy.bulk_read:
        if (failing := _bulk(bulk, move, policy, directory)) is not None:
            yield bulk.id, failing, f"{bulk.id} expects {move.user} to read from {_target(move)}"
    for tool in policy.tools:
        if tool.reach_ai and _by_tool(tool, move, policy, directory):
            yield tool.id, (), f"{tool.id} (reach_ai) expects {move.user} on {_target(move)}"


def _target(move: Movement) -> str:
    return move.asset.name if move.asset else move.target


def speaks_of(policy: Policy, member: Member) -> bool:
    """Whether the policy says who may reach this asset, in any of its clauses."""
    spelt = (member.host, member.asset.name)
    places = [place for access in policy.access for place in access.targets]
    places += [share.lstrip("\\").partition("\\")[0] for bulk in policy.bulk_read for share in bulk.shares]
    places += [place for tool in policy.tools if tool.reach_ai for place in tool.destinations]
    return any(names.fits(place, one) for place in places for one in spelt)


def _place_fits(patterns: tuple[str, ...], place: str, move: Movement, directory: Directory) -> bool:
    if names.host_fits(patterns, place):
        return True
    member = directory.asset(place, move.event.time)
    if member is None:
        return False
    # An address of a family that nobody knows the name of is one of the machines that the family's patterns mean.
    nameless = bool(member.asset.match) and names.address(member.host) is not None
    same = nameless and {one.lower() for one in member.asset.match} <= {one.lower() for one in patterns}
    return same or names.fits_any(patterns, member.asset.name)


def _access(clause: AccessClause, move: Movement, policy: Policy, directory: Directory) -> tuple[str, ...] | None:
    """The keys that do not hold; ``None`` where the clause is about another machine."""
    if clause.targets and not _place_fits(clause.targets, move.target, move, directory):
        return None
    spoken = not clause.protocols or move.protocol in clause.protocols or move.protocol in _NO_PROTOCOL
    keys = {
        "protocols": spoken,
        "from": not clause.origins or _place_fits(clause.origins, move.origin, move, directory),
        "users": not clause.users or not move.user or names.user_fits(clause.users, move.user),
        "hours": _in_time(clause, move, policy),
    }
    return tuple(key for key, holds in keys.items() if not holds)


def _bulk(clause: BulkReadClause, move: Movement, policy: Policy, directory: Directory) -> tuple[str, ...] | None:
    """The keys that do not hold; ``None`` where the clause is about another machine or this is no reading."""
    if move.protocol not in ("smb", "logon", "command", "nfs"):
        return None
    if clause.shares and not any(_is_of(share, move, directory) for share in clause.shares):
        return None
    keys = {
        "users": not clause.users or names.user_fits(clause.users, move.user),
        "from": not clause.origins or _place_fits(clause.origins, move.origin, move, directory),
        "shares": not clause.shares or any(_share_fits(share, move, directory) for share in clause.shares),
        "hours": _in_time(clause, move, policy),
    }
    return tuple(key for key, holds in keys.items() if not holds)


def _in_time(clause: AccessClause | BulkReadClause | ToolClause, move: Movement, policy: Policy) -> bool:
    time, zone = move.event.time, policy.timezone
    if hours.expired(clause.expires, time, zone):
        return False
    return not clause.hours or hours.within(clause.hours, time, zone)


def _is_of(pattern: str, move: Movement, directory: Directory) -> bool:
    host = pattern.lstrip("\\").partition("\\")[0]
    return _place_fits((host,), _target(move), move, directory)


def _share_fits(pattern: str, move: Movement, directory: Directory) -> bool:
    share = pattern.lstrip("\\").partition("\\")[2]
    return _is_of(pattern, move, directory) and (not move.share or names.fits(share, move.share))


def _by_tool(clause: ToolClause, move: Movement, policy: Policy, directory: Directory) -> bool:
    """A tool's own traffic to an asset: its account, from its host (or on its host, for a deployment server)."""
    accounts = (*clause.users, *clause.operators)
    if not accounts or not names.user_fits(accounts, move.user):
        return False
    if not clause.actions & _NEEDS.get(move.protocol, clause.actions):
        return False
    if clause.needs_ticket and not ticketed(clause, policy, move.event.time, move.origin, move.target):
        return False
    if not _from_its_host(clause, move, directory):
        return False
    if clause.tool == "openssh" and not _by_ssh(clause, move):
        return False
    return _source_fits(clause, move, directory) and _in_time(clause, move, policy)


def _from_its_host(clause: ToolClause, move: Movement, directory: Directory) -> bool:
    places = (move.origin,) if clause.tool == "openssh" else (move.origin, move.target)
    if any(_place_fits(clause.not_hosts, place, move, directory) for place in places):
        return False
    return not clause.hosts or any(_place_fits(clause.hosts, place, move, directory) for place in places)


def _by_ssh(clause: ToolClause, move: Movement) -> bool:
    spelt = (move.target, _target(move))
    reached = not clause.destinations or any(names.fits_any(clause.destinations, one) for one in spelt)
    return move.protocol == "ssh" and reached


def _source_fits(clause: ToolClause, move: Movement, directory: Directory) -> bool:
    """Whether the clause's sources name this machine, and its share where one is shown."""
    for source in clause.sources:
        unc = unc_path(source)
        if unc is not None:
            same = directory.asset(unc.host, move.event.time)
            here = (same.name if same else unc.host).lower() == _target(move).lower()
            if here and (not move.share or names.fits(unc.share, move.share)):
                return True
    return not clause.sources
