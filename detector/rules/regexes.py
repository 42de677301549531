"""Regular expressions of rules: RE2, whose time is linear in the text; what it refuses, under a time limit.

Sigma speaks of a "PCRE flavor" and says nothing of anchoring; ``^`` and ``$`` only mean something when a pattern is
searched for, so it is. In RE2 ``$`` is the very end of the text, where PCRE also allows a line end after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import re2  # type: ignore[import-untyped]  # it ships no types

from detector.model.predicate import Regex

#: Seconds one search of a pattern that RE2 refuses (look-around, back-references) may take on one value.
SECONDS = 0.5

#: How often the other engine may have to write a part out that is to be there ``{100}`` times ``{100}`` times: it does so
#: as it compiles, and takes half a kilobyte for each.
MOST_COPIES = 100_000
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,\d*)?\}|.", re.DOTALL)
#: A group that calls itself: without a text in between it takes all memory before the time is up.
_CALL = re.compile(r"\(\?(?:R|[+-]?\d+|&\w+|P>\w+)\)")


class RegexError(ValueError):
    """No regular expression: neither engine can compile it."""


@cache
def compile_regex(test: Regex) -> Callable[[str], bool]:
    """A function that says whether the pattern occurs in a text. It may raise ``TimeoutError``.

    Raises :class:`RegexError` when the pattern is none.
    """
    pattern = f"(?{test.flags}){test.pattern}" if test.flags else test.pattern
    return _linear(pattern) or _timed(pattern)


def _linear(pattern: str) -> Callable[[str], bool] | None:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # only whether it occurs is asked
    try:
        search = re2.compile(pattern, options).search
    except (re2.error, UnicodeEncodeError):
        return None
    # Bytes, because for a str the wrapper counts characters. Half a surrogate pair (JSON can hold one) becomes "?".
    return lambda text: search(text.encode("utf-8", "replace")) is not None


def _timed(pattern: str) -> Callable[[str], bool]:
    if _CALL.search(pattern):
        raise RegexError("a group that is called by its name or number, which is not supported")
    if _copies(pattern) > MOST_COPIES:
        raise RegexError(f"repetitions in repetitions, of more than {MOST_COPIES:,} in all")
    import regex  # noqa: PLC0415 - few rules need it

    try:
        search = regex.compile(pattern).search
    except (regex.error, OverflowError, RecursionError) as error:
        raise RegexError(str(error)) from error
    return lambda text: search(text, timeout=SECONDS) is not None


def _copies(pattern: str) -> int:
    """How often the part stands there that is repeated most, when counted repetitions of all groups around it are written out."""
    around: list[int] = []
    most, last = 1, 1  # of the group we are in, and of what came last in it
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            around.append(most)
            most = 1
        elif token[0] == ")" and around:
            most, last = max(most, around.pop()), most
        elif token[1]:
            last *= max(int(token[1][:9]), 1)
            most = max(most, last)
        else:
            last = 1
    return most
