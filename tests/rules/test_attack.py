"""The list of MITRE ATT&CK that ships, and what is asked of it.

Issue: "ATT&CK tags checked against a vendored list, with no download."
"""

from __future__ import annotations

import pytest

from detector.rules.attack import LIST, load_attack, parse_attack

TACTIC = "TA0005\tStealth\tstealth\n"


def test_the_list_is_whole() -> None:
    """ATT&CK v19 for Enterprise: 15 tactics, 222 techniques, 475 sub-techniques."""
    attack = load_attack()
    below = [word for word in attack.techniques if "." in word]
    assert (len(attack.tactics), len(attack.techniques) - len(below), len(below)) == (15, 222, 475)
    assert [word for word in below if word.partition(".")[0] not in attack.techniques] == []
    assert {tactic for technique in attack.techniques.values() for tactic in technique.tactics} == set(attack.tactics)


def test_the_licence_goes_with_it() -> None:
    """MITRE: "provided that you reproduce MITRE's copyright designation and this license in any such copy"."""
    text = " ".join(LIST.read_text(encoding="utf-8").replace("#", "").split())
    assert "hereby grants you a non-exclusive, royalty-free license to use ATT&CK" in text
    assert (
        "The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation"
        in text
    )


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("attack.t1219.002", "Remote Desktop Software"),
        ("attack.T1219", "Remote Access Tools"),
        ("attack.t1685.005", "Clear Windows Event Logs"),
        ("attack.defense-impairment", "Defense Impairment"),
        ("attack.t1562.001", ""),
        ("attack.defense-evasion", ""),
        ("car.2016-04-002", ""),
    ],
)
def test_a_tag_has_a_name(tag: str, name: str) -> None:
    assert load_attack().name(tag) == name


def test_what_version_19_gave_up_is_unknown() -> None:
    old = ["attack.t1562", "attack.t1562.004", "attack.t1070.001", "attack.t1070.002", "attack.defense-evasion"]
    good = ["attack.stealth", "attack.t1070", "attack.t1070.004", "attack.t1686", "attack.t1688", "cve.2024-1708"]
    odd = ["attack.t1219.2", "attack.command_and_control", "attack.g0016"]
    assert load_attack().unknown_tags([*good[:3], *old, *good[3:], *odd]) == [*old, *odd]


@pytest.mark.parametrize(
    ("tags", "strays"),
    [
        (["command-and-control", "t1219.002"], []),
        (["execution", "t1219.002"], ["t1219.002"]),
        (["t1219.002"], ["t1219.002"]),
        (["persistence", "t1112", "t1688"], ["t1688"]),
        (["lateral-movement", "execution", "t1072", "t1569.002"], []),
        (["stealth", "t9999"], []),
    ],
)
def test_a_technique_belongs_to_a_tactic_beside_it(tags: list[str], strays: list[str]) -> None:
    attack = load_attack()
    assert attack.strays([f"attack.{tag}" for tag in tags]) == [f"attack.{tag}" for tag in strays]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TACTIC + "T1036\tMasquerading\n", "line 2: not three columns"),
        (TACTIC + "T1036\t\tstealth\n", "line 2: not three columns"),
        (TACTIC + "T1036\tMasquerading\tstealth\n" * 2, "line 3: t1036 stands twice"),
        (TACTIC * 2, "line 2: stealth stands twice"),
        (TACTIC + "T1036\tMasquerading\tdefense-evasion\n", "T1036: no tactic defense-evasion"),
    ],
)
def test_a_damaged_list_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_attack(text)
