"""How long it takes, and how much memory, to make incidents of very many findings and edges. Each run is a process of its own.

``python -m tests.bench.telling FINDINGS EDGES`` tells once: every finding differs from all others, on 2,000 machines in a month,
and the edges go from machine to machine by Remote Desktop.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from detector.app.scan import load_setting
from detector.model.event import Event, EventRef
from detector.model.hit import Hit
from detector.model.rule import Rule
from detector.rules import builtin_rules, load_rules
from detector.rules.uncollected import uncollected
from detector.triage.fold import Folder
from detector.triage.sighting import AddressBook, Sighting
from detector.triage.tell import tell

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MACHINES = 2_000
_BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
_MONTH = timedelta(days=29)
_ANYDESK = "C:\\Program Files (x86)\\AnyDesk\\AnyDesk.exe"


def machine(number: int) -> str:
    """A desk's name."""
    return f"DESK-{number:04d}"


def address(number: int) -> str:
    """Its address."""
    return f"198.18.{number // 250}.{number % 250 + 1}"


def findings(rules: list[Rule], count: int, chance: Random) -> Iterator[Hit]:
    """Uses of one tool, no two alike."""
    for number in range(count):
        host = chance.randrange(MACHINES)
        when = _BEGIN + _MONTH * (number / count)
        channel, provider = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"
        fields = {
            "EventID": "1", "Channel": channel, "Provider_Name": provider, "Computer": machine(host), "UtcTime": str(when),
            "ProcessGuid": f"{{{number}}}", "ProcessId": str(number % 60_000), "Image": _ANYDESK, "Product": "AnyDesk",
            "Company": "AnyDesk Software GmbH", "OriginalFileName": "AnyDesk.exe", "CommandLine": f'"{_ANYDESK}" {number}',
            "CurrentDirectory": "C:\\", "User": f"CORP\\user{host}", "LogonId": "0x3e7", "IntegrityLevel": "Medium",
            "Hashes": f"SHA256={number:064x}", "ParentImage": "C:\\Windows\\explorer.exe", "ParentCommandLine": "explorer",
        }  # fmt: skip
        ref = EventRef("a.evtx", machine(host), channel, provider, 1, number, when)
        yield Hit(rules[number % len(rules)], Event(ref, machine(host), fields), ("Image", "CommandLine"))


def edges(rule: Rule, count: int, chance: Random) -> Iterator[Hit]:
    """Sessions from each machine to one of its neighbours."""
    for number in range(count):
        origin = chance.randrange(MACHINES)
        target = machine((origin + 1 + chance.randrange(5)) % MACHINES)
        when = _BEGIN + _MONTH * (number / count)
        fields = {
            "EventID": "4624", "Channel": "Security", "Computer": target, "TargetUserName": f"user{origin}",
            "TargetDomainName": "CORP", "LogonType": "10", "WorkstationName": target, "IpAddress": address(origin),
        }  # fmt: skip
        ref = EventRef("b.evtx", target, "Security", "Microsoft-Windows-Security-Auditing", 4624, number, when)
        yield Hit(rule, Event(ref, target, fields), ("LogonType",))


def main(arguments: list[str]) -> None:
    """Tell once."""
    count, ways = (int(one) for one in arguments)
    pack, _ = load_rules((builtin_rules(),))
    anydesk = [rule for rule in pack.rules if rule.tool == "anydesk" and rule.logsource.category == "process_creation"]
    (remote,) = [rule for rule in pack.rules if rule.title == "Logon over Remote Desktop"]
    book, folder, chance = AddressBook(), Folder(), Random(1)
    book.add(Sighting(address(number), machine(number), _BEGIN) for number in range(MACHINES))
    setting = load_setting(SAMPLES / "assets.yml", SAMPLES / "policy.yml")
    with uncollected():
        for hit in (*findings(anydesk, count, chance), *edges(remote, ways, chance)):
            folder.add(hit)
        telling = tell(folder, book, setting)
    print(f"{len(telling.findings):,} findings, {sum(len(one.edges) for one in telling.incidents):,} edges told")


if __name__ == "__main__":
    main(sys.argv[1:])
