"""Winlogbeat and Elastic Agent, before and after their pipelines took ``winlog.event_data`` apart (research 3.11)."""

from __future__ import annotations

from typing import Any

import pytest

from detector.model.event import Shape
from detector.normalize.fields import POWERSHELL, SECURITY, SYSMON
from tests.normalize.records import event_of, winlogbeat


def test_plain() -> None:
    event = winlogbeat(
        SYSMON, "1", winlog={"event_data": {"Image": r"C:\a.exe", "ProcessId": "3152"}}, log={"level": "information"}
    )
    assert (event.host, event.computer) == ("BM-VAULT1", "BM-Vault1.ad.brindlemere.example")
    assert event.fields == {
        "EventID": "1", "Channel": "C", "Provider_Name": SYSMON, "Computer": "BM-Vault1.ad.brindlemere.example", "Level": "4",
        "Image": r"C:\a.exe", "ProcessId": "3152",
    }  # fmt: skip
    assert event.ref.identity[3:] == (1, 7, 1760413940123)


NESTED: dict[str, Any] = {
    "@timestamp": "2025-10-14T03:52:20.123Z",
    "event": {"code": "1", "provider": "P"},
    "host": {"name": "bm-vault1"},
    "winlog": {
        "channel": "C",
        "event_data": {"New Value": "a", "b.c": "d"},
        "user_data": {"xml_name": "EventXML", "Param1": "x"},
    },
}


@pytest.mark.parametrize(
    "document",
    [
        NESTED,
        {
            "@timestamp": NESTED["@timestamp"],
            "event.code": 1,
            "event.provider": "P",
            "host.name": "bm-vault1",
            "winlog.channel": "C",
            "winlog.event_data.New Value": "a",
            "winlog.event_data.b.c": "d",
            "winlog.user_data.xml_name": "EventXML",
            "winlog.user_data.Param1": "x",
        },
        NESTED
        | {
            "winlog": {
                "channel": "C",
                "event_data.New Value": "a",
                "event_data": {"b": {"c": "d"}},
                "user_data.EventXML.Param1": "x",
            }
        },
    ],
)
def test_nested_and_dotted_keys(document: dict[str, Any]) -> None:
    event = event_of(Shape.WINLOGBEAT, document)
    assert event.host == "BM-VAULT1"
    assert dict(event.fields) == {
        "EventID": "1", "Channel": "C", "Provider_Name": "P", "Computer": "bm-vault1",
        "New Value": "a", "b.c": "d", "Param1": "x",
    }  # fmt: skip


def test_the_computer_comes_before_the_collector() -> None:
    """Forwarded events: ``host.name`` is where the agent runs."""
    event = winlogbeat(SYSMON, 1, host={"name": "wec01"})
    assert event.host == "BM-VAULT1"


@pytest.mark.parametrize(
    ("document", "milliseconds"),
    [
        ({"event": {"created": "2025-10-14T09:00:00Z"}}, 1760413940123),
        ({"winlog": {"time_created": "2025-10-14T03:52:21.5Z"}}, 1760413941500),
        ({"event": {"module": "sysmon", "created": "2025-10-14T03:52:22Z"}}, 1760413942000),
        ({"event": {"dataset": "windows.sysmon_operational", "created": "2025-10-14T03:52:22Z"}}, 1760413942000),
        ({"event": {"module": "security", "created": "2025-10-14T09:00:00Z"}}, 1760413940123),
    ],
)
def test_time(document: dict[str, Any], milliseconds: int) -> None:
    """``@timestamp`` is the event's; the Sysmon pipeline puts ``UtcTime`` there and the event's own into event.created."""
    assert winlogbeat(SYSMON, 1, **document).ref.identity[-1] == milliseconds


@pytest.mark.parametrize(
    ("provider", "level", "number"),
    [(SYSMON, "information", "4"), (SYSMON, "Warning", "3"), (SECURITY, "information", "0"), (SYSMON, "odd", "odd")],
)
def test_level(provider: str, level: str, number: str) -> None:
    """Audit events have level 0, which Beats calls information."""
    assert winlogbeat(provider, 1, log={"level": level}).fields["Level"] == number


@pytest.mark.parametrize(
    ("winlog", "mask"),
    [
        ({"keywords": ["Audit Success"]}, "0x8020000000000000"),
        ({"keywords": "Audit Failure"}, "0x8010000000000000"),
        ({"outcome": "failure"}, "0x8010000000000000"),
        ({"keywords": ["Überwachung erfolgreich"]}, None),
    ],
)
def test_audit_keywords(winlog: dict[str, Any], mask: str | None) -> None:
    assert winlogbeat(SECURITY, 4624, winlog=winlog).fields.get("Keywords") == mask


SYSMON_1: dict[str, Any] = {
    "process": {
        "entity_id": "{42f11c3b-ce01-5c8f-0000-0010c73e2a00}",
        "pid": 1600,
        "executable": r"C:\a.exe",
        "command_line": "a -b",
        "working_directory": "C:\\",
        "hash": {"md5": "ab", "sha256": "cd"},
        "pe": {"imphash": "ef", "original_file_name": "A.EXE", "company": "Acme"},
        "parent": {
            "entity_id": "{42f11c3b-ce01-5c8f-0000-0010c73e2a01}",
            "pid": 4,
            "executable": r"C:\p.exe",
            "command_line": "p",
        },
    },
    "user": {"domain": "BRINDLE", "name": "t.kurz"},
    "rule": {"name": "technique_id=T1059"},
}


def test_sysmon_process_creation_taken_apart() -> None:
    event = winlogbeat(SYSMON, "1", winlog={"event_data": {"IntegrityLevel": "High", "Company": "Acme"}}, **SYSMON_1)
    fields = {
        name: text
        for name, text in event.fields.items()
        if name not in ("EventID", "Channel", "Provider_Name", "Computer")
    }
    assert fields == {
        "IntegrityLevel": "High", "Company": "Acme", "ProcessGuid": "{42f11c3b-ce01-5c8f-0000-0010c73e2a00}",
        "ProcessId": "1600", "Image": r"C:\a.exe", "CommandLine": "a -b", "CurrentDirectory": "C:\\",
        "Hashes": "MD5=AB,SHA256=CD,IMPHASH=EF", "OriginalFileName": "A.EXE",
        "ParentProcessGuid": "{42f11c3b-ce01-5c8f-0000-0010c73e2a01}", "ParentProcessId": "4", "ParentImage": r"C:\p.exe",
        "ParentCommandLine": "p", "User": r"BRINDLE\t.kurz", "RuleName": "technique_id=T1059",
    }  # fmt: skip


def test_what_event_data_still_has_comes_first() -> None:
    event = winlogbeat(SYSMON, "1", winlog={"event_data": {"Image": "I", "User": "U", "ProcessId": "5"}}, **SYSMON_1)
    assert [event.fields[name] for name in ("Image", "User", "ProcessId")] == ["I", "U", "5"]


MOVED: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = [
    (
        SYSMON,
        3,
        {
            "network": {"transport": "tcp", "direction": "egress", "type": "ipv4"},
            "source": {"ip": "192.0.2.1", "port": 5, "domain": "a"},
            "destination": {"ip": "203.0.113.9", "port": 443, "domain": "boot.net.anydesk.com"},
        },
        {
            "Protocol": "tcp",
            "Initiated": "true",
            "SourceIp": "192.0.2.1",
            "SourcePort": "5",
            "SourceHostname": "a",
            "DestinationIp": "203.0.113.9",
            "DestinationPort": "443",
            "DestinationHostname": "boot.net.anydesk.com",
            "DestinationIsIpv6": "false",
        },
    ),
    (
        SYSMON,
        3,
        {"network": {"direction": "ingress", "type": "ipv6"}},
        {"Initiated": "false", "DestinationIsIpv6": "true"},
    ),
    (
        SYSMON,
        10,
        {"process": {"executable": "s", "pid": 1, "entity_id": "g"}},
        {"SourceImage": "s", "SourceProcessId": "1", "SourceProcessGUID": "g"},
    ),
    (
        SYSMON,
        7,
        {
            "file": {
                "path": "l",
                "pe": {"original_file_name": "o"},
                "code_signature": {"status": "Valid", "signed": True},
            }
        },
        {"ImageLoaded": "l", "OriginalFileName": "o", "SignatureStatus": "Valid", "Signed": "true"},
    ),
    (SYSMON, 11, {"file": {"path": r"C:\t"}}, {"TargetFilename": r"C:\t"}),
    (SYSMON, 17, {"file": {"name": r"\adprinterpipe"}}, {"PipeName": r"\adprinterpipe"}),
    (
        SYSMON,
        13,
        {"registry": {"path": r"HKLM\a\b", "data": {"strings": ["4"], "type": "SZ_DWORD"}}},
        {"TargetObject": r"HKLM\a\b", "Details": "DWORD (0x00000004)"},
    ),
    (
        SYSMON,
        13,
        {"registry": {"path": "p", "data": {"strings": ["text"], "type": "REG_SZ"}}},
        {"TargetObject": "p", "Details": "text"},
    ),
    (SYSMON, 13, {"registry": {"path": "p", "data": {"strings": ["7"], "type": "SZ_QWORD"}}}, {"TargetObject": "p"}),
    (
        SYSMON,
        22,
        {
            "dns": {
                "question": {"name": "q"},
                "answers": [
                    {"type": "CNAME", "data": "c"},
                    {"type": "A", "data": "192.0.2.7"},
                    {"type": "AAAA", "data": "2001:db8::1"},
                    {"type": "?"},
                    5,
                ],
            },
            "sysmon": {"dns": {"status": "SUCCESS"}},
        },
        {"QueryName": "q", "QueryResults": "type:  5 c;::ffff:192.0.2.7;2001:db8::1;", "QueryStatus": "0"},
    ),
    (
        SECURITY,
        4688,
        {"process": {"executable": "n", "pid": 4556, "parent": {"executable": "p", "pid": 4652}, "command_line": "c"}},
        {
            "NewProcessName": "n",
            "NewProcessId": "0x11cc",
            "ParentProcessName": "p",
            "ProcessId": "0x122c",
            "CommandLine": "c",
            "Image": "n",
            "ParentImage": "p",
        },
    ),
    (
        SECURITY,
        4624,
        {
            "source": {"ip": "192.0.2.8", "port": 5, "domain": "W"},
            "process": {"executable": "e", "pid": 16},
            "user": {"name": "u", "domain": "D"},
        },
        {
            "IpAddress": "192.0.2.8",
            "IpPort": "5",
            "WorkstationName": "W",
            "ProcessName": "e",
            "ProcessId": "0x10",
            "TargetUserName": "u",
            "TargetDomainName": "D",
        },
    ),
    (SECURITY, 4778, {"source": {"ip": "192.0.2.8", "domain": "C"}}, {"ClientAddress": "192.0.2.8", "ClientName": "C"}),
    (SECURITY, 5145, {"source": {"ip": "192.0.2.8", "port": 9}}, {"IpAddress": "192.0.2.8", "IpPort": "9"}),
    (
        POWERSHELL,
        4104,
        {"powershell": {"file": {"script_block_text": "iex", "script_block_id": "i"}, "sequence": 1, "total": 2}},
        {"ScriptBlockText": "iex", "ScriptBlockId": "i", "MessageNumber": "1", "MessageTotal": "2"},
    ),
    ("Other", 1, {"process": {"executable": "n"}, "source": {"ip": "192.0.2.8"}}, {}),
]


@pytest.mark.parametrize(("provider", "event_id", "ecs", "expected"), MOVED)
def test_moved_fields_come_back(provider: str, event_id: int, ecs: dict[str, Any], expected: dict[str, Any]) -> None:
    system = {"EventID", "Channel", "Provider_Name", "Computer"}
    for number in (event_id, str(event_id)):
        event = winlogbeat(provider, number, **ecs)
        assert {name: text for name, text in event.fields.items() if name not in system} == expected
