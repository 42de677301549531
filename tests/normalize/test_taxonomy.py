"""Sigma's names across logs: 4688 and 4657 beside Sysmon; what was logged stays untouched."""

from __future__ import annotations

from typing import Any

import pytest

from detector.normalize.fields import SECURITY
from tests.normalize.records import nxlog, winlog, winlogbeat

CREATED: dict[str, Any] = {
    "SubjectUserName": "t.kurz",
    "SubjectDomainName": "BRINDLE",
    "SubjectLogonId": "0x8f3a1",
    "NewProcessId": "0x1a2c",
    "NewProcessName": r"C:\Windows\System32\cmd.exe",
    "ProcessId": "0x278",
    "CommandLine": "cmd /c whoami",
    "TargetUserName": "-",
    "TargetDomainName": "-",
    "TargetLogonId": "0x0",
    "ParentProcessName": r"C:\Windows\explorer.exe",
    "MandatoryLabel": "S-1-16-12288",
}


def test_process_creation() -> None:
    """ "Sysmon and 4688 both serve process_creation" (issue)."""
    fields = winlog(SECURITY.title(), 4688, "Security", data=CREATED).fields
    added = {
        "Image": r"C:\Windows\System32\cmd.exe",
        "ParentImage": r"C:\Windows\explorer.exe",
        "User": r"BRINDLE\t.kurz",
        "IntegrityLevel": "High",
    }
    assert {name: fields[name] for name in added} == added
    assert {name: fields[name] for name in CREATED} == CREATED


@pytest.mark.parametrize(
    ("change", "user"),
    [
        ({"TargetUserName": "svc", "TargetDomainName": "BRINDLE", "TargetLogonId": "0x99"}, r"BRINDLE\svc"),
        ({"SubjectLogonId": "0x3e7", "SubjectUserName": "BM-VAULT1$"}, r"NT AUTHORITY\SYSTEM"),
        ({"SubjectLogonId": "0x3E4", "SubjectUserName": "BM-VAULT1$"}, r"NT AUTHORITY\NETWORK SERVICE"),
        ({"TargetUserName": "LOCAL SERVICE", "TargetLogonId": "0x3e5"}, r"NT AUTHORITY\LOCAL SERVICE"),
        ({"SubjectLogonId": "0x3e7", "TargetUserName": "a", "TargetDomainName": "B", "TargetLogonId": "0x7"}, r"B\a"),
        ({"SubjectDomainName": "-"}, "t.kurz"),
        ({"SubjectUserName": "-"}, None),
    ],
)
def test_whose_process_it_is(change: dict[str, str], user: str | None) -> None:
    """The target subject is the account the new process runs as; a service's session has the name Sysmon gives it."""
    assert winlog(SECURITY, 4688, "Security", data=CREATED | change).fields.get("User") == user


def test_only_of_the_security_log() -> None:
    assert "Image" not in winlog("Another", 4688, data=CREATED).fields
    assert "Image" not in winlog(SECURITY, 4689, "Security", data=CREATED).fields


def test_nothing_is_added_that_was_not_logged() -> None:
    fields = winlog(SECURITY, 4688, "Security", data={"NewProcessName": r"C:\a.exe", "ParentProcessName": "-"}).fields
    assert {"ParentImage", "IntegrityLevel", "User", "CommandLine"}.isdisjoint(fields)


@pytest.mark.parametrize(
    ("kind", "value", "details"),
    [("%%1876", "1", "DWORD (0x00000001)"), ("%%1876", "0x10", "DWORD (0x00000010)"), ("%%1876", "?", "?"), ("%%1873", "a", "a")],
)  # fmt: skip
def test_registry_change(kind: str, value: str, details: str) -> None:
    """4657 names the key by its kernel path and the value apart; Sysmon writes both as one, with the hive's short name."""
    data = {
        "ObjectName": r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\x",
        "ObjectValueName": "Start",
        "NewValueType": kind,
        "NewValue": value,
        "ProcessName": r"C:\a.exe",
    }
    fields = winlog(SECURITY, 4657, "Security", data=data).fields
    assert fields["TargetObject"] == r"HKLM\SYSTEM\ControlSet001\Services\x\Start"
    assert (fields["Details"], fields["Image"]) == (details, r"C:\a.exe")


def test_unnamed_strings_have_one_form() -> None:
    """Windows has a list of unnamed ``Data``, Winlogbeat numbers them and leaves out empty ones."""
    strings = ["Product: x", "(NULL)", "", "1033"]
    windows = winlog("MsiInstaller", 11707, "Application", data={"Data": {"#text": strings}})
    beat = winlogbeat(
        "MsiInstaller", "11707", "Application",
        winlog={"event_data": {"param1": "Product: x", "param2": "(NULL)", "param4": "1033"}},
    )  # fmt: skip
    flat = nxlog("MsiInstaller", 11707, "Application", Data=strings)
    data = {"Data", "param1", "param2", "param3", "param4"}
    expected = {"Data": ("Product: x", "(NULL)", "1033"), "param1": "Product: x", "param2": "(NULL)", "param4": "1033"}
    for event in (windows, beat, flat):
        assert {name: text for name, text in event.fields.items() if name in data} == expected
