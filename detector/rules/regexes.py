"""Regular expressions of rules: RE2, whose time is linear in the text; what it refuses, under a time limit.

Sigma speaks of a "PCRE flavor" and says nothing of anchoring; ``^`` and ``$`` only mean something when a pattern is
searched for, so it is. In RE2 ``$`` is the very end of the text, where PCRE also allows a line end after it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import re2  # type: ignore[import-untyped]  # it ships no types

from detector.model.predicate import Regex

#: Seconds one search of a pattern that RE2 refuses (look-around, back-references) may take on one value.
SECONDS = 0.5


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
    import regex  # noqa: PLC0415 - few rules need it

    try:
        search = regex.compile(pattern).search
    except (regex.error, OverflowError, RecursionError) as error:
        raise RegexError(str(error)) from error
    return lambda text: search(text, timeout=SECONDS) is not None
