"""Log text is hostile, and logs come in any order: :func:`tell` answers for all of it, and always the same."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from detector.model.asset import Inventory
from detector.model.event import Event, EventRef, FieldValue
from detector.model.hit import Hit
from detector.model.rule import Action, Phase, Role
from detector.triage.fold import Folder
from detector.triage.sighting import AddressBook, sightings
from detector.triage.tell import Telling, tell
from detector.triage.walk import Setting
from tests.company import CATALOGUE, INVENTORY, POLICY, SETTING
from tests.making import SECURITY, SESSIONS, SYSMON, SYSTEM, T0, after, event, hit, rule

PROVIDERS = [
    SYSMON,
    SECURITY,
    SYSTEM,
    SESSIONS,
    "OpenSSH",
    "Microsoft-Windows-WinRM",
    "ScreenConnect Client (00aa11bb22cc33dd)",
    "",
]
NUMBERS = [
    1,
    3,
    4,
    6,
    21,
    22,
    25,
    100,
    1024,
    1149,
    3008,
    4104,
    4624,
    4625,
    4648,
    4688,
    4778,
    5140,
    5145,
    5156,
    7045,
    -1,
    2**40,
]
HOSTS = ["KB-L001", "KB-L002", "HOP-1", "WEIGHTS-1", "KB-G012", "COPIER-1", "NODE07", "", "?", "192.0.2.40", "x" * 300]
FIELDS = """
    CommandLine Image ParentImage OriginalFileName Company Signature User SubjectUserName TargetUserName IpAddress WorkstationName
    LogonType ShareName RelativeTargetName AccessList TargetServerName TargetInfo ProcessName Param1 Param3 Address Value Data
    payload connection ClientName ClientAddress AccountName DestinationIp DestinationHostname DestinationPort SourceIp SourcePort
    Initiated Direction DestAddress DestPort Application QueryName QueryResults ScriptBlockText TaskContent ImagePath
    ServiceFileName ProcessGuid NewProcessId ProcessID ProcessId ParentProcessGuid TargetFilename
""".split()
ODD = [
    "", "-", " ", "\x00", "\\", "\\\\", "\\\\weights-1\\models$", "\\\\?\\UNC\\weights-1\\models$\\a", "192.0.2.40", "192.0.2.8",
    "198.51.100.11", "::ffff:192.0.2.130", "::1", "fe80::1%4", "[::1]:3389", "KB-L001", "WEIGHTS-1$", "KESTREL\\ada", "ada.adm",
    '"' * 999 + "\\" * 999, "10", "3", "²", "٣", "9" * 5000, "0x", "0x" + "f" * 4000, "%%14592", "%%14593", "%%4416",
    "rclone copy \\\\weights-1\\models$ sx:w --config", "rclone copy -P : ::", "rclone copy", "mstsc /v:infer-2", "true", "false",
    "\u202ecod.exe", "<script>", "=cmd|' /c calc'!A1", "\x1b[2J", "\ud800", "ivy Connected", "ivy Disconnected",
    "ScreenConnect Client (00aa11bb22cc33dd)", "?h=evil&p=1", "C:\\Program Files\\Kestrel\\rclone.exe", "anydesk-1234abcd.exe",
    "Accepted publickey for ada from 198.51.100.11 port 1 ssh2", "infer-2/wsman", "a" * 40_000, "\\" * 40_000, ":" * 9_000,
]  # fmt: skip
TIMES = [after(hours) for hours in (-80, -1, 0, 0.01, 1, 30, 900)] + [
    moment.replace(tzinfo=UTC) for moment in (datetime.min, datetime.max)
]

values: st.SearchStrategy[FieldValue] = st.one_of(
    st.sampled_from(ODD),
    st.none(),
    st.just(()),
    st.tuples(st.sampled_from(ODD), st.sampled_from(ODD)),
    st.text(max_size=9),
)
rules = st.builds(
    rule,
    st.sampled_from([None, "", "nowhere", *CATALOGUE.tools]),
    st.sampled_from([None, *Phase]),
    st.sampled_from([None, *Action]),
    role=st.sampled_from(list(Role)),
    protocol=st.sampled_from([None, "", "rdp", "ssh", "smb", "http"]),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    source, host, provider = draw(st.sampled_from("ab")), draw(st.sampled_from(HOSTS)), draw(st.sampled_from(PROVIDERS))
    record = draw(st.one_of(st.none(), st.integers(0, 4)))
    ref = EventRef(source, host, "C", provider, draw(st.sampled_from(NUMBERS)), record, draw(st.sampled_from(TIMES)))
    return Event(ref, host, draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)))


hits = st.builds(Hit, rules, events(), st.lists(st.sampled_from(FIELDS), max_size=3).map(tuple))
SETTINGS = [
    SETTING,
    Setting(INVENTORY, None, CATALOGUE),
    Setting(Inventory(), POLICY, CATALOGUE),
    Setting(replace(INVENTORY, dns_domains=(), internal_networks=()), POLICY, CATALOGUE),
]


def telling(given_hits: list[Hit], setting: Setting, workers: int = 1, seed: int = 0) -> Telling:
    """What is told of hits that some workers found in some order."""
    chance = random.Random(seed)
    parts = [(Folder(), AddressBook()) for _ in range(workers)]
    for one in chance.sample(given_hits, len(given_hits)) if seed else given_hits:
        folder, book = chance.choice(parts)
        folder.add(one)
        book.add(sightings(one.event))
    for folder, book in parts[1:]:
        parts[0][0].merge(folder)
        parts[0][1].merge(book)
    return tell(*parts[0], setting)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(hits, min_size=1, max_size=14), st.sampled_from(SETTINGS))
@example(
    [hit(rule("anydesk", Phase.SESSION, Action.SESSION), event(SYSMON, 1, "KB-L001", moment)) for moment in TIMES],
    SETTING,
)
def test_no_hit_breaks_the_telling(given_hits: list[Hit], setting: Setting) -> None:
    """'Bad input never gives a traceback. Log text is hostile.'"""
    found = telling(given_hits, setting)
    known = {finding.id for finding in found.findings}
    assert len(known) == len(found.findings)
    for incident in found.incidents:
        assert incident.findings
        assert set(incident.findings) <= known
        assert {finding for edge in incident.edges for finding in edge.findings} <= set(incident.findings)
        assert incident.origins
        assert incident.reasons
        assert incident.first_seen <= incident.last_seen
    assert len({incident.id for incident in found.incidents}) == len(found.incidents)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(hits, max_size=14), st.sampled_from(SETTINGS), st.integers(1, 3), st.integers(1, 10**6))
def test_the_same_hits_give_the_same_telling(given_hits: list[Hit], setting: Setting, workers: int, seed: int) -> None:
    """'Same input, same output, byte for byte, whatever the number of workers or the order of files.'"""
    apart = {(one.rule.id, one.event.ref.identity, one.event.ref.source): one for one in given_hits}
    kept = list(apart.values())
    assert telling(kept, setting, workers, seed) == telling(kept, setting)


@pytest.mark.parametrize("field", ["CommandLine", "ScriptBlockText", "Data", "QueryResults", "ShareName", "IpAddress"])
def test_a_very_long_value_is_judged_in_good_time(field: str) -> None:
    for unit in ("\\\\a\\b ", "a.b ", '"\\', "-x ", ":", "1.", "ScreenConnect Client (", "?h=&p="):
        on = event(SYSMON, 1, "KB-L001", T0, Image="C:\\x.exe", **{field: unit * (60_000 // len(unit))})
        telling([hit(rule(tool, Phase.COMMAND, Action.COMMAND), on) for tool in ("screenconnect", "rclone")], SETTING)


def test_events_without_a_record_id_stay_apart_where_they_say_different_things() -> None:
    """Not every source numbers its records; two logons of one millisecond are two, the same line twice is one."""
    two = [event(SYSMON, 1, "KB-L001", T0, Image="C:\\AnyDesk.exe", CommandLine=command) for command in ("a", "b", "b")]
    bare = [replace(one, ref=one.ref._replace(record_id=None)) for one in two]
    found = telling([hit(rule("anydesk", Phase.SESSION, Action.SESSION), one) for one in bare], SETTING).findings
    assert len({finding.id for finding in found}) == len(found) == 2
