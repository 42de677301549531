"""The tool catalogue holds every tool a policy may name, and its traits read what events show.

Design: "Policy decides by tenant, host, person, time, path and action". Reading rule 8 of ``policy.yml``: tenant ids are
compared as text; the keys under ``tenant:`` are trait names.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import RuleError
from detector.model.tool import Tool
from detector.rules.catalogue import TOOLS, load_catalogue, parse_catalogue

SHOWN = [
    (case["tool"], case["trait"], case["text"], case["value"])
    for case in yaml.safe_load(Path(__file__).with_name("catalogue_traits.yml").read_text(encoding="utf-8"))
]

#: Pieces that begin, and never finish, what the traits look for.
HOSTILE = [
    "?e=",
    "&h=",
    "&p=",
    "?",
    " --key ",
    " config create ",
    '"',
    "h=a&p=1",
    "sc-0",
    ":s3,",
    " run ",
    "level.exe ",
]
HOSTILE += [
    "nezha",
    "tunnel ",
    "rustdesk",
    "anydesk-",
    "screenconnect client (",
    " Connected ",
    "%3fh%3da",
    "endpoint=",
]


def value(tool: Tool, trait: str, text: str) -> str:
    """As the triage reads a trait: first pattern that matches, its groups joined by a colon."""
    for pattern in tool.traits.get(trait, ()):
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return ":".join(group for group in match.groups() if group)
    return ""


@pytest.mark.parametrize(("tool", "trait", "text", "wanted"), SHOWN)
def test_a_trait_is_read_from_the_text_that_shows_it(tool: str, trait: str, text: str, wanted: str) -> None:
    assert value(load_catalogue().tools[tool], trait, text) == wanted


def test_every_trait_is_tried() -> None:
    tried = {(tool, trait) for tool, trait, _, wanted in SHOWN if wanted}
    deep = ("anydesk", "screenconnect", "screenconnect-server", "rclone", "teamviewer", "atera")
    assert {(tool, trait) for tool in deep for trait in load_catalogue().tools[tool].traits} <= tried


@settings(max_examples=30, deadline=2000)
@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6))
def test_no_trait_hangs_on_a_hostile_text(parts: list[str]) -> None:
    """Design: "no regex of a rule may hang the run". 32,768 characters is the most the triage searches."""
    text = ("".join(parts) * 8192)[:32_768]
    for tool in load_catalogue().tools.values():
        for trait in tool.traits:
            value(tool, trait, text)


def test_a_policy_finds_every_tool_and_tenant_key(shared: Path) -> None:
    """Issue: "``policy.yml`` exactly as in ``../shared/scenarios``"."""
    catalogue = load_catalogue()
    policy = yaml.safe_load((shared / "scenarios" / "policy.yml").read_text(encoding="utf-8"))
    for clause in policy["tools"]:
        tool = catalogue.tools[clause["tool"]]
        assert set(clause.get("tenant", {})) <= set(tool.traits), clause["id"]


def test_other_spellings_mean_the_same_tool() -> None:
    names = load_catalogue().names()
    for alias, tool in {
        "connectwise-control": "screenconnect", "connectwise": "screenconnect", "n-central": "n-able", "take-control": "n-able",
        "logmein-resolve": "goto-resolve", "pdq": "pdq-deploy", "bomgar": "beyondtrust", "sccm": "configmgr",
    }.items():  # fmt: skip
        assert names[alias] == tool


def test_no_tool_is_written_twice() -> None:
    """YAML lets a later key replace an earlier one in silence."""
    heads = re.findall(r"^([a-z0-9.-]+):$", TOOLS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(heads) == sorted(load_catalogue().tools)
    assert len(heads) >= 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x: {name: X, kind: remote, colour: red}", "x.colour: unknown key"),
        ("x: {name: X, kind: magic}", "x.kind: 'magic' is no kind"),
        ("x: {name: X, kind: [remote]}", "x.kind: ['remote'] is no kind"),
        ("x: {kind: remote}", "x.name: is missing"),
        ("x: {name: X, kind: remote, images: a.exe}", "x.images: must be a list"),
        ("x: {name: X, kind: remote, traits: {client: ['(']}}", "is no regular expression"),
        ("x: {name: X, kind: remote, traits: {client: ['abc']}}", "has no group"),
        ("x: {name: X, kind: remote, traits: [client]}", "must be a mapping of trait names"),
        ("x: {name: X, kind: remote}\ny: {name: Y, kind: remote, aliases: [X]}", "y: 'X' already means x"),
        ("X y: {name: X, kind: remote}", "an id is lower-case"),
        ("x: remote", "x: an entry is a mapping"),
        ("[1, 2]", "a catalogue is a mapping"),
        ("", "a catalogue is a mapping"),
        ("x: [", "not YAML"),
    ],
)
def test_a_wrong_catalogue_says_where(text: str, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_catalogue(text, "tools.yml")
    assert said in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        parse_catalogue("x: {name: X, kind: magic, colour: red}\ny: {kind: copy}", "tools.yml")
    assert len(caught.value.problems) == 3


def test_it_is_read_once() -> None:
    assert load_catalogue() is load_catalogue()
