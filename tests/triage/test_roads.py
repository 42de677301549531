"""The road from a machine with the tool to an AI asset, and whose story a step is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.rule import Action, Phase
from tests.company import INVENTORY, SETTING, told
from tests.making import RDP_CLIENT, after, event, hit, logon, move_rule, process, rule, share_read
from tests.triage.kestrel_roads import ADDRESS, HOP, L1, L2, W, net, planted, rdp, smb, stories, the_story


def test_from_the_tool_over_the_jump_host_to_the_asset_under_another_account() -> None:
    """4648 on the way tells which account goes on: ada's session, ada.adm's logon."""
    explicit = event(
        "Microsoft-Windows-Security-Auditing",
        4648,
        HOP,
        after(2.1),
        SubjectUserName="ada",
        TargetUserName="ada.adm",
        TargetServerName="weights-1.corp.kestrel.example",
        TargetInfo="TERMSRV/weights-1",
        ProcessName="C:\\Windows\\System32\\mstsc.exe",
    )
    hits = [
        planted(L1),
        rdp(L1, HOP, "ada", after(2)),
        hit(move_rule("rdp"), explicit),
        rdp(HOP, W, "ada.adm", after(2.2)),
    ]
    story = the_story(hits)
    assert (story.origins, story.assets, story.tools) == ((L1,), (W,), ("anydesk",))
    assert [(edge.origin, edge.target, edge.via, edge.user) for edge in story.edges] == [
        (L1, HOP, "rdp", "ada"),
        (HOP, W, "rdp", "ada.adm"),
    ]
    assert story.level >= Level.HIGH
    assert set(story.findings) == {finding.id for finding in told(hits).findings}


@pytest.mark.parametrize("protocol", [rdp, smb, net])
def test_straight_to_the_asset(protocol: type) -> None:
    hits = [planted(L1), protocol(L1, W, "gale", after(1))]
    assert stories(hits) == [((L1,), (W,))]


def test_a_machine_reached_by_hand_leads_on_with_the_account_that_came() -> None:
    hits = [
        planted(L1),
        rdp(L1, L2, "gale", after(1)),
        smb(L2, W, "gale", after(2)),
        smb(L2, "INFER-2", "someone", after(2)),
    ]
    assert stories(hits) == [((L1,), (W,))]


def test_a_machine_that_was_only_looked_at_leads_nowhere() -> None:
    hits = [planted(L1), net(L1, L2, "gale", after(1)), smb(L2, W, "gale", after(2))]
    assert stories(hits) == [((L1,), ())]


def test_where_the_tool_is_planted_next_the_road_goes_on() -> None:
    """A plants the tool on B: one story with origin A."""
    hits = [planted(L1), net(L1, L2, "gale", after(1)), planted(L2, after(1, 5)), smb(L2, W, "whoever", after(3))]
    assert stories(hits) == [((L1,), (W,))]


def test_the_tool_on_the_asset_itself() -> None:
    hits = [
        planted(L1),
        rdp(L1, HOP, "ada.adm", after(1)),
        net(HOP, "INFER-2", "ada.adm", after(1, 5)),
        planted("INFER-2", after(1, 8)),
    ]
    assert stories(hits) == [((L1,), ("INFER-2",))]


def test_a_way_before_the_tool_or_long_after_it_is_not_its() -> None:
    """3.2: '72 h'; a movement before the first sign of the tool is somebody else's."""
    assert stories([planted(L1, after(5)), rdp(L1, W, "gale", after(4))]) == [((L1,), ())]
    assert stories([planted(L1), rdp(L1, W, "gale", after(73))]) == [((L1,), ())]
    assert stories([planted(L1), rdp(L1, W, "gale", after(71))]) == [((L1,), (W,))]


@pytest.mark.parametrize("minutes", [-4, -1, 0, 1, 4])
def test_clocks_of_two_machines_may_differ(minutes: float) -> None:
    """7.5: 'clock skew of minutes': the asset's clock is behind, so that it was reached before anybody came."""
    hits = [planted(L1), rdp(L1, HOP, "gale", after(1)), rdp(HOP, W, "gale", after(1, minutes))]
    assert stories(hits) == [((L1,), (W,))]
    hits = [planted(L1), rdp(L1, W, "gale", after(0, minutes))]
    assert stories(hits) == [((L1,), (W,))]


def test_two_intrusions_over_one_jump_host_are_two_stories() -> None:
    hits = [
        planted(L1),
        planted(L2),
        rdp(L1, HOP, "gale", after(1)),
        rdp(L2, HOP, "hugh", after(1, 10)),
        rdp(HOP, W, "gale", after(1, 20)),
        rdp(HOP, "INFER-2", "hugh", after(1, 30)),
    ]
    assert stories(hits) == [((L1,), (W,)), ((L2,), ("INFER-2",))]


def test_another_person_on_the_jump_host_is_no_step() -> None:
    hits = [
        planted(L1),
        rdp(L1, HOP, "gale", after(1)),
        rdp(L2, HOP, "bob.adm", after(2)),
        rdp(HOP, W, "bob.adm", after(2.1)),
    ]
    assert stories(hits) == [((L1,), ())]


def test_an_expected_way_is_none_for_a_tool() -> None:
    """'Expected ways to reach AI assets, no remote tool involved.'"""
    expected = [rdp(L1, HOP, "ada.adm", after(1)), rdp(HOP, W, "ada.adm", after(2))]
    assert stories(expected) == []
    story = the_story([planted(L1), *expected])
    assert (story.origins, story.assets) == ((L1,), (W,))
    assert "hop-out expects this way, but only where no remote tool is involved" in " ".join(story.reasons)


def test_a_bulk_readers_own_business_on_a_misused_machine_is_no_step() -> None:
    """Sanctioned and abused runs on one host in one night stand apart."""
    job = hit(move_rule("smb", Phase.COLLECTION), share_read(W, "192.0.2.20", "svc.copy", "runs", when=after(1)))
    theft = hit(move_rule("smb", Phase.COLLECTION), share_read(W, "192.0.2.20", "gale", "models$", when=after(1)))
    assert stories([planted("COPIER-1"), job]) == [(("COPIER-1",), ())]
    assert stories([planted("COPIER-1"), job, theft]) == [(("COPIER-1",), (W,))]


def test_a_month_later_it_is_another_story() -> None:
    hits = [
        planted(L1),
        rdp(L1, W, "gale", after(1)),
        planted(L1, after(24 * 45)),
        rdp(L1, "INFER-2", "gale", after(24 * 45 + 1)),
    ]
    assert stories(hits) == [((L1,), ("INFER-2",)), ((L1,), (W,))]


def test_a_failed_logon_reaches_nothing_and_is_told() -> None:
    failed = hit(move_rule("logon"), logon(W, ADDRESS[L1], "gale", after(1), number=4625))
    story = the_story([planted(L1), failed])
    assert (story.assets, len(story.findings)) == ((), 2)


def test_asking_for_an_asset_is_not_reaching_it() -> None:
    asked = hit(
        move_rule("logon", Phase.DISCOVERY),
        process(L1, "C:\\Windows\\System32\\ping.exe", "ping weights-1", when=after(1)),
    )
    assert stories([planted(L1), asked]) == [((L1,), ())]


def test_a_client_that_only_says_where_to() -> None:
    """1024 on the source is all there is when the asset sends no logs."""
    typed = hit(move_rule("rdp"), event(RDP_CLIENT, 1024, L1, after(1), Value="infer-2"))
    assert stories([planted(L1), typed]) == [((L1,), ("INFER-2",))]
    unasked = hit(move_rule("ssh"), process(L1, "C:\\ssh.exe", "ssh gale@node07", "KESTREL\\gale", after(1)))
    assert stories([planted(L1), unasked]) == [((L1,), ("node07",))]


def test_an_asset_whose_machine_has_another_name_is_one_machine() -> None:
    """An inventory may call it what people call it, with the computer's own name as an alias."""
    renamed = tuple(
        replace(one, name="the registry", aliases=("INFER-2",)) if one.name == "INFER-2" else one
        for one in INVENTORY.assets
    )
    setting = replace(SETTING, inventory=replace(INVENTORY, assets=renamed))
    itself = process(
        "INFER-2",
        "C:\\Windows\\System32\\cmd.exe",
        "dir \\\\infer-2\\c$",
        "KESTREL\\svc.deploy",
        after(0.9),
        ParentImage="C:\\Windows\\AdminArsenal\\PDQDeployRunner\\1\\pdqdeployrunner-1.exe",
    )
    deployed = hit(rule("pdq-deploy", Phase.COMMAND, Action.COMMAND), itself)
    assert told([deployed], setting).incidents == ()
    hits = [planted(L1), net(L1, "INFER-2", "gale", after(1)), planted("INFER-2", after(1.1)), smb_from_infer(after(2))]
    (story,) = told([*hits, deployed], setting).incidents
    assert (story.origins, story.assets) == ((L1,), ("the registry", "WEIGHTS-1"))


def smb_from_infer(when: datetime) -> Hit:
    return hit(move_rule("smb", Phase.COLLECTION), share_read(W, "192.0.2.50", "whoever", "models$", when=when))
