"""Whether a predicate is true of an event: the reference, to be read. What is fast is held to its answers."""

from __future__ import annotations

from detector.engine.leaves import RegexCompiler
from detector.engine.timestamps import in_part
from detector.engine.values import compares, fold, inside, like, values
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


def holds(predicate: Predicate, event: Event, regexes: RegexCompiler) -> bool:
    """Whether the predicate is true of the event: the reference, clear before fast.

    What ``regexes`` compiles may raise ``TimeoutError``.
    """
    match predicate:
        case AllOf(parts):
            return all(holds(part, event, regexes) for part in parts)
        case AnyOf(parts):
            return any(holds(part, event, regexes) for part in parts)
        case Not(part):
            return not holds(part, event, regexes)
        case FieldTest(name, test):
            return _field_holds(name, test, event, regexes)
        case KeywordTest(test):
            anywhere = [text for name in event.fields for text in values(event, name)]
            return any(_value_holds(_contained(test), text, regexes) for text in anywhere)


def _field_holds(name: str, test: Test, event: Event, regexes: RegexCompiler) -> bool:
    given = values(event, name)
    match test:
        case IsNull():
            return not given
        case Exists(expected):
            return (name in event.fields) == expected
        case FieldRef():
            return any(_refers(test, ours, theirs) for ours in given for theirs in values(event, test.other))
        case TimePart():
            return in_part(test, event, name)
        case _:
            return any(_value_holds(test, text, regexes) for text in given)


def _value_holds(test: Like | Regex | Cidr | Compare, text: str, regexes: RegexCompiler) -> bool:
    match test:
        case Like(parts, cased=True):
            return like(parts, text)
        case Like(parts):
            return like([part if isinstance(part, Wildcard) else fold(part) for part in parts], fold(text))
        case Regex():
            return regexes(test)(text)
        case Cidr():
            return inside(test, text)
        case Compare():
            return compares(test, text)


def _contained(keyword: Like | Regex) -> Like | Regex:
    if isinstance(keyword, Regex):
        return keyword
    return Like((Wildcard.MANY, *keyword.parts, Wildcard.MANY), keyword.cased)


def _refers(test: FieldRef, ours: str, theirs: str) -> bool:
    if not test.cased:
        ours, theirs = fold(ours), fold(theirs)
    match test.mode:
        case "startswith":
            return ours.startswith(theirs)
        case "endswith":
            return ours.endswith(theirs)
        case "contains":
            return theirs in ours
        case _:
            return ours == theirs
