"""Which fields made a predicate true: what a hit shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from detector.engine.compiled import compile_judge, flat
from detector.engine.globs import is_plain
from detector.engine.leaves import Check, Judge, RegexCompiler, field_judge, keyword_check
from detector.engine.view import View
from detector.model.predicate import AllOf, AnyOf, Exists, FieldRef, FieldTest, IsNull, KeywordTest, Like, Predicate

#: The fields whose tests made it true, or ``None`` when it is false.
Explain = Callable[[View], tuple[str, ...] | None]


def compile_explain(predicate: Predicate, regexes: RegexCompiler) -> Explain:
    """Which fields made it true: those of tests that held and are not negated, in the predicate's order.

    A test that asks for absence names no field; a keyword names the fields it stands in.
    """
    match predicate:
        case AllOf(parts):
            return _explain_all([compile_explain(part, regexes) for part in parts])
        case AnyOf(parts):
            return _explain_any(list(_alternatives(flat(parts, AnyOf), regexes)))
        case KeywordTest(test):
            return _explain_keyword(keyword_check(test, regexes))
        case FieldTest(name, test) if not isinstance(test, IsNull) and test != Exists(False):
            names = (name, test.other) if isinstance(test, FieldRef) else (name,)
            return _explain_field(names, field_judge(name, test, regexes))
        case _:
            return _explain_field((), compile_judge(predicate, regexes))


def _alternatives(parts: Iterable[Predicate], regexes: RegexCompiler) -> Iterator[Explain]:
    """In their order; plain tests of one field that follow each other are one look, as they name the same."""
    for name, same in groupby(parts, _plain_field):
        if name is None:
            yield from (compile_explain(part, regexes) for part in same)
        else:
            yield _explain_field((name,), compile_judge(AnyOf(tuple(same)), regexes))


def _plain_field(part: Predicate) -> str | None:
    return part.field if isinstance(part, FieldTest) and isinstance(part.test, Like) and is_plain(part.test) else None


def _explain_field(names: tuple[str, ...], judge: Judge) -> Explain:
    return lambda view: names if judge(view) else None


def _explain_all(parts: Sequence[Explain]) -> Explain:
    def explain(view: View) -> tuple[str, ...] | None:
        names: list[str] = []
        for part in parts:
            found = part(view)
            if found is None:
                return None
            names += found
        return tuple(names)

    return explain


def _explain_any(parts: Sequence[Explain]) -> Explain:
    def explain(view: View) -> tuple[str, ...] | None:
        found = [names for part in parts if (names := part(view)) is not None]
        return tuple(name for names in found for name in names) if found else None

    return explain


def _explain_keyword(check: Check) -> Explain:
    def explain(view: View) -> tuple[str, ...] | None:
        return tuple(name for name in view.event.fields if any(map(check, view.raw(name)))) or None

    return explain
