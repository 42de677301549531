"""``policy.yml``, rule by rule as its head says them."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from detector.config import load_inventory, load_policy
from detector.model.asset import Inventory
from detector.model.policy import AccessClause, BulkReadClause, InstallTerms, Policy, Ticket, ToolClause, Window
from detector.model.rule import Action
from detector.rules.catalogue import load_catalogue
from tests.config.config_files import CATALOGUE, policy_of, policy_problems, shown

OFFICE = Window(frozenset({0, 1, 2, 3, 4}), time(7, 30), time(18, 30))
GROUPS = Inventory(host_groups={"gates": ("GATE-1", "GATE-2"), "staff": ("DESK-*",), "nobody": ()})


def clause(lines: str, inventory: Inventory = GROUPS) -> ToolClause:
    """One entry under ``tools`` with these lines more."""
    more = "".join(f"    {line}\n" for line in lines.splitlines())
    return policy_of(f"tools:\n  - id: t\n    tool: anydesk\n{more}", inventory).tools[0]


def test_the_shared_policy_loads_whole(shared: Path) -> None:
    path = shared / "scenarios/policy.yml"
    found = load_policy(path, load_inventory(shared / "scenarios/assets.yml"), CATALOGUE)
    assert found.timezone == "Australia/Adelaide"
    assert (len(found.tools), len(found.access), len(found.bulk_read), len(found.tickets)) == (13, 3, 5, 1)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    by_id = {one.id: one for one in found.tools}
    desk, cells, nightly = by_id["sc-desk"], by_id["anydesk-cells"], by_id["rclone-nightly"]
    assert (desk.hosts, desk.not_hosts) == (("ADL-L????", "ADL-D????", "FRONTDESK-*"), ("GATE-N1", "GATE-N2"))
    assert desk.tenant == {"instance": ("3e7a90c15bd2f486",), "relay": ("remote.brindlemere.example:8443",)}
    assert (desk.session_hours, desk.hours, desk.operators) == ((OFFICE,), (), ("desk.petrel", "desk.knot"))
    assert cells.install is not None
    assert cells.install.origin == ("C:\\Windows\\IMECache\\*", "C:\\ProgramData\\AnyDesk\\ad_e40b97d3\\*")
    assert cells.actions == {Action.INSTALL, Action.UPDATE, Action.CONNECT, Action.SESSION}
    assert nightly.hours == (Window(frozenset(range(7)), time(21, 40), time(5, 10)),)
    assert (nightly.users, nightly.remotes) == (("BRINDLE\\sa.vaultcopy",), ("permafrost:",))
    assert (nightly.sources, nightly.reach_ai) == (("\\\\bm-vault1\\runs", "E:\\exports"), True)
    assert by_id["supremo-arms"].expires == date(2025, 9, 30)
    assert by_id["rescue-ticket"].needs_ticket
    assert by_id["nable-whyalla"].ticket == "CHG-2291"
    assert found.access[1].users == ("*.t1",)
    assert found.bulk_read[3].shares == ("BM-VAULT1\\gold$", "BM-VAULT1\\runs")
    midnight = datetime(2025, 11, 18, tzinfo=UTC)
    assert found.tickets == (Ticket("INC-48213", "logmein-rescue", "ADL-D0230", midnight, midnight.replace(hour=4)),)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(f"- id: {one.id}" in lines[one.line - 1] for one in found.tools)


def test_shared_and_sample_files_fit_the_shipped_catalogue(shared: Path, root: Path) -> None:
    for folder in (shared / "scenarios", root / "samples"):
        policy = load_policy(folder / "policy.yml", load_inventory(folder / "assets.yml"), load_catalogue())
        assert {one.tool for one in policy.tools} <= set(load_catalogue().tools)


@pytest.mark.parametrize(
    "text", ["version: 1\n", "tools: []\n", "access:\n", "tickets: []\nhours: {}\n", "people:\nhours:\n"]
)
def test_every_key_is_optional(text: str) -> None:
    assert policy_of(text) == Policy(digest=hashlib.sha256(text.encode()).hexdigest())


def test_an_absent_key_does_not_matter() -> None:
    """Reading rule 1. An entry that names no actions covers them all."""
    assert clause("") == ToolClause("t", "anydesk", frozenset(Action), line=2)


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("hosts: ['*']", "hosts", ("*",)),
        ("hosts: DESK-1", "hosts", ("DESK-1",)),
        ("hosts: group:gates", "hosts", ("GATE-1", "GATE-2")),
        ("hosts: ['group:gates', X, gate-1, 'group:gates']", "hosts", ("GATE-1", "GATE-2", "X", "gate-1")),
        ("not_hosts: ['group:gates']", "not_hosts", ("GATE-1", "GATE-2")),
        ("users: 1001", "users", ("1001",)),
        ("users: ['NT AUTHORITY\\SYSTEM', \"A\\\\b\"]", "users", ("NT AUTHORITY\\SYSTEM", "A\\b")),
        ("operators: [123456789, 'Doe, John', '*@corp']", "operators", ("123456789", "Doe, John", "*@corp")),
        ("tenant: {Client: e40b97d3, id: ['118', \"9e1\"]}", "tenant", {"client": ("e40b97d3",), "id": ("118", "9e1")}),
        (r"path: C:\Program Files (x86)\AnyDesk\*", "path", ("C:\\Program Files (x86)\\AnyDesk\\*",)),
        ("signer: [A, B GmbH]", "signer", ("A", "B GmbH")),
        ("remotes: 'cold:'", "remotes", ("cold:",)),
        ("config: [a.conf]", "config", ("a.conf",)),
        ("destinations: [s3://x/*, 'a.example:443']", "destinations", ("s3://x/*", "a.example:443")),
        ("install: {by: 'C:\\a.exe'}", "install", InstallTerms(by=("C:\\a.exe",))),
        ("install: {from: ['C:\\*', D]}", "install", InstallTerms(origin=("C:\\*", "D"))),
        ("needs_ticket: yes", "needs_ticket", True),
        ("needs_ticket: 'true'", "needs_ticket", True),
        ("reach_ai: false", "reach_ai", False),
        ("expires: 2025-11-30", "expires", date(2025, 11, 30)),
        ("expires: '2025-11-30'", "expires", date(2025, 11, 30)),
        ("ticket: 2291", "ticket", "2291"),
        ("owner: no", "owner", "no"),
        ("reason: |\n  two\n  lines", "reason", "two\nlines"),
        ("actions: session", "actions", {Action.SESSION}),
        ("actions: [Install, upload]", "actions", {Action.INSTALL, Action.UPLOAD}),
        ("hours: Mon-Fri 07:30-18:30", "hours", (OFFICE,)),
    ],
)
def test_a_key_takes_one_value_or_a_list(lines: str, field: str, value: object) -> None:
    assert getattr(clause(lines), field) == value


@pytest.mark.parametrize(
    ("word", "tool"),
    [
        ("anydesk", "anydesk"),
        ("AnyDesk", "anydesk"),
        ("any-desk", "anydesk"),
        ("connectwise control", "screenconnect"),
        ("screen_connect", "screenconnect"),
        ("teamviewer-host", "teamviewer-host"),
        ("laplink", "laplink"),
        ("s3cmd", "s3cmd"),
        ("Our Own Agent", "our own agent"),
    ],
)
def test_a_tool_goes_by_id_alias_or_its_own_word(word: str, tool: str) -> None:
    """A tool nobody knows is accepted; only a slip of a known word is not."""
    assert [one.tool for one in policy_of(f"tools: [{{id: t, tool: {word}}}]").tools] == [tool]


def test_several_tools_in_one_entry_are_any_of_these() -> None:
    found = policy_of("tools: [{id: t, tool: [anydesk, rclone], hosts: A}]").tools
    assert [(one.id, one.tool, one.hosts) for one in found] == [("t", "anydesk", ("A",)), ("t", "rclone", ("A",))]


def test_groups_come_from_people_and_hosts_and_may_nest() -> None:
    """Reading rule 6. With one name in both, the place says which is meant."""
    found = policy_of(
        "people: {staff: [ann, 'group:ops'], ops: bob}\n"
        "access:\n"
        "  - {id: a, from: group:staff, to: 'group:gates', users: ['group:staff', '*.t1'], protocols: [RDP, https, s3]}\n"
        "bulk_read:\n"
        r"  - {id: b, from: [X], users: group:ops, shares: ['\\V\gold$', V/runs], expires: 2025-01-01, owner: me}",
        GROUPS,
    )
    assert found.access == (
        AccessClause("a", ("DESK-*",), ("GATE-1", "GATE-2"), ("rdp", "http", "http"), ("ann", "bob", "*.t1"), line=3),
    )
    assert found.bulk_read == (
        BulkReadClause("b", ("bob",), ("X",), ("V\\gold$", "V\\runs"), line=5, expires=date(2025, 1, 1)),
    )


@pytest.mark.parametrize(
    ("written", "days", "start", "end"),
    [
        ("Mon-Fri 07:30-18:30", {0, 1, 2, 3, 4}, time(7, 30), time(18, 30)),
        ("daily 21:40-05:10", set(range(7)), time(21, 40), time(5, 10)),
        ("Mon,Wed 08:00-12:00", {0, 2}, time(8), time(12)),
        ("'Mon, Wed-Fri 8:00 - 12:00'", {0, 2, 3, 4}, time(8), time(12)),
        ("Sat-Mon 00:00-24:00", {5, 6, 0}, time(0), time.max),
        ("sunday 06:00–07:00", {6}, time(6), time(7)),  # noqa: RUF001 an en dash, as word processors write it
        ("Tues-Thur 18:00-00:00", {1, 2, 3}, time(18), time(0)),
        ("20:00-23:00", set(range(7)), time(20), time(23)),
    ],
)
def test_windows_of_a_week(written: str, days: set[int], start: time, end: time) -> None:
    found = policy_of(f"hours: {{h: {written if ',' not in written else repr(written.strip(chr(39)))}}}\n"
                      "tools: [{id: t, tool: anydesk, session_hours: h}]").tools[0]  # fmt: skip
    assert found.session_hours == (Window(frozenset(days), start, end),)


def test_several_windows_under_one_name() -> None:
    text = (
        "hours: {shop: ['Mon,Tue 08:00-12:00, 13:00-17:00', Sat 09:00-12:00]}\ntools: [{id: t, tool: x, hours: [shop]}]"
    )
    assert policy_of(text).tools[0].hours == (
        Window(frozenset({0, 1}), time(8), time(12)),
        Window(frozenset({0, 1}), time(13), time(17)),
        Window(frozenset({5}), time(9), time(12)),
    )


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2025-11-18T00:00:00Z", "'2025-11-18T04:00:00Z'", "2025-11-18T00:00:00+00:00", "2025-11-18T04:00:00+00:00"),
        ("2025-11-18 10:30:00+10:30", "2025-11-18 04:00:00", "2025-11-18T00:00:00+00:00", "2025-11-18T04:00:00+00:00"),
        ("2025-11-18", "2025-11-18", "2025-11-18T00:00:00+00:00", "2025-11-18T23:59:59.999999+00:00"),
    ],
)
def test_tickets_are_in_utc(start: str, end: str, first: str, last: str) -> None:
    text = f"tickets: [{{id: 48213, tool: AnyDesk, host: [A, B], from: {start}, to: {end}}}]"
    span = datetime.fromisoformat(first), datetime.fromisoformat(last)
    assert policy_of(text).tickets == (Ticket("48213", "anydesk", "A", *span), Ticket("48213", "anydesk", "B", *span))


BROKEN = [
    ("tools: [{id: t, tool: anydsk}]", ["1:23 tools[0].tool: unknown tool 'anydsk' (did you mean 'anydesk'?)"]),
    ("tools: [{id: t, tool: anydesk, not_host: A}]",
     ["1:32 tools[0].not_host: unknown key 'not_host' (did you mean 'not_hosts'?)"]),
    ("tools: [{tool: anydesk}]", ["1:9 tools[0]: has no `id` (add `id: ...`)"]),
    ("tools: [{id: t}]", ["1:9 tools[0]: has no `tool` (add `tool: ...`)"]),
    ("tools: [{id: t, tool: rclone}]\naccess: [{id: t}]", ["2:15 access[0].id: 't' is there twice (the first is on line 1)"]),
    ("tools: [{id: t, tool: rclone, actions: [instal, fly]}]",
     ["1:41 tools[0].actions[0]: unknown action 'instal' (did you mean 'install'?)",
      "1:49 tools[0].actions[1]: unknown action 'fly' (one of: command, connect, download, install, session, transfer, tunnel, "
      "update, upload)"]),
    ("tools: [{id: t, tool: rclone, hosts: ['group:gate']}]",
     ["1:39 tools[0].hosts[0]: unknown group 'gate' (did you mean 'gates'?)"]),
    ("tools: [{id: t, tool: rclone, hosts: group:nobody}]",
     ["1:38 tools[0].hosts: fits nothing: the group has no members (remove the key if it does not matter)"]),
    ("tools: [{id: t, tool: rclone, hosts: 'A, B'}]",
     ["1:38 tools[0].hosts: 'A, B' is no host (write several as a list: [A, B])"]),
    ("tools: [{id: t, tool: rclone, hosts: []}]",
     ["1:38 tools[0].hosts: an empty list fits nothing (remove the key if it does not matter)"]),
    ("tools: [{id: t, tool: rclone, hosts: , users: }]",
     ["1:38 tools[0].hosts: has no value (give one, or remove the key if it does not matter)",
      "1:47 tools[0].users: has no value (give one, or remove the key if it does not matter)"]),
    ("tools: [{id: t, tool: rclone, tenant: {a: 118, b: 12e03, c: 1.5e+3, d: 2025-01-01}}]",
     ["1:43 tools[0].tenant.a: YAML reads 118 as int, not as text (quote it: '118')",
      "1:61 tools[0].tenant.c: YAML reads 1.5e+3 as float, not as text (quote it: '1.5e+3')",
      "1:72 tools[0].tenant.d: YAML reads 2025-01-01 as timestamp, not as text (quote it: '2025-01-01')"]),
    ("tools: [{id: t, tool: rclone, tenant: {}}]", ["1:39 tools[0].tenant: has no key (remove it if it does not matter)"]),
    ("tools: [{id: t, tool: rclone, install: }]", ["1:40 tools[0].install: has no key (remove it if it does not matter)"]),
    ("tools: [{id: t, tool: rclone, install: {from: }}]",
     ["1:47 tools[0].install.from: has no value (give one, or remove the key if it does not matter)"]),
    ("hours: {office: Mon-Fri 08:00-17:00}\ntools: [{id: t, tool: rclone, hours: ofice}]",
     ["2:38 tools[0].hours: unknown hours 'ofice' (did you mean 'office'?)"]),
    ("hours: {a: Mon-Fri, b: Mom 08:00-17:00, c: Mon 08:00-25:00, d: daily 08:00-08:00, e: [Mon,Tue 08:00-09:00]}",
     ["1:12 hours.a: 'Mon-Fri' is no window (write days and hours: Mon-Fri 07:30-18:30, Mon,Wed 08:00-12:00 or "
      "daily 21:40-05:10)",
      "1:24 hours.b: unknown day 'mom' (did you mean 'Mon'?)",
      "1:44 hours.c: '08:00-25:00' is no range of hours (hours go from 00:00 to 24:00)",
      "1:64 hours.d: '08:00-08:00' begins and ends at once (the whole day is 00:00-24:00)",
      "1:87 hours.e[0]: 'Mon' is no window (a window with commas needs quotes in a [list])"]),
    ("timezone: Europe/Berln", ["1:11 timezone: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)"]),
    ("timezone: ../../etc/passwd",
     ["1:11 timezone: unknown time zone '../../etc/passwd' (use an IANA name, for instance Europe/Berlin)"]),
    ("timezone: America", None),
    ("access: [{id: a, protocols: [rpd], expires: 30.11.2025}]",
     ["1:30 access[0].protocols[0]: unknown protocol 'rpd' (did you mean 'rpc'?)",
      "1:45 access[0].expires: '30.11.2025' is no date (write year-month-day, for instance 2025-11-30)"]),
    ("access: [{id: a, expires: 2025-02-30}]", ["1:27 access[0].expires: there is no day 2025-02-30 (check month and day)"]),
    ("bulk_read: [{id: b, shares: [gold$]}]",
     ["1:30 bulk_read[0].shares[0]: 'gold$' is no share of a host (write 'HOST\\share', in single quotes)"]),
    ("tickets: [{id: a, tool: rclone, host: A, from: today, to: 2025-01-01}]",
     ["1:48 tickets[0].from: 'today' is no time (write it as 2025-11-18T04:00:00Z)"]),
    ("tickets: [{id: a, tool: rclone, host: A, from: 2025-01-02, to: 2025-01-01}]",
     ["1:64 tickets[0].to: is before `from`"]),
    ("tools: [{id: t, tool: rclone, reach_ai: maybe}]",
     ["1:41 tools[0].reach_ai: expected true or false, found 'maybe'"]),
    ("people: {a: ['group:a']}", ["1:13 people.a: the group contains itself: a > a (remove one of these)"]),
    ("tools: [{id: t, tool: rclone, users: 'a, b'}]",
     ["1:38 tools[0].users: 'a, b' is no account (write several as a list: [a, b])"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), BROKEN, ids=[text[:50] for text, _ in BROKEN])
def test_every_problem_names_line_column_key_and_remedy(text: str, problems: list[str] | None) -> None:
    found = shown(policy_problems(text, GROUPS))
    assert found == problems if problems is not None else len(found) == 1


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    """errors.ConfigError: "Carries every problem of the file"."""
    text = "version: 9\ntools:\n  - {id: t, tool: anydsk}\n  - {id: t, tool: rclone, action: x}\nzone: UTC\n"
    assert [one.line for one in policy_problems(text)] == [1, 3, 4, 4, 5]
