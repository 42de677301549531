"""One use of a tool against the clauses of policy.yml: its reading rules, each with a use that differs in one key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from detector.model.policy import Decision, Policy, Verdict
from detector.model.rule import Action
from detector.triage.decide import Judge
from detector.triage.identity import Directory
from detector.triage.traits import Traits
from tests.making import CATALOGUE, CELLS, DESK, NIGHTLY, POLICY, T0, after, directory, event

NIGHT = datetime(2025, 11, 18, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
SATURDAY = datetime(2025, 11, 22, 10, 0, tzinfo=UTC)


def use(tool: str, action: Action | None, host: str, **shown: Any) -> Traits:
    return replace(Traits(host, T0, CATALOGUE.tools[tool], action), **shown)


DESK_PATH = "C:\\Program Files (x86)\\ScreenConnect Client (00aa11bb22cc33dd)\\ScreenConnect.ClientService.exe"
TENANT = {"instance": "00aa11bb22cc33dd", "relay": "support.kestrel.example:8041"}
SESSION = use("screenconnect", Action.SESSION, "KB-L001", tenant=TENANT, path=DESK_PATH, operator="ivy")
COPY = use(
    "rclone",
    Action.UPLOAD,
    "COPIER-1",
    time=NIGHT,
    user="KESTREL\\svc.copy",
    path="C:\\Program Files\\Kestrel\\rclone.exe",
    config="C:\\ProgramData\\Kestrel\\nightly.conf",
    remotes=("coldstore:",),
    sources=("\\\\weights-1\\runs\\today",),
    targets=("coldstore:runs",),
    commanded=True,
)
CELL_PATH = "C:\\Program Files (x86)\\AnyDesk-1234abcd\\AnyDesk-1234abcd.exe"
CELL = use("anydesk", Action.CONNECT, "CELL-3", tenant={"client": "1234abcd"}, path=CELL_PATH)
INSTALL = use(
    "anydesk",
    Action.INSTALL,
    "CELL-3",
    tenant={"client": "1234abcd"},
    path="C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",
    installed_by="C:\\Program Files (x86)\\Microsoft Intune Management Extension\\AgentExecutor.exe",
    installed_from=("C:\\Windows\\IMECache\\7\\AnyDesk-1234abcd.exe",),
)
OPEN = use(
    "rclone", Action.DOWNLOAD, "KB-G012", user="ada", remotes=("opendata:",), sources=("opendata:x",), commanded=True
)
RESCUE = use("rescue", Action.SESSION, "KB-L002", path="C:\\Users\\x\\rescue.exe")
RELEASE = use("aws-cli", Action.UPLOAD, "COPIER-1", user="svc.release", destinations=("s3://kestrel-releases/v1/",))
SSH = use("openssh", Action.SESSION, "KB-G012", user="KESTREL\\ada", destinations=("node07.corp.kestrel.example:22",))
DEPLOY = use(
    "pdq-deploy",
    Action.COMMAND,
    "INFER-2",
    operator="svc.deploy",
    installed_from=("C:\\Windows\\AdminArsenal\\PDQDeployRunner\\1\\a",),
)

#: Uses that one clause covers, and what reaches an asset of them.
COVERED: dict[str, tuple[Traits, str | None, str]] = {
    "a session of the help desk": (SESSION, None, "sc-desk"),
    "another of its people": (replace(SESSION, operator="MAX"), None, "sc-desk"),
    "on a kiosk": (replace(SESSION, host="KIOSK-9"), None, "sc-desk"),
    "only the instance is shown": (replace(SESSION, tenant={"instance": "00AA11BB22CC33DD"}), None, "sc-desk"),
    "the agent at night": (replace(SESSION, action=Action.CONNECT, operator="", time=NIGHT), None, "sc-desk"),
    "the path of the kernel": (
        replace(SESSION, path=DESK_PATH.replace("C:", "\\device\\harddiskvolume3")),
        None,
        "sc-desk",
    ),
    "no path is shown": (replace(SESSION, path=""), None, "sc-desk"),
    "no action is known": (replace(SESSION, action=None, operator="ivy"), None, "sc-desk"),
    "the nightly copy": (COPY, "WEIGHTS-1", "rclone-nightly"),
    "by alias": (replace(COPY, sources=("//strongroom/runs/x",)), "WEIGHTS-1", "rclone-nightly"),
    "by address": (replace(COPY, sources=("\\\\192.0.2.40\\runs",)), "WEIGHTS-1", "rclone-nightly"),
    "by its long name": (
        replace(COPY, sources=("\\\\?\\UNC\\WEIGHTS-1.corp.kestrel.example\\Runs\\x",)),
        None,
        "rclone-nightly",
    ),
    "the exports": (replace(COPY, sources=("E:\\exports",)), None, "rclone-nightly"),
    "its connection": (
        replace(COPY, destinations=("objects.coldstore.example:443", "203.0.113.9:443")),
        None,
        "rclone-nightly",
    ),
    "an address nobody knows": (replace(COPY, destinations=("203.0.113.9:443",)), None, "rclone-nightly"),
    "a remote looked at": (replace(COPY, action=Action.CONNECT), None, "rclone-nightly"),
    "open data": (OPEN, None, "rclone-open"),
    "a cell": (CELL, None, "anydesk-cells"),
    "signed": (replace(CELL, signer="anydesk software gmbh"), None, "anydesk-cells"),
    "installed by Intune": (INSTALL, None, "anydesk-cells"),
    "a caller's alias": (replace(CELL, action=Action.SESSION, operator="ops@kestrel"), None, "anydesk-cells"),
    "with a ticket": (RESCUE, None, "rescue-ticket"),
    "to the last second": (replace(RESCUE, time=after(hours=4)), None, "rescue-ticket"),
    "a release": (RELEASE, "LAKE", "aws-release"),
    "its connection to wherever the bucket lies": (
        replace(RELEASE, destinations=("s3.example:443", "203.0.113.9:443")),
        None,
        "aws-release",
    ),
    "ssh to a node": (SSH, "node07", "ssh-ml"),
    "by the node's address": (replace(SSH, destinations=("192.0.2.130:22",)), "node (192.0.2.130)", "ssh-ml"),
    "a deployment on an asset": (DEPLOY, "INFER-2", "deploy-all"),
}


def decide(
    traits: Traits, reaches: str | None = None, policy: Policy | None = POLICY, on: Directory | None = None
) -> Decision:
    return Judge(policy, on or directory()).decide(traits, reaches=reaches)


@pytest.mark.parametrize("case", COVERED)
def test_a_use_that_one_clause_covers_completely(case: str) -> None:
    """Rules 1 and 2: 'Inside an entry every key must hold; a list means "any of these".' 'One entry has to cover the use'."""
    traits, reaches, clause = COVERED[case]
    decision = decide(traits, reaches)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.ALLOWED, clause, ())
    assert decision.because.startswith(f"{clause} covers it")


#: The same uses, each with one key that differs: the clause that is nearest, and what is said of it.
DIFFERENT: dict[str, tuple[Traits, str | None, str, str]] = {
    "another host": (replace(SESSION, host="SRV-1"), None, "sc-desk", "host SRV-1 is not covered"),
    "an excluded host": (replace(SESSION, host="HOP-1"), None, "sc-desk", "host HOP-1 is excluded"),
    "another instance": (
        replace(SESSION, tenant={"instance": "ffff11bb22cc33dd"}),
        None,
        "sc-desk",
        "instance is ffff11bb22cc33dd",
    ),
    "another relay": (
        replace(SESSION, tenant={**TENANT, "relay": "evil.example:443"}),
        None,
        "sc-desk",
        "relay is evil.example:443",
    ),
    "another port of the relay": (
        replace(SESSION, tenant={"relay": "support.kestrel.example:443"}),
        None,
        "sc-desk",
        "relay is support",
    ),
    "another path": (replace(SESSION, path="C:\\Temp\\a.exe"), None, "sc-desk", "path C:\\Temp\\a.exe is not covered"),
    "out of the path by ..": (
        replace(SESSION, path=DESK_PATH.replace("ScreenConnect.Cl", "..\\x\\ScreenConnect.Cl")),
        None,
        "sc-desk",
        "path",
    ),
    "a stranger": (replace(SESSION, operator="eve"), None, "sc-desk", "operator eve"),
    "a session at night": (replace(SESSION, time=NIGHT), None, "sc-desk", "Tue 23:00 is outside its session_hours"),
    "a session on Saturday": (
        replace(SESSION, time=SATURDAY),
        None,
        "sc-desk",
        "Sat 11:00 is outside its session_hours",
    ),
    "a tunnel": (replace(SESSION, action=Action.TUNNEL), None, "sc-desk", "action tunnel is not among its actions"),
    "a tunnel at night": (
        replace(SESSION, action=Action.TUNNEL, time=NIGHT),
        None,
        "sc-desk",
        "sc-desk does not cover it: action tunnel is not among its actions",
    ),
    "on to an asset": (SESSION, "WEIGHTS-1", "sc-desk", "it reaches WEIGHTS-1 and the clause has no reach_ai"),
    "another user": (
        replace(COPY, user="KESTREL\\gale"),
        "WEIGHTS-1",
        "rclone-nightly",
        "user KESTREL\\gale is not covered",
    ),
    "a local user of that name": (
        replace(COPY, user="COPIER-1\\svc.copy"),
        None,
        "rclone-nightly",
        "user COPIER-1\\svc.copy",
    ),
    "another program": (replace(COPY, path="C:\\Temp\\rclone.exe"), None, "rclone-nightly", "path"),
    "another configuration": (
        replace(COPY, config="C:\\ProgramData\\Kestrel\\n.conf"),
        None,
        "rclone-nightly",
        "configuration is",
    ),
    "no configuration": (replace(COPY, config=""), None, "rclone-nightly", "the default configuration was used"),
    "another remote": (replace(COPY, remotes=("sx:",)), None, "rclone-nightly", "remote sx: is not covered"),
    "its remote, led elsewhere": (
        replace(COPY, remotes=("coldstore,endpoint=evil.example:",)),
        None,
        "rclone-nightly",
        "remote coldstore,endpoint",
    ),
    "a second remote": (
        replace(COPY, remotes=("coldstore:", "sx:")),
        None,
        "rclone-nightly",
        "remote sx: is not covered",
    ),
    "another share": (replace(COPY, sources=("\\\\weights-1\\models$",)), "WEIGHTS-1", "rclone-nightly", "source"),
    "a share that begins alike": (
        replace(COPY, sources=("\\\\weights-1\\runs2",)),
        "WEIGHTS-1",
        "rclone-nightly",
        "source",
    ),
    "another server": (replace(COPY, sources=("\\\\infer-2\\runs",)), "INFER-2", "rclone-nightly", "source"),
    "out of the folder by ..": (replace(COPY, sources=("E:\\exports\\..\\tune",)), None, "rclone-nightly", "source"),
    "another destination": (
        replace(COPY, destinations=("evil.example:443",)),
        None,
        "rclone-nightly",
        "destination evil.example:443",
    ),
    "another port of it": (
        replace(COPY, destinations=("objects.coldstore.example:22",)),
        None,
        "rclone-nightly",
        "destination",
    ),
    "an address at another port": (
        replace(COPY, destinations=("203.0.113.9:22",)),
        None,
        "rclone-nightly",
        "destination",
    ),
    "at noon": (replace(COPY, time=T0), None, "rclone-nightly", "Tue 10:00 is outside its hours"),
    "the other way": (replace(COPY, action=Action.DOWNLOAD), None, "rclone-nightly", "action download"),
    "open data, outwards": (replace(OPEN, action=Action.UPLOAD), None, "rclone-open", "action upload"),
    "another client": (replace(CELL, tenant={"client": "ffffabcd"}), None, "anydesk-cells", "client is ffffabcd"),
    "another signer": (replace(CELL, signer="Eve Ltd"), None, "anydesk-cells", "signer is Eve Ltd"),
    "files": (replace(CELL, action=Action.TRANSFER, operator="ops@kestrel"), None, "anydesk-cells", "action transfer"),
    "an alias elsewhere": (
        replace(CELL, action=Action.SESSION, operator="ops@kestrel2"),
        None,
        "anydesk-cells",
        "operator",
    ),
    "a number calls": (
        replace(CELL, action=Action.SESSION, operator="557310894"),
        None,
        "anydesk-cells",
        "operator 557310894",
    ),
    "installed by hand": (
        replace(INSTALL, installed_by="C:\\Windows\\explorer.exe"),
        None,
        "anydesk-cells",
        "installed by",
    ),
    "installed from elsewhere": (
        replace(INSTALL, path="D:\\AnyDesk-1234abcd.exe", installed_from=("D:\\AnyDesk-1234abcd.exe",)),
        None,
        "anydesk-cells",
        "from D:",
    ),
    "no ticket for the host": (
        replace(RESCUE, host="KB-L001"),
        None,
        "rescue-ticket",
        "no open ticket covers host and time",
    ),
    "a ticket of the past": (replace(RESCUE, time=after(hours=4, seconds=1)), None, "rescue-ticket", "no open ticket"),
    "another bucket": (
        replace(RELEASE, destinations=("s3://kestrel-releases2/x",)),
        None,
        "aws-release",
        "destination s3://kestrel-releases2/x",
    ),
    "ssh elsewhere": (
        replace(SSH, destinations=("192.0.2.40:22",)),
        "WEIGHTS-1",
        "ssh-ml",
        "destination 192.0.2.40:22",
    ),
    "ssh from elsewhere": (replace(SSH, host="KB-L001"), "node07", "ssh-ml", "host KB-L001"),
    "another deployer": (replace(DEPLOY, operator="eve"), "INFER-2", "deploy-all", "operator eve"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_use_that_differs_in_one_key(case: str) -> None:
    """Rule 5: 'What no entry covers is reported.' Rule 7: the id is quoted, with the key that does not hold."""
    traits, reaches, clause, said = DIFFERENT[case]
    decision = decide(traits, reaches)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.UNSANCTIONED, clause, ())
    assert said in decision.because
    assert (";" in decision.because) == (case == "installed from elsewhere")  # there the program's own path differs too


#: Uses that show too little to say yes or no.
UNDECIDED = {
    "nobody is named at the other end": (replace(SESSION, operator=""), "sc-desk", ("operators",)),
    "no tenant is shown": (replace(SESSION, tenant={}), "sc-desk", ("tenant",)),
    "no remote is shown": (replace(COPY, remotes=()), "rclone-nightly", ("remotes",)),
    "no source is shown": (replace(COPY, sources=()), "rclone-nightly", ("sources",)),
    "no user is shown": (replace(COPY, user=""), "rclone-nightly", ("users",)),
    "nothing of the installation": (
        replace(INSTALL, installed_by="", installed_from=(), path=""),
        "anydesk-cells",
        ("install",),
    ),
}


@pytest.mark.parametrize("case", UNDECIDED)
def test_a_use_that_shows_too_little_is_not_allowed_and_raises_nothing_alone(case: str) -> None:
    """Decision: '``undecided`` names what a clause asks and no event shows'."""
    traits, clause, missing = UNDECIDED[case]
    decision = decide(traits)
    assert (decision.verdict, decision.policy, decision.undecided) == (Verdict.UNKNOWN, clause, missing)


def test_entries_do_not_add_up() -> None:
    """Rule 2: a host of one entry and an instance of the other are covered by neither."""
    second = replace(DESK, id="sc-labs", hosts=("LAB-*",), tenant={"instance": ("ffff000011112222",)}, path=())
    policy = replace(POLICY, tools=(DESK, second))
    mixed = replace(SESSION, host="LAB-1")
    assert decide(mixed, policy=policy).verdict is Verdict.UNSANCTIONED
    assert decide(replace(mixed, tenant={"instance": "ffff000011112222"}), policy=policy).policy == "sc-labs"


def test_the_nearest_clause_is_named() -> None:
    """A copy by the job's own program on the job's host is compared with the job's clause, not with the researchers'."""
    assert decide(replace(COPY, user="gale", remotes=("sx:",))).policy == "rclone-nightly"
    assert decide(replace(OPEN, user="gale")).policy == "rclone-open"


def test_a_list_means_any_of_these() -> None:
    two = replace(
        DESK, tenant={"instance": ("ffff000011112222", "00aa11bb22cc33dd")}, path=("D:\\x\\*", "C:\\Program Files*\\*")
    )
    assert decide(SESSION, policy=replace(POLICY, tools=(two,))).verdict is Verdict.ALLOWED


def test_an_absent_key_does_not_matter() -> None:
    bare = replace(DESK, hosts=(), not_hosts=(), tenant={}, path=(), operators=(), session_hours=())
    anywhere = replace(SESSION, host="SRV-1", tenant={}, path="C:\\x.exe", operator="", time=NIGHT)
    assert decide(anywhere, policy=replace(POLICY, tools=(bare,))).verdict is Verdict.ALLOWED
    assert (
        decide(replace(anywhere, action=Action.TUNNEL), policy=replace(POLICY, tools=(bare,))).verdict
        is Verdict.UNSANCTIONED
    )


@pytest.mark.parametrize(("when", "allowed"), [("2025-11-30T22:59:59", True), ("2025-11-30T23:00:00", False)])
def test_after_the_last_day_an_entry_covers_nothing(when: str, allowed: bool) -> None:
    """Rule 4: the day ends at midnight in Berlin, 23:00 UTC."""
    policy = replace(POLICY, tools=(replace(DESK, expires=date(2025, 11, 30)),))
    connect = replace(
        SESSION, action=Action.CONNECT, operator="", time=datetime.fromisoformat(when).replace(tzinfo=UTC)
    )
    decision = decide(connect, policy=policy)
    assert (decision.verdict is Verdict.ALLOWED) is allowed
    assert allowed or "it expired on 2025-11-30" in decision.because


@pytest.mark.parametrize("action", [Action.SESSION, Action.COMMAND, Action.TRANSFER])
def test_session_hours_are_about_persons(action: Action) -> None:
    """Rule 9: '`session_hours` only the time a person may be connected (session, command, transfer)'."""
    assert decide(replace(SESSION, action=action)).verdict is Verdict.ALLOWED
    assert decide(replace(SESSION, action=action, time=NIGHT)).verdict is Verdict.UNSANCTIONED


@pytest.mark.parametrize("action", [Action.INSTALL, Action.UPDATE, Action.CONNECT, Action.TUNNEL])
def test_session_hours_are_not_about_the_agent(action: Action) -> None:
    """Rule 9: 'The agent itself may then run at any time.'"""
    clause = replace(DESK, actions=DESK.actions | {Action.TUNNEL})
    assert (
        decide(replace(SESSION, action=action, time=NIGHT), policy=replace(POLICY, tools=(clause,))).verdict
        is Verdict.ALLOWED
    )


def test_hours_limit_the_whole_use() -> None:
    """Rule 9: '`hours` limits the whole use'."""
    clause = replace(DESK, hours=DESK.session_hours, session_hours=())
    at_night = replace(SESSION, action=Action.CONNECT, time=NIGHT)
    assert decide(at_night, policy=replace(POLICY, tools=(clause,))).verdict is Verdict.UNSANCTIONED


def test_reaching_an_asset_needs_reach_ai() -> None:
    """Rule 3: 'It covers reaching an AI asset only with `reach_ai: true`.'"""
    assert decide(COPY, "WEIGHTS-1").verdict is Verdict.ALLOWED
    closed = replace(POLICY, tools=(replace(NIGHTLY, reach_ai=False),))
    assert decide(COPY, "WEIGHTS-1", closed).verdict is Verdict.UNSANCTIONED
    assert decide(COPY, None, closed).verdict is Verdict.ALLOWED


def test_an_update_may_run_from_elsewhere_an_agent_may_not() -> None:
    update = replace(CELL, action=Action.UPDATE, path="C:\\ProgramData\\AnyDesk\\update\\a.exe", installed_by=CELL_PATH)
    assert decide(replace(update, installed_from=("C:\\Windows\\IMECache\\x\\a.exe",))).verdict is Verdict.ALLOWED
    assert decide(replace(update, action=Action.CONNECT)).verdict is Verdict.UNSANCTIONED


def test_an_address_that_a_lookup_named_is_compared_by_that_name() -> None:
    dns = "Microsoft-Windows-DNS-Client"
    looked_up = [
        event(dns, 3008, "COPIER-1", NIGHT, QueryName="objects.coldstore.example", QueryResults="203.0.113.9;"),
        event(dns, 3008, "COPIER-1", NIGHT, QueryName="files.evil.example", QueryResults="203.0.113.66;"),
    ]
    known = directory(looked_up)
    assert decide(replace(COPY, destinations=("203.0.113.9:443",)), on=known).verdict is Verdict.ALLOWED
    assert decide(replace(COPY, destinations=("203.0.113.66:443",)), on=known).verdict is Verdict.UNSANCTIONED


def test_a_product_alone_identifies_no_installation() -> None:
    """'The same AnyDesk.exe is the help desk or the intruder': where nothing says that it is ours, it is not."""
    bare = replace(CELL, tenant={}, path="")
    decision = decide(bare)
    assert (decision.verdict, decision.policy) == (Verdict.UNSANCTIONED, "anydesk-cells")
    assert "nothing shows that it is the installation" in decision.because


def test_without_a_word_of_policy_nothing_is_known() -> None:
    assert decide(SESSION, policy=None) == Decision(Verdict.UNKNOWN, None, "no policy was given")
    other = use("teamviewer", Action.SESSION, "KB-L001")
    assert decide(other) == Decision(Verdict.UNKNOWN, None, "the policy says nothing about TeamViewer")
    assert decide(CELL, policy=replace(POLICY, tools=(CELLS,))).verdict is Verdict.ALLOWED
