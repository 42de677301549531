"""Events that link two machines: who came from where to where, by which protocol (rmm-facts 4.4, field by field)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from detector.model.event import Event
from detector.model.hit import Hit
from detector.triage import names
from detector.triage.identity import Directory, Member, unc_paths

_PORTS = {
    3389: "rdp", 445: "smb", 139: "smb", 22: "ssh", 5985: "winrm", 5986: "winrm", 80: "http", 443: "http", 5000: "http",
    3000: "http", 5001: "http", 8000: "http", 8001: "http", 8002: "http", 8080: "http", 8081: "http", 8085: "http", 8090: "http",
    8501: "http", 8889: "http", 9090: "http", 8443: "http", 8888: "http", 11434: "http", 1234: "http", 9000: "http", 9021: "http",
    135: "rpc", 5900: "vnc", 2049: "nfs",
}  # fmt: skip
_LOGON_TYPES = {"3": "logon", "10": "rdp", "7": "rdp", "8": "logon", "9": "logon"}
_SHELLS = frozenset(
    {"", "powershell.exe", "powershell_ise.exe", "pwsh.exe", "winrs.exe", "wsmprovhost.exe", "svchost.exe", "mmc.exe"}
)
_SPN = {"termsrv": "rdp", "cifs": "smb", "wsman": "winrm", "http": "winrm", "rpcss": "rpc"}

_SHAPES = (
    ("mstsc", "rdp"), ("ssh", "ssh"), ("scp", "ssh"), ("sftp", "ssh"), ("plink", "ssh"), ("winscp", "ssh"),
    ("http", "http"), ("pssession", "winrm"), ("-computername", "winrm"), ("winrs", "winrm"), ("\\\\", "smb"),
)  # fmt: skip
_PROVIDERS = (
    "sysmon", "security-auditing", "remoteconnectionmanager", "localsessionmanager", "clientactivex", "winrm", "openssh",
)  # fmt: skip
_ACCEPTED = re.compile(r"Accepted \S+ for (?P<user>\S+) from (?P<address>[0-9A-Fa-f.:]+) port")

#: Protocols by which hands move; a network logon, a request or RPC (every workstation talks it) only *reaches* a machine.
HANDS = frozenset({"rdp", "ssh", "winrm", "vnc"})


@dataclass(frozen=True, slots=True)
class Movement:
    """One event's link between two machines.

    ``origin`` and ``target`` are short host names in upper case, or an address nobody knows a name of; ``asset`` the AI asset
    the target is. ``share`` is the share's name without host; ``reads`` says that file data was asked for. ``acting``
    is the account that moved, where it differs from the one used (4648). ``failed`` movements reach nothing.
    """

    hit: Hit
    origin: str
    target: str
    protocol: str
    user: str
    asset: Member | None
    share: str = ""
    path: str = ""
    acting: str = ""
    image: str = ""
    failed: bool = False
    reads: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether hands move by it: a session, or a command that makes the other machine run something (``schtasks /s``)."""
        return self.protocol in HANDS or self.executes

    @property
    def executes(self) -> bool:
        """Whether what it starts over there runs as that machine itself: its services, tasks and processes by command."""
        return self.hit.rule.protocol == "rpc" and bool(
            self.event.text("CommandLine") or self.event.text("ScriptBlockText")
        )

    @property
    def event(self) -> Event:
        """The event that shows it."""
        return self.hit.event


Reader = Callable[[Event, Directory], "Link | None"]


@dataclass(frozen=True, slots=True)
class Link:
    """What one event says of two machines, as it spells them; see :class:`Movement` for the meaning of the rest."""

    origin: str
    target: str
    protocol: str
    user: str
    share: str = ""
    path: str = ""
    acting: str = ""
    image: str = ""
    failed: bool = False
    reads: bool = False


def movements(hit: Hit, directory: Directory) -> list[Movement]:
    """The links one hit shows; none for an event that links no two machines."""
    event = hit.event
    reader = _READERS.get(_key(event))
    if reader is not None:
        link = reader(event, directory)
        found = _resolved(hit, link, directory) if link is not None else None
        return [found] if found is not None and found.target and found.origin != found.target else []
    if event.text("CommandLine") or event.text("ScriptBlockText"):
        return _spoken(hit, directory)
    return []


def _key(event: Event) -> tuple[str, int]:
    provider = event.ref.provider.lower()
    return (next((short for short in _PROVIDERS if short in provider), provider), event.ref.event_id)


def _resolved(hit: Hit, link: Link, directory: Directory) -> Movement:
    """The link with names that mean one machine each."""
    time = hit.event.time
    asset = directory.asset(link.target, time) if link.target else None
    target = directory.host_of(link.target, time)
    if asset is not None:
        target = asset.host
    return Movement(
        hit=hit,
        origin=directory.host_of(link.origin, time),
        target=target,
        protocol=link.protocol,
        user=link.user,
        asset=asset,
        share=link.share,
        path=link.path,
        acting=link.acting,
        image=link.image,
        failed=link.failed,
        reads=link.reads,
    )


def _logon(event: Event, directory: Directory) -> Link | None:
    protocol = _LOGON_TYPES.get(event.text("LogonType"))
    origin = _client(event, directory, "IpAddress", "WorkstationName")
    if protocol is None or not origin:
        return None
    failed = event.ref.event_id == 4625
    return Link(origin, event.host, protocol, event.text("TargetUserName"), failed=failed)


def _client(event: Event, directory: Directory, address_field: str, name_field: str) -> str:
    """The other side by address; by name where the address is missing or nobody knows whose it is (``fe80::``)."""
    address, name = event.text(address_field), event.text(name_field)
    by_address = directory.host_of(address, event.time)
    named = names.host(name) not in ("", event.host)  # RDP writes the target's own name there
    return name if named and (not by_address or names.address(by_address) is not None) else by_address


def _explicit(event: Event, directory: Directory) -> Link | None:
    server, program = event.text("TargetServerName"), event.text("ProcessName")
    if not names.host(server) and not names.address(server):
        return None
    spn = event.text("TargetInfo").partition("/")[0].lower()
    protocol = "rdp" if program.lower().endswith("mstsc.exe") else _SPN.get(spn, "logon")
    if protocol == "winrm" and spn == "http" and names.file_name(program) not in _SHELLS:
        protocol = "http"  # a browser that signs in
    acting = event.text("SubjectUserName")
    return Link(event.host, server, protocol, event.text("TargetUserName"), acting=acting, image=program)


def _share(event: Event, directory: Directory) -> Link | None:
    share = event.text("ShareName").rstrip("\\").rsplit("\\", 1)[-1]
    if share.upper() == "IPC$":
        return None
    path = event.text("RelativeTargetName")
    reads = event.ref.event_id == 5145 and bool(path.strip("\\")) and "%%4416" in event.text("AccessList")
    origin, user = event.text("IpAddress"), event.text("SubjectUserName")
    if not directory.host_of(origin, event.time):
        return None
    return Link(origin, event.host, "smb", user, share=share, path=path, reads=reads)


def _from_address(field: str, user_field: str) -> Reader:
    def read(event: Event, directory: Directory) -> Link | None:
        if not directory.host_of(event.text(field), event.time):
            return None
        return Link(event.text(field), event.host, "rdp", event.text(user_field))

    return read


def _to_value(event: Event, directory: Directory) -> Link | None:
    return Link(event.host, event.text("Value"), "rdp", "")


def _remote_shell(event: Event, directory: Directory) -> Link | None:
    connection = event.text("connection") or event.text("Data")
    return Link(event.host, connection.rpartition("://")[2].split("/", 1)[0], "winrm", "")


def _ssh_server(event: Event, directory: Directory) -> Link | None:
    accepted = _ACCEPTED.search(event.text("payload") or event.text("Data"))
    return Link(accepted["address"], event.host, "ssh", accepted["user"]) if accepted else None


def _connection(event: Event, directory: Directory) -> Link | None:
    protocol = _protocol_at(event.text("DestinationPort"))
    there, here = event.text("DestinationHostname").strip("-"), event.text("SourceHostname").strip("-")
    image = event.text("Image")
    if event.text("Initiated").lower() == "false":
        origin = event.text("SourceIp") if directory.host_of(event.text("SourceIp"), event.time) else here
        return Link(origin, event.host, protocol, "", image=image)
    target = there if there and directory.asset(there, event.time) else event.text("DestinationIp")
    # The kernel carries everybody's shares: that it acts as SYSTEM says nothing of who asked.
    user = "" if image.lower() == "system" else event.text("User")
    return Link(event.host, target, protocol, user, image=image)


def _filtering(event: Event, directory: Directory) -> Link | None:
    image = event.text("Application")
    if event.text("Direction") in ("%%14592", "Inbound"):
        return Link(event.text("DestAddress"), event.host, _protocol_at(event.text("SourcePort")), "", image=image)
    return Link(event.host, event.text("DestAddress"), _protocol_at(event.text("DestPort")), "", image=image)


def _protocol_at(port: str) -> str:
    return _PORTS.get(int(port), "network") if port.isdecimal() and len(port) <= 5 else "network"


def _reconnected(event: Event, directory: Directory) -> Link | None:
    origin = _client(event, directory, "ClientAddress", "ClientName")
    return Link(origin, event.host, "rdp", event.text("AccountName")) if origin else None


def _spoken(hit: Hit, directory: Directory) -> list[Movement]:
    """Machines a command line or script names: assets in any form, others by UNC path only."""
    event = hit.event
    text = event.text("CommandLine") or event.text("ScriptBlockText")
    user = event.text("User")
    here = directory.here(event)
    found: dict[str, Movement] = {}
    for unc in unc_paths(text):
        link = Link(event.host, unc.host, "smb", user, share=unc.share.rstrip("\\"), path=unc.rest)
        move = _resolved(hit, link, directory)
        if move.target and move.target != here:
            found.setdefault(move.target, move)
    for member in directory.mentions(text, event.time):
        if member.host != here:
            protocol = hit.rule.protocol or _protocol_of(text)
            found.setdefault(member.host, Movement(hit, here, member.host, protocol, user, member))
    return list(found.values())


def _protocol_of(text: str) -> str:
    lowered = text.lower()
    return next((protocol for shape, protocol in _SHAPES if shape in lowered), "command")


_READERS: dict[tuple[str, int], Reader] = {
    ("security-auditing", 4624): _logon,
    ("security-auditing", 4625): _logon,
    ("security-auditing", 4648): _explicit,
    ("security-auditing", 4778): _reconnected,
    ("security-auditing", 5140): _share,
    ("security-auditing", 5145): _share,
    ("security-auditing", 5156): _filtering,
    ("sysmon", 3): _connection,
    ("remoteconnectionmanager", 1149): _from_address("Param3", "Param1"),
    ("localsessionmanager", 21): _from_address("Address", "User"),
    ("localsessionmanager", 24): _from_address("Address", "User"),
    ("localsessionmanager", 25): _from_address("Address", "User"),
    ("clientactivex", 1024): _to_value,
    ("clientactivex", 1102): _to_value,
    ("winrm", 6): _remote_shell,
    ("openssh", 4): _ssh_server,
}
