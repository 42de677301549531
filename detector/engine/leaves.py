"""The leaves of a predicate as functions: one field's test, one keyword."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_network

from detector.engine.globs import any_plain, fold_parts, glob, is_plain
from detector.engine.timestamps import in_part
from detector.engine.values import addresses, compares, fold
from detector.engine.view import BETWEEN, View
from detector.model.predicate import (
    Cidr,
    Compare,
    Exists,
    FieldRef,
    IsNull,
    Like,
    Regex,
    Test,
    TimePart,
    Wildcard,
)

#: What it makes may raise ``TimeoutError``.
RegexCompiler = Callable[[Regex], Callable[[str], bool]]
Judge = Callable[[View], bool]
Check = Callable[[str], bool]


def field_judge(name: str, test: Test, regexes: RegexCompiler) -> Judge:
    """A test of one field."""
    match test:
        case IsNull():
            return lambda view: not view.raw(name)
        case Exists(expected):
            return lambda view: (name in view.event.fields) is expected
        case FieldRef(other, mode, cased):
            return _reference(name, other, mode, cased)
        case TimePart():
            return lambda view: in_part(test, view.event, name)
        case Like(cased=False):
            return folded_judge(name, any_plain([test]) if is_plain(test) else _check(test, regexes))
        case _:
            check = _check(test, regexes)
            return lambda view: any(map(check, view.raw(name)))


def _check(test: Like | Regex | Cidr | Compare, regexes: RegexCompiler) -> Check:
    """The test of one value; a Like without case expects the value folded."""
    match test:
        case Like(parts, cased):
            return glob(parts if cased else fold_parts(parts))
        case Regex():
            return regexes(test)
        case Cidr():
            return _of_network(test)
        case Compare():
            return lambda text: compares(test, text)


def _of_network(test: Cidr) -> Check:
    network = ip_network(test.network)

    def check(text: str) -> bool:
        return any(spelt in network for spelt in _addresses(text))

    return check


#: Logs name the same few addresses again and again.
_addresses = lru_cache(maxsize=1024)(addresses)


def keyword_judge(test: Like | Regex, regexes: RegexCompiler) -> Judge:
    """A test of every value: some value *contains* it."""
    check = keyword_check(test, regexes)
    literals = () if isinstance(test, Regex) else fold_parts(test.parts)
    needed = max(
        (part for part in literals if not isinstance(part, Wildcard) and BETWEEN not in part), key=len, default=""
    )

    def judge(view: View) -> bool:
        return needed in view.everything and any(check(text) for name in view.event.fields for text in view.raw(name))

    return judge


def keyword_check(test: Like | Regex, regexes: RegexCompiler) -> Check:
    """Whether a value, as logged, contains it."""
    if isinstance(test, Regex):
        return regexes(test)
    check = _check(Like((Wildcard.MANY, *test.parts, Wildcard.MANY), test.cased), regexes)
    return check if test.cased else lambda text: check(fold(text))


_MODES: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


def _reference(name: str, other: str, mode: str, cased: bool) -> Judge:
    compare = _MODES[mode]

    def judge(view: View) -> bool:
        ours, theirs = (view.raw(name), view.raw(other)) if cased else (view[name], view[other])
        return any(compare(our, their) for our in ours for their in theirs)

    return judge


def folded_judge(name: str, check: Check, *more: Check) -> Judge:
    """Whether some value of the field, folded, passes; with more checks whether each of them is passed by some value."""

    checks = (check, *more)

    def judge(view: View) -> bool:
        for text in view[name]:  # noqa: SIM110 - a generator costs more than the tests themselves
            if check(text):
                return True
        return False

    def judge_all(view: View) -> bool:
        texts = view[name]
        for one in checks:
            for text in texts:
                if one(text):
                    break
            else:
                return False
        return True

    return judge_all if more else judge
