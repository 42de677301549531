"""The keys of a tool's clause in ``policy.yml``: each against one use of the tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from detector.model.policy import Policy, ToolClause
from detector.model.rule import Action
from detector.triage import hours, names
from detector.triage.identity import Directory, unc_path
from detector.triage.traits import Traits, by_windows

#: During these a person is connected; ``session_hours`` are about them (rule 9). ``operators`` are also about tunnels.
_CONNECTED = frozenset({Action.SESSION, Action.COMMAND, Action.TRANSFER})
_PERSONAL = _CONNECTED | {Action.TUNNEL}
_DIRECTED = frozenset({Action.UPLOAD, Action.DOWNLOAD})


class Fit(Enum):
    """How a key of a clause stands to a use."""

    YES = 1
    NO = 2
    UNSHOWN = 3  # no event shows it, and the clause cannot be said to hold without it
    SILENT = 4  # no event shows it, but nothing rests on it alone


@dataclass(frozen=True, slots=True)
class Ground:
    """What a key is compared on besides the use: the policy's zone and tickets, and who is who."""

    policy: Policy
    directory: Directory


#: How the key stands and, where it does not hold, what to say; ``None`` when the clause or the use does not ask it.
Check = Callable[[ToolClause, Traits, Ground], "tuple[Fit, str] | None"]


def _answer(holds: bool, said: str) -> tuple[Fit, str]:
    return (Fit.YES if holds else Fit.NO), said


def _actions(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if use.action is None:
        return None
    if use.tool.kind == "copy" and use.action not in _DIRECTED and clause.actions & _DIRECTED:
        return None  # a copy tool that is configured, listed or fetched: the direction is judged when it copies
    # What another tool than a copy tool sends or fetches is files through the tool.
    through = use.action in _DIRECTED and use.tool.kind != "copy" and Action.TRANSFER in clause.actions
    return _answer(use.action in clause.actions or through, f"action {use.action} is not among its actions")


def _hosts(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if clause.not_hosts and names.host_fits(clause.not_hosts, use.host):
        return Fit.NO, f"host {use.host} is excluded (not_hosts)"
    return _answer(names.host_fits(clause.hosts, use.host), f"host {use.host} is not covered") if clause.hosts else None


def _users(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.users:
        return None
    if not use.user:
        return Fit.UNSHOWN, "users"
    return _answer(names.user_fits(clause.users, use.user), f"user {use.user} is not covered")


def _operators(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.operators:
        return None
    if use.operator:
        fits = names.user_fits(clause.operators, use.operator) or names.fits_any(clause.operators, use.operator)
        return _answer(fits, f"operator {use.operator} is not one of its operators")
    if names.user_fits(clause.operators, use.user):
        return Fit.YES, ""  # a deployment server's operator is the account that acts on the machine
    return (Fit.UNSHOWN, "operators") if use.action in _PERSONAL else (Fit.SILENT, "operators")


def _tenant(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.tenant:
        return None
    shown = {key: use.tenant[key] for key in clause.tenant if use.tenant.get(key)}
    for key, value in shown.items():
        if not names.fits_any(clause.tenant[key], value):
            return Fit.NO, f"{key} is {value}, not {' or '.join(clause.tenant[key])}"
    values = [value for key in clause.tenant for value in clause.tenant[key]]
    if shown or any(_is_service(value, one) for value in values for one in use.destinations):
        return Fit.YES, ""
    return Fit.UNSHOWN, "tenant"


def _is_service(value: str, destination: str) -> bool:
    """Whether a name asked for, or a connection, is to the tenant's own service (``relay``, ``server``); a query has no port."""
    host, _, port = value.partition(":")
    asked, _, at = destination.partition(":")
    return names.fits(host, asked) and (not port or not at or names.fits(port, at))


def _path(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.path:
        return None
    installing = use.action in (Action.INSTALL, Action.UPDATE)
    if not use.path:
        return Fit.SILENT, "path"
    if names.path_fits(clause.path, use.path):
        return Fit.YES, ""
    if installing and _installer(clause, use):
        return Fit.SILENT, "path"  # an installer runs from elsewhere; `install` is about that
    return Fit.NO, f"path {use.path} is not covered"


def _installer(clause: ToolClause, use: Traits) -> bool:
    if clause.install is not None and clause.install.origin:
        return any(names.path_fits(clause.install.origin, origin) for origin in (use.path, *use.installed_from))
    return bool(use.installed_by)


def _signer(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.signer:
        return None
    if not use.signer:
        # A company in a program's resources often differs from the signer's name, and anybody can write it.
        return (Fit.YES, "") if names.fits_any(clause.signer, use.company) else (Fit.SILENT, "signer")
    return _answer(names.fits_any(clause.signer, use.signer), f"signer is {use.signer}")


def _install(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    terms = clause.install
    if terms is None or use.action is not Action.INSTALL:
        return None
    if terms.by and use.installed_by and not names.path_fits(terms.by, use.installed_by):
        return (Fit.UNSHOWN, "install") if by_windows(use) else (Fit.NO, f"installed by {use.installed_by}")
    # The deployment tool's own runner lies where the clause says that installations come from.
    origins = use.installed_from or ((use.path,) if names.path_fits(terms.origin, use.path) else ())
    if terms.origin and origins and not any(names.path_fits(terms.origin, origin) for origin in origins):
        return Fit.NO, f"installed from {origins[0]}"
    shown = (not terms.by or use.installed_by) and (not terms.origin or origins)
    return (Fit.YES, "") if shown else (Fit.UNSHOWN, "install")


def _config(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.config:
        return None
    if use.config:
        return _answer(names.path_fits(clause.config, use.config), f"configuration is {use.config}")
    if use.commanded:
        return Fit.NO, "the default configuration was used"
    return Fit.SILENT, "config"


def _remotes(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.remotes:
        return None
    if not use.remotes:
        return (Fit.UNSHOWN if use.action in _DIRECTED else Fit.SILENT), "remotes"
    foreign = [remote for remote in use.remotes if not names.fits_any(clause.remotes, remote)]
    return _answer(not foreign, f"remote {', '.join(foreign)} is not covered")


def _sources(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.sources:
        return None
    if not use.sources:
        return (Fit.UNSHOWN if use.action in _DIRECTED else Fit.SILENT), "sources"
    wanted = [_canonical(source, use, ground) for source in clause.sources]
    foreign = [s for s in use.sources if not names.path_fits(wanted, _canonical(s, use, ground), below=True)]
    return _answer(not foreign, f"source {', '.join(foreign)} is not covered")


def _canonical(path: str, use: Traits, ground: Ground) -> str:
    """A UNC path under the name the inventory has for its host."""
    unc = unc_path(path)
    if unc is None:
        return path
    member = ground.directory.asset(unc.host, use.time)
    return f"\\\\{member.name if member else names.host(unc.host) or unc.host}\\{unc.share}{unc.rest}"


def _destinations(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.destinations:
        return None
    answers = [_destination(clause.destinations, destination, use, ground) for destination in use.destinations]
    if True in answers:
        return Fit.YES, ""
    if False in answers:
        return Fit.NO, f"destination {use.destinations[answers.index(False)]} is not covered"
    sends = use.action is Action.UPLOAD and use.tool.kind != "copy"  # of a copy tool its remotes tell where to
    return (Fit.UNSHOWN if sends else Fit.SILENT), "destinations"


def _destination(patterns: tuple[str, ...], destination: str, use: Traits, ground: Ground) -> bool | None:
    """Whether a destination is covered; ``None`` when it is an address whose name no event tells, or of another kind.

    A bucket (``s3://name``) says nothing of the machine that holds it, nor the other way round.
    """
    patterns = tuple(pattern for pattern in patterns if ("://" in pattern) == ("://" in destination))
    if not patterns:
        return None
    name, port = _split_port(destination)
    spelt = [name, *ground.directory.service_of(name, use.time)]
    asset = ground.directory.asset(name, use.time)
    spelt += [asset.name] if asset else []
    ports_differ = 0
    for pattern in patterns:
        wanted, wanted_port = _split_port(pattern)
        if any(names.fits(wanted, one) or names.fits(wanted, one.split(".", 1)[0]) for one in spelt):
            if not wanted_port or not port or port == wanted_port:
                return True
            ports_differ += 1
        elif wanted_port and port and wanted_port != port:
            ports_differ += 1
    nameless = names.address(name) is not None and len(spelt) == 1
    return None if nameless and ports_differ < len(patterns) else False


def _split_port(text: str) -> tuple[str, str]:
    if "://" in text:
        return text, ""
    name, colon, port = text.rpartition(":")
    return (name, port) if colon and port.isdigit() and ":" not in name else (text, "")


def _hours(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    zone = ground.policy.timezone
    if hours.expired(clause.expires, use.time, zone):
        return Fit.NO, f"it expired on {clause.expires}"
    for windows, word in (
        (clause.hours, "hours"),
        (clause.session_hours if use.action in _CONNECTED else (), "session_hours"),
    ):
        if windows and not hours.within(windows, use.time, zone):
            return Fit.NO, f"{hours.local(use.time, zone):%a %H:%M} is outside its {word}"
    return (Fit.YES, "") if clause.hours or clause.session_hours or clause.expires else None


def _ticket(clause: ToolClause, use: Traits, ground: Ground) -> tuple[Fit, str] | None:
    if not clause.needs_ticket:
        return None
    return _answer(ticketed(clause, ground.policy, use.time, use.host), "no open ticket covers host and time")


def ticketed(clause: ToolClause, policy: Policy, time: datetime, *hosts: str) -> bool:
    """Whether a ticket for the clause's tool is open on one of these machines at that time."""
    return any(
        ticket.tool == clause.tool
        and any(names.host_fits([ticket.host], host) for host in hosts)
        and ticket.start <= time <= ticket.end
        for ticket in policy.tickets
    )


CHECKS: dict[str, Check] = {
    "actions": _actions,
    "hosts": _hosts,
    "users": _users,
    "operators": _operators,
    "tenant": _tenant,
    "path": _path,
    "signer": _signer,
    "install": _install,
    "config": _config,
    "remotes": _remotes,
    "sources": _sources,
    "destinations": _destinations,
    "hours": _hours,
    "ticket": _ticket,
}
