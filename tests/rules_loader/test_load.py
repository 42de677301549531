"""Loading rule files: what loads, what is a loss and how it is named."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import InputError, RuleError
from detector.model.level import Level
from detector.model.loss import LossKind
from detector.model.rule import Action, Phase, Role
from detector.rules import builtin_rules, load_catalogue, load_rules
from detector.rules.documents import Document, read_documents
from detector.rules.problem import RuleProblemError
from detector.rules.scope import Scope
from detector.rules.translate import rule

_BROKEN: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("broken.yml").read_text(encoding="utf-8"))

_GOOD = """\
title: {title}
id: {id}
logsource:
  product: windows
detection:
  selection:
    Image: '{title}.exe'
  condition: selection
"""
_FIRST, _SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def _good(title: str, rule_id: str = _FIRST) -> str:
    return _GOOD.format(title=title, id=rule_id)


def _write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in _BROKEN])
def test_broken(case: dict[str, Any], tmp_path: Path) -> None:
    """ "one broken rule beside good ones is a Loss(RULE) naming file, line and reason with the nearest valid word"."""
    file = _write(tmp_path, "a.yml", case["text"])
    _write(tmp_path, "z.yml", _good("Good"))
    rules, losses = load_rules([tmp_path])
    assert {found.title for found in rules.rules} == {"Good", *case.get("loads", ())}
    assert [loss.kind for loss in losses] == [LossKind.RULE] * len(case["losses"])
    for loss, expected in zip(losses, case["losses"], strict=True):
        assert loss.where == (f"{file}:{expected['line']}" if expected["line"] else str(file))
        assert expected["why"] in loss.why


def test_every_broken_case_has_its_name() -> None:
    assert len({case["name"] for case in _BROKEN}) == len(_BROKEN) >= 30


def test_folders_are_read_through_and_sorted(tmp_path: Path) -> None:
    """ "files .yml/.yaml, recursive and sorted"; a rule set is ordered by id."""
    _write(tmp_path, "b/two.YAML", _good("Two", _SECOND))
    _write(tmp_path, "z.yml", _good("One", _FIRST))
    _write(tmp_path, "notes.txt", "not a rule")
    rules, losses = load_rules([tmp_path])
    assert losses == []
    assert [found.title for found in rules.rules] == ["One", "Two"]
    assert rules.rules[0].path == str(tmp_path / "z.yml")
    assert rules.digest == sha256("".join(found.digest for found in rules.rules).encode()).hexdigest()


def test_the_digest_is_of_the_rule_and_not_of_where_it_lies(tmp_path: Path) -> None:
    first = load_rules([_write(tmp_path, "a/x.yml", _good("One"))])[0]
    second = load_rules([_write(tmp_path, "b/y.yml", _good("One").replace("\n", "\r\n"))])[0]
    assert first.digest == second.digest
    assert first.rules[0].digest == sha256(first.rules[0].text.encode()).hexdigest()
    assert first.digest != load_rules([_write(tmp_path, "c.yml", _good("Two"))])[0].digest


def test_one_id_twice_names_both_files(tmp_path: Path) -> None:
    first, second = _write(tmp_path, "a.yml", _good("One")), _write(tmp_path, "b.yml", _good("Two"))
    rules, (loss,) = load_rules([tmp_path])
    assert [found.title for found in rules.rules] == ["One"]
    assert loss.kind is LossKind.RULE
    assert loss.where == str(second)
    assert str(first) in loss.why


def test_one_file_named_twice_is_one_file(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.yml", _good("One"))
    rules, losses = load_rules([file, tmp_path, tmp_path / "." / "a.yml"])
    assert (len(rules.rules), losses) == (1, [])


def test_a_rule_without_id_gets_one_that_stays(tmp_path: Path) -> None:
    text = _good("One").replace(f"id: {_FIRST}\n", "")
    first = load_rules([_write(tmp_path, "a.yml", text)])[0].rules[0]
    second = load_rules([_write(tmp_path, "b.yml", text)])[0].rules[0]
    assert first.id == second.id
    assert first.id != load_rules([_write(tmp_path, "c.yml", text.replace("One", "Two"))])[0].rules[0].id


def test_nothing_loadable_is_an_error_that_names_everything(tmp_path: Path) -> None:
    """ "None loadable at all -> RuleError"."""
    _write(tmp_path, "a.yml", "title: [\n")
    _write(tmp_path, "b.yml", "title: B\ndetection: {}\n")
    with pytest.raises(RuleError) as raised:
        load_rules([tmp_path])
    assert [Path(problem.file).name for problem in raised.value.problems] == ["a.yml", "b.yml"]
    assert raised.value.problems[1].line == 2


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules"):
        load_rules([tmp_path])


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file or folder: .*nowhere"):
        load_rules([tmp_path / "nowhere"])


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    _write(tmp_path, "z.yml", _good("One"))
    (tmp_path / "a.yml").write_bytes(b"title: \xff\xfe\n")
    (tmp_path / "b.yml").write_bytes(b"\xef\xbb\xbf" + _good("BOM", _SECOND).encode())
    rules, (loss,) = load_rules([tmp_path])
    assert {found.title for found in rules.rules} == {"One", "BOM"}
    assert "not UTF-8" in loss.why


def test_a_link_to_nowhere_is_no_rule(tmp_path: Path) -> None:
    _write(tmp_path, "z.yml", _good("One"))
    (tmp_path / "a.yml").symlink_to(tmp_path / "gone.yml")
    rules, (loss,) = load_rules([tmp_path])
    assert len(rules.rules) == 1
    assert loss.where == str(tmp_path / "a.yml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    _write(tmp_path, "z.yml", _good("One"))
    os.mkfifo(tmp_path / "a.yml")
    assert [loss.why for loss in load_rules([tmp_path])[1]] == ["not a regular file"]


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "unreadable folders": os.walk would pass them over in silence. (Root may read everything, so it is told.)"""
    _write(tmp_path, "a.yml", _good("One"))
    _write(tmp_path, "closed/b.yml", _good("Two", _SECOND))
    scan = os.scandir

    def refuse(folder: str) -> object:
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    rules, (loss,) = load_rules([tmp_path])
    assert len(rules.rules) == 1
    assert (loss.where, loss.why) == (str(tmp_path / "closed"), "cannot be read: Permission denied")


def test_what_a_rule_says_beyond_sigma(tmp_path: Path) -> None:
    text = _good("One") + (
        "level: High\ndate: 2026-01-01\ntags: [attack.t1219]\n"
        "rmm: {tool: anydesk, phase: unattended-access, action: connect, role: context, protocol: rdp}\n"
    )
    (found,) = load_rules([_write(tmp_path, "a.yml", text)])[0].rules
    assert found.level is Level.HIGH
    assert (found.tool, found.phase, found.action) == ("anydesk", Phase.UNATTENDED_ACCESS, Action.CONNECT)
    assert (found.role, found.protocol, found.tags) == (Role.CONTEXT, "rdp", ("attack.t1219",))


def test_what_a_plain_sigma_rule_says(tmp_path: Path) -> None:
    """ "a rule without it (any public Sigma rule) has none of them and role use"."""
    (found,) = load_rules([_write(tmp_path, "a.yml", _good("One"))])[0].rules
    assert (found.tool, found.phase, found.action, found.protocol) == (None, None, None, None)
    assert found.role is Role.USE
    assert found.level is Level.MEDIUM


def test_documentation_does_not_keep_a_rule_from_judging(tmp_path: Path) -> None:
    text = _good("One") + "author: [a, b]\ndate: someday\nstatus: fresh\nreferences: x\nfalsepositives: none\n"
    assert load_rules([_write(tmp_path, "a.yml", text)])[1] == []


def test_the_built_in_pack_loads_whole() -> None:
    """Every rule of the pack, each with a tool the catalogue knows or none."""
    rules, losses = load_rules([builtin_rules()])
    assert losses == []
    assert len(rules.rules) > 50
    tools = load_catalogue().tools
    assert all(found.tool is None or found.tool in tools for found in rules.rules)


def test_importing_the_package_is_light() -> None:
    """ "keep package __init__ light": the commands that need no rules do not wait for the parser."""
    script = "import sys, detector.rules; print({'sigma', 'yaml', 're2', 'regex', 'pyparsing'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_loading_rules_imports_only_what_it_needs() -> None:
    """``sigma.rule`` and ``sigma.collection`` cost as much again; no rule of the pack needs more than linear time."""
    script = (
        "import sys, pathlib, detector.rules as r; r.load_rules([r.builtin_rules()]);"
        "print({'sigma.rule', 'sigma.collection', 'sigma.backends', 'regex'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


_NAMES = "a sel notsel condition timeframe A A| | A|| |all |re A|contains A|re A|re|i A|cidr A|gt A|exists A|fieldref"
_MORE_NAMES = "A|windash|all A|base64offset A|wide|base64 A|cased A|neq A|utf16 A|contains|startswith A|expand"
_KEYS = st.sampled_from(["", *_NAMES.split(), *_MORE_NAMES.split()])
_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab*?\\-/|% ()[]{}#\u00e9\u0130", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.integers(), inner, max_size=3),
    max_leaves=8,
)
_CONDITIONS = st.sampled_from(["sel", "1 of them", "all of s*", "not sel", "sel and a"]) | st.text(
    "selanot1of*() ", max_size=20
)
_DETECTIONS = st.dictionaries(_KEYS, _YAML, max_size=3).flatmap(
    lambda found: _CONDITIONS.map(lambda condition: found | {"condition": condition})
)


@settings(max_examples=400, deadline=None)
@given(_DETECTIONS | _YAML)
def test_no_detection_gives_a_traceback(detection: object) -> None:
    """ "Bad input never gives a traceback": a rule loads, or says what is wrong."""
    body = {"title": "T", "logsource": {"product": "windows"}, "detection": detection}
    document = next(read_documents(yaml.safe_dump(body, allow_unicode=True), "f"))
    if isinstance(document, Document):
        with suppress(RuleProblemError):
            rule(document, Scope())


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#,? \n\t\\0.\u00e9\u2028\x85"), max_size=30))
def test_no_text_gives_a_traceback(text: str) -> None:
    for found in read_documents(text, "f"):
        if isinstance(found, Document):
            assert found.line >= 1
