"""Sigma strings: our short cut for plain ones is pySigma's reading, and encodings are what decoders read back."""

from __future__ import annotations

import re
from base64 import b64encode

from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.types import SigmaString, SpecialChars

from detector.engine.globs import glob
from detector.engine.values import like
from detector.model.predicate import Wildcard
from detector.rules import strings
from detector.rules.problem import RuleProblemError

_WILDCARDS: dict[object, Wildcard] = {
    SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
    SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
}


@settings(max_examples=400, deadline=None)
@given(st.text("ab\\*? \u00e9", max_size=12))
def test_escapes_are_pysigmas(text: str) -> None:
    """One implementation of escapes: whatever the short cut takes, pySigma reads the same."""
    expected = tuple(part if isinstance(part, str) else _WILDCARDS[part] for part in SigmaString(text).s)
    assert strings.parse(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=9), st.text(min_size=1, max_size=9), st.binary(max_size=9))
def test_base64offset_is_found_wherever_it_stands(before: bytes, text: str, after: bytes) -> None:
    """ "three variants for shifts by zero to two bytes", in bytes: one of them is in any encoding around the value."""
    data = text.encode()
    try:
        variants = strings.base64_anywhere(data)
    except RuleProblemError:
        assert len(data) < 3
        return
    assert any(variant in b64encode(before + data + after).decode() for variant in variants)


def test_dashes_make_five_spellings_each() -> None:
    """ "all possible permutations of the -, /, en dash, em dash, and horizontal bar characters"."""
    found = strings.dashes(("-a /b", Wildcard.MANY))
    assert len(found) == len(set(found)) == 25
    assert ("/a \u2015b", Wildcard.MANY) in found
    assert strings.dashes((Wildcard.MANY, "a-b")) == [(Wildcard.MANY, "a-b")]
    assert strings.dashes(()) == [()]


@settings(max_examples=200, deadline=None)
@given(st.text("ab -/\u2013\u2014\u2015", max_size=12), st.text("ab -/\u2013x", max_size=12))
def test_dashes_as_wildcards_mean_all_spellings_written_out(value: str, text: str) -> None:
    """Many dashes become wildcards: that is the fast path, all permutations the reference."""
    wildcards = tuple(
        part for piece in re.split(r"\B[-/\u2013-\u2015]\b", value) for part in (Wildcard.DASH, piece) if part
    )[1:]
    written = (
        {"".join(map(str, parts)) for parts in strings.spellings(wildcards, "")} if wildcards.count("-") <= 4 else set()
    )
    found = strings.dashes((value,) if value else ())
    assert any(glob(parts)(text) for parts in found) == like(wildcards, text)
    assert all(like(wildcards, spelt) for spelt in written)
    assert not written or (text in written) == like(wildcards, text)


def test_few_dashes_are_written_out_and_many_are_not() -> None:
    assert len(strings.dashes(("-a -b",))) == 25
    assert strings.dashes(("-a -b -c",)) == [
        (Wildcard.DASH, "a ", Wildcard.DASH, "b ", Wildcard.DASH, "c"),
    ]
