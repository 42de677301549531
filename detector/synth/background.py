"""Ordinary events of ordinary machines, to hide a story in: seeded, of any number, and telling nothing.

They keep to what a scenario shows of its hosts: the channels a host logs, the people who work there, its address. Two
more machines stand beside them, a domain controller and a file server. What they must never have: a remote tool, a
copy tool, a model file, a logon from one workstation on another, a name or address the company's files know.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from detector.synth.filling import short_name, stable
from detector.synth.routines import PROVIDERS, Machine, Scene, recipes
from detector.synth.scenario import Scenario, ScenarioEvent

_AROUND = timedelta(hours=1)


def background(scenario: Scenario, count: int, seed: int) -> list[ScenarioEvent]:
    """``count`` ordinary events from an hour before the story to an hour after it, in time order, ids ``bg.1`` on."""
    told = [event for event in scenario.events if isinstance(event, ScenarioEvent)]
    if not count or not told:
        return []
    chance = random.Random(stable("background", scenario.id, str(seed)))
    machines = list(_machines(scenario, told))
    members = tuple(machine for machine in machines if machine.role == "member")
    addresses = (f"203.0.113.{last}" for last in range(1, 255))
    internet = tuple(islice((address for address in addresses if not _known(scenario, told, address)), 40))
    pool = [machine for machine in machines for _ in range(4 if machine.user else 1)]  # people make the most events
    domain = _netbios(scenario, machines)
    start, end = told[0].time - _AROUND, told[-1].time + _AROUND
    step = (end - start) / count
    events = []
    for number in range(count):
        scene = Scene(chance, chance.choice(pool), members, internet, domain)
        channel, recipe = chance.choice(recipes(scene.machine))
        event_id, fields = recipe(scene)
        time = start + step * number + step * chance.random()
        time = time.replace(microsecond=(time.microsecond // 1000 or 1) * 1000)
        provider = PROVIDERS[channel]
        events.append(ScenarioEvent(f"bg.{number + 1}", time, scene.machine.name, channel, provider, event_id, fields))
    return sorted(events, key=lambda event: event.time)


def _known(scenario: Scenario, told: Iterable[ScenarioEvent], text: str) -> bool:
    """Whether the company's files or the story mention ``text``, be it as part of something longer."""
    places = [scenario.company, *(str(value) for event in told for value in event.fields.values())]
    return any(text in place for place in places)


def _machines(scenario: Scenario, told: list[ScenarioEvent]) -> Iterator[Machine]:
    kinds: dict[str, set[tuple[str, int]]] = {}
    names: dict[str, str] = {}
    users: dict[str, str] = {}
    addresses: dict[str, str] = {}
    guids: dict[str, str] = {}
    for event in told:
        key = short_name(event.host)
        names.setdefault(key, event.host)
        kinds.setdefault(key, set()).add((event.channel, event.event_id))
        user, source = event.fields.get("User"), event.fields.get("SourceIp")
        if isinstance(user, str) and str(event.fields.get("ParentImage")).lower().endswith("\\explorer.exe"):
            users.setdefault(key, user)
        if isinstance(guid := event.fields.get("ProcessGuid"), str):
            guids.setdefault(key, guid)
        if isinstance(source, str) and event.fields.get("Initiated") == "true":
            addresses.setdefault(key, source)
    for key, name in names.items():
        address = addresses.get(key) or _own_address(scenario, key)
        sysmon_id = guids.get(key, "{")[1:9] or _sysmon_id(key)
        yield Machine(name, address, users.get(key, ""), frozenset(kinds[key]), sysmon_id)
    domain = next((name.partition(".")[2] for name in names.values() if "." in name), "")
    both = frozenset({("Security", 4624), ("System", 7036)})
    for role, plain in (("controller", "DC"), ("files", "FS")):
        key = next(f"{plain}{n:02d}" for n in range(1, 100) if not _known(scenario, told, f"{plain}{n:02d}"))
        name = f"{key}.{domain}".rstrip(".")
        yield Machine(name, _own_address(scenario, key), "", both, _sysmon_id(key), role)


def _netbios(scenario: Scenario, machines: list[Machine]) -> str:
    """The short name of the company's domain."""
    said = re.search(r"netbios_domain: *(\w+)", scenario.company)
    user = next((machine.user for machine in machines if "\\" in machine.user), "")
    return said[1] if said else user.partition("\\")[0] or "WORKGROUP"


def _own_address(scenario: Scenario, key: str) -> str:
    """An address nobody else has: inside the company's IPv6 network if it has one, in a part of it that is not named."""
    inside = re.search(r"2001:db8:[0-9a-f]{1,4}(?=::/48)", scenario.company)
    return f"{inside[0] if inside else '2001:db8:5a'}:{0x5A00 + stable('address', key) % 0x4000:x}::1"


def _sysmon_id(key: str) -> str:
    return f"{stable('machine', key) % 2**32:08x}"
