"""What one event shows of a tool's use, which asset it touches, and how long somebody is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from detector.model.event import Event, FieldValue
from detector.model.hit import Hit
from detector.model.rule import Action, Phase
from detector.triage.reach import FOLLOWS, Presence
from detector.triage.traits import Traits, traits_of
from detector.triage.uses import asset_of_use, judged_uses, presences
from tests.company import CATALOGUE, POLICY, directory
from tests.making import SECURITY, SYSMON, SYSTEM, T0, after, event, hit, process, rule

SESSION = rule("screenconnect", Phase.SESSION, Action.SESSION)
COMMAND = rule("screenconnect", Phase.COMMAND, Action.COMMAND)
INSTALL = rule("screenconnect", Phase.INSTALL, Action.INSTALL)
ANYDESK = rule("anydesk", Phase.SESSION, Action.CONNECT)
COPY = rule("rclone", Phase.EXFILTRATION, Action.UPLOAD)
CLIENT = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
PARAMETERS = f'"{CLIENT}" "?e=Access&y=Guest&h=support.kestrel.example&p=8041&k=x"'


def traits(on: Event, of: Any = SESSION) -> Traits:
    return traits_of(Hit(of, on, ()), CATALOGUE)


SHOWN: dict[str, tuple[Any, Event, dict[str, object]]] = {
    "a service": (
        INSTALL,
        event(SYSTEM, 7045, "KB-L001", T0, ImagePath=PARAMETERS),
        {"path": CLIENT, "tenant": {"instance": "00aa11bb22cc33dd", "relay": "support.kestrel.example:8041"}},
    ),
    "an operator": (
        SESSION,
        event("ScreenConnect Client (00aa11bb22cc33dd)", 100, "KB-L001", T0, Data="ivy Connected"),
        {"operator": "ivy", "session_end": False, "tenant": {"instance": "00aa11bb22cc33dd"}, "path": ""},
    ),
    "he leaves": (
        SESSION,
        event("ScreenConnect Client (00aa11bb22cc33dd)", 100, "KB-L001", T0, Data=("ivy Disconnected",)),
        {"operator": "ivy", "session_end": True},
    ),
    "a shell under the tool": (
        COMMAND,
        process(
            "KB-L001", "C:\\Windows\\System32\\cmd.exe", "cmd /c x", ParentImage=CLIENT, Company="Microsoft Corporation"
        ),
        {"path": CLIENT, "company": "", "user": "KESTREL\\ada", "tenant": {"instance": "00aa11bb22cc33dd"}},
    ),
    "what a shell under the tool runs": (
        COMMAND,
        process("KB-L001", "C:\\Windows\\System32\\whoami.exe", "whoami", ParentImage="C:\\Windows\\System32\\cmd.exe"),
        {"path": ""},
    ),
    "a program under another name": (
        ANYDESK,
        process("KB-L001", "E:\\bin\\ldk.exe", "ldk", OriginalFileName="AnyDesk.exe", Company="AnyDesk Software GmbH"),
        {"path": "E:\\bin\\ldk.exe", "company": "AnyDesk Software GmbH", "signer": "", "tenant": {}},
    ),
    "the kernel's connection": (
        ANYDESK,
        event(
            SECURITY,
            5156,
            "CELL-1",
            T0,
            Application="\\device\\harddiskvolume3\\x\\anydesk-1234abcd.exe",
            ProcessID="9108",
            DestAddress="203.0.113.4",
            DestPort="443",
        ),
        {
            "path": "\\device\\harddiskvolume3\\x\\anydesk-1234abcd.exe",
            "tenant": {"client": "1234abcd"},
            "destinations": ("203.0.113.4:443",),
            "processes": ("pid:9108", ""),
        },
    ),
    "an audited process": (
        COPY,
        event(
            SECURITY,
            4688,
            "COPIER-1",
            T0,
            Image="C:\\rclone.exe",
            CommandLine="rclone copy D:\\x sx:w",
            NewProcessId="0x2394",
            ProcessId="0x2098",
            SubjectUserName="gale",
        ),
        {
            "processes": ("pid:9108", "pid:8344"),
            "user": "gale",
            "remotes": ("sx:",),
            "sources": ("D:\\x",),
            "commanded": True,
        },
    ),
    "a process by guid": (
        ANYDESK,
        event(SYSMON, 1, "A", T0, Image="C:\\a.exe", ProcessGuid="{AB}", ParentProcessGuid="{CD}", ProcessId="4"),
        {"processes": ("{ab}", "{cd}")},
    ),
    "a lookup": (
        ANYDESK,
        event(SYSMON, 22, "A", T0, QueryName="boot.anydesk.example."),
        {"destinations": ("boot.anydesk.example",)},
    ),
    "a connection": (
        ANYDESK,
        event(
            SYSMON, 3, "A", T0, DestinationHostname="-", DestinationIp="2001:db8::4", DestinationPort="443", User="-"
        ),
        {"destinations": ("2001:db8::4:443",), "user": ""},
    ),
    "an installation": (
        INSTALL,
        process("A", "C:\\Windows\\IMECache\\s.exe", "s.exe /i D:\\a\\b.msi", ParentImage="C:\\agent.exe"),
        {"installed_by": "C:\\agent.exe", "installed_from": ("C:\\Windows\\IMECache\\s.exe", "D:\\a\\b.msi")},
    ),
    "a session is no installation": (
        SESSION,
        process("A", CLIENT, CLIENT, ParentImage="C:\\agent.exe"),
        {"installed_by": "", "installed_from": ()},
    ),
    "a fetch": (COPY, process("A", "C:\\rclone.exe", "rclone copy open:x D:\\y"), {"action": Action.DOWNLOAD}),
    "a tool nobody knows": (rule("nowhere"), process("A", "C:\\x.exe", "x"), {"tenant": {}, "path": "C:\\x.exe"}),
}


@pytest.mark.parametrize("case", SHOWN)
def test_what_one_event_shows(case: str) -> None:
    of, on, wanted = SHOWN[case]
    found = traits(on, of)
    assert {key: getattr(found, key) for key in wanted} == wanted


def test_whose_tool_it_is_does_not_depend_on_the_order_of_fields_nor_on_what_was_typed() -> None:
    """A foreign client that speaks of ours on its command line is foreign; exports order the fields as they like."""
    foreign = CLIENT.replace("00aa11bb22cc33dd", "ffff000011112222")
    fields: Mapping[str, FieldValue] = {
        "CommandLine": f'"{foreign}" {PARAMETERS}',
        "Image": foreign,
        "Description": "ScreenConnect Client (00aa11bb22cc33dd)",
    }
    on = event(SYSMON, 1, "KB-L001", T0)
    for order in (fields, dict(reversed(list(fields.items())))):
        assert traits(replace(on, fields=order)).tenant["instance"] == "ffff000011112222"
    theirs, ours = (f"ScreenConnect Client ({instance})" for instance in ("ffff000011112222", "00aa11bb22cc33dd"))
    service = event(SECURITY, 4697, "KB-L001", T0, Comment=ours, ServiceName=theirs)
    assert traits(service, INSTALL).tenant["instance"] == "ffff000011112222"


TOUCHED: dict[str, tuple[Any, Event, str | None]] = {
    "a share": (COPY, process("COPIER-1", "C:\\rclone.exe", "rclone copy \\\\vault\\models$ sx:w"), "WEIGHTS-1"),
    "a share, written to": (
        COPY,
        process("COPIER-1", "C:\\rclone.exe", "rclone copy sx:w \\\\weights-1\\models$"),
        None,
    ),
    "own models": (COPY, process("KB-G012", "C:\\rclone.exe", "rclone copy D:\\tune\\a sx:w"), "KB-G012"),
    "own models, written to": (COPY, process("KB-G012", "C:\\rclone.exe", "rclone copy open:a D:\\tune\\a"), None),
    "models elsewhere": (COPY, process("KB-L001", "C:\\rclone.exe", "rclone copy D:\\tune\\a sx:w"), None),
    "a command": (COMMAND, process("KB-L001", "C:\\Windows\\System32\\cmd.exe", "dir \\\\weights-1\\c$"), "WEIGHTS-1"),
    "a command about itself": (
        COMMAND,
        process("WEIGHTS-1", "C:\\Windows\\System32\\cmd.exe", "dir \\\\weights-1\\c$"),
        None,
    ),
    "a command about its models": (
        COMMAND,
        process("WEIGHTS-1", "C:\\Windows\\System32\\cmd.exe", "dir M:\\models"),
        "WEIGHTS-1",
    ),
    "a command about itself and another": (
        COMMAND,
        process("WEIGHTS-1", "C:\\Windows\\System32\\cmd.exe", "copy \\\\weights-1\\c$ \\\\lake\\x"),
        "LAKE",
    ),
    "a connection": (
        ANYDESK,
        event(SYSMON, 3, "KB-L001", T0, DestinationIp="192.0.2.50", DestinationHostname="-"),
        "INFER-2",
    ),
    "running on an asset": (ANYDESK, process("INFER-2", "C:\\AnyDesk.exe", "AnyDesk.exe"), None),
    "a folder that is called like one": (
        COMMAND,
        process("KB-L001", "C:\\Windows\\System32\\cmd.exe", "dir D:\\infer-2\\x"),
        None,
    ),
}


@pytest.mark.parametrize("case", TOUCHED)
def test_which_asset_a_use_touches(case: str) -> None:
    """'What a download writes to, and a machine of the inventory on which the tool merely runs, are not *reached*.'"""
    of, on, wanted = TOUCHED[case]
    assert asset_of_use(on, traits(on, of), directory()) == wanted


def present(*hits: Hit) -> dict[str, list[Presence]]:
    return presences(judged_uses(hits, POLICY, directory(), CATALOGUE), POLICY)


def session(said: str, hours: float, instance: str = "00aa11bb22cc33dd") -> Hit:
    return hit(SESSION, event(f"ScreenConnect Client ({instance})", 100, "KB-L001", after(hours), Data=said))


def test_a_use_nobody_allowed_is_presence_for_three_days() -> None:
    assert present(session("ivy Connected", 0, "ffff000011112222")) == {"KB-L001": [Presence(T0, T0 + FOLLOWS)]}


def test_an_allowed_session_lends_the_machine_until_it_ends_or_for_two_hours() -> None:
    assert present(session("ivy Connected", 0), session("ivy Disconnected", 0.5)) == {
        "KB-L001": [Presence(T0, after(0.5), lent=True)]
    }
    assert present(session("ivy Connected", 0)) == {"KB-L001": [Presence(T0, after(2), lent=True)]}
    assert present(session("ivy Disconnected", 0)) == {}


def test_a_command_of_nobody_known_is_a_scripts_presence() -> None:
    """Agents run scripts all day: 'ScreenConnect command lengths 657/861/... fire constantly' (rmm-facts 3.3)."""
    command = hit(COMMAND, process("KB-L001", "C:\\Windows\\System32\\cmd.exe", "cmd", ParentImage=CLIENT))
    assert present(command) == {"KB-L001": [Presence(T0, after(2), True, True)]}
    assert Presence(T0, after(2), lent=True) in present(command, session("ivy Connected", 0))["KB-L001"]


@pytest.mark.parametrize(
    "quiet",
    [
        hit(rule("screenconnect", Phase.SESSION, Action.CONNECT), process("KB-L001", CLIENT, CLIENT)),
        hit(
            rule("pdq-deploy", Phase.COMMAND, Action.COMMAND),
            process("INFER-2", "C:\\Windows\\AdminArsenal\\PDQDeployRunner\\1\\x.exe", "x", "KESTREL\\svc.deploy"),
        ),
        hit(COPY, process("KB-G012", "C:\\rclone.exe", "rclone copy opendata:a D:\\x")),
    ],
    ids=["an agent that runs", "a deployment that may reach assets", "a copy"],
)
def test_nobody_is_there(quiet: Hit) -> None:
    assert present(quiet) == {}
