"""The compiled matcher against the reference: "A fast path has a slow reference beside it and a test that they agree"."""

from __future__ import annotations

import re
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine.compiled import compile_judge
from detector.engine.explained import compile_explain
from detector.engine.globs import any_plain, glob, is_plain
from detector.engine.grams import Grams
from detector.engine.match import Matcher
from detector.engine.needs import event_ids, necessary_fields
from detector.engine.reference import holds
from detector.engine.values import fold, like, number, values
from detector.engine.view import View
from detector.model.event import Event
from detector.model.hit import Hit
from detector.model.level import Level
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Comparison,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    TimePart,
    Unit,
    Wildcard,
)
from detector.model.rule import LogSource, Rule, RuleSet
from detector.rules.regexes import compile_regex

from .events import event
from .expected import shown

#: Few letters, so that generated text and patterns meet; with the ones whose case is odd.
_LETTERS = st.sampled_from("abAB-/\u2013\\\u0130i\u03a3\u03c3\u03c2\u00df\u017fsk\u212a\n")
_WORDS = st.sampled_from(["\\cmd.exe", "PowerShell", "ower", "\u212aiwi", "\u0130stan", "KIWI", " -enc "])
_TEXT = st.one_of(
    st.text(_LETTERS, max_size=6),
    st.lists(_WORDS | _LETTERS, max_size=4).map("".join),
    st.sampled_from(["", "1", "2", "0x2", "10.0.0.1", "::ffff:10.0.0.1", "-", "2026-01-02 03:04:05.678"]),
)
_FIELDS = st.sampled_from(["A", "B", "C", "EventID", "UtcTime"])
_PARTS = st.lists(
    st.one_of(st.sampled_from(Wildcard), st.text(_LETTERS, min_size=1, max_size=3), _WORDS), max_size=5
).map(tuple)
_LIKES = st.builds(Like, _PARTS, st.booleans()) | _TEXT.map(lambda text: Like((text,) if text else ()))
_PATTERNS = (
    "a+b",
    "^A",
    "a.b$",
    r"(a|b)\1",
    "",
    "s",
    "(?:pow|k)er?",
    r"\\(cmd|kiwi)(\.exe)?$",
    r"(?<!x)i\s*",
    "(?i:KIWI)|b",
)
_REGEXES = st.builds(Regex, st.sampled_from(_PATTERNS), st.sampled_from(["", "i", "ms"]))
_TESTS = st.one_of(
    _LIKES,
    _REGEXES,
    st.sampled_from([Cidr("10.0.0.0/8"), Cidr("::/0"), IsNull(), Exists(True), Exists(False)]),
    st.builds(Compare, st.sampled_from(Comparison), st.integers(-3, 5)),
    st.builds(TimePart, st.sampled_from(Unit), st.integers(0, 12), st.integers(0, 2030)),
    st.builds(FieldRef, _FIELDS, st.sampled_from(["equals", "startswith", "endswith", "contains"]), st.booleans()),
)
_LEAVES = st.builds(FieldTest, _FIELDS, _TESTS) | st.builds(KeywordTest, _LIKES | _REGEXES)


def _groups(part: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    several = st.lists(part, max_size=4).map(tuple)
    return st.one_of(several.map(AllOf), several.map(AnyOf), part.map(Not))


_PREDICATES: st.SearchStrategy[Predicate] = st.recursive(_LEAVES, _groups, max_leaves=12)


@st.composite
def _events(draw: st.DrawFn) -> Event:
    value = st.none() | _TEXT | st.lists(_TEXT, max_size=3)
    fields = draw(st.dictionaries(st.sampled_from("ABC"), value, max_size=3))
    return event(fields | {"EventID": draw(st.integers(0, 2))})


@settings(max_examples=800, deadline=None)
@given(_PREDICATES, _events())
def test_compiled_is_the_reference(predicate: Predicate, happened: Event) -> None:
    expected = holds(predicate, happened, compile_regex)
    view = View(happened)
    assert compile_judge(predicate, compile_regex)(view) == expected
    assert (compile_explain(predicate, compile_regex)(view) is not None) == expected


_ANY = LogSource(product="windows")


@settings(max_examples=600, deadline=None)
@given(st.lists(_PREDICATES, max_size=8), st.lists(_events(), min_size=1, max_size=4), st.data())
def test_the_matcher_is_the_reference(predicates: list[Predicate], happened: list[Event], data: st.DataObject) -> None:
    """Whichever candidates are given, as long as the rules that are true are among them."""
    rules = RuleSet(tuple(Rule(f"{n}", f"R{n}", Level.LOW, _ANY, asked) for n, asked in enumerate(predicates)), "")
    matcher = Matcher(rules, compile_regex)
    for one in happened:
        expected = [
            (rule, shown(rule.predicate, one, compile_regex))
            for rule in rules.rules
            if holds(rule.predicate, one, compile_regex)
        ]
        more = data.draw(st.sets(st.integers(0, 40)))
        true = {int(rule.id) for rule, _ in expected}
        for candidates in (None, true, true | more):
            hits = [hit for hit in matcher.judge(one, candidates) if isinstance(hit, Hit)]
            assert [(hit.rule, hit.fields) for hit in hits] == expected


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(_TEXT.map(fold).filter(Grams.takes), st.integers()), _TEXT.map(fold))
def test_texts_found_by_their_grams_are_those_that_stand_there(texts: dict[str, int], text: str) -> None:
    assert sorted(Grams(texts).within(text)) == sorted(number for part, number in texts.items() if part in text)


def test_a_text_in_all_alignments_is_found_by_its_grams() -> None:
    """A gram stands at any byte, also where letters before it are of several bytes."""
    for before in ("", "a", "ab", "abc", "\u00e9", "\u20ac", "\U00010400", "\ud800"):
        assert Grams({"kiwi": 1, "tree": 2}).within(f"{before}kiwi{before}") == [1]


@settings(max_examples=400, deadline=None)
@given(_PREDICATES, _events())
def test_what_it_needs_is_there_when_it_holds(predicate: Predicate, happened: Event) -> None:
    """Necessary means: "fields without which it cannot be true" - else a rule is called not evaluable that hits."""
    if holds(predicate, happened, compile_regex):
        ids = event_ids(predicate)
        assert ids is None or happened.ref.event_id in ids
        for name in necessary_fields(predicate):
            assert values(happened, name), name


@settings(max_examples=400, deadline=None)
@given(_PARTS, st.text(_LETTERS, max_size=8))
def test_globs_are_the_textbook(parts: tuple[str | Wildcard, ...], text: str) -> None:
    regexes = {"*": ".*", "?": ".", "-": "[-/\u2013\u2014\u2015]"}
    pattern = "".join(regexes[part] if isinstance(part, Wildcard) else re.escape(part) for part in parts)
    expected = re.fullmatch(pattern, text, re.DOTALL) is not None
    assert like(parts, text) == expected
    assert glob(parts)(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(_LIKES.filter(is_plain), max_size=4), st.text(_LETTERS, max_size=6))
def test_plain_tests_joined_are_any_of_them(tests: list[Like], text: str) -> None:
    """One look for a list."""
    folded = fold(text)
    expected = any(like([p if isinstance(p, Wildcard) else fold(p) for p in test.parts], folded) for test in tests)
    assert any_plain(tests)(folded) == expected


def test_folding_is_code_point_by_code_point() -> None:
    """ "per-code-point lower()": one code point to one code point, for all there are, wherever they stand."""
    for code in (*range(0xD800), *range(0xE000, sys.maxunicode + 1)):
        letter = chr(code)
        expected = "i" if letter == "\u0130" else letter.lower()
        assert len(expected) == 1
        assert fold(letter) == expected
        assert fold(f"a{letter}") == f"a{expected}"
        assert fold(f"A{letter} ") == f"a{expected} "


def test_wildcards_do_not_explode() -> None:
    """Log text is hostile: a pattern of many wildcards on text that almost matches stays quick."""
    parts = (*("a", Wildcard.MANY) * 40, "b")
    assert not glob(parts)("a" * 20_000)
    questions = (Wildcard.MANY, "a", *[Wildcard.ONE] * 10, "b", Wildcard.MANY)
    assert not glob(questions)("a" * 20_000)


def test_numbers() -> None:
    """ "decimal or 0x hex"; a number of thousands of digits is hostile, not a traceback."""
    spelt = {"5": 5, "-5": -5, "+7": 7, "0x1F": 31, "1.5": 1.5, "007": 7}
    assert {text: number(text) for text in spelt} == spelt
    for text in ("", "-", "1e5", "nan", "inf", "0x", "1_000", " 5", "5 ", "\u0665", "1.", ".5", "0x1.8", "9" * 5000):
        assert number(text) is None, text
