"""NXLog's flat records (research 4.4, rules 4 to 6; OTRF's recordings)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from detector.intake import Reading, Source
from detector.model.event import Event, RawRecord
from detector.model.loss import Loss
from detector.normalize import normalize
from detector.normalize.fields import SECURITY, SYSMON
from tests.normalize.records import nxlog

SYSTEM = {"EventID", "Channel", "Provider_Name", "Computer", "Level", "Keywords"}
SESSIONS = "Microsoft-Windows-TerminalServices-LocalSessionManager"
CONNECTIONS = "Microsoft-Windows-TerminalServices-RemoteConnectionManager"


def own(event: Event) -> dict[str, Any]:
    return {name: text for name, text in event.fields.items() if name not in SYSTEM}


def test_whose_names_they_are() -> None:
    """ "Hostname is the source, host the collector; AccountName and Domain describe the writing process"."""
    event = nxlog(
        SYSMON, 18, EventType="ConnectPipe", EventTypeOrignal="INFO", PipeName=r"\lsass", ProcessId="3616", Severity="INFO",
        AccountName="SYSTEM", AccountType="User", Domain="NT AUTHORITY", UserID="S-1-5-18", Version=1, Task=18, ThreadID=4208,
        Keywords=-9223372036854775808, Message="Pipe Connected", SeverityValue=2, port=60122, tags=["x"], Opcode="Info",
    )  # fmt: skip
    assert (event.host, event.fields["Keywords"], event.fields["Level"]) == ("BM-VAULT1", "0x8000000000000000", "4")
    assert own(event) == {"EventType": "ConnectPipe", "PipeName": r"\lsass", "ProcessId": "3616"}


def test_account_name_of_the_event() -> None:
    """7045 has an ``AccountName`` of its own: what the service runs as."""
    service = {"ServiceName": "x", "AccountName": "LocalSystem"}
    event = nxlog("Service Control Manager", 7045, **service, AccountType="User", UserID="S-1-5-21-1")
    assert event.fields["AccountName"] == "LocalSystem"
    assert nxlog(SECURITY, 4778, AccountName="t.kurz").fields["AccountName"] == "t.kurz"


@pytest.mark.parametrize(("raw", "kept"), [("820", True), (4, False)])
def test_process_id(raw: Any, kept: bool) -> None:
    """Numbers are NXLog's own, fields of the event are text: 5156 has a ``ProcessID``."""
    assert ("ProcessID" in nxlog(SECURITY, 5156, ProcessID=raw).fields) is kept


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"EventType": "AUDIT_FAILURE"}, "0"),
        ({"SeverityValue": 4}, "2"),
        ({"Level": "3", "SeverityValue": 4}, "3"),
        ({}, None),
    ],
)
def test_level(fields: dict[str, Any], level: str | None) -> None:
    event = nxlog("P", 1, x="y", **fields)
    assert (event.fields.get("Level"), own(event)) == (level, {"x": "y"})


@pytest.mark.parametrize(
    ("fields", "milliseconds"),
    [
        ({}, 1760413940123),
        ({"EventTime": "2025-10-14T13:22:21.5+09:30"}, 1760413941500),
        ({"@timestamp": None, "TimeCreated": "2025-10-14T03:52:22Z"}, 1760413942000),
        ({"@timestamp": "?"}, 1760448140000),
    ],
)
def test_time(fields: dict[str, Any], milliseconds: int) -> None:
    """EventTime where it says its zone, else the collector's @timestamp; alone, a local time is taken as UTC."""
    assert nxlog("P", 1, **fields).ref.identity[-1] == milliseconds


MESSAGE = (
    "Remote Desktop Services: User authentication succeeded:\r\n\r\nUser: t.kurz\r\nDomain: BRINDLE\r\n"
    "Source Network Address: 2001:db8::7"
)


@pytest.mark.parametrize(
    ("provider", "event_id", "message", "fields"),
    [
        (CONNECTIONS, 1149, MESSAGE, {"Param1": "t.kurz", "Param2": "BRINDLE", "Param3": "2001:db8::7"}),
        (CONNECTIONS, 1149, "Remotedesktopdienste: Erfolg:\n\nBenutzer : a\nDomäne :\nQuelle : 192.0.2.9",
         {"Param1": "a", "Param2": "", "Param3": "192.0.2.9"}),
        (SESSIONS, 25, "Session reconnection succeeded:\n\nUser: B\\a\nSession ID: 3\nSource Network Address: LOCAL",
         {"User": "B\\a", "SessionID": "3", "Address": "LOCAL"}),
        (SESSIONS, 23, "Session logoff succeeded:\n\nUser: B\\a\nSession ID: 3", {"User": "B\\a", "SessionID": "3"}),
        ("ScreenConnect Client (0123)", 100, "Cloud Account Administrator Connected",
         {"Data": "Cloud Account Administrator Connected", "param1": "Cloud Account Administrator Connected"}),
    ],
)  # fmt: skip
def test_events_that_carry_only_a_message(provider: str, event_id: int, message: str, fields: dict[str, str]) -> None:
    """ "NXLog form of 1149 carries only the Message text; parse it" (research 4.4, rule 6), in any language, by place."""
    assert own(nxlog(provider, event_id, Message=message)) == fields


def test_a_message_beside_fields_is_no_field() -> None:
    assert own(nxlog(CONNECTIONS, 1149, Message=MESSAGE, Param1="x")) == {"Param1": "x"}
    assert own(nxlog(SYSMON, 1, Message="x", ProviderGuid="{g}")) == {}


def test_real_records(shared: Path, tmp_path: Path) -> None:
    """53,286 records of eight recordings, every one an event."""
    count = 0
    for archive in sorted((shared / "data/otrf").glob("*.zip")):
        with zipfile.ZipFile(archive) as files:
            path = tmp_path / archive.stem
            with path.open("wb") as out:  # a part is enough here: the first of every file
                for name in files.namelist():
                    with files.open(name) as content:
                        out.writelines(line for _, line in zip(range(2000), io.BufferedReader(content), strict=False))  # type: ignore[type-var]
        for record in Reading(Source(str(path), 1)):
            assert not isinstance(record, Loss)
            assert isinstance(record, RawRecord)
            event = normalize(record)
            assert isinstance(event, Event)
            assert not event.host.startswith(("WEC", "IP-"))
            assert {"Message", "Severity", "host", "port"}.isdisjoint(event.fields)
            count += 1
    assert count > 10_000
