"""Issue: "what cannot is shown as not evaluable"; coverage "by log source (Sysmon, Security only, System only, network only)"."""

from __future__ import annotations

import pytest

from detector.engine.coverage import Kind
from detector.engine.evaluable import ANY_ID, kinds_shown
from detector.engine.logged import LOGGED
from detector.engine.unseen import STARTED, unseen
from detector.model.rule import LogSource, Rule, RuleSet
from detector.rules import builtin_rules, load_rules
from detector.synth.kinds import KINDS
from tests.sigma_rules.rule_cases import cases_of, pack, rule_files

PROGRAMS = Kind("Sysmon", 1), Kind("Security", 4688)


@pytest.mark.parametrize("name", rule_files())
def test_a_log_that_shows_a_rule_is_known_to(name: str) -> None:
    """No event that a rule is true of may be of a kind in which it is said never to be true."""
    rule = pack()[name]
    known = {(kind.channel.lower(), kind.event_id): kind.log for kind in LOGGED}
    shown = kinds_shown(rule)
    for case in cases_of(name):
        ref = case.event.ref
        log = known.get((ref.channel.lower(), ref.event_id))
        if case.matches and log is not None:
            assert Kind(log, ref.event_id) in shown or Kind(log, ANY_ID) in shown, case.name


def test_every_rule_of_the_pack_shows_somewhere() -> None:
    assert [name for name, rule in pack().items() if not kinds_shown(rule)] == []


def test_fields_of_version_data_are_not_in_4688() -> None:
    assert kinds_shown(pack()["anydesk/running"]) == frozenset(PROGRAMS)
    assert kinds_shown(pack()["rustdesk/running_renamed"]) == {Kind("Sysmon", 1)}


def test_a_rule_of_any_log_shows_where_its_event_ids_are() -> None:
    shown = kinds_shown(pack()["supremo/installed"])
    assert {Kind("System", 7045), Kind("Security", 4697)} <= shown
    assert not shown & set(PROGRAMS)


def test_the_fields_known_are_those_of_rendered_events() -> None:
    """Two tables of the same facts, one for reading and one for writing, agree."""
    known = {(kind.channel, kind.event_id): kind.fields for kind in LOGGED}
    for (channel, event_id), kind in KINDS.items():
        fields = known.get((channel, event_id))
        if fields is not None:
            assert {field.name for field in kind.fields} <= fields, (channel, event_id)


def test_logons_alone_are_told_to_show_no_use() -> None:
    rules = load_rules([builtin_rules()])[0]
    (loss,) = unseen(rules, frozenset({Kind("Security", 4624), Kind("Security", 5145)}))
    assert "Sysmon 1 or Security 4688" in loss.why
    assert loss.count > 300
    for kind in STARTED:
        assert unseen(rules, frozenset({kind})) == []


def test_rules_that_ask_for_no_programs_miss_none() -> None:
    services = tuple(rule for name, rule in pack().items() if name == "supremo/installed")
    assert unseen(RuleSet(services, ""), frozenset()) == []
    assert isinstance(services[0], Rule)
    assert services[0].logsource == LogSource(product="windows")
