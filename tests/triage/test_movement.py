"""Links between machines, read field by field (rmm-facts 4.4), in the formats met there."""

from __future__ import annotations

import pytest

from detector.model.event import Event
from detector.model.rule import Phase, Role
from detector.triage.movement import Movement, movements
from tests.company import directory
from tests.making import (
    CONNECTIONS,
    POWERSHELL,
    RDP_CLIENT,
    SECURITY,
    SESSIONS,
    SYSMON,
    T0,
    event,
    hit,
    logon,
    move_rule,
    process,
    rule,
    share_read,
)

L1 = "198.51.100.11"
HOP = "192.0.2.8"


def explicit(server: str, info: str = "", program: str = "", acting: str = "ada", user: str = "ada.adm") -> Event:
    """Security 4648: a credential was given by name, on the machine that goes out."""
    return event(
        SECURITY,
        4648,
        "KB-L001",
        TargetServerName=server,
        TargetInfo=info,
        ProcessName=program,
        SubjectUserName=acting,
        TargetUserName=user,
        IpAddress="-",
    )


def sysmon(host: str = "KB-L001", initiated: str = "true", **fields: str) -> Event:
    """Sysmon 3."""
    shown = {"User": "KESTREL\\ada", "Image": "C:\\a.exe", "DestinationHostname": "-", "SourceHostname": "-"} | fields
    return event(SYSMON, 3, host, T0, Initiated=initiated, **shown)


def platform(
    direction: str, source: str, dest: str, port: str, source_port: str = "50000", host: str = "KB-L001"
) -> Event:
    """Security 5156; for what comes in, ``Dest`` is the other side and ``SourcePort`` one's own."""
    fields = {"SourceAddress": source, "SourcePort": source_port, "DestAddress": dest, "DestPort": port}
    return event(
        SECURITY, 5156, host, T0, Direction=direction, Application="\\device\\harddiskvolume1\\a.exe", **fields
    )


Wanted = tuple[str, str, str, str]  # origin, target, protocol, user

LINKS: dict[str, tuple[Event, Wanted]] = {
    "4624 t3 Kerberos": (logon("WEIGHTS-1", f"::ffff:{L1}", "ada"), ("KB-L001", "WEIGHTS-1", "logon", "ada")),
    "4624 t3 NTLM without address": (
        logon("WEIGHTS-1", "-", "ada", workstation="KB-L001"),
        ("KB-L001", "WEIGHTS-1", "logon", "ada"),
    ),
    "4624 t3 link-local": (
        logon("WEIGHTS-1", "fe80::9%4", "ada", workstation="KB-L001"),
        ("KB-L001", "WEIGHTS-1", "logon", "ada"),
    ),
    "4624 t3 from nobody known": (logon("INFER-2", "203.0.113.9", "ada"), ("203.0.113.9", "INFER-2", "logon", "ada")),
    "4624 t10": (logon("HOP-1", L1, "ada", kind="10", workstation="HOP-1"), ("KB-L001", "HOP-1", "rdp", "ada")),
    "4624 t7, taken up again": (logon("HOP-1", L1, "ada", kind="7"), ("KB-L001", "HOP-1", "rdp", "ada")),
    "4624 on a long name": (logon("infer-2.corp.kestrel.example", HOP, "x"), ("HOP-1", "INFER-2", "logon", "x")),
    "4625": (logon("WEIGHTS-1", L1, "ada", number=4625), ("KB-L001", "WEIGHTS-1", "logon", "ada")),
    "4648 of mstsc": (
        explicit("hop-1.corp.kestrel.example", "TERMSRV/hop-1", "C:\\Windows\\System32\\mstsc.exe"),
        ("KB-L001", "HOP-1", "rdp", "ada.adm"),
    ),
    "4648 by alias": (explicit("strongroom", "cifs/strongroom"), ("KB-L001", "WEIGHTS-1", "smb", "ada.adm")),
    "4648 by address": (explicit("192.0.2.40", "host/192.0.2.40"), ("KB-L001", "WEIGHTS-1", "logon", "ada.adm")),
    "4648 of a remote shell": (
        explicit("infer-2", "HTTP/infer-2", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"),
        ("KB-L001", "INFER-2", "winrm", "ada.adm"),
    ),
    "4648 of a browser": (
        explicit("infer-2", "HTTP/infer-2", "C:\\Program Files\\Mozilla Firefox\\firefox.exe"),
        ("KB-L001", "INFER-2", "http", "ada.adm"),
    ),
    "4648 RPCSS": (explicit("infer-2", "RPCSS/infer-2"), ("KB-L001", "INFER-2", "rpc", "ada.adm")),
    "4778": (
        event(SECURITY, 4778, "HOP-1", ClientName="KB-L001", ClientAddress=L1, AccountName="ada"),
        ("KB-L001", "HOP-1", "rdp", "ada"),
    ),
    "4778 without address": (
        event(SECURITY, 4778, "HOP-1", ClientName="KB-L001", ClientAddress="LOCAL", AccountName="ada"),
        ("KB-L001", "HOP-1", "rdp", "ada"),
    ),
    "5140": (
        event(SECURITY, 5140, "WEIGHTS-1", IpAddress=f"::ffff:{L1}", ShareName="\\\\*\\models$", SubjectUserName="ada"),
        ("KB-L001", "WEIGHTS-1", "smb", "ada"),
    ),
    "5145": (share_read("WEIGHTS-1", L1, "ada", "models$"), ("KB-L001", "WEIGHTS-1", "smb", "ada")),
    "5156 out": (platform("%%14593", L1, "192.0.2.40", "445"), ("KB-L001", "WEIGHTS-1", "smb", "")),
    "5156 in": (
        platform("%%14592", "192.0.2.40", L1, "50000", "3389", host="WEIGHTS-1"),
        ("KB-L001", "WEIGHTS-1", "rdp", ""),
    ),
    "Sysmon 3 by address": (
        sysmon(DestinationIp="192.0.2.130", DestinationPort="22"),
        ("KB-L001", "192.0.2.130", "ssh", "KESTREL\\ada"),
    ),
    "Sysmon 3 by name": (
        sysmon(DestinationIp="10.9.9.9", DestinationHostname="node07.corp.kestrel.example", DestinationPort="22"),
        ("KB-L001", "NODE07", "ssh", "KESTREL\\ada"),
    ),
    "Sysmon 3 in full IPv6": (
        sysmon(DestinationIp="2001:db8:5:0:0:0:0:40", DestinationPort="445"),
        ("KB-L001", "WEIGHTS-1", "smb", "KESTREL\\ada"),
    ),
    "Sysmon 3 in": (
        sysmon("INFER-2", "false", SourceIp=L1, DestinationIp="192.0.2.50", DestinationPort="8000"),
        ("KB-L001", "INFER-2", "http", ""),
    ),
    "1149": (
        event(CONNECTIONS, 1149, "Hop-1.corp.kestrel.example", Param1="ada", Param2=None, Param3=L1),
        ("KB-L001", "HOP-1", "rdp", "ada"),
    ),
    "21": (
        event(SESSIONS, 21, "INFER-2", User="KESTREL\\ada.adm", Address=HOP),
        ("HOP-1", "INFER-2", "rdp", "KESTREL\\ada.adm"),
    ),
    "25": (
        event(SESSIONS, 25, "INFER-2", User="KESTREL\\ada.adm", Address=HOP),
        ("HOP-1", "INFER-2", "rdp", "KESTREL\\ada.adm"),
    ),
    "1024": (event(RDP_CLIENT, 1024, "KB-L001", Name="Server Name", Value="hop-1"), ("KB-L001", "HOP-1", "rdp", "")),
    "1024 with a port": (
        event(RDP_CLIENT, 1024, "KB-L001", Value="infer-2.corp.kestrel.example:3390"),
        ("KB-L001", "INFER-2", "rdp", ""),
    ),
    "1102": (event(RDP_CLIENT, 1102, "KB-L001", Value=HOP), ("KB-L001", "HOP-1", "rdp", "")),
    "WinRM 6": (
        event("Microsoft-Windows-WinRM", 6, "KB-L001", connection="infer-2.corp.kestrel.example/wsman?PSVersion=5.1"),
        ("KB-L001", "INFER-2", "winrm", ""),
    ),
    "WinRM 6 as a URL": (
        event("Microsoft-Windows-WinRM", 6, "KB-L001", connection="https://192.0.2.50:5986/wsman?PSVersion=5.1"),
        ("KB-L001", "INFER-2", "winrm", ""),
    ),
    "OpenSSH 4": (
        event(
            "OpenSSH", 4, "WEIGHTS-1", process="sshd", payload=f"Accepted publickey for ada from {L1} port 50022 ssh2"
        ),
        ("KB-L001", "WEIGHTS-1", "ssh", "ada"),
    ),
}


def moved(on: Event, of_rule: str = "") -> list[Movement]:
    return movements(hit(move_rule(of_rule or None), on), directory())


@pytest.mark.parametrize("case", LINKS)
def test_who_came_from_where_to_where(case: str) -> None:
    on, wanted = LINKS[case]
    (move,) = moved(on)
    assert (move.origin, move.target, move.protocol, move.user) == wanted
    assert move.failed is (on.ref.event_id == 4625)
    known = {"WEIGHTS-1": "WEIGHTS-1", "INFER-2": "INFER-2", "NODE07": "node07", "192.0.2.130": "node (192.0.2.130)"}
    assert (move.asset.name if move.asset else None) == known.get(wanted[1])


NO_LINKS: dict[str, Event] = {
    "a service's logon": logon("WEIGHTS-1", "-", "SYSTEM", kind="5"),
    "a logon from itself": logon("WEIGHTS-1", "::1", "ada"),
    "through a tunnel": logon("HOP-1", "::%16777216", "ada", kind="10", workstation="HOP-1"),
    "RDP's own name": logon("HOP-1", "-", "ada", kind="10", workstation="HOP-1"),
    "a server by its own address": logon("WEIGHTS-1", "192.0.2.40", "ada"),
    "a credential for itself": explicit("localhost", "localhost"),
    "a credential for its own name": explicit("kb-l001.corp.kestrel.example", "host/kb-l001"),
    "a pipe, no file": share_read("WEIGHTS-1", L1, "ada", "IPC$"),
    "a share from itself": share_read("WEIGHTS-1", "::1", "ada", "models$"),
    "a share from nobody": share_read("WEIGHTS-1", "-", "ada", "models$"),
    "a local session": event(SESSIONS, 25, "INFER-2", User="KESTREL\\x", Address="LOCAL"),
    "no client": event(SECURITY, 4778, "HOP-1", ClientName="-", ClientAddress="-", AccountName="ada"),
    "no value": event(RDP_CLIENT, 1024, "KB-L001", Value=None),
    "sshd refuses": event("OpenSSH", 4, "WEIGHTS-1", payload=f"Failed password for ada from {L1} port 50022 ssh2"),
    "another event": event(SECURITY, 4634, "WEIGHTS-1", IpAddress=L1, TargetUserName="ada"),
    "another provider": event("Someone-Else", 4624, "WEIGHTS-1", IpAddress=L1, TargetUserName="ada", LogonType="3"),
    "a program alone": process("KB-L001", "C:\\a.exe", "a.exe M:\\models"),
}


@pytest.mark.parametrize("case", NO_LINKS)
def test_what_links_no_two_machines(case: str) -> None:
    """'treat `-`, empty, `LOCAL`, `localhost`, 127/8, ::1 as "self"'."""
    assert moved(NO_LINKS[case]) == []


SPOKEN: dict[str, tuple[str, list[tuple[str, str, str]]]] = {  # target, protocol, share
    "a mapped drive": (r"net use Z: \\strongroom\models$", [("WEIGHTS-1", "smb", "models$")]),
    "two shares": (
        r"robocopy \\files\a\b \\weights-1\runs /mir",
        [("FILES", "smb", "a"), ("WEIGHTS-1", "smb", "runs")],
    ),
    "mstsc": ("mstsc /v:infer-2", [("INFER-2", "rdp", "")]),
    "ssh to an address": ("ssh ada@192.0.2.130 nvidia-smi", [("192.0.2.130", "ssh", "")]),
    "a request": ("curl http://infer-2:8000/v1/models", [("INFER-2", "http", "")]),
    "a service there": (r"sc \\192.0.2.50 create x", [("INFER-2", "smb", "")]),
    "a remote shell": ("Enter-PSSession -ComputerName infer-2", [("INFER-2", "winrm", "")]),
    "its own share": (r"dir \\kb-l001\c$", []),
    "a folder of that name": (r"dir D:\infer-2\x", []),
}


@pytest.mark.parametrize("case", SPOKEN)
def test_machines_a_command_names(case: str) -> None:
    text, wanted = SPOKEN[case]
    spoken = moved(process("KB-L001", "C:\\Windows\\System32\\cmd.exe", text))
    script = moved(event(POWERSHELL, 4104, "KB-L001", ScriptBlockText=text))
    for moves in (spoken, script):
        assert [(move.target, move.protocol, move.share) for move in moves] == wanted
    assert {move.user for move in spoken} <= {"KESTREL\\ada"}


def test_the_rules_own_protocol_goes_before_the_commands_shape() -> None:
    (move,) = moved(process("KB-L001", "C:\\a.exe", "a.exe infer-2"), "rdp")
    assert move.protocol == "rdp"


@pytest.mark.parametrize(
    ("path", "access", "reads"),
    [
        ("a\\b.safetensors", "%%1538 %%4416 %%4419", True),
        ("\\", "%%4416", False),
        ("a\\b.safetensors", "%%1538 %%4417", False),
        ("a\\b.safetensors", None, False),
    ],
)
def test_reading_a_file_is_more_than_opening_a_share(path: str, access: str | None, reads: bool) -> None:
    """4.4: '`RelativeTargetName` (`\\` = root)', '`%%4416` = ReadData'."""
    on = event(
        SECURITY,
        5145,
        "WEIGHTS-1",
        IpAddress=L1,
        ShareName="\\\\*\\models$",
        RelativeTargetName=path,
        AccessList=access,
        SubjectUserName="ada",
    )
    (move,) = moved(on)
    assert (move.reads, move.share, move.path) == (reads, "models$", path)


def test_the_account_that_went_and_the_one_it_used() -> None:
    (move,) = moved(explicit("hop-1", "TERMSRV/hop-1"))
    assert (move.acting, move.user) == ("ada", "ada.adm")


def test_a_use_of_a_tool_is_a_link_too() -> None:
    copy = rule("rclone", Phase.EXFILTRATION, role=Role.USE)
    on = process("KB-L001", "C:\\rclone.exe", r"rclone copy \\weights-1\models$ sx:w")
    assert [move.target for move in movements(hit(copy, on), directory())] == ["WEIGHTS-1"]


@pytest.mark.parametrize("port", ["", "-", "²", "٣", "9" * 5000, "-1", "0x16", "65536", "22 "])
def test_a_port_that_is_none(port: str) -> None:
    (move,) = moved(sysmon(DestinationIp="192.0.2.40", DestinationPort=port))
    assert move.protocol == "network"
