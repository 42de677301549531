"""Hostile cache: any bytes in a cache file give rules and never anything else.

Bytes that are not sealed as a cache file is give the rules of the files. Sealed ones (whoever writes those may write rule
files as well) give those, or another rule set, but no error. ``RMM_DETECTOR_FUZZ=1`` tries a hundred times as many
(docs/fuzzing.md).
"""

from __future__ import annotations

import os
from functools import cache as once
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.model.loss import Loss
from detector.model.rule import Rule, RuleSet
from detector.rules import load_rules
from detector.rules.cache import Cache
from detector.rules.cache_key import rules_key
from detector.rules.files import read_files
from detector.rules.serial import to_bytes
from detector.rules.serial_classes import Loaded
from tests.conftest import ROOT

MANY = 100 if os.environ.get("RMM_DETECTOR_FUZZ") == "1" else 1
RULES = sorted((ROOT / "sigma_rules" / "anydesk").glob("*.yml"))[:3]

fuzzed = settings(
    max_examples=150 * MANY,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once
def fresh() -> tuple[RuleSet, list[Loss]]:
    return load_rules(RULES)


@once
def written() -> bytes:
    """What is kept of these rules. No fixture: hypothesis would print it with every failing case."""
    return to_bytes(Loaded(fresh()[0], tuple(fresh()[1])))


@once
def key() -> bytes:
    return rules_key(read_files(RULES))


@fuzzed
@given(data=st.binary(max_size=2000), after=st.sampled_from([b"", b"rmm-detector cache 1\n", None]))
def test_any_bytes(tmp_path: Path, data: bytes, after: bytes | None) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("rules", key(), written())
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes((file.read_bytes() if after is None else after) + data + b"!")
    assert load_rules(RULES, cache) == fresh()


_CHANGES = st.lists(
    st.tuples(st.integers(0), st.binary(max_size=3) | st.sampled_from([b"[", b"]", b",", b"-", b'"'])), max_size=6
)


@fuzzed
@given(changes=_CHANGES, cut=st.integers(0, 20))
def test_a_changed_rule_set_that_is_sealed(tmp_path: Path, changes: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(written())
    for anywhere, new in changes:
        place = anywhere % len(data)
        data[place : place + max(len(new), 1)] = new
    cache = Cache(tmp_path / "cache")
    cache.put("rules", key(), bytes(data[cut:]))
    rules, losses = load_rules(RULES, cache)
    assert {type(rule) for rule in rules.rules} <= {Rule}
    assert {type(loss) for loss in losses} <= {Loss}
    if not changes and not cut:
        assert (rules, losses) == fresh()


@fuzzed
@given(data=st.data())
def test_numbers_of_a_rule_set_that_is_sealed(tmp_path: Path, data: st.DataObject) -> None:
    """The form stays JSON, and what is changed are the references between its values."""
    text = written()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        while place < len(text) - 1 and not text[place : place + 1].isdigit():
            place += 1
        text = text[:place] + b"%d" % data.draw(st.integers(0, 9)) + text[place + 1 :]
    cache = Cache(tmp_path / "cache")
    cache.put("rules", key(), text)
    rules, _ = load_rules(RULES, cache)
    repr(rules)
