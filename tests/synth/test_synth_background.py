"""Background "must not contain remote tools, rclone, AI assets or movement between workstations; uses only made-up
.example names ..., documentation addresses, no address that belongs to something in the scenario's assets".
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest

from detector.synth import Options, Scenario, events_of, load_scenario
from detector.synth.filling import short_name

NETS = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
_TOOLS = re.compile(
    r"anydesk|screenconnect|rclone|teamviewer|supremo|atera|splashtop|mstsc|ssh|psexec|curl|robocopy", re.I
)
_MODELS = re.compile(r"\.(safetensors|gguf|pt|pth|ckpt|onnx|bin|npz|parquet)\b|ADMIN\$|\b[A-Z]\$", re.I)
_NAME = re.compile(r"(?<![\w.\\])((?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|example))(?![\w.])", re.I)


def told(path: Path) -> Scenario:
    return load_scenario(path)


@pytest.fixture(params=["S01-anydesk", "S02-screenconnect", "S03-rclone", "S04-honest-day"])
def own(request: pytest.FixtureRequest, root: Path) -> Scenario:
    return load_scenario(root / "samples" / "scenarios" / f"{request.param}.yml")


def background(scenario: Scenario, count: int = 800) -> list[tuple[str, str, int, dict[str, str]]]:
    return [
        (event.host, event.channel, event.event_id, {name: str(value) for name, value in event.fields.items()})
        for event in events_of(scenario, Options(background=count))
        if event.id.startswith("bg.")
    ]


def check(scenario: Scenario) -> None:
    events = background(scenario)
    assert len(events) == 800
    story = " ".join(str(event) for event in scenario.events)
    own_addresses = set(re.findall(r"'SourceIp': '([^']+)'", story))
    for host, channel, event_id, fields in events:
        text = " ".join(fields.values())
        assert not _TOOLS.search(text), text
        assert not _MODELS.search(text), text
        for name in _NAME.findall(text):
            assert name.endswith(".example"), name
            assert name not in scenario.company
        for field in ("IpAddress", "SourceIp", "SourceAddress", "DestinationIp", "DestAddress"):
            address = fields.get(field, "-")
            if address == "-":
                continue
            parsed = ipaddress.ip_address(address)
            assert any(parsed in net for net in NETS if net.version == parsed.version), address
            assert address in own_addresses or address not in scenario.company + story, (field, address)
        if channel == "Security" and event_id in (4624, 5140, 5145) and fields["IpAddress"] != "-":
            assert short_name(host).startswith(("DC", "FS"))


def test_of_our_own_stories(own: Scenario) -> None:
    check(own)


@pytest.mark.parametrize("name", ["D01", "D02", "D06", "D08", "E05"])
def test_of_shared_stories(shared: Path, name: str) -> None:
    check(load_scenario(shared / "scenarios" / f"{name}.yml"))


def test_a_host_logs_only_what_the_story_shows_of_it(own: Scenario) -> None:
    """D01 "file server has no Sysmon": background must not take that away."""
    channels: dict[str, set[str]] = {}
    for event in events_of(own):
        channels.setdefault(short_name(event.host), {"System", "Security"}).add(event.channel)
    for host, channel, _, _ in background(own):
        if not short_name(host).startswith(("DC", "FS")):
            assert channel in channels[short_name(host)]


def test_seeded(own: Scenario) -> None:
    assert background(own, 100) == background(own, 100)
    first = [event.fields for event in events_of(own, Options(background=100, seed=1))]
    second = [event.fields for event in events_of(own, Options(background=100, seed=2))]
    assert first != second


def test_story_is_untouched(own: Scenario) -> None:
    """Background changes record ids, nothing else of the events that are told."""
    plain = {event.id: event for event in events_of(own)}
    mixed = {event.id: event for event in events_of(own, Options(background=200)) if event.id in plain}
    assert plain.keys() == mixed.keys()
    for name, event in plain.items():
        assert (event.time, event.fields) == (mixed[name].time, mixed[name].fields)


def test_of_any_number(own: Scenario) -> None:
    assert background(own, 0) == []
    assert len(background(own, 1)) == 1


def test_a_hash_the_story_gives_is_the_programs_everywhere(shared: Path) -> None:
    """Filled-in fields must never contradict: D01 gives the hash of the renamed installer of the same program."""
    events = events_of(load_scenario(shared / "scenarios" / "D01.yml"))
    program = [event for event in events if event.fields.get("OriginalFileName") == "AnyDesk.exe"]
    assert len(program) > 2
    assert len({event.fields["Hashes"] for event in program}) == 1
