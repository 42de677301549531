"""What fuzzing found once is found no more: each input that showed a fault is tried again, as are all seeds."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.limits import limited
from tests.fuzz.target import FINDINGS, load, names

#: Changed seeds of each target that knows how to change them.
_CHANGED = 40


@pytest.mark.parametrize("path", sorted(FINDINGS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_finding(path: Path) -> None:
    """Issue: "Every finding became a test"."""
    with limited():
        load(path.parent.name).check(path.read_bytes())


def test_findings_are_of_targets_and_small() -> None:
    found = sorted(FINDINGS.glob("*/*"))
    assert {path.parent.name for path in found} <= set(names())
    assert [path for path in found if path.stat().st_size > 10_000] == []


@pytest.mark.parametrize("name", names())
def test_every_seed_and_some_of_its_changes_pass(name: str) -> None:
    target, chance = load(name), Random(1)
    seeds = list(target.seeds())
    assert seeds
    change = target.change
    more = [] if change is None else [change(chance.choice(seeds), chance, _flipped, 9000) for _ in range(_CHANGED)]
    for data in seeds + more:
        with limited():
            target.check(data)


def _flipped(data: bytes, most: int) -> bytes:
    """A plain change, as a fuzzer makes it."""
    chance = Random(len(data))
    changed = bytearray(data)
    for _ in range(3 if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[:most])
