"""Every chain of the pack on its cases.

Issue: "Sigma correlation rules for the chains, windows from `rmm-facts.md` section 3.2"; "every rule has a positive and a
near-miss as a scenario fragment rendered to EVTX; no orphan, no uncovered rule".
"""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest

from detector.engine.correlate_watch import is_around
from detector.model.level import Level
from detector.model.rule import Action, Phase, Role
from detector.rules import load_catalogue
from detector.rules.attack import load_attack
from tests.sigma_rules.chain_cases import CHAIN_CASES, chain_cases, chain_files, chains, found
from tests.sigma_rules.rule_cases import CHAINS, PACK, pack, written

KEYS = ["title", "id", "status", "description", "references", "author", "date", "tags", "correlation"]
KEYS += ["falsepositives", "level", "rmm"]

#: How a remote tool comes to be installed, in the names of rules.
INSTALLED = {"installed", "install_service", "install_msi", "install_package", "install_silent"}
REMOVED = {"removed", "removed_msi", "removed_command_line"}


def looked_at(name: str) -> set[str]:
    """The rules a chain looks at, as ``folder/stem``."""
    names = {rule.id: stem for stem, rule in pack().items()} | {one.id: CHAINS + stem for stem, one in chains().items()}
    asked = chains()[name].correlation
    assert asked is not None
    return {names[rule] for rule in asked.rules}


def of_remote_tools(stems: set[str]) -> set[str]:
    """The use rules of these names, of tools that bring a person or a script to a machine."""
    kinds = {key: tool.kind for key, tool in load_catalogue().tools.items()}
    return {
        name
        for name, rule in pack().items()
        if name.partition("/")[2] in stems
        and rule.role is Role.USE
        and kinds[rule.tool or ""] in ("remote", "management")
    }


@pytest.mark.parametrize("name", chain_files())
def test_the_chain_decides_its_cases(name: str) -> None:
    cases = chain_cases(name)
    assert any(case.matches for case in cases), "no positive"
    assert not all(case.matches for case in cases), "no near-miss"
    wrong = [f"{case.name}: {case.why}" for case in cases if bool(found(name, case.events)) is not case.matches]
    assert wrong == []


def test_every_chain_has_cases_and_all_cases_a_chain() -> None:
    assert sorted(path.stem for path in CHAIN_CASES.glob("*.yml")) == chain_files()


@pytest.mark.parametrize("name", chain_files())
def test_the_chain_is_written_like_the_others(name: str) -> None:
    chain = written(PACK, CHAINS + name)
    assert list(chain) == KEYS
    assert 0 < len(chain["title"]) <= 110
    assert str(uuid.UUID(chain["id"])) == chain["id"]
    assert chain["status"] == "test"
    assert len(chain["description"].split()) >= 5
    assert (chain["author"], type(chain["date"])) == ("rmm-detector", date)
    assert [url for url in chain["references"] if not re.fullmatch(r"https://[^\s/]+\.[^\s/]+/?\S*", url)] == []
    assert load_attack().unknown_tags(chain["tags"]) == []
    assert load_attack().strays(chain["tags"]) == []
    assert chain["falsepositives"]
    assert Level.parse(chain["level"]) in Level
    assert set(chain["rmm"]) <= {"role", "phase", "action"}
    assert chain["rmm"].get("phase") is None or Phase(chain["rmm"]["phase"])
    assert chain["rmm"].get("action") is None or Action(chain["rmm"]["action"])


@pytest.mark.parametrize("name", chain_files())
def test_the_first_look_need_not_search_for_what_a_chain_looks_at(name: str) -> None:
    """docs/correlations.md: "they count machine by machine"."""
    assert is_around(chains()[name])


@pytest.mark.parametrize("name", chain_files())
def test_a_use_that_a_chain_looks_at_stays_a_finding(name: str) -> None:
    asked = chains()[name].correlation
    assert asked is not None
    uses = [one for one in looked_at(name) if one in pack() and pack()[one].role is Role.USE]
    assert asked.generate is bool(uses)


def test_a_link_is_looked_at() -> None:
    links = {CHAINS + name for name, chain in chains().items() if chain.phase is None}
    assert links <= {one for name in chains() for one in looked_at(name)}


def test_no_tool_is_left_out() -> None:
    """A new tool's rules belong into these chains: write them in."""
    assert looked_at("remote_tool_installed") == of_remote_tools(INSTALLED)
    assert looked_at("two_remote_tools") == of_remote_tools({"running"}) - {"quick_assist/running"}
    tools = {name.partition("/")[0] for name in of_remote_tools(REMOVED)}
    installed = {name for name in of_remote_tools(INSTALLED) if name.partition("/")[0] in tools}
    assert looked_at("came_and_went") == installed | of_remote_tools(REMOVED)
    sent = {n for n, rule in pack().items() if (rule.phase, rule.action) == (Phase.EXFILTRATION, Action.UPLOAD)}
    assert looked_at("sent_out") == sent
    models = {name for name in pack() if name.startswith("collection/model_") or name == "collection/script_models"}
    assert looked_at("models_touched") == models
