"""A predicate as closures: the fast twin of :func:`detector.engine.reference.holds`.

Each field of an event is folded once, not once a test; the plain tests of a list (equals, starts, ends, contains) become
one look; what costs little is asked first. A property test holds both evaluators to the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from detector.engine.globs import any_plain, any_within, is_plain
from detector.engine.leaves import Judge, RegexCompiler, field_judge, folded_judge, keyword_judge
from detector.engine.values import fold
from detector.engine.view import BETWEEN, View
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    FieldRef,
    FieldTest,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    TimePart,
)


def compile_judge(predicate: Predicate, regexes: RegexCompiler) -> Judge:
    """The predicate as one function of an event's view. What ``regexes`` compiles may raise ``TimeoutError``."""
    match predicate:
        case AllOf(parts):
            return _all(_all_of(flat(parts, AllOf), regexes))
        case AnyOf(parts):
            return _any(_alternatives(flat(parts, AnyOf), regexes))
        case Not(part):
            inner = compile_judge(part, regexes)
            return lambda view: not inner(view)
        case FieldTest(name, test):
            return field_judge(name, test, regexes)
        case KeywordTest(test):
            return keyword_judge(test, regexes)


def flat(parts: Iterable[Predicate], group: type[AllOf | AnyOf]) -> Iterator[Predicate]:
    """The parts, those of a group in the same group as its own."""
    for part in parts:
        if isinstance(part, group):
            yield from flat(part.parts, group)
        else:
            yield part


def _cost(predicate: Predicate) -> int:
    """What asks little is asked first; the answer is the same."""
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            return max(map(_cost, parts), default=0)
        case Not(part):
            return _cost(part)
        case FieldTest(_, test):
            return _cost_of_test(test)
        case KeywordTest(test):
            return 5 if isinstance(test, Regex) else 4


def _cost_of_test(test: Test) -> int:
    match test:
        case Regex():
            return 3
        case Cidr() | Compare() | TimePart() | FieldRef():
            return 2
        case Like(parts) if len(parts) > 2:
            return 1
        case _:
            return 0


def _all(judges: Sequence[Judge]) -> Judge:
    def judge(view: View) -> bool:
        for part in judges:  # noqa: SIM110 - a generator costs more than the tests themselves
            if not part(view):
                return False
        return True

    return judges[0] if len(judges) == 1 else judge


def _any(judges: Sequence[Judge]) -> Judge:
    def judge(view: View) -> bool:
        for part in judges:  # noqa: SIM110 - as above
            if part(view):
                return True
        return False

    return judges[0] if len(judges) == 1 else judge


def _all_of(parts: Iterable[Predicate], regexes: RegexCompiler) -> list[Judge]:
    """The parts of an AllOf, those that are plain tests of one field joined."""
    plain: dict[str, list[Like]] = {}
    others: list[Predicate] = []
    for part in sorted(parts, key=_cost):
        match part:
            case FieldTest(name, Like() as test) if is_plain(test):
                plain.setdefault(name, []).append(test)
            case _:
                others.append(part)
    joined = [folded_judge(name, *(any_plain([test]) for test in tests)) for name, tests in plain.items()]
    return joined + [compile_judge(part, regexes) for part in others]


def _alternatives(parts: Iterable[Predicate], regexes: RegexCompiler) -> list[Judge]:
    """The parts of an AnyOf, those that are plain tests of one field joined, and plain keywords."""
    plain: dict[str, list[Like]] = {}
    words: list[str] = []
    others: list[Judge] = []
    for part in sorted(parts, key=_cost):
        match part:
            case FieldTest(name, Like() as test) if is_plain(test):
                plain.setdefault(name, []).append(test)
            case KeywordTest(Like((str() as word,)) as test) if is_plain(test) and BETWEEN not in word:
                words.append(fold(word))
            case _:
                others.append(compile_judge(part, regexes))
    joined = [folded_judge(name, any_plain(tests)) for name, tests in plain.items()]
    return joined + others + ([_words(words)] if words else [])


def _words(words: Sequence[str]) -> Judge:
    check = any_within(words)
    return lambda view: check(view.everything)
