"""``assets.yml``, as its reading rules say: "an asset needs only `name`, `role`, `criticality`"."""

from __future__ import annotations

import hashlib
from ipaddress import ip_network
from pathlib import Path

import pytest

from detector.config import load_inventory
from detector.model.asset import Asset, Inventory, KnownHost
from tests.config.config_files import inventory_of, inventory_problems, shown


def asset(lines: str) -> Asset:
    """One asset with these lines more."""
    more = "".join(f"    {line}\n" for line in lines.splitlines())
    return inventory_of(f"assets:\n  - name: A\n    role: weights\n    criticality: high\n{more}").assets[0]


def test_the_shared_inventory_loads_whole(shared: Path) -> None:
    path = shared / "scenarios/assets.yml"
    found = load_inventory(path)
    assert [one.name for one in found.assets] == ["BM-VAULT1", "TORRENS", "BM-SERVE-07", "gx", "DUNE", "gpu-desk"]
    vault, gx = found.assets[0], found.assets[3]
    assert vault == Asset(
        "BM-VAULT1",
        "weights",
        "critical",
        addresses=(ip_network("192.0.2.31"), ip_network("2001:db8:b1:3::31")),
        aliases=("vault1", "vault.brindlemere.example"),
        shares=("gold$", "runs"),
        paths=("G:\\gold", "H:\\runs"),
    )
    assert (gx.match, gx.sends_logs) == (("gx[0-9][0-9]",), False)
    assert found.host_groups["staff"] == ("ADL-L????", "ADL-D????")
    assert found.jump_hosts[1] == KnownHost("GATE-N2", (ip_network("192.0.2.11"),))
    assert len(found.hosts) == 6
    assert found.model_paths == ("C:\\Users\\*\\.cache\\torch\\hub\\checkpoints",)
    assert found.internal_networks[2] == ip_network("2001:db8:b1::/48")
    assert (found.organisation, found.netbios_domain, len(found.dns_domains)) == ("Brindlemere AI", "BRINDLE", 3)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "text", ["version: 1\n", "version: '1'\n", "assets: []\n", "assets:\nhosts:\n", "organisation: {}\n"]
)
def test_every_key_is_optional(text: str) -> None:
    found = inventory_of(text)
    assert found == Inventory(digest=hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("aliases: vault", "aliases", ("vault",)),
        ("aliases: [vault, 'v.example']", "aliases", ("vault", "v.example")),
        ("aliases:", "aliases", ()),
        ("aliases: [007, NO, 1e3, 2025-01-01]", "aliases", ("007", "NO", "1e3", "2025-01-01")),
        ("addresses: 192.0.2.7", "addresses", (ip_network("192.0.2.7/32"),)),
        ("addresses: [192.0.2.160/27, 2001:db8::/48]", "addresses", (ip_network("192.0.2.160/27"), ip_network("2001:db8::/48"))),
        ("addresses: '::1'", "addresses", (ip_network("::1/128"),)),
        (r"paths: G:\gold", "paths", ("G:\\gold",)),
        (r"paths: ['C:\Users\*\models', 'D:\']", "paths", ("C:\\Users\\*\\models", "D:\\")),
        ('paths: ["G:\\\\gold"]', "paths", ("G:\\gold",)),
        ("match: 'gx[0-9][0-9]'", "match", ("gx[0-9][0-9]",)),
        (r"shares: '\\A\gold$'", "shares", ("gold$",)),
        ("shares: gold$", "shares", ("gold$",)),
        ("logs: none", "sends_logs", False),
    ],
)  # fmt: skip
def test_values_are_single_or_lists_quoted_or_not(lines: str, field: str, value: object) -> None:
    assert getattr(asset(lines), field) == value


def test_anchors_and_comments_are_yaml_as_usual() -> None:
    found = inventory_of("host_groups:\n  a: &a [X, Y]  # both\n  b: *a\n")
    assert found.host_groups == {"a": ("X", "Y"), "b": ("X", "Y")}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert inventory_of(b"\xef\xbb\xbfmodel_paths: X\n").model_paths == ("X",)


def test_host_groups_may_name_groups() -> None:
    found = inventory_of("host_groups:\n  all: ['group:left', R1]\n  left: [L1, L2, 'group:more']\n  more: [L1, M1]\n")
    assert found.host_groups["all"] == ("L1", "L2", "M1", "R1")


BROKEN = [
    ("host_groups: {a: ['group:b'], b: ['group:a']}",
     ["1:18 host_groups.a: the group contains itself: a > b > a (remove one of these)",
      "1:34 host_groups.b: the group contains itself: b > a > b (remove one of these)"]),
    ("host_groups: {gates: ['group:gats']}", ["1:22 host_groups.gates: unknown group 'gats' (did you mean 'gates'?)"]),
    ("assets:\n  - {name: A, role: weight, criticality: urgent}",
     ["2:21 assets[0].role: unknown role 'weight' (did you mean 'weights'?)",
      "2:42 assets[0].criticality: unknown criticality 'urgent' (one of: critical, high, medium)"]),
    ("assets:\n  - role: weights\n", ["2:5 assets[0]: has no `criticality` (add `criticality: ...`)",
                                      "2:5 assets[0]: has no `name` (add `name: ...`)"]),
    ("assets:\n  - {name: , role: weights, criticality: high}\nhosts: {name: ~}\n",
     ["2:12 assets[0].name: has no value (give one)", "3:15 hosts[0].name: has no value (give one)"]),
    ("asets: []", ["1:1 asets: unknown key 'asets' (did you mean 'assets'?)"]),
    ("version: 2", ["1:10 version: version '2' is not known (this program reads version 1)"]),
    ("hosts: [{name: A, addresses: [192.0.2.0/33, 192.0.2.5/24, host, '']}]",
     ["1:31 hosts[0].addresses[0]: '192.0.2.0/33' is no address and no network (write 192.0.2.31, 192.0.2.0/24 or '2001:db8::1')",
      "1:45 hosts[0].addresses[1]: 192.0.2.5/24 is an address inside a network (write 192.0.2.5 or 192.0.2.0/24)",
      "1:59 hosts[0].addresses[2]: 'host' is no address and no network (write 192.0.2.31, 192.0.2.0/24 or '2001:db8::1')",
      "1:65 hosts[0].addresses[3]: '' is no address and no network (write 192.0.2.31, 192.0.2.0/24 or '2001:db8::1')"]),
    ("hosts: [{name: A}, {name: a.ad.example}, {name: 192.0.2.1}, {name: 192.0.2.2}]",
     ["1:27 hosts[1].name: 'a.ad.example' is there twice (the first is on line 1)"]),
    ("hosts: [A]", ["1:9 hosts[0]: expected a mapping, found a single value (write `- key: value`)"]),
    ("model_paths: {a: b}", ["1:14 model_paths: expected a text, found a mapping (a text with a colon and a space needs quotes; "
                             "a group is written 'group:name', without a space)"]),
    ("model_paths: [[a]]",
     ["1:15 model_paths[0]: expected a text, found a list (a pattern with [brackets] needs single quotes)"]),
    ("model_paths: [~]", ["1:15 model_paths[0]: expected a text, found nothing"]),
    ("model_paths: !secret x", ["1:14 model_paths: expected a text, found the tag '!secret'"]),
    ("organisation: {name: [A]}", ["1:22 organisation.name: expected a single value, found a list"]),
    ("organisation: A", ["1:15 organisation: expected a mapping, found a single value (write `key: value`)"]),
    ("hosts:\n  - name: A\n    name: B\n",
     ["3:5 hosts[0].name: stands here a second time (the first is on line 2)"]),
    ('model_paths: "C:\\new"', ["1:14 model_paths: 'C:\\new' has the invisible character U+000A (write paths in single "
                               "quotes: a backslash is special in double ones)"]),
    ("model_paths: a\u200bb", ["1:14 model_paths: 'a\\u200bb' has the invisible character U+200B (retype it)"]),
    ("? [a]\n: b", ["1:3 : a key must be a plain word"]),
    ("assets: [{name: A, role: weights, criticality: high, logs: some}]",
     ["1:60 assets[0].logs: unknown value 'some' (`logs: none`, or leave the key out)"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), BROKEN, ids=[text[:30] for text, _ in BROKEN])
def test_every_problem_names_line_column_key_and_remedy(text: str, problems: list[str]) -> None:
    """Brief of the issue: "errors that name file, line, key and the nearest valid word"."""
    assert shown(inventory_problems(text)) == problems
