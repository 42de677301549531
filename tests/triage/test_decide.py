"""One use of a tool against the clauses of policy.yml: its reading rules, each with a use that differs in one key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from detector.model.policy import Decision, Policy, Verdict
from detector.model.rule import Action
from detector.triage.decide import Judge
from detector.triage.identity import Directory
from detector.triage.traits import Traits
from tests.company import CELLS, DESK, NIGHTLY, POLICY, directory
from tests.making import event
from tests.triage.kestrel_uses import CELL, CELL_PATH, COPY, COVERED, DIFFERENT, INSTALL, NIGHT, OPEN, SESSION, use


def decide(
    traits: Traits, reaches: str | None = None, policy: Policy | None = POLICY, on: Directory | None = None
) -> Decision:
    return Judge(policy, on or directory()).decide(traits, reaches=reaches)


@pytest.mark.parametrize("case", COVERED)
def test_a_use_that_one_clause_covers_completely(case: str) -> None:
    """Rules 1 and 2: 'Inside an entry every key must hold; a list means "any of these".' 'One entry has to cover the use'."""
    traits, reaches, clause = COVERED[case]
    decision = decide(traits, reaches)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.ALLOWED, clause, ())
    assert decision.because.startswith(f"{clause} covers it")


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_use_that_differs_in_one_key(case: str) -> None:
    """Rule 5: 'What no entry covers is reported.' Rule 7: the id is quoted, with the key that does not hold."""
    traits, reaches, clause, said = DIFFERENT[case]
    decision = decide(traits, reaches)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.UNSANCTIONED, clause, ())
    assert said in decision.because
    assert (";" in decision.because) == (case == "installed from elsewhere")  # there the program's own path differs too


#: Uses that show too little to say yes or no.
UNDECIDED = {
    "nobody is named at the other end": (replace(SESSION, operator=""), "sc-desk", ("operators",)),
    "no tenant is shown": (replace(SESSION, tenant={}), "sc-desk", ("tenant",)),
    "no remote is shown": (replace(COPY, remotes=()), "rclone-nightly", ("remotes",)),
    "no source is shown": (replace(COPY, sources=()), "rclone-nightly", ("sources",)),
    "no user is shown": (replace(COPY, user=""), "rclone-nightly", ("users",)),
    "nothing of the installation": (
        replace(INSTALL, installed_by="", installed_from=(), path=""),
        "anydesk-cells",
        ("install",),
    ),
}


@pytest.mark.parametrize("case", UNDECIDED)
def test_a_use_that_shows_too_little_is_not_allowed_and_raises_nothing_alone(case: str) -> None:
    """Decision: '``undecided`` names what a clause asks and no event shows'."""
    traits, clause, missing = UNDECIDED[case]
    decision = decide(traits)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.UNKNOWN, clause, missing)


def test_entries_do_not_add_up() -> None:
    """Rule 2: a host of one entry and an instance of the other are covered by neither."""
    second = replace(DESK, id="sc-labs", hosts=("LAB-*",), tenant={"instance": ("ffff000011112222",)}, path=())
    policy = replace(POLICY, tools=(DESK, second))
    mixed = replace(SESSION, host="LAB-1")
    assert decide(mixed, policy=policy).verdict is Verdict.UNSANCTIONED
    assert decide(replace(mixed, tenant={"instance": "ffff000011112222"}), policy=policy).policy == "sc-labs"


def test_the_nearest_clause_is_named() -> None:
    """A copy by the job's own program on the job's host is compared with the job's clause, not with the researchers'."""
    assert decide(replace(COPY, user="gale", remotes=("sx:",))).policy == "rclone-nightly"
    assert decide(replace(OPEN, user="gale")).policy == "rclone-open"


def test_a_list_means_any_of_these() -> None:
    two = replace(
        DESK, tenant={"instance": ("ffff000011112222", "00aa11bb22cc33dd")}, path=("D:\\x\\*", "C:\\Program Files*\\*")
    )
    assert decide(SESSION, policy=replace(POLICY, tools=(two,))).verdict is Verdict.ALLOWED


def test_an_absent_key_does_not_matter() -> None:
    bare = replace(DESK, hosts=(), not_hosts=(), tenant={}, path=(), operators=(), session_hours=())
    anywhere = replace(SESSION, host="SRV-1", tenant={}, path="C:\\x.exe", operator="", time=NIGHT)
    assert decide(anywhere, policy=replace(POLICY, tools=(bare,))).verdict is Verdict.ALLOWED
    assert (
        decide(replace(anywhere, action=Action.TUNNEL), policy=replace(POLICY, tools=(bare,))).verdict
        is Verdict.UNSANCTIONED
    )


@pytest.mark.parametrize(("when", "allowed"), [("2025-11-30T22:59:59", True), ("2025-11-30T23:00:00", False)])
def test_after_the_last_day_an_entry_covers_nothing(when: str, allowed: bool) -> None:
    """Rule 4: the day ends at midnight in Berlin, 23:00 UTC."""
    policy = replace(POLICY, tools=(replace(DESK, expires=date(2025, 11, 30)),))
    connect = replace(
        SESSION, action=Action.CONNECT, operator="", time=datetime.fromisoformat(when).replace(tzinfo=UTC)
    )
    decision = decide(connect, policy=policy)
    assert (decision.verdict is Verdict.ALLOWED) is allowed
    assert allowed or "it expired on 2025-11-30" in decision.because


@pytest.mark.parametrize("action", [Action.SESSION, Action.COMMAND, Action.TRANSFER])
def test_session_hours_are_about_persons(action: Action) -> None:
    """Rule 9: '`session_hours` only the time a person may be connected (session, command, transfer)'."""
    assert decide(replace(SESSION, action=action)).verdict is Verdict.ALLOWED
    assert decide(replace(SESSION, action=action, time=NIGHT)).verdict is Verdict.UNSANCTIONED


@pytest.mark.parametrize("action", [Action.INSTALL, Action.UPDATE, Action.CONNECT, Action.TUNNEL])
def test_session_hours_are_not_about_the_agent(action: Action) -> None:
    """Rule 9: 'The agent itself may then run at any time.'"""
    clause = replace(DESK, actions=DESK.actions | {Action.TUNNEL})
    assert (
        decide(replace(SESSION, action=action, time=NIGHT), policy=replace(POLICY, tools=(clause,))).verdict
        is Verdict.ALLOWED
    )


def test_hours_limit_the_whole_use() -> None:
    """Rule 9: '`hours` limits the whole use'."""
    clause = replace(DESK, hours=DESK.session_hours, session_hours=())
    at_night = replace(SESSION, action=Action.CONNECT, time=NIGHT)
    assert decide(at_night, policy=replace(POLICY, tools=(clause,))).verdict is Verdict.UNSANCTIONED


def test_reaching_an_asset_needs_reach_ai() -> None:
    """Rule 3: 'It covers reaching an AI asset only with `reach_ai: true`.'"""
    assert decide(COPY, "WEIGHTS-1").verdict is Verdict.ALLOWED
    closed = replace(POLICY, tools=(replace(NIGHTLY, reach_ai=False),))
    assert decide(COPY, "WEIGHTS-1", closed).verdict is Verdict.UNSANCTIONED
    assert decide(COPY, None, closed).verdict is Verdict.ALLOWED


def test_an_update_may_run_from_elsewhere_an_agent_may_not() -> None:
    update = replace(CELL, action=Action.UPDATE, path="C:\\ProgramData\\AnyDesk\\update\\a.exe", installed_by=CELL_PATH)
    assert decide(replace(update, installed_from=("C:\\Windows\\IMECache\\x\\a.exe",))).verdict is Verdict.ALLOWED
    assert decide(replace(update, action=Action.CONNECT)).verdict is Verdict.UNSANCTIONED


def test_an_address_that_a_lookup_named_is_compared_by_that_name() -> None:
    dns = "Microsoft-Windows-DNS-Client"
    looked_up = [
        event(dns, 3008, "COPIER-1", NIGHT, QueryName="objects.coldstore.example", QueryResults="203.0.113.9;"),
        event(dns, 3008, "COPIER-1", NIGHT, QueryName="files.evil.example", QueryResults="203.0.113.66;"),
    ]
    known = directory(looked_up)
    assert decide(replace(COPY, destinations=("203.0.113.9:443",)), on=known).verdict is Verdict.ALLOWED
    assert decide(replace(COPY, destinations=("203.0.113.66:443",)), on=known).verdict is Verdict.UNSANCTIONED


def test_a_product_alone_identifies_no_installation() -> None:
    """'The same AnyDesk.exe is the help desk or the intruder': where nothing says that it is ours, it is not."""
    bare = replace(CELL, tenant={}, path="")
    decision = decide(bare)
    assert (decision.verdict, decision.policy) == (Verdict.UNSANCTIONED, "anydesk-cells")
    assert "nothing shows that it is the installation" in decision.because


def test_without_a_word_of_policy_nothing_is_known() -> None:
    assert decide(SESSION, policy=None) == Decision(Verdict.UNKNOWN, None, "no policy was given")
    other = use("teamviewer", Action.SESSION, "KB-L001")
    assert decide(other) == Decision(Verdict.UNKNOWN, None, "the policy says nothing about TeamViewer")
    assert decide(CELL, policy=replace(POLICY, tools=(CELLS,))).verdict is Verdict.ALLOWED
