"""The matcher: which rules look at an event, in which order, and what happens when a regular expression is slow."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from detector.engine.coverage import Coverage
from detector.engine.logsource import CATEGORIES, SERVICES, UnknownLogSourceError, logs_of, sources
from detector.engine.match import PATIENCE, Matcher
from detector.engine.reference import holds
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.loss import Loss, LossKind
from detector.model.predicate import AllOf, AnyOf, FieldTest, Like, Predicate, Regex
from detector.model.rule import LogSource, Rule, RuleSet
from detector.rules.regexes import compile_regex

from .events import SECURITY, event

_ANY = LogSource(product="windows")


def _rules(*predicates: Predicate, logsource: LogSource = _ANY) -> RuleSet:
    return RuleSet(tuple(Rule(f"id{n}", f"R{n}", Level.LOW, logsource, p) for n, p in enumerate(predicates)), "")


def _is(field: str, text: str) -> FieldTest:
    return FieldTest(field, Like((text,)))


def test_hits_come_in_the_order_of_the_rules() -> None:
    matcher = Matcher(_rules(_is("A", "x"), _is("A", "y"), _is("EventID", "1"), _is("A", "X")), compile_regex)
    found = matcher.judge(event({"A": "x"}))
    assert [hit.rule.id for hit in found if isinstance(hit, Hit)] == ["id0", "id2", "id3"]


def test_fields_of_a_hit_are_named_once_in_the_order_of_the_rule() -> None:
    """ "the field names whose tests made the rule match (positive leaves that held; in rule order, no doubles)"."""
    predicate = AllOf((AnyOf((_is("B", "x"), _is("C", "no"), _is("A", "x"))), _is("B", "x"), _is("D", "x")))
    (hit,) = Matcher(_rules(predicate), compile_regex).judge(event({"A": "x", "B": "x", "C": "x", "D": "x"}))
    assert isinstance(hit, Hit)
    assert hit.fields == ("B", "A", "D")


def test_only_candidates_are_looked_at() -> None:
    """ "with a set only those": few or many, of the rules that look at such an event."""
    rules = _rules(*[_is("A", "x")] * 60)
    matcher = Matcher(rules, compile_regex)
    for candidates in ({3, 1, 70}, set(range(20, 60)), frozenset[int]()):
        hits = [one for one in matcher.judge(event({"A": "x"}), candidates) if isinstance(one, Hit)]
        assert [rules.rules.index(hit.rule) for hit in hits] == sorted(candidates - {70})


def test_rules_that_ask_the_same_slow_thing_are_a_loss_each() -> None:
    """A time-out costs the rule that met it, whoever else asks the same."""

    def too_slow(_: Regex) -> Callable[[str], bool]:
        def search(_: str) -> bool:
            raise TimeoutError

        return search

    slow = FieldTest("A", Regex("x"))
    found = Matcher(_rules(slow, AllOf((slow, _is("B", "no"))), _is("A", "x"), slow), too_slow).judge(event({"A": "x"}))
    losses = [one.where for one in found if isinstance(one, Loss)]
    assert losses == ["rule 'R0' (id0)", "rule 'R3' (id3)"]


def test_a_rule_that_is_true_without_its_slow_expression_is_a_hit() -> None:
    """Which fields made it true is not known then; that it is true, is."""

    def too_slow(_: Regex) -> Callable[[str], bool]:
        def search(_: str) -> bool:
            raise TimeoutError

        return search

    rules = _rules(AnyOf((FieldTest("A", Regex("x")), _is("B", "y"))))
    (hit,) = Matcher(rules, too_slow).judge(event({"A": "x", "B": "y"}))
    assert isinstance(hit, Hit)
    assert hit.fields == ()


def test_a_slow_expression_is_a_loss_that_names_rule_and_event() -> None:
    """Loss(TIMEOUT); the other rules are judged all the same."""

    def too_slow(_: Regex) -> Callable[[str], bool]:
        def search(_: str) -> bool:
            raise TimeoutError

        return search

    matcher = Matcher(_rules(_is("A", "x"), FieldTest("A", Regex("x")), _is("A", "x")), too_slow)
    first, loss, last = matcher.judge(event({"A": "x"}, record_id=77))
    assert isinstance(first, Hit)
    assert isinstance(last, Hit)
    assert isinstance(loss, Loss)
    assert loss.kind is LossKind.TIMEOUT
    assert "'R1' (id1)" in loss.where
    assert "record 77" in loss.why
    assert "test.evtx" in loss.why


def test_a_catastrophic_expression_ends() -> None:
    """ "no regex of a rule may hang the run": look-behind, so not RE2; nested quantifiers."""
    matcher = Matcher(_rules(FieldTest("A", Regex(r"(?<!z)(a+)+$(?<!b)\1"))), compile_regex)
    started = time.perf_counter()
    (loss,) = matcher.judge(event({"A": "a" * 5000 + "b"}))
    assert isinstance(loss, Loss)
    assert loss.kind is LossKind.TIMEOUT
    assert time.perf_counter() - started < 5


def test_a_slow_rule_is_given_up_on_for_the_rest_of_a_source_only() -> None:
    """ "no regex of a rule may hang the run": half a second for each of a million hostile events would."""
    searched = 0

    def too_slow(_: Regex) -> Callable[[str], bool]:
        def search(_: str) -> bool:
            nonlocal searched
            searched += 1
            raise TimeoutError

        return search

    matcher = Matcher(_rules(FieldTest("A", Regex("x")), _is("A", "x")), too_slow)
    for source in range(1, 3):
        matcher.begin(Coverage())
        found = [one for number in range(100) for one in matcher.judge(event({"A": "x"}, record_id=number))]
        assert len([one for one in found if isinstance(one, Hit)]) == 100
        assert len([one for one in found if isinstance(one, Loss)]) == PATIENCE
        assert searched == PATIENCE * source
        (rest,) = matcher.passed_over("a.evtx")
        assert (rest.kind, rest.count) == (LossKind.TIMEOUT, 100 - PATIENCE)
        assert "'R0' (id0)" in rest.where
        assert "a.evtx" in rest.why


def test_rules_for_other_event_ids_are_not_looked_at() -> None:
    asked: list[Regex] = []

    def compiler(test: Regex) -> Callable[[str], bool]:
        asked.append(test)
        return compile_regex(test)

    rules = _rules(AllOf((_is("EventID", "4624"), FieldTest("A", Regex("x")))), logsource=LogSource(service="security"))
    matcher = Matcher(rules, compiler)
    assert matcher.judge(event({"EventID": 4688, "Provider_Name": SECURITY, "A": "x"})) == []
    assert asked == []
    assert len(matcher.judge(event({"EventID": 4624, "Provider_Name": SECURITY, "A": "x"}))) == 1
    assert len(asked) >= 1


def test_an_event_of_no_log_we_know_goes_to_the_rules_of_all_windows() -> None:
    rules = RuleSet(
        (*_rules(_is("A", "x")).rules, *_rules(_is("A", "x"), logsource=LogSource(service="system")).rules), ""
    )
    matcher = Matcher(rules, compile_regex)
    assert len(matcher.judge(event({"A": "x", "Provider_Name": "?", "Channel": "?"}))) == 1
    assert len(matcher.judge(event({"A": "x", "Provider_Name": "?", "Channel": "SYSTEM"}))) == 2


def test_made_up_channels_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.engine.routes._ROUTES", 10)
    matcher = Matcher(_rules(_is("A", "x")), compile_regex)
    for number in range(100):
        assert len(matcher.judge(event({"A": "x", "Channel": f"made up {number}"}))) == 1
    assert len(matcher._routes._routes) <= 10


def test_a_channel_and_a_provider_that_do_not_agree_make_no_group_of_their_own() -> None:
    """Such an event goes to the rules of both logs, each once; what is kept does not grow with what events make up."""
    sysmon, system = LogSource(service="sysmon"), LogSource(service="system")
    given = [_rules(_is("A", "x"), logsource=log).rules[0] for log in (system, _ANY, sysmon)]
    rules = RuleSet(tuple(replace(rule, id=f"id{n}") for n, rule in enumerate(given)), "")
    matcher = Matcher(rules, compile_regex)
    for channel, expected in (("System", ["id0", "id1", "id2"]), ("made up", ["id1", "id2"])):
        for candidates in (None, {0, 1, 2}):
            found = matcher.judge(event({"A": "x", "Channel": channel}), candidates)
            assert [one.rule.id for one in found if isinstance(one, Hit)] == expected
    assert len(matcher._routes._groups) == 2


def test_every_source_is_reachable() -> None:
    """A log of the table that no channel leads to would be a rule that is silently never asked."""
    for logsource in [LogSource(service=name) for name in SERVICES] + [LogSource(category=name) for name in CATEGORIES]:
        for source in sources(logsource):
            assert source.log is not None
            for channel in source.log.channels:
                assert source.log in logs_of("", channel.upper())
            for provider in source.log.providers:
                assert source.log in logs_of(provider.upper(), "")


def test_names_of_logs_are_their_own() -> None:
    """Coverage and routing tell logs apart by name."""
    logs = {source.log for name in CATEGORIES for source in sources(LogSource(category=name))} | set(SERVICES.values())
    assert len({log.name for log in logs if log}) == len(logs)


def test_unknown_logsource_names_the_word() -> None:
    with pytest.raises(UnknownLogSourceError) as raised:
        sources(LogSource(product="windows", service="securty"))
    assert raised.value.word == "securty"
    assert "security" in raised.value.valid


def test_rules_survive_pickling() -> None:
    """Workers are processes: rules and hits cross between them."""
    rules = _rules(AllOf((_is("A", "x"), FieldTest("B", Regex("y", "i")))))
    happened = event({"A": "X", "B": "Y"})
    again = pickle.loads(pickle.dumps(rules))
    assert holds(again.rules[0].predicate, happened, compile_regex)
    hits = Matcher(again, compile_regex).judge(happened)
    assert pickle.loads(pickle.dumps(hits)) == hits
