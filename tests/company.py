"""One invented company to judge: Kestrel Bay, its inventory, policy and tools; and what is told of hits there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from detector.model.asset import Asset, Inventory, KnownHost
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.policy import AccessClause, BulkReadClause, InstallTerms, Policy, Ticket, ToolClause, Window
from detector.model.rule import Action
from detector.model.tool import Catalogue, Fact, Sure, Tool
from detector.triage.fold import Folder
from detector.triage.identity import Directory, networks
from detector.triage.sighting import AddressBook, sightings
from detector.triage.tell import Telling, tell
from detector.triage.walk import Setting
from tests.making import after

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


def programs(*names: str) -> dict[str, tuple[Fact, ...]]:
    return {"images": tuple(Fact(name, Sure.REPORTED) for name in names)}


CATALOGUE = Catalogue(
    {
        tool.id: tool
        for tool in (
            Tool(
                "screenconnect",
                "ScreenConnect",
                "remote",
                facts=programs("screenconnect.clientservice.exe", "screenconnect.windowsclient.exe"),
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
                facts=programs("anydesk.exe", "anydesk-????????.exe"),
                traits={
                    "client": (r"anydesk-([0-9a-f]{8})(?![0-9a-f])",),
                    "operator": (r"^Incoming\s+\S+ \d\d:\d\d\s+\S+\s+(\S+)",),
                },
            ),
            Tool("rclone", "rclone", "copy", facts=programs("rclone.exe")),
            Tool("aws-cli", "AWS CLI", "copy", facts=programs("aws.exe")),
            Tool("openssh", "OpenSSH", "protocol", facts=programs("ssh.exe", "scp.exe")),
            Tool("pdq-deploy", "PDQ Deploy", "management", facts=programs("pdqdeployrunner-*.exe")),
            Tool("rescue", "Rescue", "remote", facts=programs("rescue.exe")),
            Tool("teamviewer", "TeamViewer", "remote", facts=programs("teamviewer.exe")),
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
