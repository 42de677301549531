"""What an intruder does that a narrow reading would miss, and what it must not be mixed up with.

Policy, rule 2 of reading: "One entry has to cover the use completely"; design: "What matters is the chain that reaches
an AI asset, and an incident tells it: from where, with which tool, by whom, to which asset".
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.policy import Verdict
from detector.model.rule import Action, Phase
from detector.triage.reach import Presence
from detector.triage.threads import stays_of
from tests.company import told
from tests.making import (
    CONNECTIONS,
    SECURITY,
    SYSMON,
    T0,
    after,
    event,
    hit,
    logon,
    move_rule,
    process,
    rule,
    share_read,
)

ANYDESK = rule("anydesk", Phase.SESSION, Action.SESSION, name="anydesk runs", level=Level.HIGH)
RUNS = rule("screenconnect", Phase.COMMAND, Action.COMMAND, name="command")
CONNECTED = rule("screenconnect", Phase.SESSION, Action.SESSION, name="connected")
ASKED = rule("screenconnect", Phase.SESSION, Action.CONNECT, name="asked for the relay")
OURS, OTHERS = "00aa11bb22cc33dd", "ffff11bb22cc33dd"
RDP, SMB, SSH = move_rule("rdp"), move_rule("smb"), move_rule("ssh")


def anydesk(host: str, **when: float) -> Hit:
    return hit(ANYDESK, process(host, "C:\\Users\\Public\\AnyDesk.exe", "AnyDesk.exe", when=after(**when)))


def came(host: str, user: str, origin: str, **when: float) -> Hit:
    return hit(RDP, event(CONNECTIONS, 1149, host, after(**when), Param1=user, Param2="KESTREL", Param3=origin))


def went_on(user: str, **when: float) -> Hit:
    """From the gate to the weights."""
    return hit(RDP, logon("WEIGHTS-1", "192.0.2.8", user, after(**when), kind="10"))


def took_on(acting: str, user: str, **when: float) -> Hit:
    fields = {"SubjectUserName": acting, "TargetUserName": user, "TargetServerName": "weights-1"}
    fields |= {"TargetInfo": "TERMSRV/weights-1", "ProcessName": "C:\\Windows\\System32\\mstsc.exe"}
    return hit(RDP, event(SECURITY, 4648, "HOP-1", after(**when), **fields))


IN_HAND = [anydesk("KB-L001"), came("HOP-1", "cal", "198.51.100.11", hours=1)]
ACCOUNTS: dict[str, tuple[list[Hit], bool]] = {
    "nothing says who took it on": ([went_on("dan.adm", hours=2)], True),
    "the intruder did": ([took_on("cal", "dan.adm", hours=2), went_on("dan.adm", hours=2)], True),
    "somebody else did": ([took_on("dan", "dan.adm", hours=2), went_on("dan.adm", hours=2)], False),
    "it had come to the gate itself": (
        [came("HOP-1", "dan.adm", "198.51.100.12", hours=1.5), went_on("dan.adm", hours=2)], False),
    "somebody else came later": ([came("HOP-1", "dan", "198.51.100.12", hours=1.5), went_on("dan.adm", hours=2)], False),
    "days later": ([went_on("dan.adm", hours=200)], False),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_that_never_came_to_the_gate(name: str) -> None:
    """Design: "logons, RDP, SMB or SSH" are followed to the asset; without a 4648, the latest who came went on."""
    hits, follows = ACCOUNTS[name]
    (incident,) = told([*IN_HAND, *hits]).incidents
    assert (incident.assets == ("WEIGHTS-1",), incident.origins) == (follows, ("KB-L001",))


def ssh(host: str, origin: str, **when: float) -> Hit:
    fields = {"Image": "C:\\Windows\\System32\\OpenSSH\\ssh.exe", "User": "KESTREL\\ada", "Initiated": "true"}
    fields |= {"SourceIp": origin, "DestinationIp": "192.0.2.130", "DestinationPort": "22", "Protocol": "tcp"}
    fields |= {"DestinationHostname": "node07.kestrel.example"}
    return hit(SSH, event(SYSMON, 3, host, after(**when), **fields))


def test_ssh_that_a_clause_allows_is_no_alibi_for_whoever_holds_the_machine() -> None:
    """Policy: ``access`` holds where no remote tool is involved; neither does a clause for what people do by hand."""
    quiet = told([ssh("KB-G001", "198.51.100.65", hours=1)])
    assert (quiet.incidents, [f.decision.policy for f in quiet.findings]) == ((), ["ssh-ml"])
    (incident,) = told([anydesk("KB-G001"), ssh("KB-G001", "198.51.100.65", hours=1)]).incidents
    assert (incident.level >= Level.HIGH, "node07" in incident.assets) == (True, True)


def connected(host: str, operator: str, instance: str, **when: float) -> Hit:
    on = event(f"ScreenConnect Client ({instance})", 100, host, after(**when), Data=f"{operator} Connected")
    return hit(CONNECTED, on)


def command(host: str, instance: str, **when: float) -> Hit:
    """A shell under a client that reads from the weights: no clause lets the help desk reach them."""
    service = f"C:\\Program Files (x86)\\ScreenConnect Client ({instance})\\ScreenConnect.ClientService.exe"
    line = "cmd /c copy \\\\weights-1\\models$\\a C:\\x"
    return hit(RUNS, process(host, "C:\\Windows\\System32\\cmd.exe", line, when=after(**when), ParentImage=service))


@pytest.mark.parametrize(("instance", "minutes", "shown"), [(OURS, 5, True), (OURS, 600, False), (OTHERS, 5, False)])
def test_the_allowed_session_in_which_abuse_was_done_is_shown(instance: str, minutes: float, shown: bool) -> None:
    """Design: an incident tells "from where, with which tool, by whom"; here it is a technician's name in other hands."""
    telling = told([connected("KB-L001", "ivy", OURS), command("KB-L001", instance, minutes=minutes)])
    (incident,) = telling.incidents
    (session,) = [f for f in telling.findings if f.action is Action.SESSION]
    assert (session.decision.policy, session.decision.verdict) == ("sc-desk", Verdict.ALLOWED)
    assert (session.id in incident.findings) is shown


def test_intrusions_months_apart_are_two_stories() -> None:
    """Research 3.2: windows of 72 h, "extend to 30 d while the RMM remains installed"; not for ever."""
    read = [
        hit(SMB, share_read("WEIGHTS-1", origin, "cal", "models$", when=after(hours=hours)))
        for origin, hours in (("198.51.100.11", 1), ("198.51.100.12", 5001))
    ]
    on_the_server = anydesk("WEIGHTS-1", hours=2)
    incidents = told([anydesk("KB-L001"), on_the_server, anydesk("KB-L002", hours=5000), *read]).incidents
    assert sorted(incident.origins for incident in incidents) == [("KB-L001",), ("KB-L002",)]


DAY = timedelta(days=1)
STAYS: dict[str, tuple[list[tuple[float, float, bool]], list[tuple[float, float]]]] = {
    "back after a holiday": ([(0, 3, False), (14, 17, False)], [(0, 17)]),
    "after a season": ([(0, 3, False), (90, 93, False)], [(0, 3), (90, 93)]),
    "the help desk every week": ([(0, 0.1, True), (7, 7.1, True), (14, 14.1, True)], [(0, 0.1), (7, 7.1), (14, 14.1)]),
    "abuse within a session": ([(0, 0.1, True), (0.05, 3.05, False)], [(0, 3.05)]),
    "a session between": ([(0, 3, False), (10, 10.1, True), (20, 23, False)], [(0, 23)]),
}


@pytest.mark.parametrize("name", STAYS)
def test_how_long_a_tool_stays(name: str) -> None:
    """Research 3.2: keep state per host ("RMM present since") instead of only a sliding window."""
    spans, expected = STAYS[name]
    stays = stays_of("KB-L001", [Presence(T0 + start * DAY, T0 + end * DAY, lent) for start, end, lent in spans])
    assert [((one.start - T0) / DAY, (one.end - T0) / DAY) for one in stays] == expected


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [("support.kestrel.example", Verdict.ALLOWED), ("support.kestrel.example.evil.example", Verdict.UNSANCTIONED)],
)
def test_a_lookup_of_our_own_relay_shows_whose_it_is(asked: str, verdict: Verdict) -> None:
    """docs/policy.md: ``tenant`` is "whose installation it is"; the DNS client names no program, but the relay's name."""
    lookup = event("Microsoft-Windows-DNS-Client", 3008, "KB-L003", QueryName=asked)
    (finding,) = told([hit(ASKED, lookup)]).findings
    assert finding.decision.verdict is verdict
