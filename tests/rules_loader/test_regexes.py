"""Regular expressions: RE2 first, what it refuses under a time limit; nothing hangs, nothing is misread."""

from __future__ import annotations

import time

import pytest

from detector.model.predicate import Regex
from detector.rules.regexes import SECONDS, RegexError, compile_regex


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("b", "", "abc", True),
        ("^b", "", "abc", False),
        ("B", "", "abc", False),
        ("B", "i", "abc", True),
        ("(?i)B", "", "abc", True),
        ("^b", "m", "a\nb", True),
        ("^b", "", "a\nb", False),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("\\n", "", "a\nb", True),
        ("[^x]b", "", "\nb", True),
        ("a$", "", "a\n", False),
        ("^.$", "", "\u00e9", True),
        ("^.$", "", "\U0001f600", True),
        ("\u00c9", "i", "\u00e9", True),
        ("\\x{e9}", "", "\u00e9", True),
        ("a\x00b", "", "a\x00b", True),
        ("^a.b$", "", "a\ud800b", True),
        ("", "", "", True),
        ("(?=b)b", "", "abc", True),
        ("(?=B)b", "i", "ABC", True),
        ("(.)\\1", "", "abb", True),
        ("a(?=.b)", "s", "a\nb", True),
        ("x{1001}", "", "x" * 1001, True),
        ("x{1001}", "", "x" * 1000, False),
    ],
)
def test_search(pattern: str, flags: str, text: str, found: bool) -> None:
    """ "regex case-sensitive unless |i and SEARCHED"; the flags i, m and s."""
    assert compile_regex(Regex(pattern, flags))(text) is found


def test_linear_time_where_others_backtrack() -> None:
    """RE2 takes what it can: no limit is needed, the whole text is searched."""
    text = "a" * 200_000
    started = time.perf_counter()
    assert not compile_regex(Regex("(a+)+b$"))(text)
    assert compile_regex(Regex("(a+)+$"))(text)
    assert time.perf_counter() - started < 2


def test_the_rest_is_stopped() -> None:
    """ "what RE2 refuses goes to the regex module with a timeout raising TimeoutError"."""
    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        compile_regex(Regex("(?=a)(a|a|aa)+(?<!a)b"))("a" * 60)
    assert SECONDS * 0.5 < time.perf_counter() - started < SECONDS * 8


def test_too_large_for_re2_is_still_searched() -> None:
    """RE2 has a memory limit for a pattern; past it the other engine takes over."""
    search = compile_regex(Regex("(?:[a-z\u0430-\u044f]{1,900}[0-9]){1,900}x"))
    assert search("abc1x")
    assert not search("abc1y")


@pytest.mark.parametrize("pattern", ["a(", "[a", "*a", "(?<n>a)(?P=m)", "a{2,1}", "(?z)", "(?P<n>|(?&n)a)", "\ud800("])
def test_what_is_no_expression_is_said(pattern: str) -> None:
    """ "Invalid in both -> the rule is a Loss(RULE) at load time"."""
    with pytest.raises(RegexError):
        compile_regex(Regex(pattern))


@pytest.mark.parametrize(
    "pattern", ["((((a{100}){100}){100}){100}){100}", "(?=a)(?:[)]{400}|x){400}", "(a{999})\\1{999}(b{1000}c){101}"]
)
def test_repetitions_that_would_fill_the_memory_are_refused(pattern: str) -> None:
    """A rule from elsewhere must not end the run: the first of these took 24 GB."""
    with pytest.raises(RegexError, match="repetitions"):
        compile_regex(Regex(pattern))


def test_many_repetitions_beside_each_other_are_not() -> None:
    search = compile_regex(Regex("(?=a)" + "[a-f0-9]{1000}\\{3}(?:x{90}){90}" * 20))
    assert not search("a")


def test_compiled_once() -> None:
    assert compile_regex(Regex("same")) is compile_regex(Regex("same"))
    assert compile_regex(Regex("same")) is not compile_regex(Regex("same", "i"))
