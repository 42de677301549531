"""What the matcher should say, spelt out slowly: which fields a hit shows."""

from __future__ import annotations

from detector.engine.leaves import RegexCompiler
from detector.engine.reference import holds
from detector.engine.values import values
from detector.model.event import Event
from detector.model.predicate import AllOf, AnyOf, Exists, FieldRef, FieldTest, IsNull, KeywordTest, Not, Predicate


def shown(predicate: Predicate, event: Event, regexes: RegexCompiler) -> tuple[str, ...]:
    """ "the field names whose tests made the rule match (positive leaves that held; in rule order, no doubles)".

    Of a predicate that holds.
    """
    return tuple(dict.fromkeys(_shown(predicate, event, regexes)))


def _shown(predicate: Predicate, event: Event, regexes: RegexCompiler) -> list[str]:
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            return [name for part in parts if holds(part, event, regexes) for name in _shown(part, event, regexes)]
        case Not() | FieldTest(_, IsNull() | Exists(False)):
            return []
        case FieldTest(name, FieldRef(other)):
            return [name, other]
        case FieldTest(name):
            return [name]
        case KeywordTest():
            return [name for name in event.fields if _stands_in(predicate, name, event, regexes)]


def _stands_in(keyword: KeywordTest, name: str, event: Event, regexes: RegexCompiler) -> bool:
    alone = Event(event.ref, event.computer, {name: values(event, name)})
    return holds(keyword, alone, regexes)
