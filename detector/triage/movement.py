"""Events that link two machines: who came from where to where, by which protocol (rmm-facts 4.4, field by field)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from detector.model.event import Event
from detector.model.hit import Hit
from detector.triage import names
from detector.triage.identity import Directory, Member, unc_paths

_PORTS = {
    3389: "rdp", 445: "smb", 139: "smb", 22: "ssh", 5985: "winrm", 5986: "winrm", 80: "http", 443: "http", 5000: "http",
    8000: "http", 8080: "http", 8443: "http", 8888: "http", 11434: "http", 1234: "http", 9000: "http", 9021: "http",
    135: "rpc", 5900: "vnc", 2049: "nfs",
}  # fmt: skip
_LOGON_TYPES = {"3": "logon", "10": "rdp", "7": "rdp", "8": "logon", "9": "logon"}
_SPN = {"termsrv": "rdp", "cifs": "smb", "wsman": "winrm", "http": "winrm", "rpcss": "rpc"}

#: Protocols by which hands and tools move; a bare network logon or a request says that somebody *reached* a machine.
HANDS = frozenset({"rdp", "ssh", "winrm", "vnc", "rpc"})


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
    def event(self) -> Event:
        """The event that shows it."""
        return self.hit.event


def movements(hit: Hit, directory: Directory) -> list[Movement]:
    """The links one hit shows; none for an event that links no two machines."""
    event = hit.event
    reader = _READERS.get(_key(event))
    if reader is not None:
        found = reader(hit, directory)
        return [found] if found is not None and found.target and found.origin != found.target else []
    if event.text("CommandLine") or event.text("ScriptBlockText"):
        return _spoken(hit, directory)
    return []


def _key(event: Event) -> tuple[str, int]:
    provider = event.ref.provider.lower()
    for short in (
        "sysmon",
        "security-auditing",
        "remoteconnectionmanager",
        "localsessionmanager",
        "clientactivex",
        "winrm",
    ):
        if short in provider:
            return (short, event.ref.event_id)
    return (provider, event.ref.event_id)


def _made(
    hit: Hit, directory: Directory, origin: str, target: str, protocol: str, user: str, *, share: str = "", path: str = "",
    acting: str = "", image: str = "", failed: bool = False, reads: bool = False,
) -> Movement:  # fmt: skip
    time = hit.event.time
    asset = directory.asset(target, time) if target else None
    known_origin, known_target = directory.host_of(origin, time), directory.host_of(target, time)
    if asset is not None:
        known_target = names.host(asset.name) or asset.name
    return Movement(hit, known_origin, known_target, protocol, user, asset, share, path, acting, image, failed, reads)


def _logon(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    protocol = _LOGON_TYPES.get(event.text("LogonType"))
    origin = event.text("IpAddress")
    if not directory.host_of(origin, event.time):
        origin = event.text("WorkstationName")
    if protocol is None or not directory.host_of(origin, event.time):
        return None
    failed = event.ref.event_id == 4625
    return _made(hit, directory, origin, event.host, protocol, event.text("TargetUserName"), failed=failed)


def _explicit(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    spn = event.text("TargetInfo").partition("/")[0].lower()
    if not names.host(event.text("TargetServerName")) and not names.address(event.text("TargetServerName")):
        return None
    protocol = "rdp" if event.text("ProcessName").lower().endswith("mstsc.exe") else _SPN.get(spn, "logon")
    return _made(
        hit, directory, event.host, event.text("TargetServerName"), protocol, event.text("TargetUserName"),
        acting=event.text("SubjectUserName"), image=event.text("ProcessName"),
    )  # fmt: skip


def _share(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    share = event.text("ShareName").rstrip("\\").rsplit("\\", 1)[-1]
    if share.upper() == "IPC$":
        return None
    path = event.text("RelativeTargetName")
    reads = event.ref.event_id == 5145 and bool(path.strip("\\")) and "%%4416" in event.text("AccessList")
    return _made(
        hit, directory, event.text("IpAddress"), event.host, "smb", event.text("SubjectUserName"),
        share=share, path=path, reads=reads,
    )  # fmt: skip


def _from_address(field: str, user_field: str) -> Callable[[Hit, Directory], Movement | None]:
    def read(hit: Hit, directory: Directory) -> Movement | None:
        event = hit.event
        if not directory.host_of(event.text(field), event.time):
            return None
        return _made(hit, directory, event.text(field), event.host, "rdp", event.text(user_field))

    return read


def _to_value(hit: Hit, directory: Directory) -> Movement | None:
    return _made(hit, directory, hit.event.host, hit.event.text("Value"), "rdp", "")


def _remote_shell(hit: Hit, directory: Directory) -> Movement | None:
    connection = hit.event.text("connection") or hit.event.text("Data")
    return _made(hit, directory, hit.event.host, connection.split("/", 1)[0], "winrm", "")


def _connection(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    port = event.text("DestinationPort")
    protocol = _PORTS.get(int(port), "network") if port.isdigit() else "network"
    there, here = event.text("DestinationHostname").strip("-"), event.text("SourceHostname").strip("-")
    time = event.time
    target = there if there and directory.asset(there, time) else event.text("DestinationIp")
    if event.text("Initiated").lower() == "false":
        origin = event.text("SourceIp") if directory.host_of(event.text("SourceIp"), time) else here
        return _made(hit, directory, origin, event.host, protocol, "", image=event.text("Image"))
    return _made(hit, directory, event.host, target, protocol, event.text("User"), image=event.text("Image"))


def _filtering(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    port = event.text("DestPort")
    protocol = _PORTS.get(int(port), "network") if port.isdigit() else "network"
    image = event.text("Application")
    if event.text("Direction") in ("%%14592", "Inbound"):
        port = event.text("SourcePort")
        return _made(
            hit, directory, event.text("DestAddress"), event.host, _PORTS.get(_number(port), "network"), "", image=image
        )
    return _made(hit, directory, event.host, event.text("DestAddress"), protocol, "", image=image)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _reconnected(hit: Hit, directory: Directory) -> Movement | None:
    event = hit.event
    origin = event.text("ClientAddress")
    if not directory.host_of(origin, event.time):
        origin = event.text("ClientName")
    return (
        _made(hit, directory, origin, event.host, "rdp", event.text("AccountName"))
        if names.host(origin) or origin
        else None
    )


def _spoken(hit: Hit, directory: Directory) -> list[Movement]:
    """Machines a command line or script names: assets in any form, others by UNC path only."""
    event = hit.event
    text = event.text("CommandLine") or event.text("ScriptBlockText")
    user = event.text("User")
    found: dict[str, Movement] = {}
    for unc in unc_paths(text):
        move = _made(hit, directory, event.host, unc.host, "smb", user, share=unc.share.rstrip("\\"), path=unc.rest)
        if move.target and move.target != event.host:
            found.setdefault(move.target, move)
    for member in directory.mentions(text, event.time):
        target = names.host(member.name) or member.name
        if target != event.host:
            protocol = hit.rule.protocol or _protocol_of(text)
            found.setdefault(target, Movement(hit, event.host, target, protocol, user, member))
    return list(found.values())


def _protocol_of(text: str) -> str:
    lowered = text.lower()
    shapes = (
        ("mstsc", "rdp"), ("ssh", "ssh"), ("scp", "ssh"), ("sftp", "ssh"), ("plink", "ssh"), ("winscp", "ssh"),
        ("http", "http"), ("pssession", "winrm"), ("-computername", "winrm"), ("winrs", "winrm"), ("\\\\", "smb"),
    )  # fmt: skip
    return next((protocol for shape, protocol in shapes if shape in lowered), "command")


_READERS: dict[tuple[str, int], Callable[[Hit, Directory], Movement | None]] = {
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
}
