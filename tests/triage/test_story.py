"""How bad, why, in which words, and what to look at next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from detector.model.asset import Inventory
from detector.model.finding import Finding, RuleRef
from detector.model.incident import Edge, Incident
from detector.model.level import Level
from detector.model.policy import Decision, Policy, Verdict
from detector.model.rule import Action, Phase
from detector.rules import load_catalogue
from detector.triage.checks import Outcome, checks_of
from detector.triage.story import Chapter, edges_of, incident_of
from tests.company import CATALOGUE, INVENTORY, POLICY
from tests.making import SYSMON, T0, after, event

FOREIGN = Decision(
    Verdict.UNSANCTIONED, "anydesk-cells", "anydesk-cells does not cover it: host KB-L001 is not covered"
)
UNEXPECTED = Decision(Verdict.UNSANCTIONED, None, "no clause expects rdp from KB-L001 to WEIGHTS-1 by gale")
UNKNOWN = Decision(Verdict.UNKNOWN, None, "no policy was given")


def found(name: str, when: datetime = T0, fields: Mapping[str, str] | None = None, **more: Any) -> Finding:
    ref = event(SYSMON, 1, more.get("host", "KB-L001"), when).ref
    one = Finding(
        id=f"f-{name}",
        rule=RuleRef(name, name.title(), more.pop("level", Level.MEDIUM)),
        tool="anydesk",
        phase=Phase.SESSION,
        action=Action.SESSION,
        host="KB-L001",
        user="KESTREL\\gale",
        time=when,
        refs=(ref,),
        fields=fields or {},
        asset=None,
        decision=FOREIGN,
    )
    return replace(one, **more)


TOOL = found("tool runs")
REACH = found(
    "remote desktop logon",
    after(1),
    tool=None,
    phase=Phase.MOVEMENT,
    action=None,
    host="WEIGHTS-1",
    user="gale",
    asset="WEIGHTS-1",
    decision=UNEXPECTED,
)
SENT = found(
    "copy", after(2), {"CommandLine": "rclone copy x y:"}, tool="rclone", phase=Phase.EXFILTRATION, action=Action.UPLOAD
)
ABUSE = found("password piped", level=Level.HIGH, phase=Phase.UNATTENDED_ACCESS)


def chapter(*raising: Finding, reaching: tuple[Finding, ...] = (), read: bool = False, **more: Any) -> Chapter:
    return replace(Chapter(("KB-L001",), ("KB-L001",), raising, reaching, (), (), read), **more)


def told(of: Chapter, inventory: Inventory = INVENTORY, policy: Policy | None = POLICY) -> Incident:
    return incident_of(of, inventory, policy, CATALOGUE)


LEVELS: dict[str, tuple[Chapter, Policy | None, Level]] = {
    "a foreign tool": (chapter(TOOL), POLICY, Level.MEDIUM),
    "a foreign tool with the shape of abuse": (chapter(TOOL, ABUSE), POLICY, Level.MEDIUM),
    "any tool, no policy": (chapter(replace(TOOL, decision=UNKNOWN)), None, Level.MEDIUM),
    "a faint sign, no policy": (chapter(found("dns", level=Level.LOW, decision=UNKNOWN)), None, Level.LOW),
    "an asset reached": (chapter(TOOL, reaching=(REACH,)), POLICY, Level.HIGH),
    "an asset reached by an allowed session": (chapter(reaching=(REACH,)), POLICY, Level.HIGH),
    "an asset reached, no policy": (chapter(TOOL, reaching=(REACH,)), None, Level.MEDIUM),
    "an asset reached in the shape of abuse, no policy": (chapter(ABUSE, reaching=(REACH,)), None, Level.HIGH),
    "an asset read": (chapter(TOOL, reaching=(REACH,), read=True), POLICY, Level.CRITICAL),
    "a copy left": (chapter(TOOL, SENT, reaching=(REACH,)), POLICY, Level.CRITICAL),
    "an asset touched by the tool itself": (chapter(replace(TOOL, asset="WEIGHTS-1")), POLICY, Level.HIGH),
    "a copy left, of nothing known": (chapter(SENT), POLICY, Level.MEDIUM),
}


@pytest.mark.parametrize("case", LEVELS)
def test_how_bad(case: str) -> None:
    """'use that no clause covers, an asset reached, data taken, data gone'; without a policy the shape of abuse decides."""
    of, policy, level = LEVELS[case]
    assert told(of, policy=policy).level is level


def test_why_in_words() -> None:
    story = told(chapter(TOOL, ABUSE, SENT, reaching=(REACH,), read=True))
    said = "\n".join(story.reasons)
    assert f"anydesk on KB-L001: {FOREIGN.because}" in story.reasons
    assert "it has the shape of abuse: Password Piped" in said
    assert f"WEIGHTS-1 was reached: remote desktop logon ({UNEXPECTED.because})" in story.reasons
    assert "model files or data sets were read there" in story.reasons
    assert "a copy left: rclone copy x y:" in story.reasons


def test_what_data_was_read_shows_best_that_an_asset_was_reached() -> None:
    read = replace(
        REACH, id="f-read", rule=RuleRef("read", "Model file read", Level.LOW), phase=Phase.COLLECTION, time=after(3)
    )
    assert any("model file read" in reason for reason in told(chapter(TOOL, reaching=(REACH, read))).reasons)


def test_many_reasons_are_cut_and_counted() -> None:
    tools = [found(f"t{one}", tool=f"tool-{one}", level=Level.HIGH) for one in range(9)]
    reasons = told(chapter(*tools)).reasons
    assert sum("does not cover it" in reason for reason in reasons) == 4
    assert "and 5 more reasons in the findings" in reasons
    assert any("and 5 more" in reason for reason in reasons if "shape of abuse" in reason)


def test_a_long_command_is_cut_in_a_reason() -> None:
    long = replace(SENT, fields={"CommandLine": "x" * 9000}, asset="WEIGHTS-1")
    assert all(len(reason) < 400 for reason in told(chapter(long)).reasons)


@pytest.mark.parametrize(
    ("of", "title"),
    [
        (chapter(TOOL), "AnyDesk on KB-L001 without sanction"),
        (chapter(TOOL, reaching=(REACH,)), "AnyDesk on KB-L001 reached WEIGHTS-1"),
        (chapter(TOOL, SENT, reaching=(REACH,)), "AnyDesk and rclone on KB-L001 reached WEIGHTS-1, and data left"),
        (chapter(TOOL, origins=("A", "B", "C", "D", "E", "F")), "AnyDesk on A, B, C, D and 2 more without sanction"),
        (chapter(found("x", tool="nowhere")), "nowhere on KB-L001 without sanction"),
        (chapter(reaching=(REACH,)), "An allowed session on KB-L001 reached WEIGHTS-1"),
    ],
)
def test_the_title_leads_with_what_where_and_how_far(of: Chapter, title: str) -> None:
    assert told(of).title == title


def test_the_summary_tells_the_story() -> None:
    edges = edges_of({("KB-L001", "WEIGHTS-1", "rdp", "gale"): [(after(1), "f-x")]})
    summary = told(chapter(TOOL, SENT, reaching=(REACH,), edges=edges)).summary
    for said in (
        "from 2025-11-18 09:00:00 UTC as",
        "gale",
        "KB-L001 to WEIGHTS-1 by rdp",
        "WEIGHTS-1 (weights)",
        "sent out 2025-11-18 11:00:00 UTC",
    ):
        assert said in summary


def test_an_incident_holds_its_findings_in_time_order_and_its_span() -> None:
    late = replace(
        TOOL,
        id="f-late",
        time=after(5),
        refs=(TOOL.refs[0]._replace(time=after(5)), TOOL.refs[0]._replace(time=after(6))),
    )
    story = told(chapter(late, TOOL, reaching=(REACH,), context=(found("whoami", after(0.5)),)))
    assert story.findings == ("f-tool runs", "f-whoami", "f-remote desktop logon", "f-late")
    assert (story.first_seen, story.last_seen) == (T0, after(6))
    assert (story.tools, story.assets) == (("anydesk",), ("WEIGHTS-1",))


def test_its_id_is_its_content() -> None:
    """'id = hash of its content'."""
    one = told(chapter(TOOL, reaching=(REACH,)))
    assert one.id == told(chapter(TOOL, reaching=(REACH,))).id
    assert (
        len(
            {
                one.id,
                told(chapter(TOOL)).id,
                told(chapter(TOOL, reaching=(REACH,), read=True)).id,
                told(chapter(ABUSE)).id,
            }
        )
        == 4
    )
    assert one.id.startswith("i-")


def test_edges_are_steps_in_time_order_with_what_shows_them() -> None:
    edges = edges_of(
        {
            ("B", "C", "smb", "u"): [(after(2), "f-2")],
            ("A", "B", "rdp", "u"): [(after(1), "f-1"), (T0, "f-0"), (after(1), "f-1")],
        }
    )
    assert [(one.origin, one.target, one.first_seen, one.last_seen, one.findings) for one in edges] == [
        ("A", "B", T0, after(1), ("f-0", "f-1")),
        ("B", "C", after(2), after(2), ("f-2",)),
    ]


def checks(
    *findings: Finding, tools: tuple[str, ...] = (), assets: tuple[str, ...] = (), left: bool = False,
    edges: tuple[Edge, ...] = (),
) -> str:  # fmt: skip
    return "\n".join(
        checks_of(Outcome(findings, edges, tools, assets, ("KB-L001",), left), INVENTORY, load_catalogue())
    )


def test_what_to_look_at_next() -> None:
    asked = checks(TOOL, tools=("anydesk", "rclone", "teamviewer"), assets=("WEIGHTS-1",))
    for said in (
        "Ask the people at KB-L001",
        "credentials of KESTREL\\gale",
        "connection_trace.txt",
        "rclone.conf",
        "See on WEIGHTS-1 which",
    ):
        assert said in asked
    assert "comes back after a reboot" not in asked
    assert "comes back after a reboot" in checks(ABUSE)
    assert "Treat what lay on WEIGHTS-1 as gone" in checks(SENT, assets=("WEIGHTS-1",), left=True)
    assert "what they did not log, this scan could not see" in checks(TOOL)


@pytest.mark.parametrize("user", ["", "NT AUTHORITY\\SYSTEM", "KB-L001$", "NT AUTHORITY\\NETWORK SERVICE"])
def test_nobody_changes_the_password_of_a_machine(user: str) -> None:
    assert "credentials" not in checks(replace(TOOL, user=user))


def test_the_tenant_is_to_be_reported_and_missing_logs_fetched() -> None:
    """Issue: "which host to isolate, account to disable, tenant to report, log to fetch because it is missing"."""
    client = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
    service = f'"{client}" "?e=Access&y=Guest&h=relay.bad.example&p=8041&k=x"'
    foreign = replace(TOOL, tool="screenconnect", fields={"ImagePath": service})
    way = Edge("KB-L001", "NODE07", "ssh", "ada", foreign.time, foreign.time, ())
    on = Edge("NODE07", "WEIGHTS-1", "smb", "ada", foreign.time, foreign.time, ())
    asked = checks(foreign, tools=("screenconnect",), assets=("NODE07", "WEIGHTS-1"), edges=(way, on))
    assert "Report this ScreenConnect to its maker" in asked
    assert "00aa11bb22cc33dd" in asked
    assert "relay.bad.example:8041" in asked
    assert "Fetch what NODE07 logged itself" in asked
    assert "Fetch the Security and Sysmon logs of WEIGHTS-1" in asked
    allowed = replace(foreign, decision=Decision(Verdict.ALLOWED, "sc", ""))
    assert "Report this" not in checks(allowed, tools=("screenconnect",))
