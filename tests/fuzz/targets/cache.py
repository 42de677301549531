"""Any bytes as a cache file: the rules of the files; or, if somebody sealed them, a rule set. Never anything else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from detector.model.loss import Loss
from detector.model.rule import Rule, RuleSet
from detector.rules import load_rules
from detector.rules.cache import Cache
from detector.rules.cache_key import rules_key
from detector.rules.files import RuleFile, read_files
from detector.rules.serial import SerialError, from_bytes, to_bytes
from detector.rules.serial_classes import Loaded
from tests.conftest import ROOT
from tests.fuzz.target import Target

_SEAL = len("rmm-detector cache 1\n") + 32
_RULES = sorted((ROOT / "sigma_rules" / "anydesk").glob("*.yml"))[:2]


@cache
def _files() -> list[RuleFile | Loss]:
    return read_files(_RULES)


@cache
def _fresh() -> Loaded:
    rules, losses = load_rules(_RULES)
    return Loaded(rules, tuple(losses))


@cache
def _key() -> bytes:
    return rules_key(_files())


def _check(data: bytes) -> None:
    _as_content(data)
    with tempfile.TemporaryDirectory() as folder:
        kept = Cache(Path(folder, "cache"))
        kept.put("rules", _key(), data)
        (file,) = Path(folder, "cache").iterdir()
        assert kept.get("rules", _key()) == data
        file.write_bytes(data)
        found = kept.get("rules", _key())
        if found is not None:  # the fuzzer reads the right seal off the comparison, and makes sealed bytes
            assert data.endswith(found)
            assert len(data) - len(found) == _SEAL, "bytes without a seal"
            _as_content(found)


def _as_content(data: bytes) -> None:
    """What ``load_rules`` makes of sealed bytes. What its rules then ask is up to whoever sealed them."""
    try:
        loaded = from_bytes(data, Loaded)
    except SerialError:
        return
    assert type(loaded.rules) is RuleSet
    assert {type(rule) for rule in loaded.rules.rules} <= {Rule}
    assert {type(loss) for loss in loaded.losses} <= {Loss}
    written = to_bytes(loaded)
    assert to_bytes(from_bytes(written, Loaded)) == written


def _seeds() -> Iterator[bytes]:
    yield to_bytes(_fresh())
    yield to_bytes(Loaded(RuleSet((), ""), ()))
    yield b'[["s","a"]]'


TARGET = Target(
    check=_check,
    seeds=_seeds,
    longest=12_000,
)
