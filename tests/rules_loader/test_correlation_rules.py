"""Correlation rules as they are read and linked: what they say, and what is said of broken ones."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.model.correlation import Alias, Bound, Correlation, CorrelationType, Operator, Way
from detector.model.level import Level
from detector.model.loss import LossKind
from detector.model.rule import Phase, Role, Rule
from detector.rules import load_rules
from detector.rules.correlation import draft
from detector.rules.correlation_condition import ways
from detector.rules.documents import Document, read_documents
from detector.rules.problem import RuleProblemError
from detector.rules.scope import Scope

BROKEN: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("correlation_broken.yml").read_text("utf-8"))
BASE = "".join(
    f"title: Rule {name}\nid: 00000000-0000-4000-8000-00000000000{name}\nname: {name}\nlevel: {level}\n"
    f"logsource: {{product: windows}}\ndetection: {{selection: {{X: {name}}}, condition: selection}}\n---\n"
    for name, level in (("a", "low"), ("b", "high"))
)
A, B = (f"00000000-0000-4000-8000-00000000000{name}" for name in "ab")


def loaded(folder: Path, **section: Any) -> Rule:
    text = yaml.safe_dump({"title": "C", "correlation": {"rules": ["a", "b"], "timespan": "90m"} | section})
    (folder / "rules.yml").write_text(BASE + text, encoding="utf-8")
    rules, losses = load_rules([folder])
    assert losses == []
    (found,) = rules.correlations
    return found


def asked(folder: Path, **section: Any) -> Correlation:
    found = loaded(folder, **section).correlation
    assert found is not None
    return found


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["name"])
def test_broken(case: dict[str, Any], tmp_path: Path) -> None:
    """ "Nothing is lost in silence: ... a rule problem with file, line and key"; the rules beside it are loaded."""
    file = tmp_path / "rules.yml"
    file.write_text(BASE + case["text"], encoding="utf-8")
    rules, losses = load_rules([file])
    assert [rule.title for rule in rules.rules] == ["Rule a", "Rule b"]
    assert len(losses) == len(case["losses"])
    above = BASE.count("\n")
    for loss, expected in zip(
        sorted(losses, key=lambda loss: int(loss.where.rpartition(":")[2])), case["losses"], strict=True
    ):
        assert loss.kind is LossKind.RULE
        assert loss.where == f"{file}:{above + expected['line']}"
        assert expected["why"] in loss.why


def test_what_a_correlation_says(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        type="value_percentile",
        **{"group-by": ["user"]},
        timespan="2d",
        condition={"field": "Bytes", "percentile": 99.5, "gt": 0.1, "lte": "200"},
        aliases={"user": {"a": "SubjectUserName"}},
        generate=True,
    )
    assert found == Correlation(
        CorrelationType.VALUE_PERCENTILE,
        (A, B),
        2 * 86_400_000,
        group_by=("user",),
        bounds=(Bound(Operator.GT, "0.1"), Bound(Operator.LTE, "200")),
        fields=("Bytes",),
        percentile="99.5",
        aliases=(Alias("user", A, "SubjectUserName"),),
        generate=True,
    )


@pytest.mark.parametrize(
    ("written", "seconds"), [("15s", 15), ("90m", 5400), ("1h", 3600), ("1d", 86400), ("1w", 604800)]
)
def test_timespans(tmp_path: Path, written: str, seconds: int) -> None:
    """ "number + letter (in lowercase)"."""
    assert asked(tmp_path, type="temporal", timespan=written).timespan == seconds * 1000


def test_a_temporal_one_without_condition_asks_for_all(tmp_path: Path) -> None:
    """ "All events defined by the rules referred by the rule field must occur"."""
    assert asked(tmp_path, type="temporal").ways == (Way((0, 1)),)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a and b and c", [Way((0, 1, 2))]),
        ("a OR b AND c", [Way((0,)), Way((1, 2))]),
        ("(a or b) and not c", [Way((0,), (2,)), Way((1,), (2,))]),
        ("a and not (b or c)", [Way((0,), (1, 2))]),
        ("a and not (b and c)", [Way((0,), (1,)), Way((0,), (2,))]),
        ("a and (b or not b) and c", [Way((0, 1, 2)), Way((0, 2), (1,))]),
        ("a or a and b and c", [Way((0,))]),
    ],
)
def test_boolean_conditions(condition: str, expected: list[Way]) -> None:
    """Precedence as in Sigma's conditions: ``not`` before ``and`` before ``or``."""
    assert list(ways(condition, {"a": 0, "b": 1, "c": 2})) == expected


def test_rules_are_found_in_other_files_and_by_id(tmp_path: Path) -> None:
    """ "A rule can be referred to by the id or name of a Sigma rule." """
    (tmp_path / "z.yml").write_text(BASE, encoding="utf-8")
    text = {"title": "C", "correlation": {"type": "temporal", "rules": [A.upper(), "b"], "timespan": "1m"}}
    (tmp_path / "a.yml").write_text(yaml.safe_dump(text), encoding="utf-8")
    rules, losses = load_rules([tmp_path])
    assert losses == []
    assert rules.correlations[0].correlation is not None
    assert rules.correlations[0].correlation.rules == (A, B)


def test_a_name_means_the_rule_of_the_same_file_first(tmp_path: Path) -> None:
    """ "name is a per correlation unique human-readable name"."""
    section = "title: C\ncorrelation: {type: temporal, rules: [a, b], timespan: 1m}\n"
    (tmp_path / "a.yml").write_text(BASE + section, encoding="utf-8")
    (tmp_path / "b.yml").write_text(BASE.replace("-4000-", "-4001-"), encoding="utf-8")
    rules, losses = load_rules([tmp_path])
    assert (len(rules.rules), losses) == (4, [])
    assert rules.correlations[0].correlation is not None
    assert rules.correlations[0].correlation.rules == (A, B)


def test_a_correlation_without_level_has_the_highest_of_its_rules(tmp_path: Path) -> None:
    """ "defines a severity level adjustment if the correlation matches": without one nothing is adjusted."""
    assert loaded(tmp_path, type="temporal").level is Level.HIGH


def test_the_detectors_own_attribute(tmp_path: Path) -> None:
    text = (
        "title: C\nlevel: critical\ntags: [attack.t1110]\nrmm: {tool: anydesk, phase: session, role: context}\n"
        "correlation: {type: temporal, rules: [a], timespan: 1m}\n"
    )
    (tmp_path / "rules.yml").write_text(BASE + text, encoding="utf-8")
    (found,) = load_rules([tmp_path])[0].correlations
    assert (found.tool, found.phase, found.role) == ("anydesk", Phase.SESSION, Role.CONTEXT)
    assert (found.level, found.tags) == (Level.CRITICAL, ("attack.t1110",))


def test_the_digest_counts_correlations(tmp_path: Path) -> None:
    loaded(tmp_path, type="temporal")
    first = load_rules([tmp_path])[0].digest
    loaded(tmp_path, type="temporal", timespan="91m")
    assert load_rules([tmp_path])[0].digest != first


def test_a_tower_of_correlations(tmp_path: Path) -> None:
    """Each is worked out inside the one above it: a tower must end."""
    section = "title: C{0}\nname: c{0}\ncorrelation: {{type: temporal, rules: [{1}], timespan: 1m}}\n---\n"
    text = "".join(section.format(place, f"c{place - 1}" if place else "a") for place in range(22))
    (tmp_path / "rules.yml").write_text(BASE + text, encoding="utf-8")
    rules, losses = load_rules([tmp_path])
    assert sorted(rule.name for rule in rules.correlations) == sorted(f"c{place}" for place in range(20))
    assert {loss.why for loss in losses} == {"more than 20 correlations, one above the other"}
    assert len(losses) == 2


_WORDS = st.sampled_from(
    ["a", "b", "x", "1m", "", "gte", "field", "event_count", "temporal", "value_sum", "not a", "a and b"]
)
_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | st.integers(), inner, max_size=3),
    max_leaves=8,
)
_TYPES = st.sampled_from([str(one) for one in CorrelationType]) | _YAML
_SECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "type": _TYPES,
        "rules": st.just(["a", "b"]) | _YAML,
        "timespan": st.just("5m") | _YAML,
        "condition": st.text("ab()notrd ", max_size=15)
        | st.dictionaries(st.sampled_from([*map(str, Operator), "field", "percentile"]), _YAML, max_size=3)
        | _YAML,
        "aliases": _YAML,
        "group-by": _YAML,
        "generate": _YAML,
    },
)


@settings(max_examples=500, deadline=None)
@given(_SECTIONS | _YAML, _YAML)
def test_no_correlation_gives_a_traceback(section: object, generate: object) -> None:
    """ "Bad input never gives a traceback": it is understood, or what is wrong is said."""
    text = yaml.safe_dump({"title": "T", "generate": generate, "correlation": section}, allow_unicode=True)
    document = next(read_documents(text, "f"))
    if isinstance(document, Document):
        with suppress(RuleProblemError):
            draft(document, Scope())
