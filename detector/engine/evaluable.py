"""In which logs a rule can be true at all: by its logsource, the event ids it asks for, and the fields an event has.

May only err on the side of yes.
"""

from __future__ import annotations

from typing import NamedTuple

from detector.engine.coverage import Kind
from detector.engine.logged import LOGGED, Logged
from detector.engine.logsource import sources
from detector.model.predicate import AllOf, AnyOf, Exists, FieldTest, IsNull, Like, Not, Predicate
from detector.model.rule import Rule

#: Stands for the event id of a kind that is a whole log.
ANY_ID = 0


class _May(NamedTuple):
    """What a predicate may be of an event of one kind."""

    true: bool
    false: bool


_EITHER = _May(True, True)
#: Of a field that the event does not have.
_ABSENT = _May(False, True)
#: What every event of a kind has the same.
_OWN = ("EventID", "Channel", "Provider_Name")
#: Stands for whatever text is asked for.
_ANYTHING = Like(("x",))


def kinds_shown(rule: Rule) -> frozenset[Kind]:
    """The kinds of event in which the rule may be true; ``event_id`` 0 stands for a log whose events are not known."""
    outline = _outline(rule.predicate)
    found = {_kind(kind) for kind in LOGGED if _looks_at(rule, kind) and _may(outline, kind)}
    known = {kind.log for kind in LOGGED if kind.event_id is not None}
    for source in sources(rule.logsource):
        if source.log is not None and source.log.name not in known:
            found |= {Kind(source.log.name, event_id) for event_id in source.event_ids or (ANY_ID,)}
    return frozenset(found)


def _kind(logged: Logged) -> Kind:
    return Kind(logged.log, ANY_ID if logged.event_id is None else logged.event_id)


def _looks_at(rule: Rule, kind: Logged) -> bool:
    """A rule of no log in particular looks at the kinds that are known, and not at whatever a program may write."""
    for source in sources(rule.logsource):
        if source.log is None:
            if kind.event_id is not None:
                return True
        elif source.log.name == kind.log and (not source.event_ids or kind.event_id in {None, *source.event_ids}):
            return True
    return False


def _outline(predicate: Predicate) -> Predicate:
    """The predicate without the values that are asked for, which no kind of event decides: a long list is one test."""
    match predicate:
        case AllOf(parts):
            return AllOf(tuple(dict.fromkeys(map(_outline, parts))))
        case AnyOf(parts):
            return AnyOf(tuple(dict.fromkeys(map(_outline, parts))))
        case Not(part):
            return Not(_outline(part))
        case FieldTest(field, test) if field not in _OWN and _of_absent(test) == _ABSENT:
            return FieldTest(field, _ANYTHING)
        case _:
            return predicate


def _may(predicate: Predicate, kind: Logged, *, be: bool = True) -> bool:
    """Whether it may be true (or not true) of some event of the kind."""
    match predicate:
        case AllOf(parts):
            return (all if be else any)(_may(part, kind, be=be) for part in parts)
        case AnyOf(parts):
            return (any if be else all)(_may(part, kind, be=be) for part in parts)
        case Not(part):
            return _may(part, kind, be=not be)
        case FieldTest():
            may = _may_field(predicate, kind)
            return may.true if be else may.false
        case _:
            return True


def _may_field(leaf: FieldTest, kind: Logged) -> _May:
    if kind.event_id is None or kind.fields is None:
        return _EITHER
    if leaf.field not in _OWN:
        return _EITHER if leaf.field in kind.fields else _of_absent(leaf.test)
    match leaf.test:
        case Like((str() as text,)):
            own = (str(kind.event_id), kind.channel, kind.provider)[_OWN.index(leaf.field)]
            return _May(text.lower() == own.lower(), text.lower() != own.lower())
        case _:
            return _EITHER


def _of_absent(test: object) -> _May:
    match test:
        case IsNull():
            return _May(True, False)
        case Exists(wanted):
            return _May(not wanted, wanted)
        case Like(parts) if not any(isinstance(part, str) for part in parts):
            return _EITHER
        case _:
            return _ABSENT
