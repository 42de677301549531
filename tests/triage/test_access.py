"""Expected ways to AI assets: ``access``, ``bulk_read`` and tools with ``reach_ai`` (reading rules 1-4 of policy.yml)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from detector.model.policy import AccessClause, Policy, Verdict
from detector.triage.access import decide_movement, is_access_clause
from detector.triage.movement import Movement
from tests.company import OFFICE, POLICY, directory
from tests.making import SECURITY, T0, after, event, hit, move_rule

NIGHT = after(14)  # 00:00 in Berlin
HERE = directory()


def move(origin: str, target: str, protocol: str, user: str, share: str = "", when: datetime = T0) -> Movement:
    asset = HERE.asset(target, when)
    shown = hit(move_rule(protocol), event(SECURITY, 4624, target, when))
    return Movement(shown, origin, target, protocol, user, asset, share)


GATE_IN = move("KB-L001", "HOP-1", "rdp", "KESTREL\\ada")
GATE_OUT = move("HOP-1", "WEIGHTS-1", "rdp", "ada.adm")
TRAIN = move("NODE07", "WEIGHTS-1", "smb", "svc.train", "models$")
RELEASE = move("HOP-1", "WEIGHTS-1", "smb", "bob", "models$")
COPY = move("COPIER-1", "WEIGHTS-1", "smb", "svc.copy", "runs", NIGHT)
DEPLOY = move("DEPLOY-1", "INFER-2", "smb", "svc.deploy", "ADMIN$")
SSH = move("KB-G012", "NODE07", "ssh", "ada")

CASES: dict[str, tuple[Movement, str | None]] = {
    "in by the gate": (GATE_IN, "hop-in"),
    "as an administrator": (replace(GATE_IN, user="ada.adm"), "hop-in"),
    "its network logon": (replace(GATE_IN, protocol="logon"), "hop-in"),
    "the client does not say who": (replace(GATE_IN, user=""), "hop-in"),
    "in by the gate: a stranger": (replace(GATE_IN, user="gale"), None),
    "in by the gate: from a server": (replace(GATE_IN, origin="SRV-1"), None),
    "in by the gate: from an address": (replace(GATE_IN, origin="203.0.113.9"), None),
    "in by the gate: by ssh": (replace(GATE_IN, protocol="ssh"), None),
    "out of the gate": (GATE_OUT, "hop-out"),
    "out of the gate: no administrator": (replace(GATE_OUT, user="ada"), None),
    "out of the gate: elsewhere": (move("HOP-1", "LAKE", "rdp", "ada.adm"), None),
    "out of the gate: by smb": (replace(GATE_OUT, protocol="smb", share="c$"), None),
    "past the gate": (replace(GATE_OUT, origin="KB-L001"), None),
    "the web": (move("KB-L001", "INFER-2", "http", "ada"), "web"),
    "training reads": (TRAIN, "bulk-train"),
    "training reads by address": (replace(TRAIN, origin="192.0.2.133"), "bulk-train"),
    "training: its logon": (replace(TRAIN, protocol="logon", share=""), "bulk-train"),
    "training: another share": (replace(TRAIN, share="c$"), None),
    "training: another account": (replace(TRAIN, user="gale"), None),
    "training: nobody": (replace(TRAIN, user=""), None),
    "training: from elsewhere": (replace(TRAIN, origin="KB-L001"), None),
    "training: another server": (move("NODE07", "INFER-2", "smb", "svc.train", "models$"), None),
    "training: by rdp": (replace(TRAIN, protocol="rdp", share=""), None),
    "release": (RELEASE, "bulk-release"),
    "release at midnight": (move("HOP-1", "WEIGHTS-1", "smb", "bob", "models$", NIGHT), None),
    "the nightly copy": (COPY, "bulk-copy"),
    "deployment": (DEPLOY, "deploy-all"),
    "deployment: its logon": (replace(DEPLOY, protocol="logon", share=""), "deploy-all"),
    "deployment: another account": (replace(DEPLOY, user="gale"), None),
    "deployment's account by hand": (replace(DEPLOY, protocol="rdp", share=""), None),
    "deployment's account by hand, from a laptop": (replace(DEPLOY, origin="KB-L001", protocol="rdp"), None),
    "ssh to a node": (SSH, "ssh-ml"),
    "ssh to a node by address": (move("KB-G012", "192.0.2.130", "ssh", "ada"), "ssh-ml"),
    "ssh elsewhere": (move("KB-G012", "WEIGHTS-1", "ssh", "ada"), None),
    "ssh from elsewhere": (replace(SSH, origin="KB-L001"), None),
    "ssh by another": (replace(SSH, user="gale"), None),
    "ssh's people by smb": (replace(SSH, protocol="smb"), None),
}


@pytest.mark.parametrize("case", CASES)
def test_one_clause_covers_a_way_whole_or_none_does(case: str) -> None:
    """Rules 1 and 2 for movements: 'Expected ways to reach AI assets, no remote tool involved.'"""
    moved, clause = CASES[case]
    decision = decide_movement(moved, POLICY, HERE)
    assert decision.verdict is (Verdict.ALLOWED if clause else Verdict.UNSANCTIONED)
    assert (clause or "no clause expects") in decision.because
    if clause:
        assert decision.policy == clause
        assert is_access_clause(decision, POLICY) is (clause in ("hop-in", "hop-out", "web"))


def covering(moved: Movement, policy: Policy) -> str | None:
    """The clause that allows it."""
    decision = decide_movement(moved, policy, HERE)
    return decision.policy if decision.verdict is Verdict.ALLOWED else None


NO = "no clause expects {}"
NEAREST = {
    "by another": (replace(GATE_IN, user="gale"), "hop-in", NO + "; hop-in would, but for its users"),
    "by ssh": (replace(GATE_IN, protocol="ssh"), "hop-in", NO + "; hop-in would, but for its protocols"),
    "from outside": (replace(GATE_IN, origin="203.0.113.9"), "hop-in", NO + "; hop-in would, but for its from"),
    "at midnight": (replace(RELEASE, hit=COPY.hit), "bulk-release", NO + "; bulk-release would, but for its hours"),
    "another share": (replace(TRAIN, share="c$"), "bulk-train", NO + "; bulk-train would, but for its shares"),
    "two keys": (replace(GATE_IN, user="gale", protocol="ssh"), None, NO),
}  # fmt: skip


@pytest.mark.parametrize("case", NEAREST)
def test_the_nearest_clause_is_named_with_the_one_key_that_failed(case: str) -> None:
    """Issue: "or the nearest clause and the one key that failed"."""
    moved, clause, because = NEAREST[case]
    decision = decide_movement(moved, POLICY, HERE)
    what = f"{moved.protocol} from {moved.origin} to {moved.target} by {moved.user}"
    assert (decision.policy, decision.because) == (clause, because.format(what))


def test_a_machine_of_ours_that_nobody_knows_by_name_is_undecided() -> None:
    """Issue: "or the use is undecided and said so; never allowed for want of evidence"."""
    decision = decide_movement(replace(GATE_IN, origin="198.51.100.222"), POLICY, HERE)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.UNKNOWN, "hop-in", ("from",))
    assert decision.because.endswith("but no event tells which machine 198.51.100.222 was")


def test_a_copy_tools_account_comes_for_its_sources_only() -> None:
    """Without ``bulk_read`` the copy's own clause (``reach_ai``) expects its reading, and nothing else of its account."""
    policy = replace(POLICY, bulk_read=(), access=())
    for moved, wanted in (
        (COPY, "rclone-nightly"),
        (replace(COPY, protocol="logon", share=""), "rclone-nightly"),
        (replace(COPY, share="models$"), None),
        (replace(COPY, protocol="rdp", share=""), None),
        (move("COPIER-1", "INFER-2", "logon", "svc.copy", "", NIGHT), None),
        (move("COPIER-1", "WEIGHTS-1", "smb", "svc.copy", "runs", T0), None),
        (replace(COPY, origin="KB-L001"), None),
    ):
        assert covering(moved, policy) == wanted


@pytest.mark.parametrize(("last", "clause"), [(date(2025, 11, 18), "x"), (date(2025, 11, 17), None)])
def test_a_way_that_has_expired_is_not_expected(last: date, clause: str | None) -> None:
    """Rule 4: '`expires` is the last day, local time. After it the entry covers nothing.'"""
    way = AccessClause("x", ("KB-L???",), ("HOP-1",), ("rdp",), ("ada",), expires=last)
    assert covering(GATE_IN, Policy("Europe/Berlin", access=(way,))) == clause


def test_hours_hold_for_a_way_too() -> None:
    way = AccessClause("x", hours=OFFICE)
    policy = Policy("Europe/Berlin", access=(way,))
    assert covering(GATE_IN, policy) == "x"
    assert covering(COPY, policy) is None


def test_a_familys_name_stands_for_its_members() -> None:
    """'from: [gx]' means every gx machine, also one that only its address tells."""
    way = AccessClause("x", ("node",), ("gpu-desk",))
    policy = Policy(access=(way,))
    assert covering(move("NODE07", "KB-G012", "ssh", "ada"), policy) == "x"
    assert covering(move("192.0.2.133", "198.51.100.70", "ssh", "ada"), policy) == "x"
    assert covering(move("NODE7", "KB-G012", "ssh", "ada"), policy) is None


def test_without_a_policy_nothing_is_known() -> None:
    decision = decide_movement(GATE_OUT, None, HERE)
    assert (decision.verdict, decision.policy) == (Verdict.UNKNOWN, None)
    assert not is_access_clause(decision, None)
