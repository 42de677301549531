"""Text without which a regular expression cannot match: "Every such filter may only over-approximate" (design)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from detector.engine.patterns import BLANKS, Alternatives, needed_text
from detector.model.predicate import AllOf, AnyOf, FieldTest, KeywordTest, Not, Predicate, Regex
from detector.rules import builtin_rules, compile_regex, load_rules
from detector.rules.regexes import RegexError
from tests.screen.letters import told

from .made_patterns import pattern_and_text, text_of


def stands(needed: Alternatives | None, text: str) -> bool:
    """Whether the text has all that one of the sequences asks for: side by side, but for case and the kind of white space, what
    stands side by side there. (Of a class that is repeated the first character and the last one may be the same.)
    """
    return needed is None or any(_stand(sequence, text) for sequence in needed.sequences)


def _stand(sequence: Sequence[str | Alternatives | None], text: str) -> bool:
    run = ""
    for item in (*sequence, None):
        if isinstance(item, str):
            run += _spelt(item)
        elif item is not None and all(len(one) == 1 and isinstance(one[0], str) for one in item.sequences):
            run += f"(?:{'|'.join(_spelt(str(one[0])) for one in item.sequences)})"
        elif re.search(run, told(text)) is None or not stands(item, text):
            return False
        else:
            run = ""
    return True


def _spelt(item: str) -> str:
    return "".join(r"\s+" if one == BLANKS else re.escape(told(one)) for one in item)


#: Patterns that were misread once, and more of their kind, each with a text that it matches.
MISREAD = [
    (r"[[:^digit:]]abc", "xabc"),
    (r"\101bc", "Abc"),
    (r"\N{LATIN SMALL LETTER A}bc(?=)", "abc"),
    (r"\U00000041bc(?=)", "Abc"),
    (r"\u0041bc(?=)", "Abc"),
    (r"abcd(?#c)*", "abc"),
    (r"abcd(?i)*", "abc"),
    (r"(?=a)(?:abcdef){e<=1}", "abxdef"),
    (r"(?P<number>abc)(?P=number)", "abcabc"),
    (r"(?fi)strasse(?=)", "stra\u00dfe"),
    (r"(?V1i)strasse", "stra\u00dfe"),
    (r"(?V1)abc[[a-z]--[aeiou]]", "abck"),
    (r"foo\sbar\Z", "foo\u00a0bar"),
    (r"foo\sbar.{1001}?", "foo\u00a0bar" + "." * 1001),
    (r"foo\sbar(?:.{40}){30}", "foo\u00a0bar" + "." * 1200),
    (r"foo\sbar[a-\d]", "foo\u00a0bar1"),
    (r"a(?:x|[bc])+d", "axd"),
    (r"a(?:[bc]|x)+d", "abxd"),
    (r"a[bc]+d", "abcd"),
    (r"a[bc]{2}d", "abcd"),
    (r"a[bc]?d", "ad"),
    (r"a(?:[bc])?d", "ad"),
    (r"a(?:b|c)??d", "abd"),
    (r"a(?:b(?:c)?)?d", "abd"),
    (r"a[b-]c", "a-c"),
    (r"a[$.]c", "a.c"),
    (r"a[\s=]+c", "a= c"),
    (r"a[\\/]c", "a\\c"),
    (r"(?:a?){2}b", "aab"),
    (r"ab??c", "ac"),
    (r"ab?+c", "abc"),
    (r"a[bc]++d", "abcd"),
]


@pytest.mark.parametrize(("pattern", "text"), MISREAD)
def test_patterns_that_are_easily_misread(pattern: str, text: str) -> None:
    assert compile_regex(Regex(pattern))(text)
    assert stands(needed_text(pattern), text), needed_text(pattern)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("seed", range(10))
def test_what_is_needed_stands_in_whatever_matches(seed: int) -> None:
    chance, matching, known = Random(seed), 0, 0
    for _ in range(600):
        pattern, text = pattern_and_text(chance)
        flags = chance.choice(("", "", "i", "i", "s", "m", "im"))
        if matches(Regex(pattern, flags), text):
            needed = needed_text(pattern, flags)
            assert stands(needed, text), (pattern, flags, text, needed)
            matching += 1
            known += needed is not None
    compile_regex.cache_clear()
    assert matching > 100
    assert known > matching // 2


def matches(test: Regex, text: str) -> bool:
    try:
        return compile_regex(test)(text)
    except (RegexError, TimeoutError):
        return False


def regexes(predicate: Predicate) -> Iterator[Regex]:
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from regexes(part)
        case Not(part):
            yield from regexes(part)
        case FieldTest(_, Regex() as test) | KeywordTest(Regex() as test):
            yield test
        case _:
            pass


@pytest.mark.parametrize("whose", ["pack", "public"])
def test_regular_expressions_of_rules_are_read(whose: str, shared: Path) -> None:
    """Of every one of them it is known what it needs, and texts made from it that it matches have that."""
    rules = load_rules([builtin_rules() if whose == "pack" else shared / "data" / "sigmahq"])[0].rules
    tests = sorted({test for rule in rules for test in regexes(rule.predicate)}, key=repr)
    assert len(tests) > 100
    chance, made = Random(1), 0
    for test in tests:
        needed = needed_text(test.pattern, test.flags)
        assert needed is not None, test
        for text in (text_of(test.pattern, chance) for _ in range(4)):
            if matches(test, text):
                assert stands(needed, text), (test, text)
                made += 1
    assert made > 2 * len(tests)
