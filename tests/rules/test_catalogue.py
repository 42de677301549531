"""The tool catalogue holds every tool a policy may name, and its traits read what events show.

Design: "Policy decides by tenant, host, person, time, path and action". Reading rule 8 of ``policy.yml``: tenant ids are
compared as text; the keys under ``tenant:`` are trait names.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import RuleError
from detector.model.tool import Tool
from detector.rules import catalogue
from detector.rules.cache import Cache
from detector.rules.catalogue import TOOLS, load_catalogue, parse_catalogue
from detector.rules.catalogue_facts import objection

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
    known = load_catalogue()
    policy = yaml.safe_load((shared / "scenarios" / "policy.yml").read_text(encoding="utf-8"))
    for clause in policy["tools"]:
        tool = known.tools[clause["tool"]]
        assert set(clause.get("tenant", {})) <= set(tool.traits), clause["id"]


def test_other_spellings_mean_the_same_tool() -> None:
    names = load_catalogue().names()
    for alias, tool in {
        "connectwise-control": "screenconnect", "connectwise": "screenconnect", "n-central": "n-able", "take-control": "n-able",
        "logmein-resolve": "goto-resolve", "pdq": "pdq-deploy", "bomgar": "beyondtrust", "sccm": "configmgr",
    }.items():  # fmt: skip
        assert names[alias] == tool


def test_every_file_is_a_tool() -> None:
    """Issue: "reviewed one by one"; docs: "One without the other is refused"."""
    tools = load_catalogue().tools
    assert len(tools) >= 80
    assert sorted(tools) == sorted(path.stem for path in TOOLS.iterdir())
    for tool in tools.values():
        assert bool(tool.sources) is bool(tool.reviewed), tool.id


GOOD = {
    "name": "X",
    "kind": "remote",
    "about": "It is one.",
    "sure": "reported",
    "sources": ["https://x.example/a"],
    "reviewed": date(2026, 11, 25),
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "colour: unknown key"),
        ({"kind": "magic"}, "kind: 'magic' is none of remote"),
        ({"kind": ["remote"]}, "kind: ['remote'] is none of"),
        ({"name": ""}, "name: is missing"),
        ({"reviewed": None}, "reviewed: is missing in a file that was looked through"),
        ({"about": ""}, "about: is missing in a file that was looked through"),
        ({"sure": "certain"}, "sure: 'certain' is none of"),
        ({"images": "a.exe"}, "images: must be a list"),
        ({"images": ["Abc.exe"]}, "a file name in lower case"),
        ({"images": ["agent.exe"]}, "so general that it matches everything"),
        ({"images": ["*.exe"]}, "so general that it matches everything"),
        ({"images": ["abcd.exe", {"abcd.exe": "measured"}]}, "stands there twice"),
        ({"images": [{"abcd.exe": "surely"}]}, "a fact is a text, or"),
        ({"services": ["Agent"]}, "so general that it matches everything"),
        ({"domains": ["abcd.exe"]}, "the name of a file"),
        ({"domains": ["https://abcd.com/x"]}, "no DNS name"),
        ({"domains": ["192.0.2.1"]}, "no DNS name"),
        ({"domains": ["ab*cd.com"]}, "no DNS name"),
        ({"domains": ["*.amazonaws.com"]}, "shared with everybody"),
        ({"paths": ["abcd.exe"]}, "a path begins with"),
        ({"paths": ["C:\\ab<c>\\d.exe"]}, "no path can have"),
        ({"paths": ["C:\\Windows\\*"]}, "so general that it matches everything"),
        ({"paths": ["*\\agent.exe\\*"]}, ""),
        ({"registry": ["SOFTWARE\\Abcd"]}, "a registry path begins with"),
        ({"ports": ["443"]}, "a port is tcp/443"),
        ({"ports": ["tcp/70000"]}, "a port is tcp/443"),
        ({"ports": ["udp/9-3"]}, "ends before it begins"),
        ({"pipes": ["\\\\.\\pipe\\abcd"]}, "without the"),
        ({"switches": ["-"]}, "so short"),
        ({"tenant": {"client": {"shows": "a", "patterns": ["("]}}}, "is no regular expression"),
        ({"tenant": {"client": {"shows": "a", "patterns": ["abc"]}}}, "has no group"),
        ({"tenant": {"client": ["(a)"]}}, "must have 'shows' and 'patterns'"),
        ({"tenant": ["client"]}, "must be a mapping of keys"),
        ({"session": {"operator": ["abc"]}}, "has no group"),
        ({"abuse": [{"by": "A", "how": "b"}]}, "must be a list of {by, how, source}"),
        ({"abuse": [{"by": "A", "how": "b", "source": "http://a"}]}, "is no https address"),
        ({"sources": ["lolrmm"]}, "is no https address"),
        ({"logs": ["a.log"]}, "must be a mapping of log files"),
        ({"reviewed": "yesterday"}, "must be a day"),
    ],
)
def test_a_wrong_file_says_where(change: dict[str, object], said: str) -> None:
    data = yaml.safe_dump(GOOD | change).encode()
    if not said:
        parse_catalogue({"x": data})
        return
    with pytest.raises(RuleError) as caught:
        parse_catalogue({"x": data})
    assert "x.yml" in str(caught.value)
    assert said in str(caught.value)


def test_what_is_wrong_between_files() -> None:
    one = yaml.safe_dump(GOOD | {"images": ["abcd.exe"]}).encode()
    other = yaml.safe_dump(GOOD | {"aliases": ["X"], "images": ["abcd.exe"]}).encode()
    with pytest.raises(RuleError) as caught:
        parse_catalogue({"x": one, "y": other, "Z z": b"[1, 2]", "torn": b"name: ["})
    told = str(caught.value)
    for said in (
        "'X' already means x",
        "already a program of x",
        "an id is lower-case",
        "a tool is a mapping",
        "not YAML",
    ):
        assert said in told
    with pytest.raises(RuleError, match="empty"):
        parse_catalogue({})


def test_it_is_read_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_catalogue() is load_catalogue()
    kept = Cache(tmp_path / "cache")
    monkeypatch.setattr(catalogue, "_loaded", {})
    first = load_catalogue(kept)
    monkeypatch.setattr(catalogue, "_loaded", {})
    monkeypatch.setattr(yaml, "load", None)
    assert load_catalogue(kept) == first


def test_what_public_collections_got_wrong_is_found(shared: Path) -> None:
    """Issue: "A checker finds what LOLRMM got wrong: domains that are not domains, paths that cannot exist, artefacts so
    common that they match everything".
    """
    found: dict[str, set[str]] = {"domains": set(), "paths": set()}
    for path in sorted((shared / "data/lolrmm").glob("*.y*ml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        network = (told.get("Artifacts") or {}).get("Network") or []
        domains = [name for one in network for name in one.get("Domains") or []]
        found["domains"] |= {name for name in map(str, domains) if objection("domains", name.lower())}
        places = (told.get("Details") or {}).get("InstallationPaths") or []
        found["paths"] |= {name for name in map(str, places) if objection("paths", name)}
    assert len(found["domains"]) > 20, found["domains"]
    assert len(found["paths"]) > 100, found["paths"]
