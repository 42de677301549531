"""Hostile rules: any bytes as rule files give rules, losses or ``RuleError``, and whatever loads can judge an event.

``RMM_DETECTOR_FUZZ=1`` tries a hundred times as many (docs/fuzzing.md).
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.engine.match import Matcher
from detector.engine.reference import holds
from detector.errors import RuleError
from detector.model.hit import Hit
from detector.model.loss import LossKind
from detector.rules import compile_regex
from detector.rules.files import RuleFile
from detector.rules.load import rules_of
from tests.conftest import ROOT
from tests.engine.events import event

MANY = 100 if os.environ.get("RMM_DETECTOR_FUZZ") == "1" else 1
_SEEDS = [path.read_bytes() for path in sorted((ROOT / "sigma_rules").rglob("*.yml"))[::23]]
_LOG = b"logsource: {product: windows}\n"
_SEEDS += [
    b"action: global\ntitle: G\n" + _LOG + b"---\ndetection: {a: {B|hour|gte: 3}, condition: a}\n---\naction: repeat\n",
    b"title: F\n" + _LOG + b"filter: {rules: any, a: {User|expand: '%x%'}, condition: not a}\n",
    b"title: E\n"
    + _LOG
    + b"detection: {a: &a {B|windash|contains|all: [' -c', '/d']}, b: [*a, e], condition: 1 of them}\n",
    b"title: X\n" + _LOG + b"detection: {a: {B|wide|base64offset|contains: x*y, C|re|i: '(a|b){3}'}, condition: a}\n",
    b"title: B\nname: b\n" + _LOG + b"detection: {a: {B|exists: true}, condition: a}\n---\ntitle: C\n"
    b"correlation: {type: event_count, rules: [b], group-by: [C], timespan: 5m, condition: {gte: 2}}\n",
]
_TOKENS = [
    *(
        b"|all",
        b"|re",
        b"|windash",
        b"|base64offset",
        b"|expand",
        b"|neq",
        b"|cidr",
        b"|hour",
        b"|fieldref",
        b"|exists",
    ),
    *(
        b"null",
        b"''",
        b"[]",
        b"{}",
        b"*",
        b"\\",
        b"%x%",
        b" and not ",
        b"1 of them",
        b"---\n",
        b"action: repeat\n",
        b"&a ",
        b"*a",
    ),
    *(b"\x00", b"\xff", b"\xe2\x80\x93", b"\n", b"  ", b": ", b"- ", b"'", b'"', b"0x1f", b"1e999", b"!!int ", b"<<: "),
]
_EVENTS = [
    event(
        {"Image": r"C:\x\AnyDesk.exe", "CommandLine": "a -b /c", "B": "2024-01-02 03:04:05.678", "Data": ["x", "", "y"]}
    ),
    event({"User": None, "B": "", "C": "aab"}),
]

fuzzed = settings(max_examples=150 * MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Rule files with a few pieces put in, taken out, or taken from another."""
    data = draw(st.sampled_from(_SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        piece = draw(
            st.sampled_from(_TOKENS) | st.binary(max_size=4) | st.sampled_from(_SEEDS).map(lambda seed: b"---\n" + seed)
        )
        data = data[:at] + piece + data[draw(st.sampled_from([at, end])) :]
    return data


@fuzzed
@given(data=mutated(), placeholders=st.sampled_from([b"x: [a, 'b*']\n", b"x: []\n", b"\xff", b"x: &a [*a]\n"]))
def test_mutated_rules(data: bytes, placeholders: bytes) -> None:
    files = [RuleFile("a.yml", data), RuleFile("placeholders.yml", placeholders)]
    try:
        rules, losses = rules_of(files)
    except RuleError:
        return
    assert {loss.kind for loss in losses} <= {LossKind.RULE, LossKind.LIMIT}
    matcher = Matcher(rules, compile_regex)
    for happened in _EVENTS:
        for found in matcher.judge(happened):
            assert isinstance(found, Hit)
            assert holds(found.rule.predicate, happened, compile_regex)


@fuzzed
@given(st.binary(max_size=400), st.sampled_from(["a.yml", str(Path("x", "placeholders.yml"))]))
def test_any_bytes(data: bytes, name: str) -> None:
    good = RuleFile("good.yml", _SEEDS[0])
    rules, losses = rules_of([RuleFile(name, data), good])
    assert len(rules.rules) == 1
    assert losses or not data.strip() or name != "a.yml"
