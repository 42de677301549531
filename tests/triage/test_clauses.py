"""Issue: "Expired, shadowed, never-used and over-broad clauses are pointed out"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from detector.model.policy import AccessClause, BulkReadClause, Policy, ToolClause
from detector.model.rule import Action
from detector.triage.clauses import remarks
from tests.company import OFFICE, POLICY

TODAY = date(2026, 11, 25)
DESK = ToolClause(
    "desk", "screenconnect", frozenset({Action.CONNECT, Action.SESSION}), hosts=("KB-L???",),
    tenant={"instance": ("00aa",)}, line=7,
)  # fmt: skip
WAY = AccessClause("way", ("KB-L???",), ("HOP-1",), ("rdp",), ("ada",), line=3)
READ = BulkReadClause("read", ("ada",), ("HOP-1",), ("W\\models$",), line=5)

CASES: dict[str, tuple[Policy, list[str]]] = {
    "all well": (Policy(tools=(DESK,), access=(WAY,), bulk_read=(READ,)), []),
    "expired": (
        Policy(tools=(replace(DESK, expires=date(2026, 11, 24)),)),
        ["7 desk: it expired on 2026-11-24: it covers nothing after that day"],
    ),
    "its last day": (Policy(tools=(replace(DESK, expires=TODAY),)), []),
    "a way that has expired": (
        Policy(access=(replace(WAY, expires=date(2026, 1, 1)),)),
        ["3 way: it expired on 2026-01-01: it covers nothing after that day"],
    ),
    "nobody's": (
        Policy(tools=(replace(DESK, tenant={}),)),
        [
            "7 desk: nothing tells whose screenconnect it is (tenant, path, signer, users): anybody's on its hosts is covered"
        ],
    ),
    "nobody's, anywhere": (
        Policy(tools=(replace(DESK, tenant={}, hosts=("*",)),)),
        [
            "7 desk: nothing tells whose screenconnect it is (tenant, path, signer, users): anybody's on any machine is covered"
        ],
    ),
    "reaching assets": (
        Policy(tools=(replace(DESK, reach_ai=True),)),
        ["7 desk: it may reach AI assets (reach_ai) and names neither users nor operators"],
    ),
    "reaching assets, by somebody": (Policy(tools=(replace(DESK, reach_ai=True, operators=("ada",)),)), []),
    "any user": (
        Policy(access=(replace(WAY, users=()),), bulk_read=(replace(READ, users=()),)),
        ["3 way: it names no users: anybody may", "5 read: it names no users: anybody may"],
    ),
    "covered by one before": (
        Policy(tools=(DESK, replace(DESK, id="less", actions=frozenset({Action.CONNECT}), line=9))),
        ["9 less: desk covers all that it covers: it decides nothing"],
    ),
    "covered by one after": (
        Policy(tools=(replace(DESK, id="less", hours=OFFICE), replace(DESK, line=9))),
        ["7 less: desk covers all that it covers: it decides nothing"],
    ),
    "twice the same": (
        Policy(tools=(DESK, replace(DESK, id="again", line=9))),
        ["9 again: desk covers all that it covers: it decides nothing"],
    ),
    "a way covered": (
        Policy(access=(WAY, replace(WAY, id="night", hours=OFFICE, line=4))),
        ["4 night: way covers all that it covers: it decides nothing"],
    ),
    "covered by all hosts": (
        Policy(tools=(replace(DESK, hosts=("*",)), replace(DESK, id="less", line=9))),
        ["9 less: desk covers all that it covers: it decides nothing"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_doubtful_clause_is_pointed_out(case: str) -> None:
    policy, wanted = CASES[case]
    assert [f"{one.line} {one.clause}: {one.text}" for one in remarks(policy, TODAY)] == wanted


OTHER = {
    "another tool": replace(DESK, id="o", tool="anydesk"),
    "another action": replace(DESK, id="o", actions=frozenset({Action.COMMAND})),
    "another host": replace(DESK, id="o", hosts=("SRV-1",)),
    "another tenant": replace(DESK, id="o", tenant={"instance": ("00bb",)}),
    "any tenant": replace(DESK, id="o", tenant={}, users=("ada",)),
    "it may reach assets": replace(DESK, id="o", reach_ai=True, users=("ada",)),
}


@pytest.mark.parametrize("case", OTHER)
def test_a_clause_that_covers_something_of_its_own_is_not_shadowed(case: str) -> None:
    found = remarks(Policy(tools=(DESK, OTHER[case])), TODAY)
    assert not any("decides nothing" in one.text for one in found)


BUT = {
    "it expires": replace(DESK, expires=date(2027, 1, 1)),
    "it excludes a host": replace(DESK, not_hosts=("KB-L001",)),
    "it needs a ticket": replace(DESK, needs_ticket=True),
    "it has hours": replace(DESK, hours=OFFICE),
}


@pytest.mark.parametrize("case", BUT)
def test_a_clause_that_asks_more_shadows_nothing(case: str) -> None:
    found = remarks(Policy(tools=(BUT[case], replace(DESK, id="plain"))), TODAY)
    assert [one.clause for one in found if "decides nothing" in one.text] == ["desk"]


def test_the_policy_of_the_tests_has_no_shadow() -> None:
    assert not [one for one in remarks(POLICY, date(2025, 11, 18)) if "decides nothing" in one.text]
