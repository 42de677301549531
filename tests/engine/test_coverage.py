"""A rule that cannot be judged on an event's source is not silently false: it is counted, with the missing field."""

from __future__ import annotations

import pickle
from itertools import permutations

import pytest

from detector.engine.coverage import Coverage
from detector.engine.match import Matcher
from detector.engine.needs import event_ids, necessary_fields
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Wildcard,
)
from detector.model.rule import LogSource, Rule, RuleSet
from detector.rules.regexes import compile_regex

from .events import SECURITY, event

_PROCESS = LogSource(category="process_creation", product="windows")


def _is(field: str, text: str = "x") -> FieldTest:
    return FieldTest(field, Like((text,)))


def _rule(predicate: Predicate, logsource: LogSource = _PROCESS, title: str = "R") -> Rule:
    return Rule(f"id-{title}", title, Level.LOW, logsource, predicate)


def _sysmon(host: str, **fields: object) -> tuple[str, dict[str, object]]:
    return host, {"EventID": 1, **fields}


def _security(host: str, **fields: object) -> tuple[str, dict[str, object]]:
    return host, {"EventID": 4688, "Provider_Name": SECURITY, **fields}


def _covered(rules: RuleSet, *events: tuple[str, dict[str, object]]) -> Coverage:
    matcher = Matcher(rules, compile_regex)
    for host, fields in events:
        matcher.judge(event(fields, host))
    return matcher.coverage


def _losses(
    predicate: Predicate, *events: tuple[str, dict[str, object]], logsource: LogSource = _PROCESS
) -> list[Loss]:
    rules = RuleSet((_rule(predicate, logsource),), "")
    return _covered(rules, *events).losses(rules)


_NEEDS: list[tuple[Predicate, set[str]]] = [
    (AllOf((_is("A"), _is("B"))), {"A", "B"}),
    (AnyOf((_is("A"), _is("B"))), set()),
    (AnyOf((AllOf((_is("A"), _is("B"))), AllOf((_is("A"), _is("C"))))), {"A"}),
    (AnyOf(()), set()),
    (AllOf(()), set()),
    (Not(_is("A")), set()),
    (AllOf((_is("A"), Not(_is("B")))), {"A"}),
    (FieldTest("A", IsNull()), set()),
    (FieldTest("A", Exists(True)), set()),
    (FieldTest("A", Exists(False)), set()),
    (KeywordTest(Like(("x",))), set()),
    (FieldTest("A", Like(())), set()),
    (FieldTest("A", Like((Wildcard.MANY,))), set()),
    (FieldTest("A", Like((Wildcard.ONE, Wildcard.MANY))), {"A"}),
    (FieldTest("A", Regex("x")), {"A"}),
    (FieldTest("A", Cidr("10.0.0.0/8")), {"A"}),
    (FieldTest("A", Compare(Comparison.GT, 1)), {"A"}),
    (FieldTest("A", FieldRef("B")), {"A", "B"}),
]


@pytest.mark.parametrize(("predicate", "needed"), _NEEDS)
def test_necessary_fields(predicate: Predicate, needed: set[str]) -> None:
    """AllOf = union, AnyOf = intersection, Not, null, existence and keywords = none."""
    assert necessary_fields(predicate) == needed


_IDS: list[tuple[Predicate, set[int] | None]] = [
    (_is("EventID", "1"), {1}),
    (_is("EventID", "1x"), None),
    (FieldTest("EventID", Like(("1", Wildcard.MANY))), None),
    (AnyOf((_is("EventID", "1"), _is("EventID", "2"))), {1, 2}),
    (AnyOf((_is("EventID", "1"), _is("A"))), None),
    (AllOf((_is("EventID", "1"), _is("A"))), {1}),
    (AllOf((_is("EventID", "1"), _is("EventID", "2"))), set()),
    (AnyOf((AllOf((_is("EventID", "1"), _is("A"))), AllOf((_is("EventID", "2"), _is("B"))))), {1, 2}),
    (Not(_is("EventID", "1")), None),
    (AnyOf(()), set()),
]


@pytest.mark.parametrize(("predicate", "ids"), _IDS)
def test_event_ids(predicate: Predicate, ids: set[int] | None) -> None:
    assert event_ids(predicate) == ids


def test_a_field_no_event_shows_is_a_loss() -> None:
    """\"Security 4688 on WS01, WS02 shows no OriginalFileName\", counted in events."""
    found = _losses(_is("OriginalFileName"), _security("WS02", Image="a"), _security("WS01"), _security("WS01"))
    why = "Security 4688 on WS01, WS02 shows no OriginalFileName"
    assert found == [Loss(LossKind.NOT_EVALUABLE, "rule 'R' (id-R)", why, 3)]


def test_a_host_with_sysmon_beside_4688_misses_nothing() -> None:
    both = (_security("WS01"), _sysmon("WS01", OriginalFileName="a.exe"))
    assert _losses(_is("OriginalFileName"), *both) == []
    assert _losses(_is("OriginalFileName"), *reversed(both)) == []


def test_neither_kind_shows_it() -> None:
    found = _losses(AllOf((_is("A"), _is("B"))), _security("WS01"), _sysmon("WS01"), _sysmon("WS01", B="x"))
    assert [(loss.why, loss.count) for loss in found] == [("Security 4688 and Sysmon 1 on WS01 show no A", 3)]


def test_hosts_are_grouped_by_what_they_miss() -> None:
    found = _losses(AllOf((_is("A"), _is("B"))), _security("H1", A="x"), _security("H2"), _security("H3", A="y"))
    assert [loss.why for loss in found] == ["Security 4688 on H1, H3 shows no B", "Security 4688 on H2 shows no A, B"]


def test_many_hosts_are_counted() -> None:
    found = _losses(_is("A"), *(_security(f"H{number}") for number in range(7)))
    assert [(loss.why, loss.count) for loss in found] == [("Security 4688 on H0, H1, H2 and 4 more shows no A", 7)]


@pytest.mark.parametrize(
    ("value", "shown"), [("", False), (None, False), ([], False), (["", ""], False), ("-", True), (["", "x"], True)]
)
def test_what_counts_as_shown(value: object, shown: bool) -> None:
    """Empty and null do not count; a dash is what Windows writes for nothing, and it counts."""
    assert bool(_losses(_is("A"), _security("WS01", A=value))) != shown


def test_a_host_without_such_events_loses_nothing() -> None:
    other = _sysmon("WS01", EventID=3)
    assert _losses(_is("A"), other) == []
    assert _losses(_is("A")) == []


def test_kinds_of_a_service_come_from_its_event_ids() -> None:
    security = LogSource(product="windows", service="security")
    asked = AllOf((_is("EventID", "4688"), _is("A")))
    assert [loss.why for loss in _losses(asked, _security("H"), logsource=security)] == [
        "Security 4688 on H shows no A"
    ]
    assert _losses(_is("A"), _security("H"), logsource=security) == []
    assert _losses(asked, _security("H"), logsource=LogSource(product="windows")) == []


def test_merging_is_the_same_in_any_order() -> None:
    """Mergeable and deterministic: what one worker did not see another may have; safe to pickle."""
    rules = RuleSet((_rule(AllOf((_is("A"), _is("B"))), title="1"), _rule(_is("C"), title="2")), "")
    events = [_security("H1", A="x"), _security("H1", B="x"), _security("H2"), _sysmon("H2", C="x")]
    at_once = _covered(rules, *events).losses(rules)
    assert len(at_once) == 2
    for order in permutations(events):
        whole = Coverage()
        for one in order:
            whole.merge(pickle.loads(pickle.dumps(_covered(rules, one))))
        assert whole.losses(rules) == at_once


def test_merging_leaves_the_other_as_it_was() -> None:
    rules = RuleSet((_rule(_is("A")),), "")
    first, second = _covered(rules, _security("H")), _covered(rules, _security("H", A="x"))
    whole = Coverage()
    whole.merge(first)
    whole.merge(second)
    assert whole.losses(rules) == []
    assert len(first.losses(rules)) == 1
