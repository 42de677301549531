"""Small builders of the values triage works on, and one invented company to judge: Kestrel Bay.

Everything is made up; addresses are of the documentation ranges. Local time is Berlin's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import count

from detector.model.asset import Asset, Inventory, KnownHost
from detector.model.event import Event, EventRef, FieldValue
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.policy import AccessClause, BulkReadClause, InstallTerms, Policy, Ticket, ToolClause, Window
from detector.model.predicate import AllOf
from detector.model.rule import Action, LogSource, Phase, Role, Rule
from detector.model.tool import Catalogue, Tool
from detector.triage.fold import Folder
from detector.triage.identity import Directory, networks
from detector.triage.sighting import AddressBook, sightings
from detector.triage.tell import Setting, Telling, tell

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


# -- Kestrel Bay ----------------------------------------------------------------------------------------------------------

INVENTORY = Inventory(
    assets=(
        Asset(
            "WEIGHTS-1",
            "weights",
            "critical",
            addresses=networks(("192.0.2.40", "2001:db8:5::40")),
            aliases=("strongroom", "vault.kestrel.example"),
            shares=("models$",),
            paths=("M:\\models",),
        ),
        Asset("INFER-2", "inference", "high", addresses=networks(("192.0.2.50",)), paths=("E:\\serving",)),
        Asset(
            "node",
            "training",
            "high",
            match=("node[0-9][0-9]",),
            addresses=networks(("192.0.2.128/27",)),
            sends_logs=False,
        ),
        Asset("LAKE", "datasets", "high", addresses=networks(("192.0.2.60",)), shares=("corpus",), sends_logs=False),
        Asset(
            "gpu-desk",
            "workstation",
            "high",
            match=("KB-G???",),
            addresses=networks(("198.51.100.64/27",)),
            paths=("D:\\tune", "C:\\Users\\*\\.cache\\models"),
        ),
    ),
    jump_hosts=(KnownHost("HOP-1", networks(("192.0.2.8",))), KnownHost("HOP-2", networks(("192.0.2.9",)))),
    hosts=(
        KnownHost("COPIER-1", networks(("192.0.2.20",))),
        KnownHost("KB-L001", networks(("198.51.100.11",))),
        KnownHost("KB-L002", networks(("198.51.100.12",))),
        KnownHost("KB-L003", networks(("198.51.100.13",))),
        KnownHost("DEPLOY-1", networks(("192.0.2.30",))),
    ),
    internal_networks=networks(("192.0.2.0/24", "198.51.100.0/24", "2001:db8:5::/48")),
    dns_domains=("corp.kestrel.example", "kestrel.example"),
    netbios_domain="KESTREL",
    organisation="Kestrel Bay",
)

OFFICE = (Window(frozenset(range(5)), time(7, 30), time(18, 30)),)
NIGHT = (Window(frozenset(range(7)), time(21, 40), time(5, 10)),)

DESK = ToolClause(
    id="sc-desk",
    tool="screenconnect",
    actions=frozenset({Action.INSTALL, Action.UPDATE, Action.CONNECT, Action.SESSION, Action.COMMAND, Action.TRANSFER}),
    hosts=("KB-L???", "KIOSK-*"),
    not_hosts=("HOP-1", "HOP-2"),
    tenant={"instance": ("00aa11bb22cc33dd",), "relay": ("support.kestrel.example:8041",)},
    path=("C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\*",),
    operators=("ivy", "max"),
    session_hours=OFFICE,
)
CELLS = ToolClause(
    id="anydesk-cells",
    tool="anydesk",
    actions=frozenset({Action.INSTALL, Action.UPDATE, Action.CONNECT, Action.SESSION}),
    hosts=("CELL-*",),
    tenant={"client": ("1234abcd",)},
    path=("C:\\Program Files (x86)\\AnyDesk-1234abcd\\*",),
    signer=("AnyDesk Software GmbH",),
    install=InstallTerms(
        by=("C:\\Program Files (x86)\\Microsoft Intune Management Extension\\AgentExecutor.exe",),
        origin=("C:\\Windows\\IMECache\\*",),
    ),
    operators=("*@kestrel",),
)
NIGHTLY = ToolClause(
    id="rclone-nightly",
    tool="rclone",
    actions=frozenset({Action.UPLOAD}),
    hosts=("COPIER-1",),
    users=("KESTREL\\svc.copy",),
    path=("C:\\Program Files\\Kestrel\\rclone.exe",),
    config=("C:\\ProgramData\\Kestrel\\nightly.conf",),
    remotes=("coldstore:",),
    destinations=("objects.coldstore.example:443",),
    sources=("\\\\weights-1\\runs", "E:\\exports"),
    hours=NIGHT,
    reach_ai=True,
)
OPEN_DATA = ToolClause(
    id="rclone-open",
    tool="rclone",
    actions=frozenset({Action.DOWNLOAD}),
    hosts=("KB-G???",),
    users=("ada", "bob"),
    remotes=("opendata:",),
    destinations=("mirror.opendata.example:443",),
)
RELEASE = ToolClause(
    id="aws-release",
    tool="aws-cli",
    actions=frozenset({Action.UPLOAD}),
    hosts=("COPIER-1",),
    users=("svc.release",),
    destinations=("s3://kestrel-releases/*",),
    reach_ai=True,
)
SSH = ToolClause(
    id="ssh-ml",
    tool="openssh",
    actions=frozenset({Action.SESSION, Action.TUNNEL, Action.TRANSFER}),
    hosts=("HOP-1", "HOP-2", "KB-G???"),
    users=("ada", "bob"),
    destinations=("node*",),
    reach_ai=True,
)
DEPLOY = ToolClause(
    id="deploy-all",
    tool="pdq-deploy",
    actions=frozenset({Action.INSTALL, Action.COMMAND}),
    hosts=("*",),
    install=InstallTerms(origin=("C:\\Windows\\AdminArsenal\\PDQDeployRunner\\*",)),
    operators=("DEPLOY-1$", "svc.deploy"),
    reach_ai=True,
)
RESCUE = ToolClause(
    id="rescue-ticket",
    tool="rescue",
    actions=frozenset({Action.CONNECT, Action.SESSION, Action.TRANSFER}),
    hosts=("KB-L???",),
    hours=OFFICE,
    needs_ticket=True,
)

POLICY = Policy(
    timezone="Europe/Berlin",
    tools=(DESK, CELLS, NIGHTLY, OPEN_DATA, RELEASE, SSH, DEPLOY, RESCUE),
    access=(
        AccessClause("hop-in", ("KB-L???", "KB-G???"), ("HOP-1", "HOP-2"), ("rdp",), ("ada", "bob", "*.adm")),
        AccessClause("hop-out", ("HOP-1", "HOP-2"), ("WEIGHTS-1", "INFER-2"), ("rdp",), ("*.adm",)),
        AccessClause("web", ("KB-L???", "KB-G???"), ("INFER-2",), ("http",), ("ada", "bob")),
    ),
    bulk_read=(
        BulkReadClause("bulk-train", ("svc.train",), ("node",), ("WEIGHTS-1\\models$", "LAKE\\corpus")),
        BulkReadClause("bulk-copy", ("svc.copy",), ("COPIER-1",), ("WEIGHTS-1\\runs",)),
        BulkReadClause("bulk-release", ("bob",), ("KB-G???", "HOP-1"), ("WEIGHTS-1\\models$",), OFFICE),
    ),
    tickets=(Ticket("T-1", "rescue", "KB-L002", after(hours=0), after(hours=4)),),
)

CATALOGUE = Catalogue(
    {
        tool.id: tool
        for tool in (
            Tool(
                "screenconnect",
                "ScreenConnect",
                "remote",
                images=("screenconnect.clientservice.exe", "screenconnect.windowsclient.exe"),
                traits={
                    "instance": (r"screenconnect client \(([0-9a-f]{16})\)",),
                    "relay": (r"[?&]h=([^&\"\s]+)&p=(\d+)",),
                    "operator": (r"^(\S.{0,80}?) (?:Dis)?Connected$",),
                    "left": (r"^(\S.{0,80}?) Disconnected$",),
                },
            ),
            Tool(
                "anydesk",
                "AnyDesk",
                "remote",
                images=("anydesk.exe", "anydesk-????????.exe"),
                traits={
                    "client": (r"anydesk-([0-9a-f]{8})(?![0-9a-f])",),
                    "operator": (r"^Incoming\s+\S+ \d\d:\d\d\s+\S+\s+(\S+)",),
                },
            ),
            Tool("rclone", "rclone", "copy", images=("rclone.exe",)),
            Tool("aws-cli", "AWS CLI", "copy", images=("aws.exe",)),
            Tool("openssh", "OpenSSH", "protocol", images=("ssh.exe", "scp.exe")),
            Tool("pdq-deploy", "PDQ Deploy", "management", images=("pdqdeployrunner-*.exe",)),
            Tool("rescue", "Rescue", "remote", images=("rescue.exe",)),
            Tool("teamviewer", "TeamViewer", "remote", images=("teamviewer.exe",)),
        )
    }
)

SETTING = Setting(INVENTORY, POLICY, CATALOGUE)


def directory(events: Iterable[Event] = ()) -> Directory:
    """Kestrel Bay's machines, with what some events tell of addresses."""
    return Directory(INVENTORY, book(events))


def book(events: Iterable[Event]) -> AddressBook:
    """An address book of events."""
    found = AddressBook()
    for one in events:
        found.add(sightings(one))
    return found


def folded(hits: Iterable[Hit]) -> Folder:
    """A folder of hits."""
    folder = Folder()
    for one in hits:
        folder.add(one)
    return folder


def told(hits: Iterable[Hit], setting: Setting = SETTING) -> Telling:
    """What is told of hits, with the address book their own events make."""
    kept = list(hits)
    return tell(folded(kept), book(one.event for one in kept), setting)
