"""Sessions that the policy allows: what the guest may not do, and what the owner goes on doing."""

from __future__ import annotations

from datetime import datetime

import pytest

from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.rule import Action, Phase
from tests.company import told
from tests.making import RDP_CLIENT, after, event, hit, move_rule, process, rule
from tests.triage.kestrel_roads import HOP, L1, L2, OURS, W, helped, net, planted, rdp, smb, stories, the_story, web


def test_a_lent_session_that_goes_on_to_an_asset_is_raised() -> None:
    """The policy lets the help desk in on the laptop; the clause has no ``reach_ai`` (rule 3)."""
    hits = [helped(L1), rdp(L1, HOP, "ada.adm", after(0.2)), rdp(HOP, W, "ada.adm", after(0.4))]
    story = the_story(hits)
    assert (story.origins, story.assets, story.level >= Level.HIGH) == ((L1,), (W,), True)
    shown = {finding.id: finding.decision.policy for finding in told(hits).findings}
    assert "sc-desk" in {shown[finding] for finding in story.findings}


@pytest.mark.parametrize(
    "work",
    [
        [web(L1, "192.0.2.50", "8000", after(0.2))],
        [web("KB-G012", "192.0.2.130", "22", after(0.2))],
        [rdp(L1, HOP, "ada.adm", after(3)), rdp(HOP, W, "ada.adm", after(3.1))],
        [rdp(L2, HOP, "ada.adm", after(0.2)), rdp(HOP, W, "ada.adm", after(0.4))],
        [rdp(L1, HOP, "ada.adm", after(-1)), rdp(HOP, W, "ada.adm", after(-0.9))],
    ],
    ids=["an expected request", "ssh of others", "hours later", "another machine", "before"],
)
def test_the_owners_work_around_a_help_desk_session_is_not(work: list[Hit]) -> None:
    """'while the machine's owner's http/smb goes unraised'."""
    assert stories([helped(L1), *work]) == []


def scripted(when: datetime) -> Hit:
    client = f"C:\\Program Files (x86)\\{OURS}\\ScreenConnect.ClientService.exe"
    on = process(
        L1, "C:\\Windows\\System32\\cmd.exe", "cmd /c inventory.cmd", "NT AUTHORITY\\SYSTEM", when, ParentImage=client
    )
    return hit(rule("screenconnect", Phase.COMMAND, Action.COMMAND), on)


def test_scripts_of_a_sanctioned_agent_do_not_lend_the_owners_hands() -> None:
    """An agent's hourly script is nobody's session; what the machine's own account then does is another matter."""
    hourly = [scripted(after(hour)) for hour in range(3)]
    typed = [hit(move_rule("rdp"), event(RDP_CLIENT, 1024, L1, after(0.4), Value="hop-1"))]
    owner = [
        rdp(L1, HOP, "ada.adm", after(0.5)),
        rdp(HOP, W, "ada.adm", after(0.6)),
        web(L1, "192.0.2.50", "8000", after(0.7)),
    ]
    assert stories([*hourly, *typed, *owner]) == []
    assert stories([*hourly, *owner, smb(L1, W, "KB-L001$", after(0.8))]) == [((L1,), (W,))]


def test_when_the_help_desk_has_left_its_session_is_over() -> None:
    left = helped(L1, after(0.1), "ivy Disconnected")
    assert stories([helped(L1), left, rdp(L1, HOP, "ada.adm", after(0.5)), rdp(HOP, W, "ada.adm", after(0.6))]) == []


def test_the_owner_of_a_helped_machine_is_not_the_intruder_who_came_to_it() -> None:
    """L2 had the help desk in and was then reached from L1: only the account that came goes on from there."""
    hits = [
        planted(L1),
        helped(L2, after(0.5)),
        rdp(L1, L2, "gale", after(1)),
        smb(L2, "LAKE", "bob", after(30), "corpus"),
        smb(L2, W, "gale", after(31)),
    ]
    assert stories(hits) == [((L1,), (W,))]


def test_an_allowed_session_on_a_machine_that_is_only_looked_at_is_no_planting() -> None:
    """The help desk's session on L2 after a network logon from L1 says nothing of L1's intruder."""
    hits = [planted(L1), net(L1, L2, "gale", after(1)), helped(L2, after(1.2)), rdp(L2, HOP, "bob.adm", after(9))]
    assert stories([*hits, rdp(HOP, W, "bob.adm", after(9.1)), smb(L2, W, "gale", after(9.2))]) == [((L1,), ())]


def test_a_machine_in_others_hands_is_no_origin_for_having_been_helped() -> None:
    hits = [helped(L2), planted(L1, after(1)), rdp(L1, L2, "gale", after(1.5)), smb(L2, W, "gale", after(1.6))]
    assert stories(hits) == [((L1,), (W,))]
