"""A scenario told otherwise: what must not change the answer is changed, and the answer is looked at again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from detector.model.tool import Tool
from detector.rules import load_catalogue
from detector.synth import Scenario
from detector.synth.scenario import FieldText, LogLine, ScenarioEvent
from tests.scenarios.scoring import Setting

#: Windows that decide by the clock; without them nothing in a policy knows what time it is.
_CLOCKS = ("hours", "session_hours", "expires", "needs_ticket")


def company(path: Path) -> Setting:
    """The inventory and policy beside a scenario."""
    return Setting(path.parent / "assets.yml", path.parent / "policy.yml")


# -- time ------------------------------------------------------------------------------------------------------


def shifted(scenario: Scenario, by: timedelta) -> Scenario:
    """Everything so much later."""
    events = tuple(replace(event, time=event.time + by) for event in scenario.events)
    return replace(scenario, t0=scenario.t0 + by, events=events)


def without_clocks(setting: Setting, work: Path) -> Setting:
    """The same policy, in force at any time."""
    policy = yaml.safe_load(setting.policy.read_text(encoding="utf-8"))
    for section in ("tools", "access", "bulk_read"):
        for clause in policy.get(section) or ():
            for key in _CLOCKS:
                clause.pop(key, None)
    return _written(setting.assets.read_text(encoding="utf-8"), yaml.safe_dump(policy), work)


def skewed(scenario: Scenario, seed: int, most: timedelta) -> Scenario:
    """Every machine's clock is off by a part of ``most``, this way or that."""
    chance = Random(seed)
    hosts = sorted({event.host.split(".")[0].upper() for event in scenario.events})
    off = {host: most * chance.uniform(-0.5, 0.5) for host in hosts}
    events = [_later(event, off[event.host.split(".")[0].upper()]) for event in scenario.events]
    return replace(scenario, events=tuple(sorted(events, key=lambda event: event.time)))


def _later(event: ScenarioEvent | LogLine, by: timedelta) -> ScenarioEvent | LogLine:
    return replace(event, time=event.time + timedelta(milliseconds=by // timedelta(milliseconds=1)))


# -- names -----------------------------------------------------------------------------------------------------


def renaming_of(setting: Setting) -> dict[str, str]:
    """Every name of an asset, in lower case, to one that says nothing; of a family the letters its members begin with.

    A full alias is a name as a whole: its first label may be a common word.
    """
    inventory = yaml.safe_load(setting.assets.read_text(encoding="utf-8"))
    called: list[str] = []
    for asset in inventory["assets"]:
        called += [asset["name"], *_listed(asset.get("aliases"))]
        called += [re.split(r"[\[*?]", pattern)[0] for pattern in _listed(asset.get("match"))]
    distinct = dict.fromkeys(name.lower() for name in called if name)
    return {
        name: ".".join([f"zq{chr(ord('a') + index)}v{'-' * name.endswith('-')}", *name.split(".")[1:]])
        for index, name in enumerate(distinct)
    }


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def renamer(names: Mapping[str, str]) -> Callable[[str], str]:
    """Exchanges whole names: a member of a family (``gx07``) keeps what follows its letters."""
    longest = sorted(names, key=len, reverse=True)
    spelt = [re.escape(name) + ("" if name.endswith("-") else "(?![A-Za-z_])") for name in longest]
    pattern = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(spelt)})", re.IGNORECASE)

    def rename(text: str) -> str:
        return pattern.sub(lambda found: _cased(names[found.group().lower()], found.group()), text)

    return rename


def _cased(name: str, like: str) -> str:
    return name.upper() if like.isupper() else name


def assets_renamed(scenario: Scenario, setting: Setting, work: Path) -> tuple[Scenario, Setting]:
    """Assets under names that say nothing, in the events, the inventory and the policy alike."""
    rename = renamer(renaming_of(setting))
    origins = tuple(rename(host) for host in scenario.expect.origin_hosts)
    expect = replace(scenario.expect, asset=rename(scenario.expect.asset or "") or None, origin_hosts=origins)
    told = replace(mapped(scenario, rename), expect=expect)
    assets, policy = (rename(path.read_text(encoding="utf-8")) for path in (setting.assets, setting.policy))
    return told, _written(assets, policy, work)


def asset_unlisted(scenario: Scenario, setting: Setting, work: Path) -> Setting:
    """The inventory without the asset the story leads to, or the family it belongs to."""
    inventory = yaml.safe_load(setting.assets.read_text(encoding="utf-8"))
    wanted = scenario.expect.asset or ""
    kept = [asset for asset in inventory["assets"] if not _is_asset(asset, wanted)]
    assert len(kept) < len(inventory["assets"]), f"{wanted} is not in the inventory"
    inventory["assets"] = kept
    return _written(yaml.safe_dump(inventory), setting.policy.read_text(encoding="utf-8"), work)


def _is_asset(asset: Mapping[str, Any], name: str) -> bool:
    patterns = _listed(asset.get("match"))
    letters = [re.split(r"[\[*?]", pattern)[0].lower() for pattern in patterns]
    return asset["name"].lower() == name.lower() or any(name.lower().startswith(one) for one in letters if one)


def _written(assets: str, policy: str, work: Path) -> Setting:
    work.mkdir(parents=True, exist_ok=True)
    setting = Setting(work / "assets.yml", work / "policy.yml")
    setting.assets.write_text(assets, encoding="utf-8")
    setting.policy.write_text(policy, encoding="utf-8")
    return setting


def mapped(scenario: Scenario, change: Callable[[str], str]) -> Scenario:
    """The same story with every text of its events changed."""

    def value(field: FieldText) -> FieldText:
        if isinstance(field, tuple):
            return tuple(change(text) for text in field)
        return field if field is None else change(field)

    def told(event: ScenarioEvent | LogLine) -> ScenarioEvent | LogLine:
        if isinstance(event, LogLine):
            return replace(event, host=change(event.host), line=change(event.line))
        fields = {name: value(field) for name, field in event.fields.items()}
        return replace(event, host=change(event.host), fields=fields)

    return replace(scenario, events=tuple(told(event) for event in scenario.events))


# -- tools -----------------------------------------------------------------------------------------------------


def exchanged(scenario: Scenario, old: str, new: str) -> Scenario:
    """The same story with another tool: its programs, folders, services, domains and what its resources say are the other's.

    Switches, options and what only the one tool logs stay as they are: they then say nothing, as those of a tool that
    nobody knows.
    """
    tools = load_catalogue().tools
    pairs = dict(_pairs(tools[old], tools[new]))
    longest = sorted(pairs, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)
    return mapped(scenario, lambda text: pattern.sub(lambda found: pairs[found.group().lower()], text))


def _pairs(old: Tool, new: Tool) -> Iterable[tuple[str, str]]:
    for kind in ("images", "original_names", "products", "companies", "signers", "services"):
        theirs = _plain(new.known(kind)) or (new.name,)
        yield from ((word.lower(), theirs[0]) for word in _plain(old.known(kind)))
    domains = [domain.lstrip("*.") for domain in new.known("domains")]
    for domain in old.known("domains"):
        yield domain.lstrip("*.").lower(), domains[0]
    yield old.name.lower(), new.name


def _plain(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not set(word) & set("*?["))
