"""Rule text that asks for more than a computer has: "No rule text can hang, crash or exhaust the run".

Each case is small to write and huge to carry out; what must not be made is counted before it is made, so the tests end. A
limit that is not there shows as a test run that never does.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.errors import RuleError
from detector.model.loss import LossKind
from detector.model.rule import RuleSet
from detector.rules.files import RuleFile
from detector.rules.load import rules_of

_HEAD = "title: A\nlogsource: {product: windows}\ndetection:\n"
#: What a message may be long.
_MESSAGE = 3_000


def _rule(detections: str, condition: str = "a") -> str:
    return f"{_HEAD}{detections}  condition: {condition}\n"


def _load(text: str | bytes, placeholders: str = "") -> tuple[RuleSet, list[str]]:
    data = text if isinstance(text, bytes) else text.encode()
    files = [RuleFile("a.yml", data), RuleFile("placeholders.yml", placeholders.encode())]
    try:
        rules, losses = rules_of(files if placeholders else files[:1])
    except RuleError as error:
        told = [problem.message for problem in error.problems]
        rules = RuleSet((), "")
    else:
        assert {loss.kind for loss in losses} <= {LossKind.RULE, LossKind.LIMIT}
        told = [loss.why for loss in losses]
    assert all(len(why) <= _MESSAGE for why in told)
    return rules, told


def _dumped(value: object) -> str:
    return yaml.safe_dump(value, width=1_000_000)


_MANY_NAMES = "".join(f"  {'a' * 50}{number}: [x]\n" for number in range(5_000))
_HOSTILE = {
    "lists in lists, by brackets": (_rule("  a: " + "[" * 50_000 + "]" * 50_000 + "\n"), "nesting"),
    "lists in lists, fewer": (_rule("  a: " + "[" * 900 + "x" + "]" * 900 + "\n"), "nested too deeply"),
    "maps in maps, by indentation": ("".join(" " * depth + "a:\n" for depth in range(1_500)), "nesting"),
    "more values than fit": (
        _rule("  a:\n    B:\n" + "    - v\n" * 150_000),
        "more than 100,000 values",
    ),
    "spellings of dashes, encoded": (
        _rule("  a:\n    B|windash|base64offset|contains:\n" + "    - ' -a -b -c -d'\n" * 2_000),
        "more than 100,000 values",
    ),
    "brackets in brackets": (_rule("  a: {B: c}\n", "(" * 20_000 + "a" + ")" * 20_000), "nested too deeply"),
    "not not not": (_rule("  a: {B: c}\n", "not " * 10_000 + "a"), "cannot be understood"),
    "a condition without end": (_rule("  a: {B: c}\n", " or ".join(["a"] * 20_000)), "more than 50,000 characters"),
    "conditions that name everything": (
        _HEAD
        + "".join(f"  d{number}: [x]\n" for number in range(3_000))
        + "  condition:\n"
        + "  - 1 of them\n" * 3_000,
        "more than 100,000 values",
    ),
    "a pattern that could go back and forth": (
        _rule(f"  {'a' * 900}: [x]\n", "1 of " + "a*" * 1_000 + "b"),
        "means no detection",
    ),
    "a long name that is none": (_rule(_MANY_NAMES, "b" * 5_000), "which is no detection"),
    "a name that is nearly one of thousands": (_rule(_MANY_NAMES, "a" * 50 + "x"), "which is no detection"),
    "regular expressions by the hundred": (
        _rule("  a:\n    B|re:\n" + "".join(f"    - '{number}(\\pL{{900}})'\n" for number in range(300))),
        "a regular expression counts as 1,000",
    ),
    "a regular expression of a book's length": (_rule("  a: {B|re: '" + "a" * 100_000 + "'}\n"), "more than 20,000"),
    "a rule repeated ten thousand times": (
        _rule("  a: {B: c}\n" + "".join(f"  x{number}: [x]\n" for number in range(2_000)))
        + "---\naction: repeat\nlevel: low\n" * 10_000,
        "merged from others",
    ),
    "global documents without end": (
        "".join(f"---\naction: global\nk{number}: v\n" for number in range(20_000)),
        "merged from others",
    ),
    "minutes of minutes of minutes": (_rule("  a: {B|gt: " + "1:" * 100_000 + "1}\n"), "needs a number"),
    "digits": (_rule("  a: {B|gt: " + "9" * 100_000 + "}\n"), "needs a number"),
    "hexadecimal digits": (_rule("  a: {B|gt: 0x" + "f" * 100_000 + "}\n"), "needs a number"),
    "encoded over and over": (_rule('  a: {"B' + "|base64" * 100 + '": c}\n'), "'base64' stands here twice"),
    "an id of thousands of parts": (_rule("  a: {B: c}\n") + "id: [" + "x," * 50_000 + "x]\n", "is no UUID"),
    "a level of thousands of letters": (_rule("  a: {B: c}\n") + "level: " + "x" * 200_000 + "\n", "unknown level"),
    "a set, which has no order": (_rule("  a: {B: !!set {x, y, z}}\n"), "not YAML"),
}


@pytest.mark.parametrize(("text", "why"), _HOSTILE.values(), ids=_HOSTILE)
def test_too_much_is_refused(text: str, why: str) -> None:
    rules, told = _load(text)
    assert len(rules.rules) <= 200
    assert any(why in one for one in told), told


def test_aliases_that_multiply_are_refused_before_they_are_written_out() -> None:
    bomb = "a: &a0 {x: 1}\n" + "".join(f"b{n}: &a{n + 1} [{','.join([f'*a{n}'] * 10)}]\n" for n in range(12))
    merged = "a: &a0 {x: 1}\n" + "".join(f"b{n}: &a{n + 1}\n  <<: [{','.join([f'*a{n}'] * 10)}]\n" for n in range(9))
    for text in (bomb, merged):
        assert "aliases that make more than 1,000,000 values" in _load(text)[1][0]
    fine = _rule("  b: &b {B: [c, d]}\n  a: [*b, *b]\n")
    assert len(_load(fine)[0].rules) == 1


def test_what_is_reasonable_is_not_refused() -> None:
    """ "bounded in memory without refusing what is reasonable"."""
    switches = " ".join(f"-{letter}" for letter in "abcdefghijklmnopqrst")
    for text in (
        _rule("  a: {B|windash|contains: '" + switches + "'}\n"),
        _rule("  a:\n    B|contains:\n" + "".join(f"    - v{number}\n" for number in range(20_000))),
        _rule("  a: {B: c}\n", " or ".join(["a"] * 1_000)),
        _rule("  a:\n    B|re:\n" + "".join(f"    - 'x{number}[a-z]+'\n" for number in range(90))),
    ):
        assert _load(text)[1] == []


def test_placeholders_that_multiply_are_refused_before_they_are_put_in() -> None:
    many = "a:\n" + "".join(f"- v{number}\n" for number in range(50_000))
    for text in (_rule("  a: {B|expand: '" + "%a%" * 20 + "'}\n"), _rule("  a: {B|expand: [" + "'%a%'," * 50 + "]}\n")):
        assert "more than 100,000 values" in _load(text, many)[1][0]


def test_signs_of_placeholders_without_end() -> None:
    for value in ("%" * 50_000, "\\" * 50_000 + "%a%", "%a" * 20_000 + "%"):
        _load(_rule(f"  a: {{B|expand: '{value}'}}\n"), "a: [x]\n")


_NAMES = st.sampled_from("a b sel selection filter_x _hidden 1 all them not and".split())
_MODIFIERS = st.sampled_from(
    "all base64 base64offset cased cidr contains day dotall endswith exists expand fieldref gt gte hour i ignorecase lt lte m "
    "minute month multiline neq re s startswith utf16 utf16be utf16le week wide windash year nonsense".split()
)
_FIELDS = st.builds(
    lambda field, modifiers: "|".join((field, *modifiers)),
    st.sampled_from(["", "A", "UtcTime"]),
    st.lists(_MODIFIERS, max_size=3),
)
_SCALARS: st.SearchStrategy[Any] = st.one_of(
    *(st.none(), st.booleans(), st.integers(-3, 99), st.floats(), st.text(max_size=6)),
    st.text("ab -/*?\\%\u2013\u00e9", max_size=12),
    st.sampled_from(["%one%", "x%two%", "10.0.0.0/8", "a.*b", "2024-01-02", "any", "global", "repeat", "reset"]),
)
_VALUES = _SCALARS | st.lists(_SCALARS, max_size=3)
_MAPS = st.dictionaries(_FIELDS, _VALUES, max_size=3)
_CONDITIONS = st.sampled_from(
    ["a", "1 of them", "not sel", "all of s*", "a or (b and not sel)", "a | count() > 5"]
) | st.text("ab1 of()the*mnots_", max_size=16)
_DETECTIONS = st.builds(
    lambda named, condition: named | {"condition": condition},
    st.dictionaries(_NAMES, _MAPS | st.lists(_MAPS | _SCALARS, max_size=3), max_size=3),
    _CONDITIONS | st.lists(_CONDITIONS, max_size=2),
)
_LOGSOURCES = st.sampled_from([{"product": "windows"}, {"category": "process_creation"}, {}, {"product": "linux"}, "x"])
_DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.just("T") | _SCALARS,
        "id": st.just("6f3e2987-db24-4c78-a860-b4f4095a7095") | _SCALARS,
        "name": _NAMES,
        "logsource": _LOGSOURCES,
        "detection": _DETECTIONS | _VALUES,
        "filter": _DETECTIONS.flatmap(lambda one: (_VALUES | st.just("any")).map(lambda rules: one | {"rules": rules}))
        | _VALUES,
        "action": st.sampled_from(["global", "repeat", "reset"]) | _SCALARS,
        "level": _SCALARS,
        "tags": _VALUES,
        "rmm": st.dictionaries(st.sampled_from(["tool", "phase", "x"]), _SCALARS, max_size=2) | _SCALARS,
        "taxonomy": _SCALARS,
    },
)
_PLACEHOLDERS = st.dictionaries(st.sampled_from(["one", "two", "a b", ""]), _VALUES, max_size=3) | _VALUES


@settings(max_examples=500, deadline=None)
@given(st.lists(_DOCUMENTS, min_size=1, max_size=4), _PLACEHOLDERS)
def test_any_documents_give_rules_or_reasons(documents: list[Any], placeholders: Any) -> None:
    """ "Bad input never gives a traceback", whatever stands beside what; and the same files always give the same."""
    text = yaml.safe_dump_all(documents, allow_unicode=True)
    first, told = _load(text, _dumped(placeholders))
    assert (first, told) == _load(text, _dumped(placeholders))
    assert first.rules or told


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!|>'\"%@`#,? \n\t\\0\u00e9\u2028\x85", max_size=60).map(str.encode))
def test_any_bytes_give_reasons(data: bytes) -> None:
    rules, told = _load(data)
    assert rules.rules == ()
    assert told


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.sampled_from([b"\x00", b"&", b"*", b"\n", b"|", b"\xff", b"  ", b"---\n", b": ", b"'"]))
def test_a_good_rule_damaged_anywhere(place: int, damage: bytes) -> None:
    good = _rule(
        "  a:\n    B|windash|contains|all: [' -x', '%y%']\n    C|re: 'a(b|c)'\n  _b: [d, 5]\n", "a and not 1 of _*"
    )
    at = place % len(good)
    rules, told = _load(good[:at].encode() + damage + good[at:].encode())
    assert rules.rules or told
