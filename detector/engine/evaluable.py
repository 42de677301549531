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


def kinds_shown(rule: Rule) -> frozenset[Kind]:
    """The kinds of event in which the rule may be true; ``event_id`` 0 stands for a log whose events are not known."""
    found = {_kind(kind) for kind in LOGGED if _looks_at(rule, kind) and _may(rule.predicate, kind).true}
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


def _may(predicate: Predicate, kind: Logged) -> _May:
    match predicate:
        case AllOf(parts):
            each = [_may(part, kind) for part in parts]
            return _May(all(one.true for one in each), any(one.false for one in each))
        case AnyOf(parts):
            each = [_may(part, kind) for part in parts]
            return _May(any(one.true for one in each), all(one.false for one in each))
        case Not(part):
            inner = _may(part, kind)
            return _May(inner.false, inner.true)
        case FieldTest():
            return _may_field(predicate, kind)
        case _:
            return _EITHER


def _may_field(leaf: FieldTest, kind: Logged) -> _May:
    if kind.event_id is None or kind.fields is None:
        return _EITHER
    own = {"EventID": str(kind.event_id), "Channel": kind.channel, "Provider_Name": kind.provider}.get(leaf.field)
    match leaf.test:
        case Like((str() as text,)) if own is not None:
            return _May(text.lower() == own.lower(), text.lower() != own.lower())
        case test if own is None and leaf.field not in kind.fields:
            return _of_absent(test)
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
            return _May(False, True)
