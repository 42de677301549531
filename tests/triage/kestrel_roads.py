"""What the road from a machine with the tool to an asset is made of, as hits; and the stories told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.incident import Incident
from detector.model.level import Level
from detector.model.rule import Action, Phase
from tests.company import told
from tests.making import SYSMON, SYSTEM, T0, event, hit, logon, move_rule, rule, share_read

FOREIGN = rule("anydesk", Phase.INSTALL, Action.INSTALL, level=Level.MEDIUM)
SESSION = rule("screenconnect", Phase.SESSION, Action.SESSION, level=Level.LOW)
ADDRESS = {
    "KB-L001": "198.51.100.11",
    "KB-L002": "198.51.100.12",
    "KB-L003": "198.51.100.13",
    "HOP-1": "192.0.2.8",
    "HOP-2": "192.0.2.9",
}
OURS = "ScreenConnect Client (00aa11bb22cc33dd)"


def planted(host: str, when: datetime = T0) -> Hit:
    """A remote tool nobody allowed is installed on the machine."""
    return hit(
        FOREIGN,
        event(SYSTEM, 7045, host, when, ServiceName="X", ImagePath='"C:\\ProgramData\\x\\AnyDesk.exe" --service'),
    )


def helped(host: str, when: datetime = T0, said: str = "ivy Connected") -> Hit:
    """The help desk connects, as the policy allows."""
    return hit(SESSION, event(OURS, 100, host, when, Data=said))


def rdp(origin: str, target: str, user: str, when: datetime) -> Hit:
    """The target logs an interactive session from the origin's address."""
    return hit(move_rule("rdp"), logon(target, ADDRESS[origin], user, when, kind="10", workstation=target))


def smb(origin: str, target: str, user: str, when: datetime, share: str = "models$") -> Hit:
    return hit(move_rule("smb", Phase.COLLECTION), share_read(target, ADDRESS[origin], user, share, when=when))


def net(origin: str, target: str, user: str, when: datetime) -> Hit:
    return hit(move_rule("logon"), logon(target, ADDRESS[origin], user, when))


def web(host: str, to: str, port: str, when: datetime, user: str = "KESTREL\\ada") -> Hit:
    fields = {"DestinationIp": to, "DestinationPort": port, "DestinationHostname": "-", "Initiated": "true"}
    on: Event = event(SYSMON, 3, host, when, User=user, Image="C:\\browser.exe", **fields)
    return hit(move_rule("http"), on)


def stories(hits: Sequence[Hit]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Origins and assets of the incidents that begin with a tool."""
    return sorted((one.origins, one.assets) for one in told(hits).incidents if begins_with_a_tool(one))


def begins_with_a_tool(incident: Incident) -> bool:
    """Whether it is more than an asset reached by hand, with no remote tool in sight."""
    return not any("no remote tool was seen" in reason for reason in incident.reasons)


def the_story(hits: Sequence[Hit]) -> Incident:
    (incident,) = told(hits).incidents
    return incident


L1, L2, L3, HOP, W = "KB-L001", "KB-L002", "KB-L003", "HOP-1", "WEIGHTS-1"
