"""Collections, filters and placeholders: as pySigma reads them where it is right, and part of the digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

from detector.model.loss import LossKind
from detector.model.predicate import AnyOf
from detector.model.rule import RuleSet
from detector.rules import load_rules
from detector.rules.files import RuleFile
from detector.rules.load import rules_of

from .trees import plain, tree

_ID, _OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
_LOG = {"category": "process_creation", "product": "windows"}


def _rule(**said: Any) -> dict[str, Any]:
    return {
        "title": "A",
        "logsource": _LOG,
        "detection": {"selection": {"Image": "a"}, "condition": "selection"},
    } | said


def _filter(**said: Any) -> dict[str, Any]:
    section = {"rules": "any", "words": {"User": "x"}, "condition": "not words"} | said
    return {"title": "F", "logsource": {"product": "windows"}, "filter": section}


def _load(*documents: object, placeholders: object = None) -> RuleSet:
    files = [RuleFile("a.yml", yaml.safe_dump_all(documents).encode())]
    if placeholders is not None:
        files.append(RuleFile("sub/placeholders.yaml", yaml.safe_dump(placeholders).encode()))
    rules, losses = rules_of(files)
    assert losses == []
    return rules


_WORDS = st.sampled_from(["selection", "words", "filter_a"])
_SECTIONS = st.dictionaries(
    _WORDS, st.dictionaries(st.sampled_from("AB"), st.sampled_from("xy"), min_size=1), min_size=1
)
_CONDITIONS = st.sampled_from(["1 of them", "all of *", "not 1 of them", "1 of filter_* or all of them"])
_DETECTIONS = st.builds(
    lambda found, condition: found | {"filter_z": {"Z": "z"}, "condition": condition}, _SECTIONS, _CONDITIONS
)
_GLOBALS = st.fixed_dictionaries(
    {"action": st.just("global")}, optional={"detection": _SECTIONS, "level": st.just("low")}
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_DETECTIONS, min_size=1, max_size=3), st.lists(_DETECTIONS, max_size=2), _GLOBALS)
def test_as_pysigma_reads_it(rules: list[Any], filters: list[Any], first: dict[str, Any]) -> None:
    """A global document, rules and filters: the same trees as pySigma's, which puts one condition's text behind the other."""
    documents = [
        *(_rule(title=f"{place}", detection=detection) for place, detection in enumerate(rules)),
        *(_filter(**detection) for detection in filters),
    ]
    text = yaml.safe_dump_all([first, *documents])
    ours, losses = rules_of([RuleFile("a.yml", text.encode())])
    theirs = {rule.title: rule for rule in SigmaCollection.from_yaml(text).rules if isinstance(rule, SigmaRule)}
    assert losses == []
    assert len(ours.rules) == len(theirs)
    for rule in ours.rules:
        conditions = theirs[rule.title].detection.parsed_condition
        # pySigma's filters follow its rules' order, ours that of their digests.
        expected = plain(AnyOf(tuple(tree(condition.parsed) for condition in conditions)))
        assert _sorted(plain(rule.predicate)) == _sorted(expected)


def _sorted(tree: Any) -> object:
    return (tree[0], *sorted(map(_sorted, tree[1:]), key=repr)) if isinstance(tree, tuple) else tree


def test_the_digest_knows_the_filters() -> None:
    """ "The RuleSet digest must change when a filter or placeholder changes"; the rule's text and id are still its own."""
    alone, with_one = _load(_rule(id=_ID)), _load(_rule(id=_ID), _filter())
    changed = _load(_rule(id=_ID), _filter(words={"User": "y"}))
    assert len({alone.digest, with_one.digest, changed.digest}) == 3
    assert with_one.rules[0].text == alone.rules[0].text
    both = [_filter(), _filter(words={"User": "y"})]
    assert _load(_rule(id=_ID), *both).digest == _load(_rule(id=_ID), *reversed(both)).digest


def test_the_digest_knows_the_placeholders_that_are_used() -> None:
    rule = _rule(detection={"selection": {"User|expand": "%Admins%"}, "condition": "selection"})
    one, other = ({"Admins": names, "Unused": "u"} for names in (["anna"], ["anna", "bob"]))
    assert _load(rule, placeholders=one).digest != _load(rule, placeholders=other).digest
    assert _load(rule, placeholders=one).digest == _load(rule, placeholders=one | {"Unused": "v"}).digest
    kept = _filter(words={"User|expand": "%Admins%"})
    assert _load(_rule(), kept, placeholders=one).digest != _load(_rule(), kept, placeholders=other).digest


def test_ids_of_rules_that_share_one() -> None:
    """The first rule of a collection has the id; the next ones have ids that stay as long as their text does."""
    shared = {"action": "global", "id": _ID, "title": "G"}
    rules = [_rule(detection={"selection": {"Image": name}, "condition": "selection"}) for name in "abc"]
    ids = {rule.id: rule.text for rule in _load(shared, *rules).rules}
    assert len(ids) == 3
    assert "Image: a" in ids[_ID]
    assert set(ids) == {rule.id for rule in _load(shared, *rules).rules}
    assert all(text.startswith("action: global") for text in ids.values())


def test_placeholders_of_two_files(tmp_path: Path) -> None:
    """The first file that names one says what it means; the second is told of, with file and line."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a/placeholders.yml").write_text("Admins: [anna]\n")
    (tmp_path / "b/Placeholders.YAML").write_text("Servers: s*\nAdmins: [bob]\n")
    rule = _rule(
        detection={"selection": {"User|expand": "%Admins%", "Host|expand": "%Servers%"}, "condition": "selection"}
    )
    (tmp_path / "rule.yml").write_text(yaml.safe_dump(rule))
    rules, (loss,) = load_rules([tmp_path])
    assert len(rules.rules) == 1
    assert loss.where == f"{tmp_path / 'b/Placeholders.YAML'}:2"
    assert str(tmp_path / "a/placeholders.yml:1") in loss.why


@pytest.mark.parametrize(
    "text", ["- a\n", "a b: c\n", "a: [true]\n", "a: [[x]]\n", "a: null\n", "a: []\n", "5: x\n", "'%a%': x\n", "a: [\n"]
)
def test_broken_placeholders_are_told(text: str) -> None:
    files = [RuleFile("a.yml", yaml.safe_dump(_rule()).encode()), RuleFile("x/placeholders.yml", text.encode())]
    rules, (loss,) = rules_of(files)
    assert len(rules.rules) == 1
    assert loss.kind is LossKind.RULE
    assert loss.where.startswith("x/placeholders.yml:")


def test_filters_lie_in_any_file(tmp_path: Path) -> None:
    (tmp_path / "a_filter.yml").write_text(yaml.safe_dump(_filter(rules=[_OTHER])))
    (tmp_path / "rule.yml").write_text(yaml.safe_dump(_rule(id=_OTHER)))
    alone = load_rules([tmp_path / "rule.yml"])
    both = load_rules([tmp_path])
    assert alone[1] == both[1] == []
    assert alone[0].digest != both[0].digest


def test_folders_as_others_ship_them(tmp_path: Path) -> None:
    """ "files which are no rule at all are recognised and either understood or named; hidden and non-YAML files ignored"."""
    for name, text in {
        "rules/a.yml": yaml.safe_dump(_rule()),
        "README.md": "# no rule",
        "LICENSE": "none",
        "tests/data.json": "{}",
        ".github/workflows/ci.yml": "on: push\n",
        "rules/.hidden.yml": "on: push\n",
        "pipelines/p.yml": "name: x\ntransformations: []\n",
        "mkdocs.yml": "site_name: x\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    rules, losses = load_rules([tmp_path])
    assert len(rules.rules) == 1
    assert {(Path(loss.where).name, loss.why.split(":")[0]) for loss in losses} == {
        ("mkdocs.yml:1", "no Sigma rule"),
        ("p.yml:1", "no Sigma rule but a processing pipeline"),
    }
    assert len(load_rules([tmp_path / "rules/a.yml", tmp_path / ".github/workflows/ci.yml"])[1]) == 1


def test_a_file_larger_than_any_rule(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(yaml.safe_dump(_rule()))
    (tmp_path / "b.yml").write_bytes(b"#" * 4_000_001)
    rules, (loss,) = load_rules([tmp_path])
    assert len(rules.rules) == 1
    assert (loss.kind, loss.where) == (LossKind.LIMIT, str(tmp_path / "b.yml"))


def test_times_without_quotes_stay_text() -> None:
    """YAML 1.1 reads ``10:30`` as the number 630; no log writes it so."""
    text = "title: A\nlogsource: {product: windows}\ndetection:\n  a: {Start: 10:30, End: [1:2:3, 1:30.5]}\n  condition: a\n"
    rules, losses = rules_of([RuleFile("a.yml", text.encode())])
    assert losses == []
    for written in ("10:30", "1:2:3", "1:30.5"):
        assert f"('{written}',)" in repr(rules.rules[0].predicate)
