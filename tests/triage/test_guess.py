"""Issue: "Without configuration it is still useful: model servers guessed from what hosts do, said to be a guess"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.model.asset import Inventory
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.rule import Phase, Role
from detector.rules import builtin_rules, load_rules
from detector.triage.guess import SERVER_RULE, guesses
from detector.triage.walk import Setting
from tests.company import CATALOGUE, INVENTORY, POLICY, book, told
from tests.making import SECURITY, SYSMON, after, event, hit, logon, move_rule, process, rule
from tests.triage.kestrel_roads import L1, planted

SERVER = replace(rule(None, Phase.DISCOVERY, None, role=Role.CONTEXT), id=SERVER_RULE)
READ = rule(None, Phase.COLLECTION, None, role=Role.CONTEXT)
BARE = Inventory(dns_domains=INVENTORY.dns_domains, hosts=INVENTORY.hosts)


def serving(host: str, image: str = "C:\\ollama\\ollama.exe") -> Hit:
    return hit(SERVER, process(host, image, "serve"))


def reading(host: str) -> Hit:
    shown = event(
        SECURITY, 5145, host, IpAddress="198.51.100.11", ShareName="\\\\*\\x", AccessList="%%4416", SubjectUserName="gale",
        RelativeTargetName="a.safetensors",
    )  # fmt: skip
    return hit(READ, shown)


def asking(port: str, address: str = "192.0.2.77") -> Hit:
    shown = event(SYSMON, 3, L1, Initiated="true", DestinationIp=address, DestinationPort=port, Image="C:\\x.exe")
    return hit(move_rule("network"), shown)


CASES: dict[str, tuple[list[Hit], list[tuple[str, str, str]]]] = {
    "a server's program": (
        [serving("SRV-9")],
        [("SRV-9", "inference", "ollama.exe ran there, a model server or training")],
    ),
    "a training job": (
        [serving("SRV-9", "C:\\py\\python.exe")],
        [("SRV-9", "inference", "python.exe ran there, a model server or training")],
    ),
    "files read from a share": (
        [reading("FILES-3")],
        [("FILES-3", "weights", "model files were opened on its shares")],
    ),
    "asked by its port": ([asking("11434")], [("192.0.2.77", "inference", "it was asked on the port of Ollama")]),
    "on the Internet": ([asking("11434", "93.184.216.34")], []),
    "itself": ([asking("11434", "127.0.0.1")], []),
    "a port of many things": ([asking("8000")], []),
    "two signs": (
        [serving("SRV-9"), reading("SRV-9"), reading("SRV-9")],
        [
            (
                "SRV-9",
                "weights",
                "model files were opened on its shares and ollama.exe ran there, a model server or training",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_machine_is_taken_for_an_asset_by_what_it_does(case: str) -> None:
    hits, wanted = CASES[case]
    assert [(one.asset.name, one.asset.role, one.why) for one in guesses(hits, book(()))] == wanted


def test_a_guess_is_said_to_be_one_and_is_never_above_medium() -> None:
    """Issue: "said to be a guess and never above medium by itself"."""
    moved = hit(move_rule("rdp"), logon("SRV-9", "198.51.100.11", "gale", kind="10", when=after(2)))
    hits = [planted(L1, after(1)), serving("SRV-9"), moved]
    for policy in (None, POLICY):
        (found,) = told(hits, Setting(BARE, policy, CATALOGUE)).incidents
        assert (found.level, found.origins, found.assets) == (Level.MEDIUM, (L1,), ("SRV-9",))
        assert (
            "SRV-9 is taken for an AI asset by a guess: ollama.exe ran there, a model server or training"
            in found.reasons
        )
        assert "by a guess" in found.summary


def test_who_has_listed_assets_gets_no_guess() -> None:
    hits = [planted(L1, after(1)), serving("SRV-9")]
    assert not any("guess" in reason for one in told(hits).incidents for reason in one.reasons)


def test_the_rule_that_tells_model_servers_is_in_the_pack() -> None:
    """A rule that is gone would take the guess with it, in silence."""
    pack, _ = load_rules((builtin_rules(),))
    (found,) = [one for one in pack.rules if one.id == SERVER_RULE]
    assert found.title == "Model server, training job or notebook started"
