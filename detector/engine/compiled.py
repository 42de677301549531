"""A predicate as closures: the fast twin of :func:`detector.engine.reference.holds`, and which fields made it true.

Each field of an event is folded once, not once a test, and the plain tests of a list (equals, starts, ends, contains)
become one look each. A property test holds both evaluators to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detector.engine.globs import any_plain, fold_parts, glob, is_plain
from detector.engine.timestamps import in_part
from detector.engine.values import compares, fold, inside, values
from detector.model.event import Event
from detector.model.predicate import (
    AllOf,
    AnyOf,
    Cidr,
    Compare,
    Exists,
    FieldRef,
    FieldTest,
    IsNull,
    KeywordTest,
    Like,
    Not,
    Predicate,
    Regex,
    Test,
    TimePart,
    Wildcard,
)

RegexCompiler = Callable[[Regex], Callable[[str], bool]]


class View(dict[str, tuple[str, ...]]):
    """One event while it is judged: its fields' values folded, each when it is first asked for."""

    __slots__ = ("event",)

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event

    def __missing__(self, name: str) -> tuple[str, ...]:
        folded = self[name] = tuple(map(fold, values(self.event, name)))
        return folded

    def raw(self, name: str) -> tuple[str, ...]:
        """The field's values as logged."""
        return values(self.event, name)


Judge = Callable[[View], bool]
#: The fields whose tests made it true, or ``None`` when it is false.
Explain = Callable[[View], tuple[str, ...] | None]
Check = Callable[[str], bool]


def compile_judge(predicate: Predicate, regexes: RegexCompiler) -> Judge:
    """The predicate as one function of an event's view. What ``regexes`` compiles may raise ``TimeoutError``."""
    match predicate:
        case AllOf(parts):
            return _all([compile_judge(part, regexes) for part in sorted(parts, key=_is_slow)])
        case AnyOf(parts):
            return _any(_alternatives(parts, regexes))
        case Not(part):
            inner = compile_judge(part, regexes)
            return lambda view: not inner(view)
        case FieldTest(name, test):
            return _field(name, test, regexes)
        case KeywordTest(test):
            check = _keyword(test, regexes)
            return lambda view: any(check(text) for name in view.event.fields for text in view.raw(name))


def compile_explain(predicate: Predicate, regexes: RegexCompiler) -> Explain:
    """Which fields made it true: those of tests that held and are not negated, in the predicate's order.

    A test that asks for absence names no field; a keyword names the fields it stands in.
    """
    match predicate:
        case AllOf(parts):
            return _explain_all([compile_explain(part, regexes) for part in parts])
        case AnyOf(parts):
            return _explain_any([compile_explain(part, regexes) for part in parts])
        case KeywordTest(test):
            return _explain_keyword(_keyword(test, regexes))
        case FieldTest(name, test) if not isinstance(test, IsNull) and test != Exists(False):
            judge = _field(name, test, regexes)
            names = (name, test.other) if isinstance(test, FieldRef) else (name,)
            return lambda view: names if judge(view) else None
        case _:
            judge = compile_judge(predicate, regexes)
            return lambda view: () if judge(view) else None


def _is_slow(predicate: Predicate) -> bool:
    """Whether a regular expression or a look at every field is in it: judged last, the answer is the same."""
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            return any(map(_is_slow, parts))
        case Not(part):
            return _is_slow(part)
        case FieldTest(_, test):
            return isinstance(test, Regex)
        case KeywordTest():
            return True


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


def _field(name: str, test: Test, regexes: RegexCompiler) -> Judge:
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
            return _folded(name, any_plain([test]) if is_plain(test) else _check(test, regexes))
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
            return lambda text: inside(test, text)
        case Compare():
            return lambda text: compares(test, text)


def _keyword(test: Like | Regex, regexes: RegexCompiler) -> Check:
    """Any value *contains* it; expects the value as logged."""
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


def _alternatives(parts: Sequence[Predicate], regexes: RegexCompiler) -> list[Judge]:
    """The parts of an AnyOf, those that are plain tests of one field joined."""
    plain: dict[str, list[Like]] = {}
    others: list[Judge] = []
    for part in sorted(parts, key=_is_slow):
        match part:
            case FieldTest(name, Like() as test) if is_plain(test):
                plain.setdefault(name, []).append(test)
            case _:
                others.append(compile_judge(part, regexes))
    return [_folded(name, any_plain(tests)) for name, tests in plain.items()] + others


def _folded(name: str, check: Check) -> Judge:
    def judge(view: View) -> bool:
        for text in view[name]:  # noqa: SIM110 - as above
            if check(text):
                return True
        return False

    return judge
