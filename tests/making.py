"""Small builders of the values triage works on; the company they are about is in :mod:`tests.company`.

Everything is made up; addresses are of the documentation ranges. Local time is Berlin's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from detector.model.event import Event, EventRef, FieldValue
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.predicate import AllOf
from detector.model.rule import Action, LogSource, Phase, Role, Rule

#: Tuesday 2025-11-18, 10:00 in Berlin.
T0 = datetime(2025, 11, 18, 9, 0, tzinfo=UTC)

SYSMON = "Microsoft-Windows-Sysmon"
SECURITY = "Microsoft-Windows-Security-Auditing"
SYSTEM = "Service Control Manager"
SESSIONS = "Microsoft-Windows-TerminalServices-LocalSessionManager"
CONNECTIONS = "Microsoft-Windows-TerminalServices-RemoteConnectionManager"
RDP_CLIENT = "Microsoft-Windows-TerminalServices-ClientActiveXCore"
POWERSHELL = "Microsoft-Windows-PowerShell"

_CHANNELS = {SYSMON: f"{SYSMON}/Operational", SECURITY: "Security", SYSTEM: "System"}
_records = count(1)


def after(hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """A time after :data:`T0`."""
    return T0 + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def event(
    provider: str,
    event_id: int,
    host: str,
    when: datetime = T0,
    **fields: FieldValue,
) -> Event:
    """One event with a record id of its own; other refs by ``dataclasses.replace``."""
    channel = _CHANNELS.get(provider, f"{provider}/Operational")
    ref = EventRef("a.evtx", host.split(".", 1)[0].upper(), channel, provider, event_id, next(_records), when)
    system = {"EventID": str(event_id), "Channel": channel, "Provider_Name": provider, "Computer": host}
    return Event(ref, host, system | fields)


def rule(
    tool: str | None = None,
    phase: Phase | None = None,
    action: Action | None = None,
    *,
    name: str = "",
    role: Role = Role.USE,
    protocol: str | None = None,
    level: Level = Level.MEDIUM,
) -> Rule:
    """A rule as triage sees it: its predicate is of no matter here."""
    name = name or f"{tool or 'none'}-{phase}-{action}-{role}-{protocol}"
    return Rule(name, name, level, LogSource(), AllOf(()), role, tool, phase, action, protocol)


def move_rule(protocol: str | None = None, phase: Phase = Phase.MOVEMENT) -> Rule:
    """A context rule of movement."""
    return rule(phase=phase, role=Role.CONTEXT, protocol=protocol, level=Level.LOW)


def hit(of: Rule, on: Event, *fields: str) -> Hit:
    """A hit of a rule."""
    return Hit(of, on, fields)


# -- events that links are read from --------------------------------------------------------------------------------------


def logon(  # the fields of 4624 that matter
    target: str,
    origin: str,
    user: str,
    when: datetime = T0,
    *,
    kind: str = "3",
    workstation: str = "-",
    number: int = 4624,
) -> Event:
    """Security 4624 (or 4625) on the target; ``origin`` is what ``IpAddress`` says."""
    fields = {"TargetUserName": user, "LogonType": kind, "IpAddress": origin, "WorkstationName": workstation}
    return event(SECURITY, number, target, when, **fields)


def share_read(
    target: str, origin: str, user: str, share: str, path: str = "a\\b.safetensors", when: datetime = T0
) -> Event:
    """Security 5145 on the file server: data of a file was asked for."""
    fields = {
        "IpAddress": origin,
        "ShareName": f"\\\\*\\{share}",
        "RelativeTargetName": path,
        "AccessList": "%%1541 %%4416",
    }
    return event(SECURITY, 5145, target, when, SubjectUserName=user, **fields)


def process(
    host: str, image: str, command: str, user: str = "KESTREL\\ada", when: datetime = T0, **more: FieldValue
) -> Event:
    """Sysmon 1."""
    return event(SYSMON, 1, host, when, Image=image, CommandLine=command, User=user, **more)
