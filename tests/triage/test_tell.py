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
from detector.triage.tell import Telling
from detector.triage.walk import Setting
from tests.company import CATALOGUE, DESK, INVENTORY, POLICY, SETTING, told
from tests.making import (
    POWERSHELL,
    SECURITY,
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
)
from tests.triage.kestrel_days import (
    ABUSE,
    CONNECT,
    DESK_CLIENT,
    DESK_SESSION,
    HONEST,
    INSTALL,
    JOB,
    LOGON,
    RDP,
    copies,
    evil,
    said,
    shell,
)


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


def test_a_session_on_an_asset_that_no_clause_expects_is_low_without_a_tool() -> None:
    """Issue: "lower level perhaps, never silent when logons, shares and sessions still show it"."""
    found = incident([hit(RDP, logon("WEIGHTS-1", "198.51.100.12", "gale", kind="10"))])
    assert (found.level, found.origins, found.assets, found.tools) == (Level.LOW, ("KB-L002",), ("WEIGHTS-1",), ())
    assert found.title == "Access that no clause expects from KB-L002 reached WEIGHTS-1"
    assert any("no remote tool was seen on KB-L002 in these logs" in reason for reason in found.reasons)


def test_model_files_read_by_nobody_expected_are_medium_without_a_tool() -> None:
    read = event(
        SECURITY, 5145, "WEIGHTS-1", IpAddress="198.51.100.12", SubjectUserName="gale", ShareName="\\\\*\\models$",
        RelativeTargetName="a\\b.safetensors", AccessList="%%4416",
    )  # fmt: skip
    found = incident([hit(move_rule("smb"), read)])
    assert (found.level, found.origins, found.assets) == (Level.MEDIUM, ("KB-L002",), ("WEIGHTS-1",))
    without_clauses = replace(POLICY, access=(), bulk_read=(), tools=())
    assert told([hit(move_rule("smb"), read)], replace(SETTING, policy=without_clauses)).incidents == ()
    assert told([hit(move_rule("smb"), read)], replace(SETTING, policy=None)).incidents == ()


def test_a_network_logon_that_no_clause_expects_is_shown_and_raises_nothing() -> None:
    telling = told([hit(LOGON, logon("WEIGHTS-1", "198.51.100.12", "gale"))])
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
